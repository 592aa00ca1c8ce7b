"""Agreements between merchants: what they mean for a dispute, what is refused, and how they end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import reduce

import pytest
from msgspec.structs import replace

from hejie.base.actor import Actor, Role
from hejie.base.errors import HejieError
from hejie.merchants import agreements as a
from hejie.merchants.agreements import Agreement, Bond, Counts, Ground, Part, Terms, decide, evolve, under

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
TODAY = date(2026, 11, 26)
TERMS = Terms(answers=Part.member, pays=Part.principal, both_see=True, counts=Counts.both)
MAKE = a.MakeAgreement(
    id="A1", kind=Bond.mall, principal="MALL", member="STALL", shop="P7", terms=TERMS, begins=date(2026, 1, 1),
    ends=None, principal_words="C1", member_words="C2",
)  # fmt: skip
GROUND = Ground(
    city="330100", now=NOW, actor=Actor(Role.officer, "O1", "330102"), known=frozenset({"MALL", "STALL"}),
    shop_of="MALL",
)  # fmt: skip


def made(command: a.MakeAgreement = MAKE, ground: Ground = GROUND) -> Agreement:
    row: Agreement | None = None
    row = reduce(evolve, decide(None, command, ground), row)
    assert row is not None
    return row


def refused(row: Agreement | None, command: a.Command, ground: Ground = GROUND) -> str:
    with pytest.raises(HejieError) as why:
        decide(row, command, ground)
    return why.value.code


def test_who_answers_pays_sees_and_counts_is_written_down_for_a_dispute():
    ties = under(made())
    assert (ties.answers, ties.other, ties.pays, ties.other_sees) == ("STALL", "MALL", "MALL", True)
    assert ties.counts_for == ("MALL", "STALL")
    reverse = replace(TERMS, answers=Part.principal, counts=Counts.member)
    ties = under(made(replace(MAKE, terms=reverse)))
    assert (ties.answers, ties.other, ties.counts_for) == ("MALL", "STALL", ("STALL",))


def test_it_speaks_of_the_members_own_payments_or_of_those_taken_at_its_place():
    assert (made().scope, made().shop) == ("MALL", "P7")
    whole = made(replace(MAKE, shop=""), replace(GROUND, shop_of=""))
    assert (whole.scope, whole.shop) == ("STALL", "")


@pytest.mark.parametrize(
    ("command", "ground", "code"),
    [
        (replace(MAKE, member="MALL"), GROUND, "agreement_one_side"),
        (MAKE, replace(GROUND, known=frozenset({"MALL"})), "party_unknown"),
        (MAKE, replace(GROUND, shop_of="SOMEBODY"), "agreement_shop_elsewhere"),
        (replace(MAKE, ends=date(2025, 12, 31)), GROUND, "agreement_days"),
        (replace(MAKE, member_words=""), GROUND, "consent_missing"),
        (MAKE, replace(GROUND, overlaps=True), "agreement_overlaps"),
    ],
)
def test_what_is_refused(command: a.MakeAgreement, ground: Ground, code: str):
    assert refused(None, command, ground) == code


def test_either_side_ends_it_from_today_on_and_only_sooner():
    row = made()
    by_member = replace(GROUND, actor=Actor(Role.merchant, "owner", "STALL"))
    last = TODAY + timedelta(days=30)
    (event,) = decide(row, a.EndAgreement(last=last), by_member)
    assert isinstance(event, a.AgreementEnded)
    assert event.by == "STALL"
    ended = evolve(row, event)
    assert (ended.holds(last), ended.holds(last + timedelta(days=1)), ended.version) == (True, False, 2)
    assert decide(ended, a.EndAgreement(last=last), by_member) == []
    assert refused(ended, a.EndAgreement(last=last + timedelta(days=1))) == "agreement_over"
    assert refused(row, a.EndAgreement(last=TODAY - timedelta(days=1))) == "agreement_days"
    assert refused(None, a.EndAgreement(last=last)) == "agreement_unknown"
    assert decide(row, MAKE, GROUND) == []
