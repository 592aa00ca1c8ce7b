"""What has happened to a dispute; folding these alone gives the row."""

from __future__ import annotations

from datetime import datetime

from hejie.base.actor import Role
from hejie.cities.custody import Change
from hejie.cities.dues import Due, Rule
from hejie.disputes.assist import Assist, Holder
from hejie.disputes.denial_events import DenialEvent
from hejie.disputes.event import Event
from hejie.disputes.handoff_events import HandoffEvent
from hejie.disputes.homing_events import HomingEvent
from hejie.disputes.model import Claim, Offer, OrderedRefund, Origin, Outcome, Paid, Road
from hejie.disputes.pressure import Reason
from hejie.disputes.promised import Promised
from hejie.disputes.states import State
from hejie.disputes.wallet_events import WalletEvent
from hejie.law.entitlement_facts import Multiple
from hejie.merchants.agreements import Under


class Filed(Event, frozen=True, kw_only=True, tag="Filed"):
    """A dispute began, here or in the wallet."""

    city: str
    id: str
    consumer: str
    merchant: str
    shop: str
    district: str
    origin: Origin
    wallet: str
    problem: str
    undue: bool
    claim: Claim
    road: Road
    payments: tuple[Paid, ...]
    words: str
    pictures: tuple[str, ...]
    escalates_by_itself: bool
    due: Due | None
    report: str = ""
    """The safety report that went before."""
    reach: Due | None = None
    """When a merchant whom nothing has reached by then is told to be unreachable."""
    under: Under | None = None
    """What an agreement between merchants means for it."""
    assist: Assist | None = None
    promise: Promised | None = None
    """What it says was not kept."""
    called: str = ""
    """The wallet's own word for what happened, where the city's settings do not know it."""
    copied_to: str = ""
    """The city that has this line with the whole record of a dispute that was born in another."""


class Mirrored(Event, frozen=True, kw_only=True, tag="Mirrored"):
    """The wallet's word on a case it leads: status and both deadlines are its own."""

    wallet_event: str
    status: str
    state: State
    due: Due | None
    escalated_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    wallet_dues: tuple[Due, ...] = ()
    """The times that run there beside ours."""
    wallet_reminders: tuple[tuple[Rule, datetime], ...] = ()
    """When the merchant is reminded of each of those that are new."""
    images: int = 0
    """The payer's pictures that the wallet has not named before."""


class Linked(Event, frozen=True, kw_only=True, tag="Linked"):
    """The same payment was complained of at the wallet's door too: one dispute, two doors."""

    wallet_event: str
    status: str


class Disagreed(Event, frozen=True, kw_only=True, tag="Disagreed"):
    """The wallet and we hold different states where we lead: for a person to look at."""

    status: str
    ours: State


class Said(Event, frozen=True, kw_only=True, tag="Said"):
    """A message or evidence."""

    by: Role
    words: str
    pictures: tuple[str, ...]
    phrase: str = ""
    """The ready sentence with which the words begin: each reader reads it in its own language."""


class Answered(Event, frozen=True, kw_only=True, tag="Answered"):
    """The merchant answered without an offer."""

    words: str
    pictures: tuple[str, ...]
    late: bool
    due: Due | None
    reminders: tuple[datetime, ...]


class Offered(Event, frozen=True, kw_only=True, tag="Offered"):
    """An offer, counter-offer or proposal; one's own standing offer is replaced by it."""

    offer: Offer
    state: State
    late: bool
    due: Due | None
    """The clock of the side that must answer now; None leaves the running clock."""
    reminders: tuple[datetime, ...]


class OfferAccepted(Event, frozen=True, kw_only=True, tag="OfferAccepted"):
    """One side agreed to an officer's proposal; the other is still asked."""

    offer: str
    by: Role


class OfferDeclined(Event, frozen=True, kw_only=True, tag="OfferDeclined"):
    """One side said no."""

    offer: str
    by: Role
    words: str
    late: bool = False
    state: State
    due: Due | None
    reminders: tuple[datetime, ...]


class OfferExpired(Event, frozen=True, kw_only=True, tag="OfferExpired"):
    """Nobody accepted it in its time."""

    offer: str


class LimitNamed(Event, frozen=True, kw_only=True, tag="LimitNamed"):
    """One side named a secret limit; of it there is only the commitment here."""

    by: Role
    round: int
    commitment: str
    public: str
    closed: str


class BidsMet(Event, frozen=True, kw_only=True, tag="BidsMet"):
    """The two limits met: the middle between them is agreed in the same breath."""

    round: int
    offer: Offer


class BidsMissed(Event, frozen=True, kw_only=True, tag="BidsMissed"):
    """The two limits did not meet, and nobody knows more than that."""

    round: int
    by: Role
    """Who had them compared."""


class Agreed(Event, frozen=True, kw_only=True, tag="Agreed"):
    """Both sides agree (和解协议); with the road `api` the refunds are ordered in the same breath."""

    offer: str
    road: Road
    state: State
    late: bool
    due: Due | None
    refunds: tuple[OrderedRefund, ...]


class RefundOrdered(Event, frozen=True, kw_only=True, tag="RefundOrdered"):
    """Failed refunds are tried again under fresh keys."""

    refunds: tuple[OrderedRefund, ...]


class RefundSeen(Event, frozen=True, kw_only=True, tag="RefundSeen"):
    """Money went back, by the wallet's own word."""

    key: str
    trade_no: str
    amount_fen: int
    verified: bool
    """Whether all that was agreed (or claimed, without an agreement) has now been seen."""


class PaymentProven(Event, frozen=True, kw_only=True, tag="PaymentProven"):
    """The wallet's word agrees with a payment that was known only from a file."""

    trade_no: str


class PayerKnown(Event, frozen=True, kw_only=True, tag="PayerKnown"):
    """The wallet's word on who paid replaces that of a file: the dispute is theirs."""

    trade_no: str
    consumer: str


class RefundFailed(Event, frozen=True, kw_only=True, tag="RefundFailed"):
    """The wallet said no for good to one refund."""

    key: str
    code: str


class PerformanceClaimed(Event, frozen=True, kw_only=True, tag="PerformanceClaimed"):
    """The merchant says it has done it."""

    refund_no: str
    trade_no: str
    words: str
    pictures: tuple[str, ...]


class PerformanceConfirmed(Event, frozen=True, kw_only=True, tag="PerformanceConfirmed"):
    """The consumer says it has come."""


class PerformanceDenied(Event, frozen=True, kw_only=True, tag="PerformanceDenied"):
    """The consumer says it has not come."""

    words: str
    state: State
    due: Due | None
    reminders: tuple[datetime, ...]


class Unperformed(Event, frozen=True, kw_only=True, tag="Unperformed"):
    """What was agreed was not seen in its time: both are told, escalation is open again."""

    state: State = State.awaiting_consumer
    due: Due | None
    reminders: tuple[datetime, ...]


class WentOverdue(Event, frozen=True, kw_only=True, tag="WentOverdue"):
    """The merchant's time ran out."""


class Unreached(Event, frozen=True, kw_only=True, tag="Unreached"):
    """In its time nothing reached the merchant: it is counted unreachable, not silent. No clock stops."""


class Reached(Event, frozen=True, kw_only=True, tag="Reached"):
    """After all, the merchant was told."""


class Escalated(Event, frozen=True, kw_only=True, tag="Escalated"):
    """The officer is asked in."""

    because: str
    """`asked` by the consumer, `silence` of the merchant, `unreached` where nobody could tell it, `safety`, or
    `no_seller` where nobody knows who made the sale."""


class Taken(Event, frozen=True, kw_only=True, tag="Taken"):
    """An officer took the case."""

    officer: str
    agency: str


class CustodyChanged(Event, frozen=True, kw_only=True, tag="CustodyChanged"):
    """With whom it lies among the officers has changed, or is about to; no clock moves."""

    change: Change
    words: str = ""
    """The officer's reason, for officers alone."""


class Mediated(Event, frozen=True, kw_only=True, tag="Mediated"):
    """The officer closed it."""

    officer: str
    agency: str
    memo: str
    outcome: Outcome


class Settled(Event, frozen=True, kw_only=True, tag="Settled"):
    """It is over, and settled."""

    outcome: Outcome


class Lapsed(Event, frozen=True, kw_only=True, tag="Lapsed"):
    """The consumer's time ran out with nothing verified: counted silent, open to one tap for a while."""

    reopen_due: Due


class Reopened(Event, frozen=True, kw_only=True, tag="Reopened"):
    """The consumer came back in time."""

    due: Due
    reminders: tuple[datetime, ...]


class Withdrawn(Event, frozen=True, kw_only=True, tag="Withdrawn"):
    """The consumer took it back."""


class Rated(Event, frozen=True, kw_only=True, tag="Rated"):
    """The consumer's two taps after the end."""

    solved: bool
    mood: int


class PressureCalled(Event, frozen=True, kw_only=True, tag="PressureCalled"):
    """The merchant calls the claim pressure, or not about daily consumption: an officer is asked, nothing stops."""

    reason: Reason
    words: str
    late: bool
    """Whether the merchant's time had run out before."""
    ran_until: datetime | None
    """When it would have run out, where it ran."""


class PressureJudged(Event, frozen=True, kw_only=True, tag="PressureJudged"):
    """An officer decided on it."""

    upheld: bool
    words: str


class SlipIssued(Event, frozen=True, kw_only=True, tag="SlipIssued"):
    """A new slip was made for the person or the relative; the link on the one before stops."""

    holder: Holder


class MandateWithdrawn(Event, frozen=True, kw_only=True, tag="MandateWithdrawn"):
    """The relative acts for the person no longer."""


class MultiplesOpened(Event, frozen=True, kw_only=True, tag="MultiplesOpened"):
    """An officer opened the question whether more than the price is owed; nothing is decided."""

    ground: Multiple
    words: str


AnyEvent = (
    Filed | Mirrored | Linked | Disagreed | Said | Answered | Offered | OfferAccepted | OfferDeclined | OfferExpired
    | LimitNamed | BidsMet | BidsMissed
    | Agreed | RefundOrdered | RefundSeen | PaymentProven | PayerKnown | RefundFailed | PerformanceClaimed
    | PerformanceConfirmed
    | PerformanceDenied | Unperformed | WentOverdue | Unreached | Reached | Escalated | Taken | Mediated | Settled
    | Lapsed | Reopened | Withdrawn | Rated | PressureCalled | PressureJudged | DenialEvent | WalletEvent
    | SlipIssued | MandateWithdrawn | MultiplesOpened | HandoffEvent | CustodyChanged | HomingEvent
)  # fmt: skip


def words_of(event: AnyEvent) -> str:
    """The name of what somebody wrote with an event; empty where nothing was written."""
    match event:
        case Offered(offer=offer):
            return offer.note
        case Mediated(memo=memo):
            return memo
        case _:
            return getattr(event, "words", "")
