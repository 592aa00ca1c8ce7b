"""How the head office works: who answers, limits of roles, own target, replies, leave, the daily message, cities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.base.money import fen
from hejie.desk.merchants import MERCHANTS
from hejie.edge.forms import Checks, plain
from hejie.edge.texts import clean_text
from hejie.edge.words import mark, money
from hejie.merchants import commands as m
from hejie.merchants.answering import AnsweringRule, Answers, Cover
from hejie.merchants.model import Merchant, Rank
from hejie.merchants.office import FIELDS, Digest, Reply, RoleLimit
from hejie.store.settings import settings_at
from hejie.web.merchant.case_desk import DESKS, colleagues, names_of
from hejie.web.merchant.places import places, today
from hejie.web.shell import Answer, Visit, act, page

OFFICE, PAGE = "/merchant/office", "merchant/office.html"
DONE: Mapping[str, str] = {
    "answering": mark("The rule is in force for every dispute that nobody has given to anyone yet."),
    "removed": mark("It is gone."),
    "limits": mark("The limits are set."),
    "target": mark("The target is set."),
    "digest": mark("The daily message is set."),
    "reply": mark("The reply is ready to be used."),
    "cover": mark("The absence is written down."),
    "joined": mark("The other city's disputes stand in your queue now."),
    "parted": mark("The other city's disputes no longer stand in your queue."),
}
GATHERED: Mapping[str, str] = {
    "filed": mark("A new dispute"),
    "said": mark("The customer wrote"),
    "offered": mark("The customer proposes something"),
    "declined": mark("The customer declined"),
    "offer_expired": mark("An offer has expired"),
    "agreed": mark("Agreed"),
    "denied": mark("The customer has not received it"),
    "unperformed": mark("Agreed, but not done in time"),
    "settled": mark("Settled"),
    "reopened": mark("Opened again"),
    "withdrawn": mark("Taken back"),
    "mediated": mark("Closed by the authority"),
}
"""Messages that can wait for the daily one; all others are never gathered."""
_HOURS = 24


@page(OFFICE, role=Role.merchant)
async def office(visit: Visit) -> Answer:
    """Everything on one page; a clerk sees only the cities."""
    return visit.render(PAGE, **await context(visit))


@act(f"{OFFICE}/answering", role=Role.merchant)
async def add_answering(visit: Visit) -> Answer:
    """One more rule of who answers, after those that are there."""
    here, check, form = (await places(visit))[0], Checks(), visit.form
    least = check("least", fen, form.text("least").strip() or "0", default=0)
    answers = check("answers", _answers, form.word("answers"), default=Answers.office)
    rule = AnsweringRule(
        id=visit.desk.mint(visit.city),
        answers=answers,
        least_fen=least,
        problems=tuple(form.words("problems")),
        person=form.word("person"),
    )
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    rules = (*here.merchant.office.answering, rule)
    return await _tell(visit, m.SetAnswering(rules=rules), "answering", "least")


@act(f"{OFFICE}/remove", role=Role.merchant)
async def remove(visit: Visit) -> Answer:
    """Take one rule, reply or absence away."""
    kept, form = (await places(visit))[0].merchant.office, visit.form
    gone = form.word("gone")
    match form.word("what"):
        case "answering":
            found: m.OfficeCommand = m.SetAnswering(rules=tuple(each for each in kept.answering if each.id != gone))
        case "reply":
            found = m.SetReplies(replies=tuple(each for each in kept.replies if each.id != gone))
        case "cover":
            found = m.SetCovers(covers=tuple(each for each in kept.covers if _cover_name(each) != gone))
        case _:
            raise Refused("field_unreadable")
    return await _tell(visit, found, "removed")


@act(f"{OFFICE}/limits", role=Role.merchant)
async def limits(visit: Visit) -> Answer:
    """How much each role may give in one answer."""
    check = Checks()
    most = {
        rank: check(f"limit_{rank}", fen, visit.form.text(f"limit_{rank}").strip() or "0", default=0)
        for rank in (Rank.manager, Rank.clerk)
    }
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    found = tuple(RoleLimit(rank=rank.value, limit_fen=fen_most) for rank, fen_most in most.items() if fen_most)
    return await _tell(visit, m.SetRoleLimits(limits=found), "limits", "limit_manager")


@act(f"{OFFICE}/target", role=Role.merchant)
async def target(visit: Visit) -> Answer:
    """The chain's own time for a first answer."""
    check = Checks()
    hours = check("hours", _number, visit.form.word("hours") or "0", default=0)
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    return await _tell(visit, m.SetTarget(hours=hours), "target", "hours")


@act(f"{OFFICE}/digest", role=Role.merchant)
async def digest(visit: Visit) -> Answer:
    """Which messages wait for one a day; none ticked ends it."""
    check, form = Checks(), visit.form
    hour = check("hour", _number, form.word("hour") or "9", default=9)
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    templates = tuple(name for name in GATHERED if name in set(form.words("templates")))
    found = Digest(templates=templates, hour=hour) if templates else None
    return await _tell(visit, m.SetDigest(digest=found), "digest", "hour")


@act(f"{OFFICE}/replies", role=Role.merchant)
async def add_reply(visit: Visit) -> Answer:
    """One more prepared reply, in both languages."""
    here, check, form = (await places(visit))[0], Checks(), visit.form
    name = check("reply_name", plain, form.text("reply_name"), default="")
    zh = check("zh_words", clean_text, form.text("zh_words"), needed=True, default="")
    en = check("en_words", clean_text, form.text("en_words"), needed=True, default="")
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    reply = Reply(id=visit.desk.mint(visit.city), name=name, zh=zh, en=en)
    command = m.SetReplies(replies=(*here.merchant.office.replies, reply))
    return await _tell(visit, command, "reply", "zh_words" if name else "reply_name")


@act(f"{OFFICE}/covers", role=Role.merchant)
async def add_cover(visit: Visit) -> Answer:
    """One more absence and who stands in."""
    here, check, form = (await places(visit))[0], Checks(), visit.form
    first = check("first", _day, form.word("first"), default=date.min)
    last = check("last", _day, form.word("last"), default=date.max)
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    cover = Cover(person=form.word("away"), by=form.word("cover_by"), first=first, last=last)
    day = today(visit)
    kept = tuple(each for each in here.merchant.office.covers if each.last >= day)
    return await _tell(visit, m.SetCovers(covers=(*kept, cover)), "cover", "away")


async def _tell(visit: Visit, command: m.OfficeCommand, done: str, field: str = "") -> Answer:
    """Do it to the merchant and go back; a refusal shows the page with what was typed."""
    try:
        await visit.desk.act(
            MERCHANTS, visit.city, visit.actor.organisation, command, visit.actor, once=await visit.once()
        )
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go(f"{OFFICE}?done={done}")


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's template sees."""
    seats = await places(visit)
    here, language = seats[0], visit.language
    merchant, kept = here.merchant, here.merchant.office
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        names = await names_of(connection, visit.city, merchant.id)
    problems = [(each.id, getattr(each.name, language)) for each in settings.problems]
    done = visit.query("done") if visit.request.method == "GET" else ""
    return {
        "seat": here,
        "manages": here.staff.rank is not Rank.clerk,
        "owns": here.staff.rank is Rank.owner,
        "office": kept,
        "rules": [(rule.id, _rule_sentence(visit, rule, dict(problems), names)) for rule in kept.answering],
        "limits": {rank: merchant.office.role_limit(rank) for rank in (Rank.manager.value, Rank.clerk.value)},
        "desks": [(answers.value, visit.say(DESKS[answers])) for answers in (Answers.office, Answers.shop)],
        "problems": problems,
        "people": colleagues(merchant, names),
        "fields": FIELDS,
        "covers": [(_cover_name(each), each, *_pair(visit, each, names)) for each in _coming(visit, merchant)],
        "gathered": [(name, visit.say(text)) for name, text in GATHERED.items()],
        "hours": [(str(hour), f"{hour:02d}:00") for hour in range(_HOURS)],
        "seats": seats,
        "cities": [
            (code, pair[0] if language == "zh" else pair[1])
            for code, pair in (await visit.house.cities()).items()
            if code not in {seat.city for seat in seats}
        ],
        "done": visit.say(DONE[done]) if done in DONE else "",
    }


def _rule_sentence(visit: Visit, rule: AnsweringRule, problems: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What a rule of answering does, in one sentence."""
    comma = "、" if visit.language == "zh" else ", "
    about = comma.join(problems.get(each, each) for each in rule.problems)
    told = visit.say(
        mark("{desk} answers claims of {amount} or more. For: {problems}."),
        desk=visit.say(DESKS[rule.answers]),
        amount=money(rule.least_fen),
        problems=about or visit.say(mark("every problem")),
    )
    if rule.person:
        told += " " + visit.say(mark("First with: {who}."), who=names.get(rule.person, "—"))
    return told


def _coming(visit: Visit, merchant: Merchant) -> list[Cover]:
    return [each for each in merchant.office.covers if each.last >= today(visit)]


def _pair(visit: Visit, cover: Cover, names: Mapping[str, str]) -> tuple[str, str]:
    left = visit.say(mark("Somebody who has left"))
    return names.get(cover.person, left), names.get(cover.by, left)


def _cover_name(cover: Cover) -> str:
    return f"{cover.person}.{cover.first}"


def _answers(word: str) -> Answers:
    try:
        return Answers(word)
    except ValueError:
        raise Refused("field_unreadable") from None


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 6):  # noqa: PLR2004  hours of years
        raise Refused("number_unusable")
    return int(word)


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise Refused("day_unusable") from None


ROUTES = (office, add_answering, remove, limits, target, digest, add_reply, add_cover)
