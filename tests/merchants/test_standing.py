"""Standing rules: only refunds, only up to the amount, only where they were meant."""

from __future__ import annotations

import pytest

from hejie.disputes.model import REFUNDS, Remedy
from hejie.merchants.standing import REFUND_CLAIMS, StandingRule, standing_answer

FIFTY = StandingRule(id="fifty", most_fen=5000)
STALLS = StandingRule(id="stalls", most_fen=20000, problems=("wrong_amount", "charged_twice"), shops=("S1",))


@pytest.mark.parametrize(
    ("problem", "shop", "claim", "claim_fen", "answer"),
    [
        ("quality", "S2", "refund_full", 5000, "fifty"),
        ("quality", "S2", "refund_part", 1, "fifty"),
        ("quality", "S2", "refund_full", 5001, None),
        ("quality", "S2", "refund_full", 0, None),
        ("quality", "S2", "refund_full", -100, None),
        ("wrong_amount", "S1", "refund_part", 20000, "stalls"),
        ("wrong_amount", "S2", "refund_part", 20000, None),
        ("quality", "S1", "refund_part", 20000, None),
        ("wrong_amount", "S1", "refund_part", 20001, None),
        ("quality", "S1", "exchange", 100, None),
        ("quality", "S1", "goods_return", 100, None),
        ("quality", "S1", "compensation", 100, None),
        ("quality", "S1", "other", 100, None),
    ],
)
def test_standing_answer(problem: str, shop: str, claim: str, claim_fen: int, answer: str | None) -> None:
    rule = standing_answer((FIFTY, STALLS), problem=problem, shop=shop, claim=claim, claim_fen=claim_fen)
    assert (rule.id if rule else None) == answer


def test_without_rules_a_person_answers() -> None:
    assert standing_answer((), problem="quality", shop="S1", claim="refund_full", claim_fen=1) is None


def test_its_claims_are_refunds_among_a_disputes_remedies() -> None:
    assert {Remedy(claim) for claim in REFUND_CLAIMS} == REFUNDS - {Remedy.goods_return}
