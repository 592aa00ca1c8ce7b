"""With whom a case lies: given by the head, taken, given back, passed on and answered; for disputes and work items."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities import custody as k
from hejie.cities.item_custody import custody_of
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.item_custodies import ITEM_CUSTODIES
from hejie.disputes import commands as c
from hejie.edge.texts import clean_text
from hejie.web.officer import case, items
from hejie.web.shell import Answer, Visit, act

_MOST = 500


@act("/officer/disputes/{id:str}/give", role=Role.officer)
async def give(visit: Visit) -> Answer:
    """The head gives a dispute to an officer."""
    return await _dispute(visit, k.Give(officer=visit.form.word("officer")), "given", "officer")


@act("/officer/disputes/{id:str}/back", role=Role.officer)
async def back(visit: Visit) -> Answer:
    """Whoever has a dispute gives it back with a reason."""
    return await _with_words(visit, "disputes", "back")


@act("/officer/disputes/{id:str}/pass", role=Role.officer)
async def pass_on(visit: Visit) -> Answer:
    """Offer a dispute to another authority."""
    return await _with_words(visit, "disputes", "pass")


@act("/officer/disputes/{id:str}/answer-pass", role=Role.officer)
async def answer(visit: Visit) -> Answer:
    """Say yes or no to a dispute that another authority offers."""
    return await _with_words(visit, "disputes", "answer")


@act("/officer/items/{id:str}/give", role=Role.officer)
async def give_item(visit: Visit) -> Answer:
    """The head gives an item to an officer."""
    return await _item(visit, k.Give(officer=visit.form.word("officer")), "given", "officer")


@act("/officer/items/{id:str}/take", role=Role.officer)
async def take_item(visit: Visit) -> Answer:
    """Take an item that nobody has."""
    return await _item(visit, k.TakeUp(), "taken", "take")


@act("/officer/items/{id:str}/back", role=Role.officer)
async def back_item(visit: Visit) -> Answer:
    """Whoever has an item gives it back with a reason."""
    return await _with_words(visit, "items", "back")


@act("/officer/items/{id:str}/pass", role=Role.officer)
async def pass_item(visit: Visit) -> Answer:
    """Offer an item to another authority."""
    return await _with_words(visit, "items", "pass")


@act("/officer/items/{id:str}/answer-pass", role=Role.officer)
async def answer_item(visit: Visit) -> Answer:
    """Say yes or no to an item that another authority offers."""
    return await _with_words(visit, "items", "answer")


async def _with_words(visit: Visit, noun: str, how: str) -> Answer:
    """An act with a reason; a yes needs none."""
    field, form = f"{how}_words", visit.form
    run = _dispute if noun == "disputes" else _item
    said = form.word("said")
    if how == "answer" and said not in {"yes", "no"}:
        return await _again(visit, noun, Refused("choice_missing"), "said")
    try:
        words = clean_text(form.text(field), _MOST, needed=not (how == "answer" and said == "yes"))
    except Refused as why:
        return await _again(visit, noun, why, field)
    content = [Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())] if words else []
    name = content[0].id if content else ""
    command: k.GiveBack | k.PassTo | k.AnswerPass
    match how:
        case "back":
            command = k.GiveBack(words=name)
        case "pass":
            command = k.PassTo(authority=form.word("authority"), words=name)
        case _:
            command = k.AnswerPass(accept=said == "yes", words=name)
    return await run(visit, command, {"back": "back", "pass": "passed"}.get(how, f"answered_{said}"), field, content)


async def _dispute(
    visit: Visit,
    command: k.Give | k.GiveBack | k.PassTo | k.AnswerPass,
    done: str,
    field: str,
    contents: list[Content] | None = None,
) -> Answer:
    identifier = visit.path("id")
    try:
        await visit.desk.act(
            DISPUTES,
            visit.city,
            identifier,
            c.Move(what=command),
            visit.actor,
            contents=contents or (),
            once=await visit.once(),
        )
    except HejieError as why:
        return await _again(visit, "disputes", why, field)
    return visit.go(_next(visit, "disputes", identifier, done))


async def _item(
    visit: Visit, command: k.Command, done: str, field: str, contents: list[Content] | None = None
) -> Answer:
    identifier = visit.path("id")
    try:
        await visit.desk.act(
            ITEM_CUSTODIES,
            visit.city,
            custody_of(identifier),
            command,
            visit.actor,
            contents=contents or (),
            once=await visit.once(),
        )
    except HejieError as why:
        return await _again(visit, "items", why, field)
    return visit.go(_next(visit, "items", identifier, done))


def _next(visit: Visit, noun: str, identifier: str, done: str) -> str:
    """Back to the case, or to the work list where the case may lie out of this officer's sight now."""
    stays = done in {"given", "taken", "passed"} or not visit.post.within
    return f"/officer/{noun}/{identifier}?done={done}" if stays else f"/officer/duties?done={done}"


async def _again(visit: Visit, noun: str, why: HejieError, field: str) -> Answer:
    """The case's page with what is wrong."""
    if isinstance(why, Missing) and why.code in {"missing", "dispute_unknown"}:
        raise why

    if noun == "disputes":
        return visit.refuse(case.PAGE, why, field, **await case.context(visit))
    return visit.refuse(items.PAGE, why, field, **await items.context(visit))


ROUTES = (give, back, pass_on, answer, give_item, take_item, back_item, pass_item, answer_item)
