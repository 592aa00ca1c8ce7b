"""What a merchant is: a legal entity with shops, staff, standing rules, accounts and authorities."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hejie.merchants.answering import AnswerLeave, Answers
from hejie.merchants.contacts import Channel, Contact, ladder
from hejie.merchants.odr import OdrSpan
from hejie.merchants.office import Office
from hejie.merchants.standing import StandingRule


class Kind(StrEnum):
    """What kind of legal entity stands behind the credit code."""

    enterprise = "enterprise"
    individual = "individual"
    """个体工商户."""


class State(StrEnum):
    """How far a merchant takes part; it follows from its accounts."""

    invited = "invited"
    """Known, no account open yet."""
    enrolled = "enrolled"
    closed = "closed"
    """Every account it had is closed."""


class AccountKind(StrEnum):
    """How a merchant holds an account at a wallet."""

    direct = "direct"
    indirect = "indirect"
    """Through an acquirer (间连), found by a sample payment."""


class Enrolment(StrEnum):
    """How far the opening is for one account, in our words; the wallet's own stand beside it."""

    opening = "opening"
    open = "open"
    closing = "closing"
    closed = "closed"


class Rank(StrEnum):
    """What a member of staff is; `access` says what each may do."""

    owner = "owner"
    manager = "manager"
    clerk = "clerk"


class Ending(StrEnum):
    """Why an authority is no more."""

    withdrawn = "withdrawn"
    expired = "expired"


class Shop(Struct, frozen=True, kw_only=True):
    """One place of business (门店), a stall included."""

    id: str
    name: str
    district: str
    """Six-digit division code, within the merchant's city."""
    address: str
    category: str = ""
    """Trade category, a GB/T 4754 code or empty."""


class Staff(Struct, frozen=True, kw_only=True):
    """One person's place in the merchant."""

    person: str
    rank: Rank
    refund_limit_fen: int = 0
    """Most that this person may give away in one answer, where their role's limit is not higher already."""
    shops: tuple[str, ...] = ()
    """Shops this person works for; empty for all."""

    @property
    def desk(self) -> Answers:
        """Where this person sits: who works for all shops is the head office's."""
        return Answers.shop if self.shops else Answers.office

    def works_for(self, shop: str) -> bool:
        """Whether a shop's disputes are this person's to see."""
        return not self.shops or shop in self.shops


class Account(Struct, frozen=True, kw_only=True):
    """One account at one wallet, and how far the function is opened for it."""

    wallet: str
    account: str
    kind: AccountKind
    enrolment: Enrolment
    status: str = ""
    """The wallet's own word."""
    notice: str = ""
    """Non-blocking defects the wallet mentions."""
    trade_no: str = ""
    """The sample payment an indirect account was found by."""


class Authorisation(Struct, frozen=True, kw_only=True):
    """The merchant's authority to act on one account; the token itself lies sealed elsewhere."""

    wallet: str
    account: str
    content: str
    """Content identifier of the sealed token."""
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ending: Ending | None = None

    def valid(self, now: datetime) -> bool:
        """Whether it may be used at this instant."""
        return self.ended_at is None and now < self.expires_at


class Merchant(Struct, frozen=True, kw_only=True):
    """A merchant's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    credit_code: str
    name: str
    kind: Kind
    state: State
    registered_at: datetime
    changed_at: datetime
    contacts: tuple[Contact, ...] = ()
    """In the order in which they are tried."""
    invited_at: datetime | None = None
    """When it was last asked to join."""
    link_limit_fen: int = 0
    """An answer from a case link that costs more needs a one-time code."""
    shops: tuple[Shop, ...] = ()
    staff: tuple[Staff, ...] = ()
    standing_rules: tuple[StandingRule, ...] = ()
    accounts: tuple[Account, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    office: Office = Office()
    answer_leaves: tuple[AnswerLeave, ...] = ()
    odr: tuple[OdrSpan, ...] = ()
    """When it is, or was, a 12315 ODR enterprise; never two at once."""

    def shop(self, identifier: str) -> Shop | None:
        """The shop of that identifier."""
        return next((shop for shop in self.shops if shop.id == identifier), None)

    def member(self, person: str) -> Staff | None:
        """A person's place in the merchant."""
        return next((staff for staff in self.staff if staff.person == person), None)

    def account(self, wallet: str, account: str) -> Account | None:
        """One account at one wallet."""
        return next((each for each in self.accounts if (each.wallet, each.account) == (wallet, account)), None)

    def authorisation(self, wallet: str, account: str) -> Authorisation | None:
        """The latest authority over one account, ended or not."""
        return next((each for each in self.authorisations if (each.wallet, each.account) == (wallet, account)), None)

    def authority(self, wallet: str, account: str, now: datetime) -> Authorisation | None:
        """The authority that may be used now over one account; none means no refund by API."""
        found = self.authorisation(wallet, account)
        return found if found and found.valid(now) else None

    def answer_leave(self, acquirer: str, now: datetime) -> AnswerLeave | None:
        """The leave by which an acquirer may answer now; none means that it may not."""
        return next((each for each in self.answer_leaves if each.acquirer == acquirer and each.holds(now)), None)

    def is_odr(self, now: datetime) -> bool:
        """Whether it is a 12315 ODR enterprise on this instant's Shanghai day."""
        return any(each.holds(now) for each in self.odr)

    def contact(self, identifier: str) -> Contact | None:
        """The contact of that identifier."""
        return next((contact for contact in self.contacts if contact.id == identifier), None)

    def ladder(self, shop: str) -> tuple[Contact, ...]:
        """The contacts that are tried for a shop's dispute, the first first."""
        return ladder(self.contacts, shop)

    def number_for(self, shop: str) -> str:
        """Content identifier of the first number for a shop's disputes, empty where there is none."""
        return next((each.content for each in self.ladder(shop) if each.channel is Channel.sms), "")

    def needs_code(self, amount_fen: int) -> bool:
        """Whether an answer from a case link that costs so much needs a one-time code."""
        return amount_fen > self.link_limit_fen

    def most_of(self, staff: Staff) -> int | None:
        """Most that this person may give away in one answer, in fen; none for an owner, who has no limit."""
        if staff.rank is Rank.owner:
            return None
        return max(staff.refund_limit_fen, self.office.role_limit(staff.rank))

    def may_give(self, staff: Staff, amount_fen: int) -> bool:
        """Whether an answer costing so much is within this person's limit."""
        most = self.most_of(staff)
        return most is None or amount_fen <= most

    def approvers(self, person: str, amount_fen: int, shop: str) -> tuple[Staff, ...]:
        """Colleagues who could let an answer pass that is above this person's own limit."""
        others = (staff for staff in self.staff if staff.person != person and staff.works_for(shop))
        return tuple(staff for staff in others if self.may_give(staff, amount_fen))
