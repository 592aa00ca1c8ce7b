"""What may be asked of a merchant's row, by its people, officers, duties and timers."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.merchants.answering import AnsweringRule, Cover
from hejie.merchants.contacts import Channel
from hejie.merchants.model import AccountKind, Enrolment, Kind, Shop, Staff
from hejie.merchants.odr import OdrSpan
from hejie.merchants.office import Digest, Reply, RoleLimit
from hejie.merchants.standing import StandingRule


class RegisterMerchant(Struct, frozen=True, kw_only=True):
    """Make a legal entity known to a city."""

    city: str
    id: str
    credit_code: str
    name: str
    kind: Kind = Kind.enterprise


class AddShop(Struct, frozen=True, kw_only=True):
    """Add a place of business."""

    shop: Shop


class AddStaff(Struct, frozen=True, kw_only=True):
    """Give a person a place in the merchant, or change the one they have."""

    staff: Staff


class RemoveStaff(Struct, frozen=True, kw_only=True):
    """Take a person's place away."""

    person: str


class SetContact(Struct, frozen=True, kw_only=True):
    """The number an officer took down, of one shop or of the whole merchant, in place of the one taken down before."""

    content: str
    """Content identifier; empty takes a shop's own contact away."""
    shop: str = ""


class AddContact(Struct, frozen=True, kw_only=True):
    """The merchant names a further number; it is not used before it is verified."""

    id: str
    content: str
    shop: str = ""


class EnrolContact(Struct, frozen=True, kw_only=True):
    """An officer takes a contact down with the merchant: it counts as verified."""

    id: str
    channel: Channel
    content: str
    shop: str = ""


class VerifyContact(Struct, frozen=True, kw_only=True):
    """The one-time code that was sent to a contact came back."""

    contact: str


class OrderContacts(Struct, frozen=True, kw_only=True):
    """In which order the contacts are tried: every one of them, once."""

    contacts: tuple[str, ...]


class RemoveContact(Struct, frozen=True, kw_only=True):
    """Take a contact away; its links open nothing any more."""

    contact: str


class FailContact(Struct, frozen=True, kw_only=True):
    """A contact does not reach the merchant, by the provider's word."""

    contact: str
    why: str


class Invite(Struct, frozen=True, kw_only=True):
    """Ask a merchant that is known and does not take part to join."""

    quiet_days: int
    """Within so many days of the last invitation there is no other."""
    shop: str = ""
    """Whose contact is asked; empty for the merchant's."""
    campaign: str = ""
    """The campaign it belongs to; empty where a customer asked for the merchant."""


class SetStandingRules(Struct, frozen=True, kw_only=True):
    """Replace all standing rules."""

    rules: tuple[StandingRule, ...]


class SetLinkLimit(Struct, frozen=True, kw_only=True):
    """Set how much an answer from a case link may cost without a one-time code."""

    limit_fen: int


class SetAnswering(Struct, frozen=True, kw_only=True):
    """Replace all rules that say who answers."""

    rules: tuple[AnsweringRule, ...]


class SetRoleLimits(Struct, frozen=True, kw_only=True):
    """Say how much each role may give away in one answer."""

    limits: tuple[RoleLimit, ...]


class SetTarget(Struct, frozen=True, kw_only=True):
    """Set the chain's own time for a first answer, in hours; 0 for none."""

    hours: int


class SetDigest(Struct, frozen=True, kw_only=True):
    """Gather messages into one a day, or no longer."""

    digest: Digest | None


class SetReplies(Struct, frozen=True, kw_only=True):
    """Replace all prepared replies."""

    replies: tuple[Reply, ...]


class SetCovers(Struct, frozen=True, kw_only=True):
    """Replace all absences and who stands in."""

    covers: tuple[Cover, ...]


class AskEnrolment(Struct, frozen=True, kw_only=True):
    """Have a wallet open the function for every account of the credit code, or for one found by a payment or named."""

    wallet: str
    trade_no: str = ""
    """A sample payment, for an account held through an acquirer."""
    account: str = ""
    """Its number, for a wallet that tells nobody a merchant's accounts."""


class NoteEnrolment(Struct, frozen=True, kw_only=True):
    """Take down how far the opening is, from the wallet's answer."""

    wallet: str
    account: str
    kind: AccountKind
    enrolment: Enrolment
    status: str = ""
    notice: str = ""
    trade_no: str = ""


class CloseEnrolment(Struct, frozen=True, kw_only=True):
    """Have the wallet switch the function off for one account, or for all that are not closed."""

    wallet: str = ""
    account: str = ""


class GrantAuthorisation(Struct, frozen=True, kw_only=True):
    """Take down an authority that the merchant gave, or its renewal; the token is already sealed."""

    wallet: str
    account: str
    content: str
    expires_at: datetime


class WithdrawAuthorisation(Struct, frozen=True, kw_only=True):
    """The merchant, or the wallet on its behalf, takes an authority back."""

    wallet: str
    account: str


class ExpireAuthorisation(Struct, frozen=True, kw_only=True):
    """A timer says that an authority's time has run out."""

    wallet: str
    account: str


ContactCommand = SetContact | AddContact | EnrolContact | VerifyContact | OrderContacts | RemoveContact | FailContact
"""What concerns how the merchant is reached."""

HouseCommand = AddShop | AddStaff | RemoveStaff | Invite | SetStandingRules | SetLinkLimit
"""What concerns the merchant's own house."""

OfficeCommand = SetAnswering | SetRoleLimits | SetTarget | SetDigest | SetReplies | SetCovers
"""How the head office works."""


class LetAnswer(Struct, frozen=True, kw_only=True):
    """Let an acquirer answer in the merchant's name until an instant, or change what it was let."""

    acquirer: str
    most_fen: int
    expires_at: datetime


class StopAnswers(Struct, frozen=True, kw_only=True):
    """Let an acquirer answer no longer."""

    acquirer: str


class SetOdr(Struct, frozen=True, kw_only=True):
    """The merchant is a 12315 ODR enterprise from one day to another; the same first day again moves the last."""

    span: OdrSpan


AccountCommand = (
    AskEnrolment | NoteEnrolment | CloseEnrolment | GrantAuthorisation | WithdrawAuthorisation | ExpireAuthorisation
    | LetAnswer | StopAnswers
)  # fmt: skip
"""What concerns its accounts at the wallets and acquirers."""

Command = RegisterMerchant | HouseCommand | ContactCommand | OfficeCommand | AccountCommand | SetOdr
