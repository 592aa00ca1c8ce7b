"""Folding a merchant's events alone, from nothing and from storage, gives the row; refusals change nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hejie.base.errors import HejieError
from hejie.merchants import commands as c
from hejie.merchants import events as e
from hejie.merchants.answering import AnsweringRule, Answers, Cover
from hejie.merchants.contacts import Channel
from hejie.merchants.decide import decide
from hejie.merchants.fold import evolve
from hejie.merchants.model import AccountKind, Enrolment, Kind, Merchant, Rank, Shop, Staff, State
from hejie.merchants.office import Digest, Reply, RoleLimit
from hejie.merchants.standing import StandingRule

START = datetime(2026, 1, 1, tzinfo=UTC)
IDS = st.sampled_from(["A", "B", "C"])
FEN = st.integers(-1, 10_000)
SHOPS = st.builds(
    Shop,
    id=IDS,
    name=st.sampled_from(["店", ""]),
    district=st.sampled_from(["330102", "510104"]),
    address=st.just("路"),
)
COMMANDS = st.one_of(
    st.builds(c.RegisterMerchant, city=st.just("330100"), id=IDS, credit_code=st.just("91350203M0001XYT25"), name=IDS),
    st.builds(c.AddShop, shop=SHOPS),
    st.builds(
        c.AddStaff,
        staff=st.builds(
            Staff,
            person=IDS,
            rank=st.sampled_from(Rank),
            refund_limit_fen=FEN,
            shops=st.lists(IDS, max_size=1).map(tuple),
        ),
    ),
    st.builds(c.RemoveStaff, person=IDS),
    st.builds(c.SetContact, content=st.sampled_from(["", "X"]), shop=st.sampled_from(["", "A"])),
    st.builds(c.AddContact, id=IDS, content=IDS, shop=st.sampled_from(["", "A"])),
    st.builds(c.EnrolContact, id=IDS, channel=st.sampled_from(Channel), content=IDS),
    st.builds(c.VerifyContact, contact=st.sampled_from(["A", "B", "X"])),
    st.builds(c.OrderContacts, contacts=st.permutations(["A", "X"]).map(tuple)),
    st.builds(c.RemoveContact, contact=st.sampled_from(["A", "B", "X"])),
    st.builds(c.FailContact, contact=st.sampled_from(["A", "B", "X"]), why=st.just("number_gone")),
    st.builds(
        c.SetStandingRules,
        rules=st.lists(st.builds(StandingRule, id=IDS, most_fen=FEN), max_size=2).map(tuple),
    ),
    st.builds(c.SetLinkLimit, limit_fen=FEN),
    st.builds(
        c.SetAnswering,
        rules=st.lists(
            st.builds(AnsweringRule, id=IDS, answers=st.sampled_from(Answers), person=st.sampled_from(["", "A"])),
            max_size=2,
        ).map(tuple),
    ),
    st.builds(
        c.SetRoleLimits,
        limits=st.lists(st.builds(RoleLimit, rank=st.sampled_from(Rank), limit_fen=FEN), max_size=2).map(tuple),
    ),
    st.builds(c.SetTarget, hours=st.integers(-1, 800)),
    st.builds(
        c.SetDigest, digest=st.none() | st.builds(Digest, templates=st.just(("said",)), hour=st.integers(-1, 24))
    ),
    st.builds(
        c.SetReplies, replies=st.lists(st.builds(Reply, id=IDS, name=IDS, zh=IDS, en=st.just("{shop}"))).map(tuple)
    ),
    st.builds(
        c.SetCovers,
        covers=st.lists(st.builds(Cover, person=IDS, by=IDS, first=st.dates(), last=st.dates()), max_size=2).map(tuple),
    ),
    st.builds(c.Invite, quiet_days=st.integers(1, 30), shop=st.sampled_from(["", "A"])),
    st.builds(c.AskEnrolment, wallet=IDS),
    st.builds(
        c.NoteEnrolment,
        wallet=st.just("alipay"),
        account=IDS,
        kind=st.sampled_from(AccountKind),
        enrolment=st.sampled_from(Enrolment),
    ),
    st.builds(c.CloseEnrolment, wallet=st.just("alipay"), account=st.sampled_from(["", "A"])),
    st.builds(
        c.GrantAuthorisation,
        wallet=st.just("alipay"),
        account=IDS,
        content=st.sampled_from(["", "T"]),
        expires_at=st.integers(0, 40).map(lambda days: START + timedelta(days=days)),
    ),
    st.builds(c.WithdrawAuthorisation, wallet=st.just("alipay"), account=IDS),
    st.builds(c.ExpireAuthorisation, wallet=st.just("alipay"), account=IDS),
    st.builds(
        c.LetAnswer,
        acquirer=IDS,
        most_fen=FEN,
        expires_at=st.integers(0, 40).map(lambda days: START + timedelta(days=days)),
    ),
    st.builds(c.StopAnswers, acquirer=IDS),
)


class MerchantMachine(RuleBasedStateMachine):
    """Any commands at all, at times that move on."""

    def __init__(self) -> None:
        super().__init__()
        self.row: Merchant | None = None
        self.log: list[bytes] = []
        self.now = START

    def act(self, command: c.Command) -> None:
        before = msgspec.json.encode(self.row)
        try:
            events = decide(self.row, command, self.now)
        except HejieError:
            assert msgspec.json.encode(self.row) == before
            return
        for event in events:
            self.row = evolve(self.row, event)
            self.log.append(msgspec.json.encode(event))

    @initialize(register=st.booleans())
    def begin(self, *, register: bool) -> None:
        if register:
            self.act(
                c.RegisterMerchant(
                    city="330100", id="A", credit_code="91350203M0001XYT25", name="甲", kind=Kind.individual
                )
            )

    @rule(command=COMMANDS, hours=st.integers(0, 48))
    def any_command(self, command: c.Command, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.act(command)

    @invariant()
    def log_gives_the_row(self) -> None:
        events = [msgspec.json.decode(line, type=e.AnyEvent) for line in self.log]
        folded: Merchant | None = reduce(evolve, events, None)
        assert folded == self.row
        assert msgspec.json.decode(msgspec.json.encode(self.row), type=Merchant | None) == self.row

    @invariant()
    def row_is_sound(self) -> None:
        row = self.row
        if row is None:
            return
        assert row.version == len(self.log)
        for names in (
            [shop.id for shop in row.shops],
            [staff.person for staff in row.staff],
            [(account.wallet, account.account) for account in row.accounts],
            [(each.wallet, each.account) for each in row.authorisations],
        ):
            assert len(names) == len(set(names))
        live = [a for a in row.accounts if a.enrolment in {Enrolment.open, Enrolment.closing}]
        assert (row.state is State.enrolled) == bool(live)
        for each in row.authorisations:
            assert row.account(each.wallet, each.account)
            assert each.expires_at > each.granted_at


MerchantMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_merchant_machine = MerchantMachine.TestCase


def test_a_log_begins_with_registration_and_has_it_once() -> None:
    registered = e.MerchantRegistered(
        at=START, city="330100", id="A", credit_code="91350203M0001XYT25", name="甲", kind=Kind.individual
    )
    with pytest.raises(AssertionError, match="begins"):
        evolve(None, e.StaffRemoved(at=START, person="A"))
    with pytest.raises(AssertionError, match="once"):
        evolve(evolve(None, registered), registered)
