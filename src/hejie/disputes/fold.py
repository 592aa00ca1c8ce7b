"""Folding events gives the row: the only place that says what an event changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.cities.dues import Due
from hejie.disputes import denial_events as n
from hejie.disputes import events as e
from hejie.disputes import handoff_events as h
from hejie.disputes import homing_events as he
from hejie.disputes import wallet_events as w
from hejie.disputes.assist import Holder
from hejie.disputes.bidding import Bidding, Named
from hejie.disputes.handed import handed
from hejie.disputes.homed import homed
from hejie.disputes.model import Dispute, Offer, OfferStatus, OrderedRefund, Outcome, Performance, Survey
from hejie.disputes.moving import denied, settled_otherwise
from hejie.disputes.opened import Opened
from hejie.disputes.posting import moved_among_officers
from hejie.disputes.pressure import Pressure
from hejie.disputes.states import State
from hejie.disputes.told import told


def begin(event: e.Filed) -> Dispute:
    """The row after the first event."""
    claim = Offer(
        id="claim",
        by=Role.consumer,
        remedy=event.claim.remedy,
        amount_fen=event.claim.amount_fen,
        road=event.road,
        note=event.words,
        made_at=event.at,
    )
    return Dispute(
        city=event.copied_to or event.city,
        home=event.city,
        id=event.id,
        version=1,
        state=State.awaiting_merchant,
        consumer=event.consumer,
        merchant=event.merchant,
        shop=event.shop,
        district=event.district,
        origin=event.origin,
        wallet=event.wallet,
        problem=event.problem,
        called=event.called,
        undue=event.undue,
        claim=event.claim,
        payments=event.payments,
        promise=event.promise,
        escalates_by_itself=event.escalates_by_itself,
        filed_at=event.at,
        changed_at=event.at,
        due=event.due,
        offers=(claim,),
        report=event.report,
        under=event.under,
        assist=event.assist,
    )


def evolve(dispute: Dispute | None, event: e.AnyEvent) -> Dispute:
    """The row after one more event; `None` stands for nothing yet."""
    if dispute is None:
        if not isinstance(event, e.Filed):
            raise AssertionError(f"a dispute begins with Filed, not {type(event).__name__}")
        return begin(event)
    changed = settled_otherwise(_changed(dispute, event))
    return replace(changed, version=dispute.version + 1, changed_at=event.at)


def _changed(dispute: Dispute, event: e.AnyEvent) -> Dispute:  # noqa: C901, PLR0911, PLR0912  one flat table of events
    match event:
        case e.Filed():
            raise AssertionError("a dispute is filed once")
        case e.Said() | e.Disagreed():
            return dispute
        case e.LimitNamed() | e.BidsMet() | e.BidsMissed():
            return _bids(dispute, event)
        case e.PressureCalled() | e.PressureJudged():
            return _pressure(dispute, event)
        case n.SaleDenied() | n.PartyRefused() | n.PartySilent() | n.DenialJudged() | n.Moved():
            return denied(dispute, event)
        case e.Mirrored() | e.Linked() | w.WalletTimeOver() | w.WalletPictures():
            return told(dispute, event)
        case e.Answered() | e.Offered() | e.OfferAccepted() | e.OfferDeclined() | e.OfferExpired() | e.Agreed():
            return _talk(dispute, event)
        case (
            e.RefundOrdered() | e.RefundSeen() | e.PaymentProven() | e.PayerKnown() | e.RefundFailed()
            | e.PerformanceClaimed()
            | e.PerformanceConfirmed() | e.PerformanceDenied() | e.Unperformed()
        ):  # fmt: skip
            return _performance(dispute, event)
        case (
            e.WentOverdue() | e.Unreached() | e.Reached() | e.Escalated() | e.Taken() | e.Mediated() | e.Settled()
            | e.Lapsed() | e.Reopened()
            | e.Withdrawn() | e.Rated()
        ):  # fmt: skip
            return _course(dispute, event)
        case he.Leaving() | he.Stayed() | he.Left() | he.Followed() | he.Arrived():
            return homed(dispute, event)
        case e.SlipIssued() | e.MandateWithdrawn():
            return _assist(dispute, event)
        case e.CustodyChanged() | e.MultiplesOpened():
            return _at_the_office(dispute, event)
        case (
            h.HandoffConsented() | h.HandoffConsentWithdrawn() | h.OdrBegun() | h.OdrEnded() | h.HandedOff()
            | h.HandoffSending() | h.HandoffDoubted() | h.HandoffReceived() | h.HandoffAccepted() | h.HandoffRefused()
            | h.HandoffReturned() | h.HandoffConcluded()
        ):  # fmt: skip
            return handed(dispute, event)
        case _:
            assert_never(event)


def _at_the_office(dispute: Dispute, event: e.CustodyChanged | e.MultiplesOpened) -> Dispute:
    if isinstance(event, e.CustodyChanged):
        return moved_among_officers(dispute, event)
    return replace(dispute, multiples=Opened(ground=event.ground, at=event.at))


def _talk(
    dispute: Dispute,
    event: e.Answered | e.Offered | e.OfferAccepted | e.OfferDeclined | e.OfferExpired | e.Agreed,
) -> Dispute:
    match event:
        case e.Answered():
            state = dispute.state if dispute.state is State.mediating else State.awaiting_consumer
            return replace(dispute, state=state, answered=True, late=dispute.late or event.late, due=event.due)
        case e.Offered(offer=offer):
            kept = _offers(dispute, OfferStatus.replaced, lambda o: o.by is offer.by and o.status is OfferStatus.open)
            return replace(
                dispute,
                state=event.state,
                offers=(*kept, offer),
                answered=dispute.answered or offer.by is Role.merchant,
                late=dispute.late or event.late,
                due=_clock(dispute, event),
            )
        case e.OfferAccepted():
            offers = tuple(
                replace(o, accepted_by=(*o.accepted_by, event.by)) if o.id == event.offer else o for o in dispute.offers
            )
            return replace(dispute, offers=offers)
        case e.OfferDeclined():
            offers = _offers(dispute, OfferStatus.declined, lambda o: o.id == event.offer)
            by_merchant = event.by is Role.merchant
            return replace(
                dispute,
                state=event.state,
                offers=offers,
                due=_clock(dispute, event),
                answered=dispute.answered or by_merchant,
                late=dispute.late or event.late or (by_merchant and _overdue(dispute, event.at)),
            )
        case e.OfferExpired():
            return replace(dispute, offers=_offers(dispute, OfferStatus.expired, lambda o: o.id == event.offer))
        case e.Agreed():
            return _agreed(dispute, event)
        case _:
            assert_never(event)


def _bids(dispute: Dispute, event: e.LimitNamed | e.BidsMet | e.BidsMissed) -> Dispute:
    match event:
        case e.LimitNamed():
            named = Named(commitment=event.commitment, public=event.public, closed=event.closed)
            now = dispute.bidding or Bidding(round=event.round)
            return replace(dispute, bidding=now.named(event.by, named))
        case e.BidsMet():
            return replace(dispute, offers=(*dispute.offers, event.offer), bidding=None)
        case e.BidsMissed():
            return replace(dispute, rounds_missed=event.round, bidding=None)
        case _:
            assert_never(event)


def _pressure(dispute: Dispute, event: e.PressureCalled | e.PressureJudged) -> Dispute:
    match event:
        case e.PressureCalled():
            called = Pressure(reason=event.reason, called_at=event.at, late=event.late, ran_until=event.ran_until)
            return replace(dispute, pressure=called, standing_held=True)
        case e.PressureJudged():
            judged = dispute.pressure.judged(event.at, upheld=event.upheld) if dispute.pressure else None
            return replace(dispute, pressure=judged, standing_held=event.upheld)
        case _:
            assert_never(event)


def _overdue(dispute: Dispute, at: datetime) -> bool:
    excused = dispute.pressure is not None and dispute.pressure.excuses(at)
    return dispute.state is State.overdue and not excused


def _clock(dispute: Dispute, event: e.Offered | e.OfferDeclined | e.PerformanceDenied) -> Due | None:
    """The new clock; without one the running clock stands while the same side is asked."""
    return dispute.due if event.due is None and event.state is dispute.state else event.due


def _agreed(dispute: Dispute, event: e.Agreed) -> Dispute:
    offers = tuple(
        replace(o, status=OfferStatus.accepted, road=event.road)
        if o.id == event.offer
        else replace(o, status=OfferStatus.replaced)
        if o.status is OfferStatus.open
        else o
        for o in dispute.offers
    )
    return replace(
        dispute,
        state=event.state,
        offers=offers,
        agreed=event.offer,
        agreed_at=event.at,
        agreed_base_fen=dispute.refunded_fen,
        unperformed=False,
        performance=Performance.awaited,
        answered=True,
        late=dispute.late or event.late,
        due=event.due,
        refunds=(*dispute.refunds, *event.refunds),
        bidding=None,
    )


def _ran_out(offer: Offer, at: datetime) -> bool:
    return offer.status is OfferStatus.open and offer.due is not None and offer.due.passed(at)


def _offers(dispute: Dispute, status: OfferStatus, which: Callable[[Offer], bool]) -> tuple[Offer, ...]:
    return tuple(replace(offer, status=status) if which(offer) else offer for offer in dispute.offers)


def _performance(
    dispute: Dispute,
    event: e.RefundOrdered | e.RefundSeen | e.PaymentProven | e.PayerKnown | e.RefundFailed | e.PerformanceClaimed
    | e.PerformanceConfirmed | e.PerformanceDenied | e.Unperformed,
) -> Dispute:  # fmt: skip
    match event:
        case e.RefundOrdered():
            return replace(dispute, refunds=(*dispute.refunds, *event.refunds), performance=Performance.awaited)
        case e.RefundSeen():
            return replace(
                dispute,
                refunded_fen=dispute.refunded_fen + event.amount_fen,
                refunds=_seen(dispute, event),
                performance=Performance.seen if event.verified else dispute.performance,
            )
        case e.PaymentProven():
            return _proven(dispute, event.trade_no)
        case e.PayerKnown():
            return replace(_proven(dispute, event.trade_no), consumer=event.consumer)
        case e.RefundFailed():
            refunds = tuple(
                replace(r, status="failed", code=event.code) if r.key == event.key else r for r in dispute.refunds
            )
            return replace(dispute, refunds=refunds, performance=Performance.failed)
        case e.PerformanceClaimed():
            seen = dispute.performance is Performance.seen
            return replace(dispute, performance=Performance.seen if seen else Performance.claimed)
        case e.PerformanceConfirmed():
            return replace(dispute, performance=Performance.confirmed)
        case e.PerformanceDenied():
            return replace(dispute, performance=Performance.denied, state=event.state, due=_clock(dispute, event))
        case e.Unperformed():
            return replace(dispute, state=event.state, unperformed=True, due=event.due)
        case _:
            assert_never(event)


def _proven(dispute: Dispute, trade_no: str) -> Dispute:
    payments = tuple(replace(paid, proven=paid.proven or paid.trade_no == trade_no) for paid in dispute.payments)
    return replace(dispute, payments=payments)


def _seen(dispute: Dispute, event: e.RefundSeen) -> tuple[OrderedRefund, ...]:
    """Ours is marked; one made in the merchant's own tool joins the list."""
    if any(r.key == event.key for r in dispute.refunds):
        return tuple(replace(r, status="seen") if r.key == event.key else r for r in dispute.refunds)
    found = OrderedRefund(key=event.key, trade_no=event.trade_no, amount_fen=event.amount_fen, status="seen")
    return (*dispute.refunds, found)


def _course(  # noqa: PLR0911  one flat table of events
    dispute: Dispute,
    event: e.WentOverdue | e.Unreached | e.Reached | e.Escalated | e.Taken | e.Mediated | e.Settled | e.Lapsed
    | e.Reopened | e.Withdrawn | e.Rated,
) -> Dispute:  # fmt: skip
    match event:
        case e.WentOverdue():
            return replace(dispute, state=State.overdue, due=None)
        case e.Unreached():
            return replace(dispute, unreached_at=event.at)
        case e.Reached():
            return replace(dispute, reached_at=event.at)
        case e.Escalated():
            return replace(
                dispute,
                state=State.mediating,
                due=None,
                escalated_at=event.at,
                escalated_because=event.because,
                bidding=None,
            )
        case e.Taken():
            return replace(dispute, officer=event.officer, agency=event.agency)
        case e.Mediated():
            return _ended(
                replace(dispute, memo=event.memo, agency=event.agency, officer=event.officer, outcome=event.outcome),
                State.mediated,
                event,
            )
        case e.Settled():
            return _ended(replace(dispute, outcome=event.outcome), State.settled, event)
        case e.Lapsed():
            ended = _ended(replace(dispute, outcome=Outcome.silent), State.lapsed, event)
            return replace(ended, reopen_due=event.reopen_due)
        case e.Withdrawn():
            return _ended(replace(dispute, outcome=Outcome.withdrawn), State.withdrawn, event)
        case e.Reopened():
            return replace(
                dispute,
                state=State.awaiting_consumer,
                offers=_offers(dispute, OfferStatus.expired, lambda offer: _ran_out(offer, event.at)),
                due=event.due,
                outcome=None,
                closed_at=None,
                reopen_due=None,
            )
        case e.Rated():
            return replace(dispute, survey=Survey(solved=event.solved, mood=event.mood))
        case _:
            assert_never(event)


def _assist(dispute: Dispute, event: e.SlipIssued | e.MandateWithdrawn) -> Dispute:
    assist = dispute.assist
    if assist is None:
        raise AssertionError("nobody filed it for the consumer")
    match event:
        case e.SlipIssued(holder=Holder.person):
            return replace(dispute, assist=replace(assist, person_slip=assist.person_slip + 1))
        case e.SlipIssued():
            return replace(dispute, assist=replace(assist, relative_slip=assist.relative_slip + 1))
        case e.MandateWithdrawn():
            return replace(dispute, assist=replace(assist, mandate_withdrawn_at=event.at))
        case _:
            assert_never(event)


def _ended(dispute: Dispute, state: State, event: e.AnyEvent) -> Dispute:
    return replace(dispute, state=state, due=None, closed_at=event.at, bidding=None)
