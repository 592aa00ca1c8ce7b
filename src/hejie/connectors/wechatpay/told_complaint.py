"""A complaint as WeChat Pay tells it (complaints-v2), and what its states mean in the words every wallet shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

MOST_FEN = 10**13
_Fen = Annotated[int, Meta(ge=0, le=MOST_FEN)]
_Instant = Annotated[datetime, Meta(tz=True)]
Number = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_-]{1,64}\Z")]
"""As WeChat Pay writes its numbers; nothing else gets on from here."""
_Word = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_]{0,64}\Z")]
_YEARS = range(2000, 2200)

PENDING, PROCESSING, PROCESSED = "PENDING", "PROCESSING", "PROCESSED"
REFUND = "REFUND"
"""The problem type of a payer who asks for money back."""
APPROVED, ANSWERED = "MERCHANT_APPROVE_REFUND", "MERCHANT_RESPONSE"
_COMPLAINED = frozenset({"USER_CREATE_COMPLAINT", "USER_CONTINUE_COMPLAINT"})
_REVOKED, _CONFIRMED = "USER_REVOKE_COMPLAINT", "USER_COMFIRM_COMPLAINT"
_REFUNDED = frozenset(
    {
        "COMPLAINT_FULL_REFUNDED_SYSTEM_MESSAGE",
        "COMPLAINT_PARTIAL_REFUNDED_SYSTEM_MESSAGE",
        "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE",
        "COMPLAINT_ENTRUSTED_REFUND_SYSTEM_MESSAGE",
    }
)


class Order(Struct, frozen=True):
    """A payment that is complained of, in fen."""

    transaction_id: Number
    amount: _Fen
    out_trade_no: str = ""


class Media(Struct, frozen=True):
    """Pictures of one kind."""

    media_type: str = ""
    media_url: tuple[str, ...] = ()


class Complaint(Struct, frozen=True):
    """GET /complaints-v2/{complaint_id}."""

    complaint_id: Number
    complaint_time: _Instant
    complaint_state: _Word
    complaint_detail: str = ""
    problem_type: _Word = ""
    problem_description: str = ""
    complainted_mchid: _Word = ""
    payer_phone: str = ""
    """RSA-OAEP by our own key."""
    payer_openid: str = ""
    complaint_order_info: tuple[Order, ...] = ()
    complaint_media_list: tuple[Media, ...] = ()
    complaint_full_refunded: bool = False
    apply_refund_amount: _Fen = 0

    def __post_init__(self) -> None:
        """A time beside all calendars makes the answer unreadable."""
        _near(self.complaint_time)


class Line(Struct, frozen=True):
    """One line of …/negotiation-historys."""

    log_id: str
    operate_time: _Instant
    operate_type: str
    operator: str = ""
    operate_details: str = ""
    image_list: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A time beside all calendars makes the answer unreadable."""
        _near(self.operate_time)


def _near(instant: datetime) -> None:
    if instant.year not in _YEARS:
        raise ValueError(instant.year)


class Standing(NamedTuple):
    """How a complaint stands: status and times in the words of `hejie.connectors.wallet.WalletCase`."""

    status: str
    modified_at: datetime
    finished_at: datetime | None


def begun(told: Complaint, lines: Sequence[Line]) -> datetime:
    """When the payer complained, or complained again."""
    return max((line.operate_time for line in lines if line.operate_type in _COMPLAINED), default=told.complaint_time)


def since_begun(told: Complaint, lines: Sequence[Line]) -> list[Line]:
    """What happened since the payer complained (again)."""
    start = begun(told, lines)
    return [line for line in lines if line.operate_time >= start]


def standing(told: Complaint, lines: Sequence[Line]) -> Standing:
    """PENDING is with the merchant (no answer tells its time); PROCESSING with the payer; PROCESSED by how it ended.

    A merchant that says itself that all is done settles nothing: without the payer's word or money that went back,
    such a case has run out in silence. A state that we do not know is handed on as it is.
    """
    changed = max((line.operate_time for line in lines), default=told.complaint_time)
    match told.complaint_state:
        case "PENDING":
            return Standing("MERCHANT_PROCESSING", changed, None)
        case "PROCESSING":
            return Standing("MERCHANT_FEEDBACKED", changed, None)
        case "PROCESSED":
            return Standing(_ended(told, since_begun(told, lines)), changed, changed)
        case other:
            return Standing(other, changed, None)


def _ended(told: Complaint, lines: Sequence[Line]) -> str:
    kinds = {line.operate_type for line in lines}
    if _REVOKED in kinds:
        return "CANCELLED"
    if _CONFIRMED in kinds or told.complaint_full_refunded or kinds & _REFUNDED:
        return "FINISHED"
    return "CLOSED"


def role(line: Line) -> str:
    """Who spoke, in the words of `hejie.connectors.wallet.Reply`."""
    if line.operate_type.startswith("USER_") and not line.operate_type.endswith("_SYSTEM_MESSAGE"):
        return "user"
    return "merchant" if line.operate_type.startswith("MERCHANT_") else "platform"
