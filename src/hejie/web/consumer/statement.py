"""What 12315 asks, with everything that is known of a payment filled in: for the page, for copying and for paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.money import positive_fen
from hejie.cities import divisions
from hejie.cities.settings import CitySettings
from hejie.disputes.model import Remedy
from hejie.edge import words
from hejie.edge.texts import clean_text
from hejie.queries.consumer import Bought
from hejie.queries.reach import Payee
from hejie.web import story_labels as labels
from hejie.web.consumer.box import Box
from hejie.web.shell import Visit

Rows = list[tuple[str, str]]
"""Question and answer; an empty answer is left to the consumer."""

_MIDDLE = re.compile(r"(?<=^.{4}).+(?=.{4}$)")


class Statement(Struct, frozen=True, kw_only=True):
    """One payment in the words of a complaint."""

    place: str = ""
    """As the wallet or the consumer names it."""
    company: str = ""
    """The registered name, where the merchant is known; likewise below."""
    credit_code: str = ""
    address: str = ""
    account: str = ""
    """The payee's account, masked."""
    amount_fen: int
    paid_at: datetime
    wallet: str
    trade_no: str = ""
    order_no: str = ""
    item: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """What the consumer says of it."""

    problem: str = ""
    wish: str = ""
    words: str = ""


def of_bought(visit: Visit, bought: Bought, payee: Payee | None) -> Statement:
    """A payment that is kept here, and whom it went to."""
    shop = payee.shop if payee else None
    return Statement(
        place=bought.payee or bought.place,
        company=payee.merchant.name if payee else "",
        credit_code=payee.merchant.credit_code if payee else "",
        address=f"{divisions.full_name(shop.district)}{shop.address}" if shop else "",
        account=_masked(bought.account),
        amount_fen=bought.paid_fen,
        paid_at=bought.paid_at,
        wallet=labels.wallet(visit.language, bought.wallet),
        trade_no=bought.trade_no,
        order_no=bought.order_no,
        item=bought.item,
    )


def of_box(visit: Visit, box: Box) -> list[Statement]:
    """Payments of a bill file that is not kept."""
    return [
        Statement(
            place=" · ".join(filter(None, (box.place, row.counterparty))),
            amount_fen=row.amount_fen,
            paid_at=row.time,
            wallet=labels.wallet(visit.language, box.wallet),
            trade_no=row.trade_no,
            order_no=row.order_no,
            item=row.item,
        )
        for row in box.rows
    ]


def typed(visit: Visit, settings: CitySettings) -> Told:
    """What the form says so far; an amount that cannot be read is left out. `Refused("text_too_long")`."""
    form = visit.form
    problem = next((each for each in settings.problems if each.id == form.text("problem")), None)
    right = _yuan(form.text("right_amount")) if problem and problem.asks_right_amount else ""
    wanted = next((each for each in Remedy if each.value == form.text("remedy")), None)
    wish = visit.say("The difference back; right would have been {right}", right=right) if right else ""
    if wanted and not wish:
        amount = _yuan(form.text("amount")) if wanted is not Remedy.refund_full else ""
        wish = f"{labels.remedy(visit.language, wanted)} {amount}".strip()
    return Told(
        problem=getattr(problem.name, visit.language) if problem else "",
        wish=wish,
        words=clean_text(form.text("words")),
    )


def rows(visit: Visit, one: Statement | None, told: Told) -> Rows:
    """The whole form for one payment, or an empty one."""
    say = visit.say
    always = [
        (say("Merchant"), one.place if one else ""),
        *_registered(visit, one),
        (say("Amount"), words.money(one.amount_fen) if one else ""),
        (say("When"), words.instant_with_year(visit.language, one.paid_at) if one else ""),
        (say("Paid by"), one.wallet if one else ""),
        (say("Payment number"), one.trade_no if one else ""),
    ]
    if one and one.account:
        always.append((say("Merchant's account"), one.account))
    if one and one.order_no:
        always.append((say("Merchant's order number"), one.order_no))
    return [
        *always,
        (say("Goods or service"), one.item if one else ""),
        (say("What happened"), "\n".join(filter(None, (told.problem, told.words)))),
        (say("What I want"), told.wish),
        (say("My name and phone"), ""),
    ]


def _registered(visit: Visit, one: Statement | None) -> Rows:
    if one is None or not one.company:
        return []
    rows = [
        (visit.say("Registered name"), one.company),
        (visit.say("Credit code"), one.credit_code),
        (visit.say("Address"), one.address),
    ]
    return [(name, value) for name, value in rows if value]


def as_text(visit: Visit, forms: Sequence[Rows]) -> str:
    """All of it to paste elsewhere; what is left to the consumer keeps its line."""
    colon = "：" if visit.language == "zh" else ": "
    return "\n\n".join("\n".join(f"{name}{colon}{value}" for name, value in each) for each in forms)


def _yuan(text: str) -> str:
    try:
        return words.money(positive_fen(text))
    except Refused:
        return ""


def _masked(account: str) -> str:
    return _MIDDLE.sub("****", account) if len(account) > 8 else ""  # noqa: PLR2004  four at either end
