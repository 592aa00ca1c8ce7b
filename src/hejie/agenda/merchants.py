"""What an event of a merchant brings: the wallet is asked, an authority is renewed, its contacts hear of changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from hejie.agenda.task import Task, item
from hejie.merchants import events as me
from hejie.merchants import model as m

RENEW_BEFORE = timedelta(days=7)
"""How long before its end an authority is renewed."""


def for_merchant(merchant: m.Merchant, event: me.AnyEvent) -> list[Task]:
    """What an event of a merchant brings: the wallet is asked, an authority is renewed and ends in time."""
    match event:
        case me.MerchantRegistered():
            return [Task(kind="take_announced", noun="merchant", subject=merchant.id)]
        case me.Invited():
            return [_invitation(merchant, event)]
        case me.EnrolmentAsked(wallet=wallet, trade_no=trade_no, account=account):
            asked: dict[str, object] = {"wallet": wallet, "trade_no": trade_no, "account": account}
            return [_enrolment(merchant, "enrol", wallet, asked)]
        case me.EnrolmentClosing(wallet=wallet, account=account):
            return [_enrolment(merchant, "close_enrolment", wallet, {"wallet": wallet, "account": account})]
        case me.EnrolmentNoted(wallet=wallet, account=account, enrolment=m.Enrolment.opening):
            return [_enrolment(merchant, "ask_enrolment", wallet, {"wallet": wallet, "account": account})]
        case me.EnrolmentNoted():
            return [Task(kind="tell_units_of", noun="merchant", subject=merchant.id)]
        case me.AuthorisationGranted(wallet=wallet, account=account, expires_at=ends):
            payload: dict[str, object] = {"wallet": wallet, "account": account, "ends": ends.isoformat()}
            renew = _enrolment(merchant, "renew_authority", wallet, payload, at=ends - RENEW_BEFORE)
            end = Task(kind="end_authority", noun="merchant", subject=merchant.id, at=ends, payload=payload)
            bills = Task(
                kind="statement", noun="merchant", subject=merchant.id, destination=f"bills:{wallet}", payload=payload
            )
            return [renew, end, bills]
        case me.ContactSet() | me.ContactAdded() | me.ContactRemoved() | me.ContactFailed():
            return _contact(merchant, event)
        case me.DigestSet(at=since, first_at=first) if first is not None:
            return [_digest(merchant, since, first)]
        case _:
            return []


def _digest(merchant: m.Merchant, since: datetime, first: datetime) -> Task:
    payload: dict[str, object] = {"since": since.isoformat()}
    destination = f"sms:{merchant.city}"
    return Task(kind="digest", noun="merchant", subject=merchant.id, destination=destination, at=first, payload=payload)


def _invitation(merchant: m.Merchant, event: me.Invited) -> Task:
    told: dict[str, object] = {"contact": event.contact, "at": event.at.isoformat(), "campaign": event.campaign}
    to = f"sms:{merchant.city}"
    return Task(kind="invite", noun="merchant", subject=merchant.id, destination=to, payload=told)


def _contact(
    merchant: m.Merchant, event: me.ContactSet | me.ContactAdded | me.ContactRemoved | me.ContactFailed
) -> list[Task]:
    match event:
        case me.ContactSet(told=told, content=content):
            return _contact_told(merchant, "added", content, told)
        case me.ContactAdded(told=told, contact=contact):
            return _contact_told(merchant, "added", contact.id, told)
        case me.ContactRemoved(told=told, contact=removed):
            return _contact_told(merchant, "removed", removed, told)
        case me.ContactFailed(why=why):
            return [item("merchant", merchant.id, "contact_failed", why=why)]


def _contact_told(merchant: m.Merchant, what: str, contact: str, told: tuple[str, ...]) -> list[Task]:
    """The numbers in use hear of a change, each by a message of its own."""
    return [
        Task(
            kind="tell_contact",
            noun="merchant",
            subject=merchant.id,
            destination=f"sms:{merchant.city}",
            payload={"what": what, "contact": contact, "to": each},
        )
        for each in told
    ]


def _enrolment(
    merchant: m.Merchant, kind: str, wallet: str, payload: dict[str, object], at: datetime | None = None
) -> Task:
    return Task(kind=kind, noun="merchant", subject=merchant.id, destination=f"wallet:{wallet}", at=at, payload=payload)
