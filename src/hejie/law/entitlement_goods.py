"""Goods and services that go back or are put right: returns, refunds, freight, promises, durables, three guarantees."""

from __future__ import annotations

from datetime import date

from hejie.law.entitlement_answers import Answer, Desk, days_after, months_after
from hejie.law.entitlement_facts import Excepted, Facts, Goods
from hejie.law.entitlement_rules import Words

_CERTAIN = frozenset({Excepted.custom_made, Excepted.fresh, Excepted.digital, Excepted.press, Excepted.other_confirmed})


def of_price(desk: Desk) -> list[Answer]:
    """The price back, and the freight with it where the goods are at fault (Regulations 18; Consumer Law 24)."""
    facts, rule = desk.facts, desk.rule("R6")
    if rule is None or not facts.refund:
        return []
    return [desk.give(rule, *_price(desk), most=facts.left_fen)]


def of_return(desk: Desk) -> list[Answer]:
    """A return without a reason, its refund and its freight (Consumer Law 25; Seven-day Rules 6 to 18)."""
    back, rule, facts = desk.facts.returns, desk.rule("R1"), desk.facts
    if back is None or rule is None:
        return []
    until = days_after(facts.received_on, rule.values["span_days"])
    if back.remote is False:
        return [desk.give(rule, desk.word("not_remote"), most=0)]
    if back.exception in _CERTAIN:
        excepted = desk.rule("R1x")
        return [desk.give(excepted, desk.word("excepted"), most=0)] if excepted else []
    if back.intact is False:
        return [desk.give(rule, desk.word("not_intact"), _intact(desk, back.goods), most=0)]
    if _late(facts.asked_on, until):
        return [desk.give(rule, desk.word("too_late", asked=facts.asked_on, day=until), most=0)]
    steps = [desk.word("not_excepted")] if back.exception is Excepted.other_unconfirmed else []
    steps += _price(desk)
    given = [desk.give(rule, *steps, most=facts.left_fen, until=until)]
    if inspected := desk.rule("R1i"):
        given.append(desk.give(inspected, _intact(desk, back.goods)))
    if paid_back := desk.rule("R2"):
        given.append(desk.give(paid_back, until=days_after(back.returned_on, paid_back.values["span_days"])))
    own = desk.rule("FREIGHT-OWN")
    if own and facts.freight_fen:
        given.append(desk.give(own, most=facts.freight_fen))
    return given


def of_promotion(desk: Desk) -> list[Answer]:
    """Part of what was bought together for less goes back (Seven-day Rules 17)."""
    shared, rule = desk.facts.promotion, desk.rule("OR17")
    if shared is None or rule is None:
        return []
    paid = sum(shared.prices_fen) - shared.less_fen
    kept = sum(price for place, price in enumerate(shared.prices_fen) if place not in shared.returned)
    stays = shared.from_fen is not None and kept >= shared.from_fen
    amount = max(0, paid - kept + (shared.less_fen if stays else 0))
    name = "share_kept" if stays else "share_lost"
    return [desk.give(rule, desk.word(name, paid_fen=paid, kept_fen=kept, amount_fen=amount), most=amount)]


def of_defect(desk: Desk) -> list[Answer]:
    """Goods or a service below the due quality (Consumer Law 23, 24)."""
    facts, defect = desk.facts, desk.facts.defect
    if defect is None:
        return []
    given = []
    rule, repair = desk.rule("R3"), desk.rule("R3-repair")
    if rule is not None:
        until = days_after(facts.received_on, rule.values["span_days"])
        late = _late(facts.asked_on, until)
        steps = [desk.word("later", day=until)] if late else []
        total = facts.left_fen + facts.freight_fen
        freight = (
            [desk.word("with_freight", freight_fen=facts.freight_fen, total_fen=total)] if facts.freight_fen else []
        )
        if not late or defect.rescission is not False:
            given.append(
                desk.give(rule, *steps, *_price(desk), *freight, most=facts.left_fen, total=total, until=until)
            )
        if repair is not None:
            given.append(desk.give(repair))
    carried = desk.rule("FREIGHT-FAULT")
    if carried and facts.freight_fen:
        given.append(desk.give(carried, most=facts.freight_fen))
    return [*given, *_gift(desk, defect.gift_fen), *_burden(desk, defect.found_on), *_three(desk)]


def of_promise(desk: Desk) -> list[Answer]:
    """What the shop promised (Regulations 12)."""
    promise, rule = desk.facts.promise, desk.rule("R8")
    if promise is None or rule is None:
        return []
    words = Words(
        zh=desk.word("promise", promise=promise.zh).zh,
        en=desk.word("promise", promise=promise.en).en,
    )
    since = desk.facts.received_on or desk.facts.event_on
    until = days_after(since, promise.days) if promise.days is not None else None
    return [desk.give(rule, words, until=until)]


def of_idling(desk: Desk) -> list[Answer]:
    """A merchant that does nothing about what was asked (Penalty Measures 8, 10; in Zhejiang earlier)."""
    given, asked = [], desk.facts.asked_on
    if asked is None:
        return []
    step = desk.word("asked", asked=asked)
    if rule := desk.rule("R4"):
        given.append(desk.give(rule, step, until=days_after(asked, rule.values["idle_days"])))
    if own := desk.rule("ZJ-answer"):
        given.append(desk.give(own, step, until=days_after(asked, own.values["answer_days"])))
    return given


def _price(desk: Desk) -> list[Words]:
    facts: Facts = desk.facts
    if facts.proven_paid_fen is None:
        steps = [desk.word("price_receipt", price_fen=facts.price_fen)]
    else:
        steps = [desk.word("price_proven", price_fen=facts.price_fen, proven_fen=facts.proven_paid_fen)]
    if facts.refunded_fen:
        steps.append(desk.word("refunded", refunded_fen=facts.refunded_fen, left_fen=facts.left_fen))
    return steps


def _intact(desk: Desk, goods: Goods) -> Words:
    return desk.word(f"intact_{goods.value}")


def _gift(desk: Desk, gift_fen: int) -> list[Answer]:
    rule = desk.rule("ZJ-gift")
    return [desk.give(rule, desk.word("gift", gift_fen=gift_fen))] if rule and gift_fen else []


def _burden(desk: Desk, found: date | None) -> list[Answer]:
    defect, rule = desk.facts.defect, desk.rule("R5")
    if defect is None or rule is None or defect.durable is not True:
        return []
    until = months_after(desk.facts.received_on, rule.values["span_months"])
    over = [desk.word("proof_over", found=found, day=until)] if _late(found, until) else []
    return [desk.give(rule, *over, until=until)]


def _three(desk: Desk) -> list[Answer]:
    defect, rule = desk.facts.defect, desk.rule("ZJ-three")
    if defect is None or rule is None or defect.guaranteed is not True:
        return []
    until = days_after(desk.facts.received_on, rule.values["exchange_days"])
    over = defect.repaired >= rule.values["failed_count"] or defect.repair_days > rule.values["most_days"]
    if not over:
        return [desk.give(rule, until=until)]
    step = desk.word("three_return", repaired=defect.repaired, days=defect.repair_days)
    return [desk.give(rule, step, *_price(desk), most=desk.facts.left_fen)]


def _late(day: date | None, until: date | None) -> bool:
    return day is not None and until is not None and day > until
