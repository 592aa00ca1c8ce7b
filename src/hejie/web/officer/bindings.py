"""Payment identities of a merchant: an officer links one, ends it where it moves on, and undoes a wrong one."""

from __future__ import annotations

from datetime import UTC, datetime

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.bindings import BINDINGS
from hejie.edge.forms import Checks, one_of
from hejie.edge.texts import clean_text
from hejie.merchants.bindings import (
    MOST_WORDS,
    WALLETS,
    Basis,
    Bind,
    Command,
    End,
    Evidence,
    Identity,
    Scheme,
    Undo,
)
from hejie.queries.bindings import bindings_of
from hejie.web.officer import merchants
from hejie.web.shell import Answer, Visit, act

_FIELDS = {"identity_unreadable": "bound_number", "binding_days": "bound_from", "binding_overlaps": "bound_from"}


@act("/officer/merchants/{id:str}/bindings", role=Role.officer)
async def bind(visit: Visit) -> Answer:
    """Link an identity to this merchant, with what it rests on."""
    check, form, merchant = Checks(), visit.form, visit.path("id")
    scheme = check("scheme", one_of, Scheme, form.word("scheme"), default=Scheme.acquirer)
    basis = check("basis", one_of, Basis, form.word("basis"), default=Basis.registered)
    begins = check("bound_from", _instant, form.word("bound_from"), default=datetime.min)  # noqa: DTZ901  refused then
    note = check("bound_words", clean_text, form.text("bound_words"), MOST_WORDS, needed=True, default="")
    if check:
        return visit.refuse(merchants.PAGE, check, **await merchants.context(visit))
    issuer = "" if scheme in WALLETS | {Scheme.paycode} else form.word("bound_issuer")
    command = Bind(
        id=visit.desk.mint(visit.city),
        identity=Identity(scheme, form.word("bound_number"), issuer),
        merchant=merchant,
        shop=form.word("bound_shop"),
        begins=begins,
        evidence=Evidence(basis=basis, note=note, source=visit.actor.organisation),
    )
    return await _do(visit, command.id, command, "bound")


@act("/officer/merchants/{id:str}/bindings/end", role=Role.officer)
async def end(visit: Visit) -> Answer:
    """End one at an instant: the merchant has given the number up, or somebody else has it now."""
    try:
        note = clean_text(visit.form.text("end_words"), MOST_WORDS, needed=True)
        command = End(at=_instant(visit.form.word("ends_at")), note=note)
    except Refused as why:
        return visit.refuse(merchants.PAGE, why, "bindings", **await merchants.context(visit))
    return await _do(visit, await _own(visit), command, "unlinked")


@act("/officer/merchants/{id:str}/bindings/undo", role=Role.officer)
async def undo(visit: Visit) -> Answer:
    """Undo one that was wrong from the begin; open disputes that it brought become work items."""
    try:
        command = Undo(note=clean_text(visit.form.text("undo_words"), MOST_WORDS, needed=True))
    except Refused as why:
        return visit.refuse(merchants.PAGE, why, "bindings", **await merchants.context(visit))
    return await _do(visit, await _own(visit), command, "undone")


async def _own(visit: Visit) -> str:
    """The binding that was named, if it is this merchant's; `Missing("binding_unknown")`."""
    wanted = visit.form.word("binding")
    async with visit.connection() as connection:
        found = await bindings_of(connection, visit.city, visit.path("id"))
    if wanted not in {each.id for each in found}:
        raise Missing("binding_unknown")
    return wanted


async def _do(visit: Visit, identifier: str, command: Command, done: str) -> Answer:
    try:
        await visit.desk.act(BINDINGS, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        field = _FIELDS.get(why.code, "bindings") if isinstance(command, Bind) else "bindings"
        return visit.refuse(merchants.PAGE, why, field, **await merchants.context(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done={done}")


def _instant(word: str) -> datetime:
    """A day and hour of Shanghai, as a form's field gives it (`2026-11-30T18:00`)."""
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise Refused("moment_unreadable") from None
    return (found if found.tzinfo else found.replace(tzinfo=SHANGHAI)).astimezone(UTC)


ROUTES = (bind, end, undo)
