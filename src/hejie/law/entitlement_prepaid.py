"""Prepaid cards, packages and balances: the whole back in the first days, later what is left, with interest."""

from __future__ import annotations

from hejie.law.entitlement_answers import Answer, Desk, days_after
from hejie.law.entitlement_facts import Cause, Prepaid
from hejie.law.entitlement_rules import Words

_POINTS = 10_000


def of_prepaid(desk: Desk) -> list[Answer]:
    """All that a prepayment may bring (SPC on prepaid consumption 14 to 19; Regulations 22)."""
    prepaid = desk.facts.prepaid
    if prepaid is None:
        return []
    return [*_whole(desk, prepaid), *_rest(desk, prepaid), *_days(desk, prepaid)]


def _whole(desk: Desk, prepaid: Prepaid) -> list[Answer]:
    rule = desk.rule("P1")
    if rule is None:
        return []
    span = rule.values["span_days"]
    if prepaid.experienced_before:
        return [desk.give(rule, desk.word("prepaid_experienced", span_days=span), most=0)]
    until = days_after(prepaid.paid_on, span)
    if until is not None and prepaid.asked_on is not None and prepaid.asked_on > until:
        return [desk.give(rule, desk.word("too_late", asked=prepaid.asked_on, day=until), most=0)]
    return [desk.give(rule, desk.word("prepaid_whole", paid_fen=prepaid.paid_fen), most=prepaid.paid_fen, until=until)]


def _rest(desk: Desk, prepaid: Prepaid) -> list[Answer]:
    rule = desk.rule("P2")
    if rule is None:
        return []
    least, most, steps = _left(desk, prepaid)
    needed = []
    if prepaid.cause is None:
        needed.append(desk.word("need_cause"))
    if prepaid.units and prepaid.list_unit_fen is None and prepaid.cause not in {Cause.merchant, Cause.neutral}:
        needed.append(desk.word("need_list"))
    given = [desk.give(rule, *steps, least=least, most=most, establish=needed)]
    return [*given, *(_interest(desk, prepaid, most) if least == most else [])]


def _left(desk: Desk, prepaid: Prepaid) -> tuple[int, int, list[Words]]:
    """What is left, at the least and at the most, and how it was worked out."""
    paid = prepaid.paid_fen
    if prepaid.spent_fen is not None:
        left = paid - prepaid.spent_fen
        return left, left, [desk.word("prepaid_spent", paid_fen=paid, spent_fen=prepaid.spent_fen, amount_fen=left)]
    if not prepaid.units:
        return 0, paid, [desk.word("prepaid_unknown", paid_fen=paid)]
    reduced = paid * (prepaid.units - prepaid.used) // prepaid.units
    at_reduced = desk.word("prepaid_reduced", used=prepaid.used, units=prepaid.units, amount_fen=reduced)
    dropped = desk.word("rounding")
    if prepaid.cause in {Cause.merchant, Cause.neutral}:
        return reduced, reduced, [at_reduced, dropped]
    if prepaid.list_unit_fen is None:
        return 0, reduced, [at_reduced, dropped, desk.word("prepaid_unlisted", amount_fen=reduced)]
    listed = max(0, paid - prepaid.used * prepaid.list_unit_fen)
    at_list = desk.word("prepaid_listed", used=prepaid.used, listed_fen=prepaid.list_unit_fen, amount_fen=listed)
    if prepaid.cause is Cause.consumer:
        return listed, listed, [at_list]
    return listed, reduced, [at_reduced, dropped, at_list]


def _interest(desk: Desk, prepaid: Prepaid, balance: int) -> list[Answer]:
    rule = desk.rule("P2-interest")
    if rule is None:
        return []
    rates = {Cause.merchant: prepaid.lpr_one_year, Cause.consumer: prepaid.deposit_one_year}
    rate = rates.get(prepaid.cause) if prepaid.cause else None
    since, to = prepaid.interest_from, prepaid.interest_to
    if rate is None or since is None or to is None:
        return [desk.give(rule, desk.word("interest_unknown"))]
    days, year = (to - since).days, rule.values["year_days"]
    amount = balance * rate * days // (_POINTS * year)
    step = desk.word(
        "interest", balance_fen=balance, rate=f"{rate / 100:g}", days=days, year=year, amount_fen=amount
    )  # fmt: skip
    return [desk.give(rule, step, desk.word("rounding"), most=amount)]


def _days(desk: Desk, prepaid: Prepaid) -> list[Answer]:
    given = []
    if own := desk.rule("ZJ-prepaid"):
        given.append(desk.give(own, until=days_after(prepaid.asked_on, own.values["span_days"])))
    rule, closing = desk.rule("P3"), prepaid.closing_on
    if rule and closing is not None:
        by = days_after(closing, -rule.values["notice_days"])
        given.append(desk.give(rule, *([desk.word("notice", day=by)] if by else [])))
    return given
