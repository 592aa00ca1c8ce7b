"""What a dispute is: its claim, its payments, its offers, its clocks and its end."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.money import CNY
from hejie.cities.dues import Due, Rule
from hejie.cities.wallet_dues import earliest
from hejie.disputes.assist import Assist
from hejie.disputes.away import Away
from hejie.disputes.bidding import Bidding
from hejie.disputes.denying import Denial, Former
from hejie.disputes.handoff import Handoff, Odr
from hejie.disputes.opened import Opened
from hejie.disputes.pressure import Pressure
from hejie.disputes.promised import Promised
from hejie.disputes.states import OPEN, OWES_ANSWER, State
from hejie.merchants.agreements import Under


class Remedy(StrEnum):
    """What is asked or offered (诉求 / 和解方案)."""

    refund_full = "refund_full"
    refund_part = "refund_part"
    exchange = "exchange"
    goods_return = "goods_return"
    repair = "repair"
    voucher = "voucher"
    apology = "apology"
    compensation = "compensation"
    """Beyond the price: never booked as a refund."""
    other = "other"


REFUNDS = frozenset({Remedy.refund_full, Remedy.refund_part, Remedy.goods_return})
"""Remedies whose amount is a refund of the payment."""
NEEDS_AMOUNT = REFUNDS | {Remedy.compensation}


class Road(StrEnum):
    """How an agreed thing is performed (履行), shown to both before they agree."""

    api = "api"
    """Refund by us through the wallet, under the merchant's own authorisation."""
    own_tool = "own_tool"
    """Refund by the merchant in its own wallet tool, then seen by query or bill file."""
    by_hand = "by_hand"
    """Transfer, cash, goods or a deed, with proof and the consumer's confirmation."""


class OfferStatus(StrEnum):
    """What became of an offer."""

    open = "open"
    accepted = "accepted"
    declined = "declined"
    replaced = "replaced"
    expired = "expired"


class Performance(StrEnum):
    """How far the agreed thing is."""

    none = "none"
    awaited = "awaited"
    claimed = "claimed"
    """The merchant says it is done."""
    seen = "seen"
    """Verified: the wallet's own word or file shows the money."""
    confirmed = "confirmed"
    """The consumer says so."""
    denied = "denied"
    """The consumer says it is not so."""
    failed = "failed"
    """The wallet refused the refund."""


class Outcome(StrEnum):
    """How an ended dispute is counted; silence is never success."""

    performed = "performed"
    """Agreed, and the money was seen at the wallet."""
    confirmed = "confirmed"
    """The consumer said it is solved."""
    unconfirmed = "unconfirmed"
    """The consumer's time ran out, performance was verified."""
    silent = "silent"
    """The consumer's time ran out, nothing verified."""
    withdrawn = "withdrawn"
    mediated = "mediated"
    unsettled = "unsettled"
    """An officer closed it without an agreement."""


class Origin(StrEnum):
    """At which door a dispute was born; it decides who leads which field."""

    here = "here"
    wallet = "wallet"


class Paid(Struct, frozen=True, kw_only=True):
    """One disputed payment; amounts in fen."""

    trade_no: str
    paid_fen: int
    before_fen: int = 0
    """Refunded before this dispute."""
    paid_at: datetime
    proven: bool
    """False for a payment known only from a consumer's file."""
    item: str = ""

    @property
    def left_fen(self) -> int:
        """What could still be refunded when it was filed."""
        return self.paid_fen - self.before_fen


class Claim(Struct, frozen=True, kw_only=True):
    """What the consumer asks (诉求)."""

    remedy: Remedy
    amount_fen: int = 0
    should_have_been_fen: int | None = None
    """For a wrong amount: what it should have been."""


class Offer(Struct, frozen=True, kw_only=True):
    """One proposed settlement (和解方案); the claim itself is the first, `claim`."""

    id: str
    by: Role
    remedy: Remedy
    amount_fen: int = 0
    road: Road
    note: str = ""
    """Content identifier of the words beside it."""
    made_at: datetime
    due: Due | None = None
    """When it expires; the claim does not."""
    status: OfferStatus = OfferStatus.open
    accepted_by: tuple[Role, ...] = ()
    """For an officer's proposal: who has agreed so far."""


class OrderedRefund(Struct, frozen=True, kw_only=True):
    """One refund by API under the agreement: its key is minted with the agreement, before anything is sent."""

    key: str
    trade_no: str
    amount_fen: int
    status: str = "ordered"
    """`ordered`, `seen` or `failed`."""
    code: str = ""


class Survey(Struct, frozen=True, kw_only=True):
    """What the consumer said after the end; no answer stays no answer."""

    solved: bool
    mood: int
    """1 (bad) to 5 (good)."""


class Dispute(Struct, frozen=True, kw_only=True):
    """A dispute's row: folding its events from nothing gives exactly this."""

    city: str
    home: str
    """The city that decides; the others that had it keep a copy."""
    id: str
    version: int
    turn: int = 0
    """How often its home has been offered to another city, counted through all of them."""
    homing: int = 0
    """How many of its versions here were steps between the cities, and not its record."""
    arrived: str = ""
    """The hand-over by which it came here; empty where it was born here and has never come back."""
    sent_by: str = ""
    """The city it came from by it."""
    away: Away | None = None
    """Where it is or goes, unless it is here."""
    state: State
    consumer: str
    merchant: str
    shop: str
    district: str
    origin: Origin
    wallet: str
    wallet_event: str = ""
    wallet_status: str = ""
    wallet_at: datetime | None = None
    """When the wallet last changed a case it leads, by its own word: older words come too late."""
    wallet_dues: tuple[Due, ...] = ()
    """The times that the wallet itself gives the merchant, beside ours, the earlier first."""
    wallet_over: tuple[Rule, ...] = ()
    """Which of them ran out since the payer complained (again)."""
    wallet_images: int = 0
    """How many pictures of the payer the wallet has named."""
    wallet_seen: tuple[str, ...] = ()
    """Keyed digests of those that were looked at."""
    problem: str
    called: str = ""
    """The wallet's own word for what happened, where the city's settings do not know it."""
    undue: bool
    """An undue payment: a wrong amount or a double charge."""
    currency: str = CNY
    claim: Claim
    payments: tuple[Paid, ...]
    escalates_by_itself: bool
    filed_at: datetime
    changed_at: datetime
    due: Due | None = None
    """The clock that runs now."""
    late: bool = False
    answered: bool = False
    offers: tuple[Offer, ...] = ()
    agreed: str = ""
    agreed_at: datetime | None = None
    agreed_base_fen: int = 0
    """What had been refunded before the agreement: only what comes after performs it."""
    unperformed: bool = False
    performance: Performance = Performance.none
    refunds: tuple[OrderedRefund, ...] = ()
    refunded_fen: int = 0
    """Refund money seen at the wallet since filing."""
    unreached_at: datetime | None = None
    """When the merchant was given up as unreachable."""
    reached_at: datetime | None = None
    """When it was told after all."""
    escalated_at: datetime | None = None
    escalated_because: str = ""
    officer: str = ""
    authority: str = ""
    """The authority it was passed to; empty for that of its district."""
    offered_to: str = ""
    """The authority that is asked to take it."""
    offered_by: str = ""
    agency: str = ""
    memo: str = ""
    """Content identifier of the officer's closing statement."""
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    reopen_due: Due | None = None
    survey: Survey | None = None
    bidding: Bidding | None = None
    """The round of blind bids that is open, where somebody has named a limit."""
    rounds_missed: int = 0
    """Rounds in which the limits did not meet."""
    report: str = ""
    """The safety report that went before; it lives and ends by itself."""
    pressure: Pressure | None = None
    """The merchant's word that the claim is pressure, and the decision on it."""
    standing_held: bool = False
    """The merchant's silence here must count in no figure: a person has still to decide, or found it right."""
    denial: Denial | None = None
    """The merchant's "not my sale" that waits to be decided."""
    named: tuple[str, ...] = ()
    """Merchants that have been named as the seller: nobody is named twice."""
    former: tuple[Former, ...] = ()
    """Who had it before, in the order in which it moved."""
    denied_by: tuple[str, ...] = ()
    """Merchants that have denied the sale: each does so once."""
    denied_falsely: str = ""
    """The merchant whose denial an officer found untrue: it counts against it."""
    promise: Promised | None = None
    """The promise that it says was not kept, in the words shown when it was paid."""
    under: Under | None = None
    """What an agreement between merchants means for it, as it was at the filing; none any more once it has moved."""

    @property
    def seen_by(self) -> str:
        """The merchant that may read it beside its own, as an agreement says; empty for none."""
        return self.under.other if self.under and self.under.other_sees else ""

    @property
    def counts_for(self) -> tuple[str, ...]:
        """The merchants whose record it counts for."""
        return self.under.counts_for if self.under else (self.merchant,)

    assist: Assist | None = None
    """Who filed it for the consumer; none where they filed it themselves."""
    multiples: Opened | None = None
    """The question of more than the price, once an officer has opened it."""
    handoff: Handoff | None = None
    """Its way to 12315, beside its state; the latest, where one came back."""
    odr: Odr | None = None
    """The time in which an ODR enterprise negotiates before it."""

    @property
    def may_move(self) -> bool:
        """Whether it can become another merchant's: a wallet that holds the case knows one merchant only."""
        return self.origin is Origin.here and not self.wallet_event

    @property
    def asked(self) -> str:
        """The merchant that is asked whether the sale was its own, empty for none."""
        return self.denial.asks if self.denial and self.may_move else ""

    @property
    def is_open(self) -> bool:
        """Whether its payments are taken: elsewhere too, until its home says that it has ended."""
        if self.away is not None and self.away.summary is not None:
            return not self.away.summary.is_over
        return self.state in OPEN

    @property
    def unreachable(self) -> bool:
        """Whether the merchant counts as unreachable rather than silent."""
        return self.unreached_at is not None and self.reached_at is None and not self.answered

    @property
    def wallet_leads(self) -> bool:
        """Whether the wallet leads its status and both deadlines: it was born there."""
        return self.origin is Origin.wallet

    @property
    def answer_by(self) -> Due | None:
        """What ends first of our clock and those of the wallet, while it is the merchant who must act."""
        if self.state not in OWES_ANSWER:
            return self.due
        return earliest((self.due, *(each for each in self.wallet_dues if each.rule not in self.wallet_over)))

    @property
    def left_fen(self) -> int:
        """What may still be refunded of its payments."""
        return sum(paid.left_fen for paid in self.payments) - self.refunded_fen

    @property
    def refund_under_way(self) -> bool:
        """Whether a refund was ordered whose end is not known yet."""
        return any(refund.status == "ordered" for refund in self.refunds)

    @property
    def unverified(self) -> bool:
        """Whether no wallet can ever vouch for the purchase: it is settled directly between the two."""
        return self.assist is not None

    @property
    def proven(self) -> bool:
        """Whether every payment is proven: only then may a refund go out by API."""
        return not self.unverified and all(paid.proven for paid in self.payments)

    @property
    def agreement(self) -> Offer | None:
        """The offer that was agreed, if any."""
        return self.offer(self.agreed) if self.agreed else None

    def offer(self, identifier: str) -> Offer | None:
        """The offer of that identifier."""
        return next((offer for offer in self.offers if offer.id == identifier), None)

    def open_offer(self, by: Role) -> Offer | None:
        """The standing offer of one side."""
        return next((o for o in reversed(self.offers) if o.by is by and o.status is OfferStatus.open), None)
