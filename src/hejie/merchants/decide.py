"""What a merchant's row answers to a command: the events that follow, or a refusal that changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from hejie.base.errors import Missing, Refused
from hejie.merchants import commands as c
from hejie.merchants import events as e
from hejie.merchants.accounts import decide_accounts
from hejie.merchants.deciding_contacts import decide_contacts
from hejie.merchants.limits import check_limit, check_shops
from hejie.merchants.model import Merchant, Rank, State
from hejie.merchants.odr import spans_with
from hejie.merchants.office_rules import decide_office
from hejie.merchants.uscc import credit_code

MOST_NAME = 100
"""Longest name of a merchant, shop or address, in characters."""


def decide(merchant: Merchant | None, command: c.Command, now: datetime) -> list[e.AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("merchant_unknown" | "shop_unknown" | "staff_unknown" | "account_unknown" |
    "contact_unknown")`, and `Refused(code)` as each rule here, in `accounts` and in `deciding_contacts` says.
    """
    if isinstance(command, c.RegisterMerchant):
        return _register(merchant, command, now)
    if merchant is None:
        raise Missing("merchant_unknown")
    if isinstance(command, c.AccountCommand):
        return decide_accounts(merchant, command, now)
    if isinstance(command, c.ContactCommand):
        return decide_contacts(merchant, command, now)
    if isinstance(command, c.SetOdr):
        same = spans_with(merchant.odr, command.span) == merchant.odr
        return [] if same else [e.OdrSet(at=now, span=command.span)]
    if isinstance(command, c.OfficeCommand):
        return decide_office(merchant, command, now)
    return _decide_house(merchant, command, now)


def _decide_house(merchant: Merchant, command: c.HouseCommand, now: datetime) -> list[e.AnyEvent]:
    match command:
        case c.AddShop():
            return _add_shop(merchant, command, now)
        case c.AddStaff():
            return _add_staff(merchant, command, now)
        case c.RemoveStaff():
            return _remove_staff(merchant, command, now)
        case c.Invite():
            return _invite(merchant, command, now)
        case c.SetStandingRules():
            return _set_standing_rules(merchant, command, now)
        case c.SetLinkLimit():
            return _set_link_limit(merchant, command, now)
        case _:
            assert_never(command)


def _register(merchant: Merchant | None, command: c.RegisterMerchant, now: datetime) -> list[e.AnyEvent]:
    if merchant is not None:
        raise Refused("merchant_exists")
    _check_name(command.name)
    return [
        e.MerchantRegistered(
            at=now,
            city=command.city,
            id=command.id,
            credit_code=credit_code(command.credit_code),
            name=command.name,
            kind=command.kind,
        )
    ]


def _add_shop(merchant: Merchant, command: c.AddShop, now: datetime) -> list[e.AnyEvent]:
    shop = command.shop
    known = merchant.shop(shop.id)
    if known is not None:
        if known == shop:
            return []
        raise Refused("shop_exists")
    _check_name(shop.name)
    _check_name(shop.address)
    if not _within(merchant.city, shop.district):
        raise Refused("shop_outside_city", district=shop.district)
    return [e.ShopAdded(at=now, shop=shop)]


def _within(city: str, district: str) -> bool:
    """Whether a six-digit code lies in a city (or is it): municipalities share two digits, other cities four."""
    if not (len(district) == len(city) and district.isascii() and district.isdigit()):
        return False
    prefix = city[:2] if city.endswith("0000") else city.removesuffix("00")
    return district.startswith(prefix)


def _add_staff(merchant: Merchant, command: c.AddStaff, now: datetime) -> list[e.AnyEvent]:
    staff = command.staff
    check_limit(staff.refund_limit_fen)
    check_shops(merchant, staff.shops)
    known = merchant.member(staff.person)
    if known == staff:
        return []
    if known is not None and staff.rank is not Rank.owner:
        _check_not_last_owner(merchant, staff.person)
    return [e.StaffAdded(at=now, staff=staff)]


def _remove_staff(merchant: Merchant, command: c.RemoveStaff, now: datetime) -> list[e.AnyEvent]:
    if merchant.member(command.person) is None:
        raise Missing("staff_unknown")
    _check_not_last_owner(merchant, command.person)
    return [e.StaffRemoved(at=now, person=command.person)]


def _check_not_last_owner(merchant: Merchant, person: str) -> None:
    if [staff.person for staff in merchant.staff if staff.rank is Rank.owner] == [person]:
        raise Refused("last_owner")


def _invite(merchant: Merchant, command: c.Invite, now: datetime) -> list[e.AnyEvent]:
    if merchant.state is not State.invited:
        return []
    if merchant.invited_at is not None and now < merchant.invited_at + timedelta(days=command.quiet_days):
        return []
    contact = merchant.number_for(command.shop)
    if not contact:
        raise Refused("contact_missing")
    return [e.Invited(at=now, contact=contact, campaign=command.campaign)]


def _set_standing_rules(merchant: Merchant, command: c.SetStandingRules, now: datetime) -> list[e.AnyEvent]:
    rules = command.rules
    if len({rule.id for rule in rules}) != len(rules):
        raise Refused("standing_rule_repeated")
    for rule in rules:
        check_limit(rule.most_fen)
        if rule.most_fen == 0:
            raise Refused("amount_not_positive")
        check_shops(merchant, rule.shops)
    return [] if rules == merchant.standing_rules else [e.StandingRulesSet(at=now, rules=rules)]


def _set_link_limit(merchant: Merchant, command: c.SetLinkLimit, now: datetime) -> list[e.AnyEvent]:
    check_limit(command.limit_fen)
    if command.limit_fen == merchant.link_limit_fen:
        return []
    return [e.LinkLimitSet(at=now, limit_fen=command.limit_fen)]


def _check_name(text: str) -> None:
    if not text.strip():
        raise Refused("name_missing")
    if len(text) > MOST_NAME or not text.isprintable():
        raise Refused("name_unusable", most=MOST_NAME)
