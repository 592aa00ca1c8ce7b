"""More than the price: multiples and floors, only once an officer has opened the question; platforms and couriers."""

from __future__ import annotations

from hejie.law.entitlement_answers import Answer, Desk
from hejie.law.entitlement_facts import More, Multiple
from hejie.law.entitlement_rules import Rule, Words

_RULES = {Multiple.fraud: "D1", Multiple.harm: "D2", Multiple.food: "D3", Multiple.drug: "D4"}
_BY_STANDARD = frozenset({Multiple.food, Multiple.drug})


def of_multiples(desk: Desk) -> list[Answer]:
    """What may come on top (Consumer Law 55, Food Safety Law 148, Drug Law 144); nothing while nobody has opened it."""
    more = desk.facts.more
    if more is None or not desk.facts.opened_by_officer:
        return []
    rule = desk.rule(_RULES[more.ground])
    if rule is None:
        return []
    if more.ground is Multiple.harm:
        return [_harm(desk, rule, more)]
    if more.label_flaw_only and more.ground is not Multiple.drug:
        return [desk.give(rule, desk.word("only_if"), desk.word("label_only"), most=0, total=desk.facts.base_fen)]
    return [_times(desk, rule, more)]


def of_platform(desk: Desk) -> list[Answer]:
    """The platform beside or instead of the seller (Consumer Law 44)."""
    platform, rule = desk.facts.platform, desk.rule("D5")
    if platform is None or rule is None:
        return []
    names, knew = platform.names_seller, platform.knew
    step = {False: [desk.word("platform_silent")], True: [desk.word("platform_names")], None: []}[names]
    needed = [] if names is not None else [desk.word("need_platform")]
    if knew:
        step = [*([] if names else step), desk.word("platform_knew")]
    elif knew is None:
        needed.append(desk.word("need_platform_knew"))
    return [desk.give(rule, *step, establish=needed)]


def of_courier(desk: Desk) -> list[Answer]:
    """A parcel lost or damaged, where the province says what it is worth."""
    courier, rule = desk.facts.courier, desk.rule("ZJ-courier")
    if courier is None or rule is None:
        return []
    if courier.declared:
        return [desk.give(rule, desk.word("courier_declared"))]
    times, cap = rule.values["fee_times"], rule.values["cap_fen"]
    full = courier.fee_fen * times
    steps = [desk.word("courier", fee_fen=courier.fee_fen, times=times, amount_fen=full)]
    if full > cap:
        steps.append(desk.word("courier_cap", cap_fen=cap))
    needed = [desk.word("need_declared")] if courier.declared is None else []
    return [desk.give(rule, *steps, most=min(full, cap), establish=needed)]


def _harm(desk: Desk, rule: Rule, more: More) -> Answer:
    times = rule.values["most_times"]
    if more.loss_fen is None:
        return desk.give(rule, desk.word("only_if"))
    most = more.loss_fen * times
    step = desk.word("times_loss", loss_fen=more.loss_fen, times=times, amount_fen=most)
    return desk.give(rule, desk.word("only_if"), step, least=0, most=most)


def _times(desk: Desk, rule: Rule, more: More) -> Answer:
    facts, by_standard = desk.facts, more.ground in _BY_STANDARD
    counted, least_counted, limit, needed = (
        _household(desk, more) if by_standard else (facts.base_fen, facts.base_fen, [], [])
    )
    if more.label_flaw_only is None and more.ground is not Multiple.drug:
        needed.append(desk.word("need_label"))
    most, steps = _amount(desk, rule, more, counted) if counted or not limit else (0, [])
    least = most if least_counted == counted else 0
    steps.append(desk.word("together", price_fen=facts.base_fen, total_fen=facts.base_fen + most))
    return desk.give(
        rule,
        desk.word("only_if"),
        *limit,
        *steps,
        least=least,
        most=most,
        total=facts.base_fen + most,
        establish=needed,
    )


def _amount(desk: Desk, rule: Rule, more: More, counted: int) -> tuple[int, list[Words]]:
    """The larger of what the rule lets the consumer choose from, and no less than its floor; nothing of nothing."""
    values = rule.values
    amount = counted * values["price_times"]
    steps = [desk.word("times_price", price_fen=counted, times=values["price_times"], amount_fen=amount)]
    if "loss_times" in values and more.loss_fen is not None:
        by_loss = more.loss_fen * values["loss_times"]
        steps.append(
            desk.word("times_loss", loss_fen=more.loss_fen, times=values["loss_times"], amount_fen=by_loss)
        )  # fmt: skip
        amount = max(amount, by_loss)
    if counted and amount < values["floor_fen"]:
        steps.append(desk.word("floor", floor_fen=values["floor_fen"]))
        amount = values["floor_fen"]
    return amount, steps


def _household(desk: Desk, more: More) -> tuple[int, int, list[Words], list[Words]]:
    """The price that counts, at the most and at the least, for who bought knowing (SPC on food and drugs 12)."""
    price, rule = desk.facts.base_fen, desk.rule("HOUSEHOLD")
    if rule is None or more.knowing_buyer is False:
        return price, price, [], []
    if more.knowing_buyer is None:
        return price, price, [rule.says], [desk.word("need_knowing")]
    if more.household is None:
        return price, 0, [rule.says, desk.word("household_unknown")], list(rule.establish)
    counted = price * min(more.bought, more.household) // more.bought
    step = desk.word("household", bought=more.bought, household=more.household, price_fen=counted)
    return counted, counted, [rule.says, step, desk.word("rounding")], []
