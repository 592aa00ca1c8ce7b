"""What several rules of a merchant's house check alike."""

from __future__ import annotations

from hejie.base.errors import Missing, Refused
from hejie.base.money import MOST_FEN
from hejie.merchants.model import Merchant


def check_limit(amount_fen: int) -> None:
    """`Refused("limit_negative" | "amount_too_large")`."""
    if amount_fen < 0:
        raise Refused("limit_negative")
    if amount_fen > MOST_FEN:
        raise Refused("amount_too_large")


def check_shops(merchant: Merchant, shops: tuple[str, ...]) -> None:
    """`Missing("shop_unknown", shop)` for a shop that is not this merchant's."""
    for shop in shops:
        if merchant.shop(shop) is None:
            raise Missing("shop_unknown", shop=shop)


def check_staff(merchant: Merchant, person: str) -> None:
    """`Missing("staff_unknown")` for somebody who is no member of staff."""
    if merchant.member(person) is None:
        raise Missing("staff_unknown")
