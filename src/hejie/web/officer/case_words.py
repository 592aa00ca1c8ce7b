"""How far refunds and messages of a dispute are, in words; phone numbers as an officer may see them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hejie.edge.words import mark, say
from hejie.payments.refund import Refund, RefundState, Source
from hejie.queries.record import Notice
from hejie.web import story_labels

_STATES: Mapping[RefundState, tuple[str, str]] = {
    RefundState.ordered: (mark("ordered, not sent yet"), ""),
    RefundState.sending: (mark("being sent"), ""),
    RefundState.unknown: (mark("outcome unknown, the wallet is asked"), "warn"),
    RefundState.accepted: (mark("taken by the wallet, money not seen yet"), ""),
    RefundState.succeeded: (mark("money seen at the wallet"), "good"),
    RefundState.failed: (mark("did not go through"), "bad"),
    RefundState.with_person: (mark("outcome unknown, a person must find out"), "bad"),
}
_SOURCES: Mapping[Source, str] = {
    Source.api: mark("by the platform"),
    Source.own_tool: mark("by the merchant in its own tool"),
}
_TEMPLATES: Mapping[str, str] = {
    "filed": mark("a dispute was filed"),
    "said": mark("a new message"),
    "officer_acts": mark("an officer has taken part"),
    "odr_begun": mark("the ODR enterprise negotiates first"),
    "handoff": mark("news of the hand-off to 12315"),
    "handoff_back": mark("12315 did not take it up"),
    "handed_over": mark("the case is being handed to another city"),
    "taken_there": mark("another city has taken the case"),
    "stays_here": mark("the case stays in this city"),
    "ended_there": mark("the case has ended in the other city"),
    "answered": mark("the merchant answered"),
    "offered": mark("a new offer"),
    "proposal_accepted": mark("the other side agreed to the proposal"),
    "declined": mark("the offer was declined"),
    "offer_expired": mark("the offer has expired"),
    "agreed": mark("both sides agreed"),
    "refund_failed": mark("a refund did not go through"),
    "performed": mark("the merchant says it is done"),
    "denied": mark("the consumer says it has not come"),
    "unperformed": mark("what was agreed was not seen in time"),
    "overdue": mark("the merchant's time has run out"),
    "unreached": mark("the merchant could not be reached"),
    "escalated": mark("the case went to the authority"),
    "mediated": mark("the authority closed the case"),
    "mediation_received": mark("the authority has the case"),
    "mediation_accepted": mark("the authority has accepted the case"),
    "mediation_stopped": mark("an appraisal has begun"),
    "mediation_resumed": mark("the appraisal is over"),
    "mediation_agreed": mark("an agreement was reached before the authority"),
    "mediation_confirm": mark("the time for confirmation by a court is nearly over"),
    "settled": mark("the case is settled"),
    "lapsed": mark("the case ended without the consumer's word"),
    "reopened": mark("the consumer opened the case again"),
    "withdrawn": mark("the consumer withdrew the dispute"),
    "limit_named": mark("the other side named a secret limit"),
    "limits_named": mark("both sides named a secret limit"),
    "bids_missed": mark("the secret limits did not meet"),
    "pressure_called": mark("the merchant asked an officer to look at the claim"),
    "pressure_judged": mark("an officer decided on the merchant's concern"),
    "filed_beside": mark("a dispute that the other side of the agreement answers"),
    "sale_denied": mark("the merchant says that it was not its sale"),
    "sale_asked": mark("a question whether it was this shop's sale"),
    "denial_passed": mark("an officer decides whose sale it was"),
    "denial_right": mark("it was not this merchant's sale"),
    "denial_wrong": mark("this merchant has to answer"),
    "moved": mark("the dispute went to another merchant"),
    "moved_on": mark("the dispute is another merchant's now"),
    "confirm_reminder": mark("a reminder to confirm"),
}
_ARRIVALS: Mapping[str, tuple[str, str]] = {
    "sending": (mark("being sent"), ""),
    "sent": (mark("sent by text message"), "good"),
    "delivered": (mark("arrived"), "good"),
    "refused": (mark("did not arrive"), "bad"),
    "shown": (mark("shown on the page only"), "warn"),
    "waiting": (mark("waits for the merchant's daily message"), ""),
}
_AUDIENCES = {"consumer": mark("Consumer"), "merchant": mark("Merchant")}


class RefundLine(Struct, frozen=True, kw_only=True):
    """One refund for people."""

    refund: Refund
    state: str
    tag: str
    source: str
    why: str


class NoticeLine(Struct, frozen=True, kw_only=True):
    """One message for people."""

    notice: Notice
    to: str
    what: str
    state: str
    tag: str


def refund_line(language: str, refund: Refund) -> RefundLine:
    """How far a refund is, and why it failed."""
    state, tag = _STATES[refund.state]
    failed = refund.state is RefundState.failed
    return RefundLine(
        refund=refund,
        state=say(language, state),
        tag=tag,
        source=say(language, _SOURCES[refund.source]),
        why=story_labels.refund_code(language, refund.code) if failed else "",
    )


def notice_line(language: str, notice: Notice) -> NoticeLine:
    """Who was told what, and whether it went out."""
    state, tag = _ARRIVALS.get(notice.status, (notice.status, ""))
    return NoticeLine(
        notice=notice,
        to=say(language, _AUDIENCES.get(notice.audience, notice.audience)),
        what=say(language, _TEMPLATES.get(notice.template, notice.template)),
        state=say(language, state),
        tag=tag,
    )


def notice_words(language: str, template: str) -> str:
    """What a message was about."""
    return say(language, _TEMPLATES.get(template, template))
