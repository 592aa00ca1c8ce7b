"""What has happened to a merchant; folding these alone gives the row."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.merchants.answering import AnsweringRule, Cover
from hejie.merchants.contacts import Contact
from hejie.merchants.model import AccountKind, Enrolment, Kind, Shop, Staff
from hejie.merchants.odr import OdrSpan
from hejie.merchants.office import Digest, Reply, RoleLimit
from hejie.merchants.standing import StandingRule


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class MerchantRegistered(Event, frozen=True, kw_only=True, tag=True):
    """A legal entity became known to a city."""

    city: str
    id: str
    credit_code: str
    name: str
    kind: Kind


class ShopAdded(Event, frozen=True, kw_only=True, tag=True):
    """A place of business was added."""

    shop: Shop


class StaffAdded(Event, frozen=True, kw_only=True, tag=True):
    """A person got a place, or another one than before."""

    staff: Staff


class StaffRemoved(Event, frozen=True, kw_only=True, tag=True):
    """A person lost their place."""

    person: str


class ContactSet(Event, frozen=True, kw_only=True, tag=True):
    """Another contact, of a shop or of the whole merchant."""

    content: str
    shop: str
    told: tuple[str, ...] = ()
    """Contents of the contacts that hear of it."""


class ContactAdded(Event, frozen=True, kw_only=True, tag=True):
    """A further rung, verified where an officer took it down."""

    contact: Contact
    told: tuple[str, ...]


class ContactVerified(Event, frozen=True, kw_only=True, tag=True):
    """A contact proved to be the merchant's, or to be so again."""

    contact: str


class ContactsOrdered(Event, frozen=True, kw_only=True, tag=True):
    """Another order from now on."""

    contacts: tuple[str, ...]


class ContactRemoved(Event, frozen=True, kw_only=True, tag=True):
    """A contact is no longer the merchant's."""

    contact: str
    told: tuple[str, ...]


class ContactFailed(Event, frozen=True, kw_only=True, tag=True):
    """A contact does not reach the merchant; it is not used until it is verified anew."""

    contact: str
    why: str


class Invited(Event, frozen=True, kw_only=True, tag=True):
    """It was asked to join."""

    contact: str
    """Content identifier of whom the invitation goes to."""
    campaign: str = ""


class StandingRulesSet(Event, frozen=True, kw_only=True, tag=True):
    """Other standing rules from now on."""

    rules: tuple[StandingRule, ...]


class LinkLimitSet(Event, frozen=True, kw_only=True, tag=True):
    """Another limit for answers from a case link."""

    limit_fen: int


class AnsweringSet(Event, frozen=True, kw_only=True, tag=True):
    """Other rules of who answers, for disputes that come from now on."""

    rules: tuple[AnsweringRule, ...]


class RoleLimitsSet(Event, frozen=True, kw_only=True, tag=True):
    """Other limits for roles."""

    limits: tuple[RoleLimit, ...]


class TargetSet(Event, frozen=True, kw_only=True, tag=True):
    """Another time of the chain's own."""

    hours: int


class DigestSet(Event, frozen=True, kw_only=True, tag=True):
    """Messages are gathered otherwise from now on."""

    digest: Digest | None
    first_at: datetime | None
    """When the first one goes; none where nothing is gathered any more."""


class RepliesSet(Event, frozen=True, kw_only=True, tag=True):
    """Other prepared replies."""

    replies: tuple[Reply, ...]


class CoversSet(Event, frozen=True, kw_only=True, tag=True):
    """Other absences."""

    covers: tuple[Cover, ...]


class EnrolmentAsked(Event, frozen=True, kw_only=True, tag=True):
    """A wallet is to be asked to open the function."""

    wallet: str
    trade_no: str
    account: str = ""


class EnrolmentNoted(Event, frozen=True, kw_only=True, tag=True):
    """A wallet told how far the opening is for one account."""

    wallet: str
    account: str
    kind: AccountKind
    enrolment: Enrolment
    status: str
    notice: str
    trade_no: str


class EnrolmentClosing(Event, frozen=True, kw_only=True, tag=True):
    """A wallet is to be asked to switch the function off for one account."""

    wallet: str
    account: str


class AuthorisationGranted(Event, frozen=True, kw_only=True, tag=True):
    """The merchant gave or renewed its authority over one account."""

    wallet: str
    account: str
    content: str
    expires_at: datetime


class AuthorisationWithdrawn(Event, frozen=True, kw_only=True, tag=True):
    """The merchant took its authority back."""

    wallet: str
    account: str


class AuthorisationExpired(Event, frozen=True, kw_only=True, tag=True):
    """An authority's time ran out without renewal."""

    wallet: str
    account: str


class AnswersLet(Event, frozen=True, kw_only=True, tag=True):
    """An acquirer may answer in the merchant's name."""

    acquirer: str
    most_fen: int
    expires_at: datetime


class AnswersStopped(Event, frozen=True, kw_only=True, tag=True):
    """It may no longer."""

    acquirer: str


class OdrSet(Event, frozen=True, kw_only=True, tag=True):
    """It is a 12315 ODR enterprise in this time."""

    span: OdrSpan


ContactEvent = ContactSet | ContactAdded | ContactVerified | ContactsOrdered | ContactRemoved | ContactFailed
AnyEvent = (
    MerchantRegistered
    | ShopAdded
    | StaffAdded
    | StaffRemoved
    | ContactEvent
    | Invited
    | StandingRulesSet
    | LinkLimitSet
    | AnsweringSet
    | RoleLimitsSet
    | TargetSet
    | DigestSet
    | RepliesSet
    | CoversSet
    | EnrolmentAsked
    | EnrolmentNoted
    | EnrolmentClosing
    | AuthorisationGranted
    | AuthorisationWithdrawn
    | AuthorisationExpired
    | AnswersLet
    | AnswersStopped
    | OdrSet
)
