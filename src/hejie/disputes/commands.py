"""What people, timers and wallets may ask of a dispute."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.blind import Limit
from hejie.disputes.assist import Assist, Holder
from hejie.disputes.denying import DenialReason
from hejie.disputes.model import Claim, Outcome, Remedy, Road
from hejie.disputes.pressure import Reason
from hejie.law.entitlement_facts import Multiple


class File(Struct, frozen=True, kw_only=True):
    """Open a dispute on one or several payments of one payer to one merchant."""

    id: str
    trades: tuple[str, ...]
    problem: str
    claim: Claim
    words: str = ""
    """Content identifier of what the consumer wrote."""
    pictures: tuple[str, ...] = ()
    escalates_by_itself: bool = True
    report: str = ""
    """The safety report that went before, where the problem is a danger."""
    consumer: str = ""
    """For whom an officer or clerk files; whoever files for themselves leaves it and what follows out."""
    assist: Assist | None = None
    promise: str = ""
    """The promise that it says was not kept, of those shown when it was paid."""
    read_back: bool = False
    """The whole text was read to the person, who agreed."""


class Mirror(Struct, frozen=True, kw_only=True):
    """What the wallet says of a case: taken over where it was born there, compared where it is linked."""

    id: str
    """The identifier for a case we do not know yet."""
    consumer: str
    wallet: str
    event: str
    status: str
    problem: str
    claim: Claim
    trade_no: str
    words: str = ""
    called: str = ""
    """The wallet's own word for what happened, where the city's settings do not know it."""
    images: int = 0
    """How many pictures of the payer the wallet names by now."""
    created_at: datetime
    modified_at: datetime
    begun_at: datetime | None = None
    """From when the merchant's time runs where the wallet tells no `answer_due`: ours counts then."""
    answer_due: datetime | None
    confirm_due: datetime | None
    escalated_at: datetime | None
    finished_at: datetime | None


class TakePictures(Struct, frozen=True, kw_only=True):
    """Pictures that the wallet named were fetched: those that are evidence now, and digests of all looked at."""

    pictures: tuple[str, ...]
    seen: tuple[str, ...]
    refused: int = 0


class Say(Struct, frozen=True, kw_only=True):
    """A message into the talk, with pictures as evidence."""

    words: str = ""
    pictures: tuple[str, ...] = ()
    phrase: str = ""
    """The name of the ready sentence with which the words begin."""


class Answer(Struct, frozen=True, kw_only=True):
    """The merchant's answer without an offer: a refusal, or an explanation (the wallet's feedback)."""

    words: str
    pictures: tuple[str, ...] = ()


class MakeOffer(Struct, frozen=True, kw_only=True):
    """Offer, counter-offer, or an officer's proposal; it replaces one's own standing offer."""

    id: str
    remedy: Remedy
    amount_fen: int = 0
    road: Road | None = Road.by_hand
    """None for the best that is open."""
    words: str = ""


class AcceptOffer(Struct, frozen=True, kw_only=True):
    """Agree to the other side's offer (for the merchant, `claim` is the consumer's); `road` only with the claim."""

    offer: str
    road: Road | None = None


class DeclineOffer(Struct, frozen=True, kw_only=True):
    """Say no to the other side's offer."""

    offer: str
    words: str = ""


class NameLimit(Struct, frozen=True, kw_only=True):
    """Name a secret limit: only that it was named comes here (`hejie.base.blind`)."""

    commitment: str
    public: str
    closed: str = ""
    """Content identifier of the limit, closed for the side that has named its own before."""


class CompareLimits(Struct, frozen=True, kw_only=True):
    """Both limits, for a moment: a command is never stored."""

    consumer: Limit
    merchant: Limit


class Withdraw(Struct, frozen=True):
    """The consumer takes the dispute back."""


class Escalate(Struct, frozen=True):
    """The consumer asks the officer in (转12315)."""


class ClaimPerformed(Struct, frozen=True, kw_only=True):
    """The merchant says it has done what was agreed, with proof or the refund's number."""

    refund_no: str = ""
    trade_no: str = ""
    words: str = ""
    pictures: tuple[str, ...] = ()


class RetryRefund(Struct, frozen=True):
    """The merchant mended what stopped the refund: try those that failed again, under fresh keys."""


class Confirm(Struct, frozen=True):
    """The consumer says it is solved."""


class Deny(Struct, frozen=True, kw_only=True):
    """The consumer says what was agreed has not come."""

    words: str = ""


class SeeRefund(Struct, frozen=True, kw_only=True):
    """Refund money was seen at the wallet: by answer, query or bill file."""

    key: str
    trade_no: str
    amount_fen: int


class Prove(Struct, frozen=True, kw_only=True):
    """A trade query agreed with a payment that was known only from a file, in number, amount and day."""

    trade_no: str


class KnowPayer(Struct, frozen=True, kw_only=True):
    """The wallet vouched for who paid: a dispute begun from a file is the payer's, whoever brought the file."""

    trade_no: str
    consumer: str


class RefundFails(Struct, frozen=True, kw_only=True):
    """The wallet refused one of our refunds for good."""

    key: str
    code: str


class RunOut(Struct, frozen=True, kw_only=True):
    """A clock has run out; does nothing if another clock runs by now."""

    rule: str
    at: datetime
    offer: str = ""


class NoteReach(Struct, frozen=True, kw_only=True):
    """Whether the merchant could be told of the dispute at all, by receipts and by people who went there."""

    reached: bool


class Reopen(Struct, frozen=True):
    """One tap within the reopening time after a lapse."""


class Take(Struct, frozen=True):
    """An officer takes the case."""


class Close(Struct, frozen=True, kw_only=True):
    """The officer closes with a memo and the agency's name."""

    memo: str
    agency: str
    outcome: Outcome


class EndByMediation(Struct, frozen=True, kw_only=True):
    """The authority's mediation has ended; the house closes the dispute with its officer, memo and agency."""

    officer: str
    memo: str
    agency: str
    outcome: Outcome


class Rate(Struct, frozen=True, kw_only=True):
    """The consumer's two taps after the end."""

    solved: bool
    mood: int


class CallPressure(Struct, frozen=True, kw_only=True):
    """The merchant calls the claim pressure, or not about daily consumption: a person shall decide."""

    reason: Reason
    words: str


class JudgePressure(Struct, frozen=True, kw_only=True):
    """The officer's decision on that call."""

    upheld: bool
    words: str


class OpenMultiples(Struct, frozen=True, kw_only=True):
    """The officer opens the question whether more than the price is owed, with a reason; it decides nothing."""

    ground: Multiple
    words: str


class Named(Struct, frozen=True, kw_only=True):
    """A merchant, and its shop where it is known; the desk looks both up."""

    merchant: str
    shop: str = ""


class DenySale(Struct, frozen=True, kw_only=True):
    """The merchant says that it did not make this sale, and who did, if it knows."""

    reason: DenialReason
    words: str
    to: Named | None = None


class TakeSale(Struct, frozen=True, kw_only=True):
    """The named party says whether it made the sale."""

    ours: bool
    words: str = ""


class PassDenial(Struct, frozen=True, kw_only=True):
    """The named party's time is over; does nothing if the denial of that instant is decided by now."""

    at: datetime


class JudgeDenial(Struct, frozen=True, kw_only=True):
    """An officer decides whether the merchant was right and, where it was, whose sale it was, if that is known."""

    upheld: bool
    words: str
    to: Named | None = None


class IssueSlip(Struct, frozen=True, kw_only=True):
    """A new slip for the person or the relative, in place of a lost one."""

    holder: Holder = Holder.person


class WithdrawMandate(Struct, frozen=True):
    """The person, or the relative, takes the mandate back."""


DenialCommand = DenySale | TakeSale | PassDenial | JudgeDenial
OnExisting = (
    TakePictures | Say | Answer | MakeOffer | AcceptOffer | DeclineOffer | NameLimit | CompareLimits
    | Withdraw | Escalate | ClaimPerformed | RetryRefund
    | Confirm | Deny | SeeRefund | Prove | KnowPayer | RefundFails | RunOut | NoteReach | Reopen | Take | Close | Rate
    | CallPressure | JudgePressure | DenialCommand | IssueSlip | WithdrawMandate
    | OpenMultiples | EndByMediation
)  # fmt: skip
Command = File | Mirror | OnExisting
