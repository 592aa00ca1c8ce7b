"""Folding events gives the row: the only place that says what an event changes."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.merchants import events as e
from hejie.merchants.answering import AnswerLeave
from hejie.merchants.deciding_contacts import contacts_after
from hejie.merchants.model import Account, Authorisation, Ending, Enrolment, Merchant, Staff, State
from hejie.merchants.odr import spans_with
from hejie.merchants.office import Office


def evolve(merchant: Merchant | None, event: e.AnyEvent) -> Merchant:
    """The row after one more event; `None` stands for nothing yet."""
    if merchant is None:
        if not isinstance(event, e.MerchantRegistered):
            raise AssertionError(f"a merchant begins with MerchantRegistered, not {type(event).__name__}")
        return _begin(event)
    return replace(_changed(merchant, event), version=merchant.version + 1, changed_at=event.at)


def _begin(event: e.MerchantRegistered) -> Merchant:
    return Merchant(
        city=event.city,
        id=event.id,
        version=1,
        credit_code=event.credit_code,
        name=event.name,
        kind=event.kind,
        state=State.invited,
        registered_at=event.at,
        changed_at=event.at,
    )


def _changed(merchant: Merchant, event: e.AnyEvent) -> Merchant:
    match event:
        case e.MerchantRegistered():
            raise AssertionError("a merchant is registered once")
        case e.EnrolmentAsked():
            return merchant
        case e.EnrolmentNoted() | e.EnrolmentClosing():
            return _enrolment(merchant, event)
        case e.AuthorisationGranted() | e.AuthorisationWithdrawn() | e.AuthorisationExpired():
            return _authorisation(merchant, event)
        case (
            e.ContactSet()
            | e.ContactAdded()
            | e.ContactVerified()
            | e.ContactsOrdered()
            | e.ContactRemoved()
            | e.ContactFailed()
        ):
            return replace(merchant, contacts=contacts_after(merchant.contacts, event))
        case (
            e.AnsweringSet() | e.RoleLimitsSet() | e.TargetSet() | e.DigestSet() | e.RepliesSet() | e.CoversSet()
        ):  # fmt: skip
            return replace(merchant, office=_office(merchant.office, event))
        case e.OdrSet(span=span):
            return replace(merchant, odr=spans_with(merchant.odr, span))
        case e.AnswersLet() | e.AnswersStopped():
            return _answer_leaves(merchant, event)
        case _:
            return _house(merchant, event)


def _house(
    merchant: Merchant,
    event: e.ShopAdded | e.StaffAdded | e.StaffRemoved | e.Invited | e.StandingRulesSet | e.LinkLimitSet,
) -> Merchant:
    match event:
        case e.ShopAdded(shop=shop):
            return replace(merchant, shops=(*merchant.shops, shop))
        case e.StaffAdded(staff=staff):
            return replace(merchant, staff=(*_others(merchant, staff.person), staff))
        case e.StaffRemoved(person=person):
            return replace(merchant, staff=_others(merchant, person))
        case e.Invited(at=at):
            return replace(merchant, invited_at=at)
        case e.StandingRulesSet(rules=rules):
            return replace(merchant, standing_rules=rules)
        case e.LinkLimitSet(limit_fen=limit):
            return replace(merchant, link_limit_fen=limit)
        case _:
            assert_never(event)


def _answer_leaves(merchant: Merchant, event: e.AnswersLet | e.AnswersStopped) -> Merchant:
    kept = tuple(each for each in merchant.answer_leaves if each.acquirer != event.acquirer)
    if isinstance(event, e.AnswersStopped):
        return replace(merchant, answer_leaves=kept)
    leave = AnswerLeave(
        acquirer=event.acquirer, most_fen=event.most_fen, given_at=event.at, expires_at=event.expires_at
    )
    return replace(merchant, answer_leaves=(*kept, leave))


def _office(
    office: Office,
    event: e.AnsweringSet | e.RoleLimitsSet | e.TargetSet | e.DigestSet | e.RepliesSet | e.CoversSet,
) -> Office:
    match event:
        case e.AnsweringSet(rules=rules):
            return replace(office, answering=rules)
        case e.RoleLimitsSet(limits=limits):
            return replace(office, role_limits=limits)
        case e.TargetSet(hours=hours):
            return replace(office, target_hours=hours)
        case e.DigestSet(digest=digest):
            return replace(office, digest=digest, digest_since=event.at if digest else None)
        case e.RepliesSet(replies=replies):
            return replace(office, replies=replies)
        case e.CoversSet(covers=covers):
            return replace(office, covers=covers)
        case _:
            assert_never(event)


def _others(merchant: Merchant, person: str) -> tuple[Staff, ...]:
    return tuple(staff for staff in merchant.staff if staff.person != person)


def _enrolment(merchant: Merchant, event: e.EnrolmentNoted | e.EnrolmentClosing) -> Merchant:
    old = merchant.account(event.wallet, event.account)
    match event:
        case e.EnrolmentNoted():
            new = Account(
                wallet=event.wallet,
                account=event.account,
                kind=event.kind,
                enrolment=event.enrolment,
                status=event.status,
                notice=event.notice,
                trade_no=event.trade_no,
            )
        case e.EnrolmentClosing():
            if old is None:
                raise AssertionError("only a known account is closed")
            new = replace(old, enrolment=Enrolment.closing)
        case _:
            assert_never(event)
    known = tuple(new if account is old else account for account in merchant.accounts)
    accounts = known if old else (*known, new)
    return replace(merchant, accounts=accounts, state=_state(accounts))


def _state(accounts: tuple[Account, ...]) -> State:
    steps = {account.enrolment for account in accounts}
    if steps & {Enrolment.open, Enrolment.closing}:
        return State.enrolled
    return State.closed if steps == {Enrolment.closed} else State.invited


def _authorisation(
    merchant: Merchant, event: e.AuthorisationGranted | e.AuthorisationWithdrawn | e.AuthorisationExpired
) -> Merchant:
    old = merchant.authorisation(event.wallet, event.account)
    match event:
        case e.AuthorisationGranted():
            new = Authorisation(
                wallet=event.wallet,
                account=event.account,
                content=event.content,
                granted_at=event.at,
                expires_at=event.expires_at,
            )
        case e.AuthorisationWithdrawn() | e.AuthorisationExpired():
            if old is None:
                raise AssertionError("only a given authority ends")
            ending = Ending.withdrawn if isinstance(event, e.AuthorisationWithdrawn) else Ending.expired
            new = replace(old, ended_at=event.at, ending=ending)
        case _:
            assert_never(event)
    kept = tuple(each for each in merchant.authorisations if each is not old)
    return replace(merchant, authorisations=(*kept, new))
