"""A dispute under random hands: whatever anybody asks at any time, what must hold holds."""

from __future__ import annotations

import os
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, DAY, FULL, MERCHANT, OFFICER, SETTINGS, T0, WALLET, Case, paid

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Missing, Refused
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes import handoff_commands as hc
from hejie.disputes.denying import DenialReason, Party
from hejie.disputes.model import Claim, Outcome, Remedy, Road
from hejie.disputes.pressure import Reason
from hejie.disputes.states import FROM_WALLET, OPEN, State
from hejie.law.entitlement_facts import Multiple

SOAK = "HEJIE_SOAK" in os.environ
COLLEAGUE = Actor(Role.officer, "O2", "330102")
OTHER_CONSUMER = Actor(Role.consumer, "P2")
OTHER_MERCHANT = Actor(Role.merchant, "S2", "M2")

amounts = st.integers(-1, 12_000)
remedies = st.sampled_from(Remedy)
roads = st.sampled_from(Road)
words = st.sampled_from(["", "C1"])
actors = st.sampled_from([CONSUMER, MERCHANT, OFFICER, COLLEAGUE, SYSTEM, WALLET, OTHER_CONSUMER, OTHER_MERCHANT])
claims = st.one_of(st.just(FULL), st.builds(Claim, remedy=remedies, amount_fen=amounts))
offers = st.sampled_from(["claim", *(f"o{n}" for n in range(1, 8))])
makes = st.builds(
    lambda name, remedy, amount, road, full: c.MakeOffer(
        id=name, remedy=remedy, amount_fen=amount if full else 0, road=road
    ),
    offers, remedies, amounts, roads, st.booleans(),
)  # fmt: skip
by_consumer = st.one_of(
    st.builds(c.Say, words=words),
    st.builds(c.DeclineOffer, offer=offers, words=words),
    st.builds(c.Deny, words=words),
    st.builds(c.Rate, solved=st.booleans(), mood=st.integers(0, 6)),
    st.sampled_from([c.Withdraw(), c.Escalate(), c.Confirm(), c.Reopen(), hc.WithdrawHandoffConsent()]),
    st.builds(hc.ConsentHandoff, package=st.sampled_from(["K1", "K2"]), digest=st.just("d")),
)
by_merchant = st.one_of(
    st.builds(c.Answer, words=words),
    st.builds(c.DeclineOffer, offer=offers, words=words),
    st.builds(c.ClaimPerformed, refund_no=words, trade_no=st.sampled_from(["", "T1", "T9"]), words=words),
    st.just(c.RetryRefund()),
    st.builds(c.CallPressure, reason=st.sampled_from(Reason), words=words),
)
by_officer = st.one_of(
    st.just(c.Take()),
    makes,
    st.builds(c.Close, memo=words, agency=st.just("A"), outcome=st.sampled_from([Outcome.mediated, Outcome.unsettled])),
    st.builds(c.JudgePressure, upheld=st.booleans(), words=words),
    st.builds(c.OpenMultiples, ground=st.sampled_from(Multiple), words=words),
    st.just(hc.HandOff()),
)
TO = c.Named(merchant="M2", shop="SH2")
about_the_sale = st.one_of(
    st.builds(c.DenySale, reason=st.sampled_from(DenialReason), words=words, to=st.sampled_from([None, TO])),
    st.builds(c.TakeSale, ours=st.booleans(), words=words),
    st.builds(c.JudgeDenial, upheld=st.booleans(), words=words, to=st.sampled_from([None, TO])),
)
by_system = st.one_of(
    st.builds(c.Prove, trade_no=st.sampled_from(["T1", "T2"])),
    st.builds(
        hc.NoteHandoff,
        key=st.sampled_from(["K1", "K2"]),
        step=st.sampled_from(hc.Step),
        number=st.just("N-1"),
        code=st.sampled_from(["N1", "N9"]),
    ),
)


class Disputing(RuleBasedStateMachine):
    """One dispute, born here or in the wallet."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case()
        self.confirmed = False
        self.seen = 0
        self.by_hand = 0

    def attempt(self, actor: Actor, command: c.Command) -> None:
        """Done or refused; refused, nothing has changed."""
        before, count = self.case._row, len(self.case.events)
        try:
            self.case.do(actor, command)
        except (Refused, Missing):
            assert (self.case._row, len(self.case.events)) == (before, count)
        else:
            self.confirmed |= isinstance(command, c.Confirm) and actor == CONSUMER

    @initialize(
        fens=st.lists(st.tuples(st.integers(1, 9_000), st.booleans()), min_size=1, max_size=3),
        claim=claims,
        by_itself=st.booleans(),
        authorised=st.booleans(),
        wallet=st.booleans(),
        tells=st.booleans(),
    )
    def begin(self, fens, claim, by_itself, authorised, wallet, tells):
        self.tells = tells
        payments = [paid(f"T{n}", fen, before=fen // 3 if old else 0) for n, (fen, old) in enumerate(fens, 1)]
        self.case = Case(*payments, authorised=authorised)
        self.case.settings = replace(SETTINGS, handoff="officer")
        if wallet:
            self.attempt(WALLET, self.word("MERCHANT_PROCESSING", claim))
        else:
            trades = tuple(payment.trade_no for payment in payments)
            self.attempt(
                CONSUMER,
                c.File(id="D1", trades=trades, problem="quality", claim=claim, escalates_by_itself=by_itself),
            )
        if not self.case.exists:
            self.case.file(by_itself=by_itself)

    def word(self, status: str, claim: Claim = FULL) -> c.Mirror:
        return c.Mirror(
            id="D1", consumer="P1", wallet="alipay", event="E1", status=status, problem="quality", claim=claim,
            trade_no="T1", created_at=T0, modified_at=self.case.now, images=2,
            begun_at=None if self.tells else T0, answer_due=self.case.now + DAY if self.tells else None,
            confirm_due=self.case.now + 2 * DAY, escalated_at=None, finished_at=None,
        )  # fmt: skip

    @rule(actor=actors, command=st.one_of(by_consumer, by_merchant, by_officer, by_system))
    def anybody_asks_anything(self, actor, command):
        self.attempt(actor, command)

    @rule(command=by_consumer)
    def the_consumer_asks(self, command):
        self.attempt(CONSUMER, command)

    @rule(command=by_merchant)
    def the_merchant_asks(self, command):
        self.attempt(MERCHANT, command)

    @precondition(lambda self: self.case.exists and self.case.row.state is State.mediating)
    @rule(command=by_officer)
    def the_officer_works(self, command):
        self.attempt(OFFICER, c.Take())
        self.attempt(OFFICER, command)

    @rule(actor=st.sampled_from([CONSUMER, MERCHANT]), command=makes)
    def they_offer(self, actor, command):
        self.attempt(actor, command)

    @precondition(lambda self: self.case.exists and self.case.row.reopen_due is not None)
    @rule(solved=st.booleans())
    def the_consumer_comes_back(self, solved):
        self.attempt(CONSUMER, c.Rate(solved=solved, mood=3))
        self.attempt(CONSUMER, c.Reopen())

    @precondition(lambda self: self.case.exists and any(o.status == "open" for o in self.case.row.offers))
    @rule(road=st.none() | roads, pick=st.integers(0, 5), sides=st.sampled_from([(CONSUMER,), (MERCHANT, CONSUMER)]))
    def they_agree(self, road, pick, sides):
        standing = [offer.id for offer in self.case.row.offers if offer.status == "open"]
        for side in sides:
            self.attempt(side, c.AcceptOffer(offer=standing[pick % len(standing)], road=road))

    @rule(hours=st.integers(0, 200))
    def time_passes(self, hours):
        self.case.wait(timedelta(hours=hours))

    @rule(authorised=st.booleans())
    def authority_comes_and_goes(self, authorised):
        self.case.authorised = authorised

    @precondition(lambda self: self.case.exists and self.case.row.due is not None)
    @rule()
    def the_clock_runs_out(self):
        clock = self.case.row.due
        assert clock is not None
        self.case.now = max(self.case.now, clock.at)
        self.attempt(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))

    @rule(pick=st.integers(0, 40))
    def an_old_clock_runs_out(self, pick):
        clocks = [due for event in self.case.events if (due := getattr(event, "due", None)) is not None]
        if clocks and (clock := clocks[pick % len(clocks)]) != self.case.row.due:
            self.case.nothing(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))

    @precondition(lambda self: self.case.exists and self.case.row.wallet_dues)
    @rule(pick=st.integers(0, 1))
    def a_time_of_the_wallet_runs_out(self, pick):
        before = self.case.row
        clock = before.wallet_dues[pick % len(before.wallet_dues)]
        self.case.now = max(self.case.now, clock.at)
        self.attempt(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))
        after = self.case.row
        assert (after.state, after.due, after.closed_at) == (before.state, before.due, before.closed_at)

    @rule(offer=offers)
    def an_offers_clock_runs_out(self, offer):
        self.attempt(SYSTEM, c.RunOut(rule="offer_expires", at=self.case.now, offer=offer))

    @precondition(lambda self: self.case.exists and self.case.row.refund_under_way)
    @rule(good=st.booleans(), twice=st.booleans())
    def the_wallet_tells_of_a_refund(self, good, twice):
        order = next(refund for refund in self.case.row.refunds if refund.status == "ordered")
        if good:
            self.seen += order.amount_fen
            self.case.see(order.key, order.amount_fen, order.trade_no)
        else:
            self.case.do(SYSTEM, c.RefundFails(key=order.key, code="no"))
        if twice:
            self.case.nothing(
                SYSTEM,
                c.SeeRefund(key=order.key, trade_no=order.trade_no, amount_fen=order.amount_fen)
                if good
                else c.RefundFails(key=order.key, code="no"),
            )

    @rule(fen=st.integers(1, 9_000))
    def the_merchant_pays_in_its_own_tool(self, fen):
        row = self.case.row
        first = row.payments[0]
        held = sum(r.amount_fen for r in row.refunds if r.trade_no == first.trade_no and r.status != "failed")
        fen = min(fen, first.left_fen - held)
        if fen > 0:
            self.by_hand += 1
            self.seen += fen
            self.case.see(f"own-{self.by_hand}", fen, first.trade_no)

    @precondition(lambda self: self.case.exists and (self.case.row.wallet_leads or self.case.row.version < 3))
    @rule(status=st.sampled_from(sorted(FROM_WALLET)), late=st.booleans())
    def the_wallet_speaks(self, status, late):
        word = self.word(status)
        self.attempt(WALLET, replace(word, modified_at=T0) if late else word)

    # What must hold. -----------------------------------------------------------------------------

    @precondition(lambda self: self.case.exists)
    @invariant()
    def money_holds(self):
        row = self.case.row
        assert row.refunded_fen == self.seen
        for payment in row.payments:
            held = sum(r.amount_fen for r in row.refunds if r.trade_no == payment.trade_no and r.status != "failed")
            assert held <= payment.left_fen
        assert len({refund.key for refund in row.refunds}) == len(row.refunds)
        ordered = sum(refund.amount_fen for refund in row.refunds if refund.status == "ordered")
        if ordered:
            assert row.agreement is not None
            assert row.agreement.road is Road.api
            assert ordered <= row.agreement.amount_fen

    @precondition(lambda self: self.case.exists)
    @rule(actor=actors, command=about_the_sale, own=st.booleans())
    def whose_sale(self, actor, command, own):
        """Whoever says whose sale it was, no clock begins anew, and it moves from one merchant to the other only."""
        before, count = self.case.row, len(self.case.events)
        self.case.party, self.case.own_account = Party(merchant="M2", shop="SH2", district="330106"), own
        self.attempt(actor, command)
        row, happened = self.case.row, self.case.events[count:]
        if not any(isinstance(event, e.Escalated) for event in happened):
            assert (row.state, row.due) == (before.state, before.due)
        assert row.merchant == before.merchant or (row.may_move and before.merchant not in {"", row.merchant})
        assert [gone.merchant for gone in row.former] == sorted({"M1", "M2"} - {row.merchant})[: len(row.former)]
        self.case.party, self.case.own_account = None, True

    @precondition(lambda self: self.case.exists)
    @invariant()
    def clocks_run(self):
        row = self.case.row
        if row.state in {State.overdue, State.mediating} or row.state not in OPEN:
            assert row.due is None
        elif not row.wallet_leads or row.state is State.settling:
            assert row.due is not None
            assert row.due.set_by == "330100"
        elif row.due is not None:
            ours = row.state is State.awaiting_merchant and not self.tells
            assert row.due.set_by == ("330100" if ours else "alipay")

    @precondition(lambda self: self.case.exists)
    @invariant()
    def an_end_says_how(self):
        row = self.case.row
        assert row.is_open == (row.closed_at is None) == (row.outcome is None)
        if row.outcome is Outcome.confirmed:
            assert self.confirmed or row.wallet_status == "FINISHED"
        if row.outcome in {Outcome.performed, Outcome.unconfirmed}:
            assert row.refunded_fen > 0
        if row.state is State.lapsed and not row.wallet_leads:
            assert (row.outcome, row.reopen_due is None) == (Outcome.silent, False)

    @precondition(lambda self: self.case.exists)
    @invariant()
    def offers_hold(self):
        row = self.case.row
        assert len({offer.id for offer in row.offers}) == len(row.offers)
        for side in (Role.consumer, Role.merchant, Role.officer):
            assert sum(offer.by is side and offer.status == "open" for offer in row.offers) <= 1
        if row.agreed:
            assert row.agreement is not None
            assert row.agreement.status == "accepted"


TestDisputing = Disputing.TestCase
TestDisputing.settings = settings(
    max_examples=3000 if SOAK else 80, stateful_step_count=80 if SOAK else 40, deadline=None, print_blob=True
)
