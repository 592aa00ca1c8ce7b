"""The one protocol that every wallet's connector fulfils; the house knows nothing else of wallets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from msgspec import Struct


class Trade(Struct, frozen=True, kw_only=True):
    """A payment as the wallet itself tells it."""

    trade_no: str
    order_no: str = ""
    status: str
    """The wallet's own word (`TRADE_SUCCESS`, ...)."""
    refundable: bool
    paid_fen: int
    paid_at: datetime | None = None
    payer: str = ""
    shop_name: str = ""
    terminal: str = ""


class RefundStatus(StrEnum):
    """What the wallet says of one refund, by our key."""

    succeeded = "succeeded"
    accepted = "accepted"
    """Taken, money not yet seen: ask again."""
    absent = "absent"
    """The wallet does not know the key (now): early absence is no proof of failure."""
    failed = "failed"


class RefundOrder(Struct, frozen=True, kw_only=True):
    """One refund to be made; `key` is ours, unique for ever, stored before anything is sent."""

    key: str
    trade_no: str
    amount_fen: int
    paid_fen: int = 0
    """What the payment was in all, for wallets that ask for it; 0 where it is not known."""
    ordered_at: datetime | None = None
    """When it was stored, for wallets that know a refund by number and time; None for somebody else's."""
    reason: str = ""


class RefundAnswer(Struct, frozen=True, kw_only=True):
    """The wallet's word on one refund."""

    status: RefundStatus
    key: str
    amount_fen: int = 0
    """What this very refund moved by the wallet's word (compare it with the order), 0 unless succeeded."""
    moved_at: datetime | None = None
    """When the money moved, where the wallet tells it."""
    total_refunded_fen: int | None = None
    """Cumulative refunds of the trade where the wallet tells it."""
    code: str = ""
    """The wallet's own error or sub code, for failures."""
    retryable: bool = False
    """A failure that the merchant can mend (balance short): same key may be sent again."""


class StatementRow(Struct, frozen=True, kw_only=True):
    """A line of the wallet's daily bill file."""

    trade_no: str
    order_no: str
    kind: str
    """`payment` or `refund`."""
    amount_fen: int
    """Always positive."""
    refund_key: str = ""
    finished_at: datetime | None = None
    shop: str = ""
    terminal: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """One message in a wallet-born case."""

    role: str
    """`user`, `merchant`, `platform` or `government`."""
    name: str
    content: str
    images: tuple[str, ...] = ()
    at: datetime


class WalletCase(Struct, frozen=True, kw_only=True):
    """A dispute as the wallet holds it; the wallet leads its status and both deadlines."""

    event_id: str
    status: str
    reason: str
    """What happened, in the wallet's own word."""
    titled: str = ""
    """The same in more detail, where the payer chose a title."""
    demand: str
    """What is asked for, in the wallet's own word."""
    content: str
    images: tuple[str, ...]
    phone: str
    merchant_account: str
    trade_no: str
    amount_fen: int
    """What was paid."""
    asked_fen: int = 0
    """What is to come back, where the wallet tells less than all of it; 0 where it tells none."""
    payer: str = ""
    """Who paid, as `Trade.payer` names it, where the case tells it."""
    product: str
    paid_at: datetime | None
    created_at: datetime
    modified_at: datetime
    finished_at: datetime | None
    begun_at: datetime | None = None
    """From when the merchant's time runs where the wallet tells no `answer_due`: when the payer complained (again)."""
    answer_due: datetime | None
    confirm_due: datetime | None
    escalated_at: datetime | None
    replies: tuple[Reply, ...] = ()

    @property
    def payers_images(self) -> tuple[str, ...]:
        """Addresses of all pictures that the payer gave, each once, in their order."""
        said = (image for reply in self.replies if reply.role == "user" for image in reply.images)
        return tuple(dict.fromkeys((*self.images, *said)))


class CasePage(Struct, frozen=True):
    """One page of a wallet's list of cases."""

    event_ids: tuple[str, ...]
    total: int


class Account(Struct, frozen=True, kw_only=True):
    """A merchant's account at the wallet, found by credit code or by a sample payment."""

    account: str
    kind: str
    """`direct` or `indirect` (through an acquirer)."""
    credit_code: str
    name: str = ""
    notice: str = ""
    """Non-blocking defects the wallet mentions."""


class EnrolmentStatus(Struct, frozen=True):
    """How far the opening of the function is for one account, in the wallet's own words."""

    status: str
    notice: str = ""


class Authorisation(Struct, frozen=True, kw_only=True):
    """A merchant's authority to act on its account."""

    token: str
    refresh_token: str
    account: str
    expires_at: datetime
    refresh_expires_at: datetime


class Callback(Struct, frozen=True, kw_only=True):
    """A verified message that the wallet pushed; only a hint: ask before acting on it."""

    application: str
    """To which of our applications it was sent."""
    delivery_id: str
    """Stable over re-deliveries, to drop duplicates."""
    kind: str
    """`case_changed`, `trade_changed`, `authority_withdrawn` or `other`."""
    event_id: str = ""
    account: str = ""
    """The merchant whose authority was withdrawn."""
    trade_no: str = ""
    sent_at: datetime | None = None


class Wallet(Protocol):
    """What the house asks of every wallet: payments, refunds, bills, the merchant's leave, and its pushes.

    Every method raises `Unknown(code)` for time-outs, 5xx, bad signatures and garbage,
    and `Refused(code, ...)` when the wallet's signed answer says no. `authority` is the
    merchant's own token; empty means the city's application acts for itself.
    """

    name: str

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """The payment as the wallet tells it; `Missing` if it has none of that number.

        `order_no` is the merchant's own number of it, without which some wallets tell nothing.
        """
        ...

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Move money back; safe to repeat with the same key."""
        ...

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for one refund by its key."""
        ...

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """The bill file of one Shanghai day; `Missing("statement_not_ready")` before it exists."""
        ...

    async def authorise(self, code: str) -> Authorisation:
        """Exchange a one-time code, brought back by the merchant, for its authority."""
        ...

    async def renew(self, refresh_token: str) -> Authorisation:
        """A fresh authority before the old one ends."""
        ...

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:
        """Verify and read a push.

        Errors: `Refused("signature_wrong" | "callback_stale" | "callback_unreadable" | "callback_misdirected")`.
        """
        ...


@runtime_checkable
class CaseHolder(Wallet, Protocol):
    """A wallet in which disputes can be born; errors are those of `Wallet`."""

    async def case(self, event_id: str) -> WalletCase:
        """One wallet-born case."""
        ...

    async def cases(self, begin: datetime, end: datetime, page: int) -> CasePage:
        """Event ids of cases opened in a span, newest first, pages from 1: for what a lost push did not tell."""
        ...

    async def feedback(
        self, event_id: str, code: str, content: str, images: tuple[str, ...], operator: str, authority: str = ""
    ) -> None:
        """Handling feedback on a case: the public body's, or with `authority` the merchant's own."""
        ...

    async def reply(self, event_id: str, content: str, images: tuple[str, ...], authority: str = "") -> None:
        """A message into the talk of a case."""
        ...

    async def supplement(self, event_id: str, content: str, images: tuple[str, ...], authority: str = "") -> None:
        """Further evidence for a case."""
        ...

    async def finish(self, event_id: str, memo: str, agency: str) -> None:
        """The regulator closes a case."""
        ...

    async def upload(self, picture: bytes, kind: str) -> str:
        """Put up a picture (`jpg` or `png`, at most what the wallet takes); its image id."""
        ...


@runtime_checkable
class Pictured(CaseHolder, Protocol):
    """A case holder that hands out the pictures that its cases name; errors are those of `Wallet`."""

    async def picture(self, address: str) -> bytes:
        """The bytes of a picture, as the payer gave it.

        Errors: `Unknown("reply_unreadable")` where there is none or it is no picture, and `reply_too_large`.
        """
        ...


@runtime_checkable
class Opener(CaseHolder, Protocol):
    """A case holder that tells a merchant's accounts and opens the function for them; errors are those of `Wallet`."""

    async def enrol(self, credit_code: str) -> list[Account]:
        """Open the function for every account under a credit code."""
        ...

    async def enrol_by_trade(self, credit_code: str, trade_no: str) -> Account:
        """Open it for one acquirer-mediated account, found through a sample payment."""
        ...

    async def enrolment(self, account: str, kind: str, trade_no: str = "") -> EnrolmentStatus:
        """How far the opening is."""
        ...

    async def close_enrolment(self, account: str, kind: str) -> None:
        """Switch the function off for an account."""
        ...


@runtime_checkable
class Completer(CaseHolder, Protocol):
    """A case holder in which the merchant's side grants the refund that is asked for, and says that all is done.

    The platform acts by its own leave there, so no authority is needed. Each method looks at the case first and does
    only what does not stand there yet: it is safe to repeat. An ended case is told nothing. Errors: those of `Wallet`,
    and `Refused("case_moved_on")`.
    """

    async def approve(self, event_id: str, amount_fen: int, words: str) -> None:
        """The merchant agrees to give so much back; moves no money."""
        ...

    async def complete(self, event_id: str, words: str) -> None:
        """All is done: say so in words, and have the case end."""
        ...


@runtime_checkable
class Tended(Wallet, Protocol):
    """A wallet whose connection wants care: keys of its own that change, an address for pushes that must be told."""

    async def tend(self) -> None:
        """Fetch and keep what has changed, and see that pushes come to us; safe to repeat. Errors of `Wallet`."""
        ...

    async def recall(self, headers: Mapping[str, str]) -> None:
        """Before a push is verified: take in what another process has fetched, if its key is not known here yet."""
        ...
