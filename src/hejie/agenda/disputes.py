"""What an event of a dispute brings: clocks, messages, the wallet's word, refunds, and what a person must do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from hejie.agenda.handoffs import for_handoff, told_of_handoff
from hejie.agenda.handovers import for_homing, tells_home, told_of_homing
from hejie.agenda.task import Task, item
from hejie.base.actor import Role
from hejie.cities.dues import Due
from hejie.disputes import denial_events as n
from hejie.disputes import events as d
from hejie.disputes import handoff_events as h
from hejie.disputes import homing_events as he
from hejie.disputes import wallet_events as w
from hejie.disputes.model import REFUNDS, Dispute, OfferStatus, OrderedRefund, Paid
from hejie.disputes.states import State

MARK_AFTER = timedelta(minutes=10)
"""How long after a filing it is looked at how it was filed: it must hold up none, and the phone number comes after."""


def for_dispute(dispute: Dispute, event: d.AnyEvent) -> list[Task]:
    """What an event of a dispute brings; `dispute` is the row after it. What happens elsewhere brings nothing here."""
    if dispute.home != dispute.city and not isinstance(event, he.Left | he.Followed):
        return []
    tasks = [_notice(dispute, audience, template) for audience, template in _told(dispute, event)]
    clock = _clock(event)
    if clock is not None:
        tasks.append(_run_out(dispute, clock))
    tasks += [
        _notice(dispute, Role.consumer, "confirm_reminder", at=at, expects=dispute.due)
        for at in getattr(event, "reminders", ())
    ]
    tasks += _at_the_wallet(dispute, event) if isinstance(event, d.Mirrored) else _particular(dispute, event)
    tasks += _again(dispute, event) if isinstance(event, he.Arrived | he.Stayed) else []
    tasks += _told_wallet(dispute, event)
    tasks += _mediation(dispute, event)
    tasks += _translation(dispute, event)
    return [*tasks, *for_handoff(dispute, event), *for_homing(dispute, event), *tells_home(dispute)]


def _mediation(dispute: Dispute, event: d.AnyEvent) -> list[Task]:
    """An escalation opens a mediation beside the dispute; an end of the dispute itself ends it."""
    match event:
        case d.Filed() | d.Escalated() | d.Mirrored() | n.Moved() | he.Arrived() if dispute.state is State.mediating:
            kind = "open_mediation"
        case d.Withdrawn() | d.Mediated() | d.Mirrored() if dispute.escalated_at and not dispute.is_open:
            kind = "follow_dispute"
        case _:
            return []
    return [Task(kind=kind, noun="dispute", subject=dispute.id)]


def _translation(dispute: Dispute, event: d.AnyEvent) -> list[Task]:
    """What was written is put into the other side's language, if an engine is there."""
    words = d.words_of(event)
    if not words or isinstance(event, d.CustodyChanged):
        return []
    payload: dict[str, object] = {"words": words, "phrase": getattr(event, "phrase", "")}
    destination = f"translation:{dispute.city}"
    return [Task(kind="translate", noun="dispute", subject=dispute.id, destination=destination, payload=payload)]


def _clock(event: d.AnyEvent) -> Due | None:
    due = getattr(event, "due", None)
    return due if isinstance(due, Due) else None


def _run_out(dispute: Dispute, clock: Due, offer: str = "") -> Task:
    if clock.set_by != dispute.city:
        return Task(
            kind="follow_case",
            noun="dispute",
            subject=dispute.id,
            destination=f"wallet:{dispute.wallet}",
            at=clock.at,
            payload={"wallet": dispute.wallet, "event": dispute.wallet_event},
        )
    return _ends(dispute, clock, offer)


def _ends(dispute: Dispute, clock: Due, offer: str = "") -> Task:
    payload: dict[str, object] = {"rule": clock.rule.value, "at": clock.at.isoformat(), "offer": offer}
    return Task(kind="run_out", noun="dispute", subject=dispute.id, at=clock.at, payload=payload)


def _notice(
    dispute: Dispute,
    audience: Role,
    template: str,
    *,
    at: datetime | None = None,
    expects: Due | None = None,
    merchant: str = "",
) -> Task:
    """`merchant` where it is to be told of a dispute that is not its own (yet, or any more)."""
    payload: dict[str, object] = {"audience": audience.value, "template": template}
    if merchant:
        payload["merchant"] = merchant
    if expects is not None:
        payload["only_while"] = expects.at.isoformat()
    return Task(
        kind="notify",
        noun="dispute",
        subject=dispute.id,
        destination=notices_of(dispute.city),
        at=at,
        payload=payload,
    )


def notices_of(city: str) -> str:
    """Where a city's notices are made: a city that has very many at once holds up no other one."""
    return f"notices:{city}"


def _to_wallet(dispute: Dispute, act: str, **payload: object) -> list[Task]:
    """Tell the wallet, if it holds this case too."""
    if not dispute.wallet_event:
        return []
    destination = f"wallet:{dispute.wallet}"
    return [
        Task(
            kind="tell_wallet",
            noun="dispute",
            subject=dispute.id,
            destination=destination,
            payload={"act": act, "event": dispute.wallet_event, **payload},
        )
    ]


def _check_reached(dispute: Dispute, by: Due) -> Task:
    return Task(kind="check_reached", noun="dispute", subject=dispute.id, at=by.at)


def _standing(dispute: Dispute) -> Task:
    return Task(kind="standing_answer", noun="dispute", subject=dispute.id)


def _mark(dispute: Dispute) -> Task:
    return Task(kind="mark_filing", noun="dispute", subject=dispute.id, at=dispute.filed_at + MARK_AFTER)


def _proof(dispute: Dispute, paid: Paid) -> Task:
    destination = f"wallet:{dispute.wallet}"
    payload: dict[str, object] = {"trade_no": paid.trade_no}
    return Task(kind="prove_payment", noun="dispute", subject=dispute.id, destination=destination, payload=payload)


def _refunds(dispute: Dispute, refunds: tuple[OrderedRefund, ...]) -> list[Task]:
    return [
        Task(
            kind="refund",
            noun="refund",
            subject=refund.key,
            destination=f"wallet:{dispute.wallet}",
            payload={"dispute": dispute.id, "trade_no": refund.trade_no, "amount_fen": refund.amount_fen},
        )
        for refund in refunds
    ]


def _particular(dispute: Dispute, event: d.AnyEvent) -> list[Task]:
    match event:
        case d.Filed():
            return _filed(dispute, event)
        case d.Unreached():
            return [item("dispute", dispute.id, "merchant_unreached")]
        case d.PaymentProven() | d.PayerKnown() if dispute.proven:
            return [_standing(dispute)]
        case d.PressureCalled(reason=reason):
            return [item("dispute", dispute.id, "pressure_called", reason=reason.value)]
        case n.SaleDenied() | n.PartyRefused() | n.PartySilent() | n.Moved():
            return _denied(dispute, event)
        case d.Disagreed(status=status, ours=ours):
            return [item("dispute", dispute.id, "wallet_disagrees", wallet=status, ours=ours.value)]
        case d.Offered(offer=offer):
            return [_run_out(dispute, offer.due, offer.id)] if offer.due else []
        case d.Agreed(refunds=refunds) | d.RefundOrdered(refunds=refunds):
            return _refunds(dispute, refunds)
        case d.PerformanceClaimed(refund_no=number, trade_no=trade) if _can_be_found(dispute, number):
            return [
                Task(
                    kind="find_refund",
                    noun="dispute",
                    subject=dispute.id,
                    destination=f"wallet:{dispute.wallet}",
                    payload={"refund_no": number, "trade_no": trade},
                )
            ]
        case _:
            return []


def _at_the_wallet(dispute: Dispute, event: d.Mirrored) -> list[Task]:
    """Times that run there are noted when they end, and the merchant is reminded of the new ones; pictures come."""
    remind = dict(event.wallet_reminders)
    fresh = [clock for clock in event.wallet_dues if clock.rule in remind]
    tasks = [_notice(dispute, Role.merchant, clock.rule.value, at=remind[clock.rule], expects=clock) for clock in fresh]
    tasks += [_ends(dispute, clock) for clock in fresh]
    if event.images:
        destination = f"pictures:{dispute.wallet}"
        payload: dict[str, object] = {"event": event.wallet_event}
        kind = "case_pictures"
        tasks.append(Task(kind=kind, noun="dispute", subject=dispute.id, destination=destination, payload=payload))
    return tasks


def _beside(dispute: Dispute) -> list[Task]:
    """Where an agreement lets the other side read it, that side is told too."""
    if not dispute.seen_by:
        return []
    return [_notice(dispute, Role.merchant, "filed_beside", merchant=dispute.seen_by)]


def _filed(dispute: Dispute, event: d.Filed) -> list[Task]:
    """Where no wallet vouches for the purchase none is asked, and no rule says yes to what nothing proves."""
    reach = [_check_reached(dispute, event.reach)] if event.reach else []
    always = [_mark(dispute), *reach, *_beside(dispute)]
    if dispute.unverified:
        return always
    proofs = [_proof(dispute, paid) for paid in dispute.payments if not paid.proven]
    return [_standing(dispute), *always, *proofs]


def _again(dispute: Dispute, event: he.Arrived | he.Stayed) -> list[Task]:
    """Clocks that stood still nowhere are waited for here (again); a merchant new to it is asked as by a filing."""
    open_offers = [each for each in dispute.offers if each.status is OfferStatus.open and each.due]
    clocks = [_run_out(dispute, each.due, each.id) for each in open_offers if each.due]
    if isinstance(event, he.Stayed) or event.reach is None:
        return clocks
    proofs = [_proof(dispute, paid) for paid in dispute.payments if not paid.proven]
    return [*clocks, _standing(dispute), _check_reached(dispute, event.reach), *proofs]


def _denied(dispute: Dispute, event: n.SaleDenied | n.PartyRefused | n.PartySilent | n.Moved) -> list[Task]:
    """The named party is asked, and a timer waits for it; where there is none, or it says no, an officer is."""
    match event:
        case n.SaleDenied(to=to, until=until) if to is not None and dispute.may_move:
            ask = _notice(dispute, Role.merchant, "sale_asked", merchant=to.merchant)
            payload: dict[str, object] = {"denied_at": event.at.isoformat()}
            wait = Task(kind="pass_denial", noun="dispute", subject=dispute.id, at=until, payload=payload)
            return [ask, wait if until else item("dispute", dispute.id, "sale_denied")]
        case n.Moved():
            gone = _notice(dispute, Role.merchant, "moved_on", merchant=dispute.former[-1].merchant)
            return [gone, Task(kind="pass_on", noun="dispute", subject=dispute.id)]
        case _:
            return [item("dispute", dispute.id, "sale_denied")]


def _told_wallet(dispute: Dispute, event: d.AnyEvent) -> list[Task]:
    """What the wallet hears where it holds the case too: the merchant's every answer, the officer's word, the money."""
    match event:
        case d.Said(by=by, words=words, pictures=pictures) if by in {Role.merchant, Role.officer}:
            return _to_wallet(dispute, "reply", words=words, pictures=list(pictures))
        case d.Answered(words=words, pictures=pictures) if words:
            return _to_wallet(dispute, "feedback", code="04", words=words, pictures=list(pictures))
        case d.Offered(offer=offer) if offer.by is not Role.consumer:
            return _to_wallet(dispute, "offer", offer=offer.id)
        case n.SaleDenied(words=words):
            return _to_wallet(dispute, "reply", words=words, pictures=[])
        case d.OfferDeclined(by=Role.merchant, words=words):
            return _to_wallet(dispute, "feedback", code="04", words=words, pictures=[])
        case d.Agreed(offer=offer_id, refunds=refunds):
            made = dispute.offer(offer_id)
            told = "agreed" if made and made.by is not Role.merchant else ""
            act = "approve" if refunds else told
            return _to_wallet(dispute, act, offer=offer_id) if act else []
        case d.PerformanceClaimed() if dispute.agreement is not None and not _gives_back(dispute):
            return _to_wallet(dispute, "performed", offer=dispute.agreement.id)
        case d.RefundSeen(verified=True):
            return _to_wallet(dispute, "feedback", code="02", words="", pictures=[])
        case d.Mediated(memo=memo, agency=agency):
            return _to_wallet(dispute, "finish", memo=memo, agency=agency)
        case _:
            return []


def _can_be_found(dispute: Dispute, number: str) -> bool:
    """Whether there is a wallet in which to look for a refund by its number."""
    return bool(number) and not dispute.unverified and _gives_back(dispute)


def _gives_back(dispute: Dispute) -> bool:
    """Whether a refund performs what was agreed: one made by hand stands in for one of ours that failed."""
    return dispute.agreement is not None and dispute.agreement.remedy in REFUNDS


def _told(dispute: Dispute, event: d.AnyEvent) -> list[tuple[Role, str]]:  # noqa: C901, PLR0911, PLR0912  one flat table of events
    """Who is told by a message of their own; templates are named after what happened."""
    if isinstance(event, h.HandoffEvent):
        return told_of_handoff(event)
    if isinstance(event, he.HomingEvent):
        return told_of_homing(event)
    both = [Role.consumer, Role.merchant]
    match event:
        case d.Filed():
            return [(Role.merchant, "filed")] if dispute.merchant else []
        case d.Said(by=by) if by in both:
            return [(side, "said") for side in both if side is not by]
        case d.Said(by=Role.officer) | d.Taken() | d.MultiplesOpened():
            return [(side, "officer_acts") for side in both]
        case d.Answered():
            return [(Role.consumer, "answered")]
        case d.Offered(offer=offer):
            return [(side, "offered") for side in both if side is not offer.by]
        case d.OfferAccepted(by=by):
            return [(side, "proposal_accepted") for side in both if side is not by]
        case d.OfferDeclined(by=by):
            return [(side, "declined") for side in both if side is not by]
        case d.OfferExpired(offer=offer):
            made = dispute.offer(offer)
            return [(made.by, "offer_expired")] if made and made.by in both else []
        case d.LimitNamed() | d.BidsMissed():
            return _told_of_limits(event)
        case d.Agreed():
            return [(side, "agreed") for side in both]
        case d.RefundFailed():
            return [(Role.merchant, "refund_failed")]
        case d.PerformanceClaimed():
            return [(Role.consumer, "performed")]
        case d.PerformanceDenied():
            return [(Role.merchant, "denied")]
        case d.Unperformed():
            return [(side, "unperformed") for side in both]
        case d.WentOverdue():
            return [] if dispute.wallet_leads else [(Role.consumer, "overdue")]
        case d.Unreached():
            return [(Role.consumer, "unreached")]
        case d.Escalated(because="no_seller"):
            return []
        case d.Escalated():
            return [(side, "escalated") for side in both]
        case d.Mediated():
            return [(side, "mediated") for side in both]
        case d.Settled():
            return [(Role.consumer, "settled"), (Role.merchant, "settled")]
        case d.Lapsed():
            return [(Role.consumer, "lapsed")]
        case d.Reopened():
            return [(Role.merchant, "reopened")]
        case d.Withdrawn():
            return [(Role.merchant, "withdrawn")]
        case d.PressureCalled() | d.PressureJudged():
            return _told_of_pressure(event)
        case n.SaleDenied() | n.PartyRefused() | n.PartySilent() | n.DenialJudged() | n.Moved():
            return _told_of_denial(event)
        case (
            d.Mirrored() | w.WalletTimeOver() | w.WalletPictures() | d.Linked()
            | d.Disagreed() | d.Said() | d.RefundOrdered() | d.RefundSeen()
            | d.PaymentProven() | d.PayerKnown() | d.PerformanceConfirmed() | d.Rated() | d.BidsMet() | d.Reached()
            | d.SlipIssued() | d.MandateWithdrawn() | d.CustodyChanged()
        ):  # fmt: skip
            return []
        case _:
            assert_never(event)


def _told_of_limits(event: d.LimitNamed | d.BidsMissed) -> list[tuple[Role, str]]:
    said = "bids_missed" if isinstance(event, d.BidsMissed) else "limits_named" if event.closed else "limit_named"
    return [(side, said) for side in (Role.consumer, Role.merchant) if side is not event.by]


def _told_of_pressure(event: d.PressureCalled | d.PressureJudged) -> list[tuple[Role, str]]:
    if isinstance(event, d.PressureCalled):
        return [(Role.consumer, "pressure_called")]
    return [(side, "pressure_judged") for side in (Role.consumer, Role.merchant)]


def _told_of_denial(event: n.DenialEvent) -> list[tuple[Role, str]]:
    both = [Role.consumer, Role.merchant]
    match event:
        case n.SaleDenied():
            return [(Role.consumer, "sale_denied")]
        case n.PartyRefused() | n.PartySilent():
            return [(Role.consumer, "denial_passed")]
        case n.DenialJudged(upheld=False):
            return [(side, "denial_wrong") for side in both]
        case n.DenialJudged(moves=moves):
            return [] if moves else [(side, "denial_right") for side in both]
        case n.Moved():
            return [(side, "moved") for side in both]
        case _:
            assert_never(event)
