"""Which ways are still open after which end, and until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hejie.disputes.model import Claim, Dispute, Origin, Outcome, Paid, Remedy
from hejie.disputes.states import State
from hejie.web.remedies import as_rows, ways

PAID = datetime(2026, 9, 28, 16, 30, tzinfo=UTC)
"""The 29th in Shanghai."""
CLOSED = datetime(2026, 11, 30, tzinfo=UTC)


def ended(outcome: Outcome | None, closed: datetime | None = CLOSED) -> Dispute:
    paid = Paid(trade_no="1", paid_fen=500, paid_at=PAID, proven=True)
    later = Paid(trade_no="2", paid_fen=500, paid_at=CLOSED, proven=True)
    return Dispute(
        city="330100", home="330100", id="D1", version=1, state=State.withdrawn, consumer="P1", merchant="M1", shop="",
        district="", origin=Origin.here, wallet="alipay", problem="quality", undue=False,
        claim=Claim(remedy=Remedy.refund_full, amount_fen=500), payments=(later, paid), escalates_by_itself=True,
        filed_at=CLOSED, changed_at=CLOSED, outcome=outcome, closed_at=closed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "rules"),
    [
        (Outcome.withdrawn, ["O3", "N4", "L1"]),
        (Outcome.silent, ["O3", "N4", "L1"]),
        (Outcome.unsettled, ["O3", "L1"]),
        (Outcome.mediated, []),
        (Outcome.performed, []),
        (Outcome.confirmed, []),
        (Outcome.unconfirmed, []),
        (None, []),
    ],
)
def test_the_ways_fit_the_end(outcome, rules):
    assert [each.rule for each in ways(ended(outcome), "zh")] == rules


def test_what_was_not_law_yet_is_not_told():
    before = ended(Outcome.silent, datetime(2026, 4, 14, 15, 59, tzinfo=UTC))
    assert [each.rule for each in ways(before, "zh")] == ["O3", "L1"], "order 121 is in force from 15 April 2026"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("民法典》第188条", "2026年9月29日", "2029-09-29")),
        ("en", ("Civil Code, art. 188", "29 Sep 2026", "2029-09-29")),
    ],
)
def test_the_limit_is_counted_from_the_first_payment_with_its_article(language, said):
    court = ways(ended(Outcome.unsettled), language)[-1]
    told = " ".join(as_rows((court,))[0]["lines"])
    for each in said:
        assert each in told, told
