"""What a filing form asks for, read the same way wherever somebody files."""

from __future__ import annotations

from collections.abc import Sequence

from hejie.base.errors import HejieError, Missing, Refused
from hejie.base.money import fen, positive_fen
from hejie.cities.settings import Problem
from hejie.disputes.model import Claim, Remedy
from hejie.edge.forms import Checks, Form

WANTED = (
    Remedy.refund_full,
    Remedy.refund_part,
    Remedy.goods_return,
    Remedy.exchange,
    Remedy.repair,
    Remedy.compensation,
    Remedy.apology,
    Remedy.other,
)
"""What the form offers to ask for, the most usual first."""
WITH_AMOUNT = frozenset({Remedy.refund_part, Remedy.goods_return, Remedy.compensation})


def read_claim(form: Form, problems: Sequence[Problem], left_fen: int, check: Checks) -> Claim:
    """The form's claim; fields that its answers leave out of play are not looked at."""
    problem = next((each for each in problems if each.id == form.text("problem")), None)
    if problem is None:
        check.add("problem", Missing("problem_unknown"))
    elif problem.asks_right_amount:
        typed = form.text("right_amount").strip()
        if not typed:
            check.add("right_amount", Refused("right_amount_missing"))
        right = check("right_amount", fen, typed, default=0) if typed else 0
        return Claim(remedy=Remedy.refund_part, should_have_been_fen=right)
    wanted = next((each for each in WANTED if each.value == form.text("remedy")), None)
    if wanted is None:
        check.add("remedy", Refused("remedy_missing"))
        return Claim(remedy=Remedy.refund_full)
    if wanted not in WITH_AMOUNT:
        return Claim(remedy=wanted)
    typed = form.text("amount").strip()
    if wanted is Remedy.goods_return and not typed:
        return Claim(remedy=wanted, amount_fen=left_fen)
    return Claim(remedy=wanted, amount_fen=check("amount", positive_fen, typed, default=0))


def field_of(refusal: HejieError) -> str:
    """Which field of the form a refusal is about."""
    code = refusal.code
    if code.startswith("right_amount"):
        return "right_amount"
    if code.startswith("amount"):
        return "amount"
    if code.startswith("promise"):
        return "promise"
    return "trade" if code.startswith("payment") else "problem" if code.startswith("problem") else ""
