"""Filing for somebody: one form, the whole text read out and agreed to, and only then the dispute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from hejie.base.errors import Missing, Refused
from hejie.cities.settings import CitySettings
from hejie.desk.act import Content, Once
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.assist import OFFLINE, Assist, Channel, Proof
from hejie.disputes.model import Claim
from hejie.edge.forms import Checks, Form
from hejie.intake.contacts import keep_contact
from hejie.intake.payments import Paid, person_of, take_payment
from hejie.queries.assisted import Place, read_place
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.claims import WANTED, WITH_AMOUNT
from hejie.web.clerk.carried import open_fields, seal_fields
from hejie.web.clerk.form import FIELDS, Draft, money_problems, read_draft
from hejie.web.clerk.start import BASE, HELPERS
from hejie.web.shell import PICTURES_BYTES, Answer, Visit, act, page

_FORM, _ALOUD = "clerk/form.html", "clerk/aloud.html"
LIFE = timedelta(hours=2)
"""How long a filing may lie between the form and the agreement."""


@page(f"{BASE}/new", role=HELPERS)
async def new(visit: Visit) -> Answer:
    """The empty form for one shop; without one, back to the search for it."""
    if not visit.query("shop"):
        return visit.go(BASE)
    place, settings = await _ground(visit, visit.query("shop"))
    return visit.render(_FORM, **_context(visit, place, settings))


@act(f"{BASE}/new", role=HELPERS)
async def change(visit: Visit) -> Answer:
    """The form once more, as it was."""
    _reopen(visit)
    place, settings = await _ground(visit, visit.form.text("shop"))
    return visit.render(_FORM, **_context(visit, place, settings))


@act(f"{BASE}/new/read", role=HELPERS)
async def aloud(visit: Visit) -> Answer:
    """The whole text in large letters, to be read to the person."""
    place, settings = await _ground(visit, visit.form.text("shop"))
    check = Checks()
    draft = read_draft(visit.form, settings, visit.house.clock.now(), check)
    if check:
        return visit.refuse(_FORM, check, **_context(visit, place, settings))
    return visit.render(_ALOUD, **_aloud(visit, place, settings, draft, _sealed(visit)))


@act(BASE, role=HELPERS, most_bytes=PICTURES_BYTES)
async def file(visit: Visit) -> Answer:
    """They agree: file it."""
    sent, box, once = visit.form, visit.form.text("box"), await visit.once()
    _reopen(visit)
    place, settings = await _ground(visit, visit.form.text("shop"))
    check = Checks()
    draft = read_draft(visit.form, settings, visit.house.clock.now(), check)
    pictures = await check.wait("pictures", sent.pictures("pictures"), default=[])
    if not sent.has("agreed"):
        check.add("agreed", Refused("read_back_missing"))
    if check:
        return visit.refuse(_ALOUD, check, **_aloud(visit, place, settings, draft, box))
    shown = [Content(id=visit.desk.mint(visit.city), kind=each.kind, plain=each.data) for each in pictures]
    try:
        identifier = await _send(visit, place, draft, shown, once)
    except (Refused, Missing) as why:
        return visit.refuse(_ALOUD, why, **_aloud(visit, place, settings, draft, box))
    return visit.go(f"{BASE}/{identifier}?done=filed")


async def _send(visit: Visit, place: Place, draft: Draft, shown: list[Content], once: Once) -> str:
    """Take in the purchase, then file on it; sent twice it is the same person, purchase and dispute."""
    consumer, trade_no = await _take(visit, place, draft, once)
    contents = {
        name: Content(id=visit.desk.mint(visit.city), kind=kind, plain=plain)
        for name, kind, plain in (
            ("words", "text", draft.words.encode()),
            ("name", "name", draft.name.encode()),
            ("mandate", "mandate", msgspec.json.encode(draft.mandate) if draft.mandate else b""),
        )
        if plain
    }
    named = {name: content.id for name, content in contents.items()}
    assist = Assist(
        channel=draft.channel,
        proof=draft.proof,
        name=named.get("name", ""),
        mandate=named.get("mandate", ""),
        mandate_until=draft.until,
    )
    command = c.File(
        id=visit.desk.mint(visit.city),
        trades=(trade_no,),
        problem=draft.problem,
        claim=draft.claim if draft.claim.should_have_been_fen is None else _asked(draft),
        words=named["words"],
        pictures=tuple(each.id for each in shown),
        consumer=consumer,
        assist=assist,
        read_back=True,
    )
    kept = [*contents.values(), *shown]
    done = await visit.desk.act(DISPUTES, visit.city, command.id, command, visit.actor, contents=kept, once=once)
    return done.id


def _asked(draft: Draft) -> Claim:
    """A wrong amount as the rules want it asked: they reckon the difference themselves."""
    return msgspec.structs.replace(draft.claim, amount_fen=0)


async def _take(visit: Visit, place: Place, draft: Draft, once: Once) -> tuple[str, str]:
    """The person, new with each filing and known by nothing else, and the number of their purchase."""
    city, now, vault = visit.city, visit.house.clock.now(), visit.house.vaults(visit.city)
    handle = vault.handle("assisted", f"{visit.actor.id}\0{once.key}")
    paid = Paid(
        wallet=OFFLINE,
        trade_no=f"HJ{handle.hex()[:20].upper()}",
        payer=handle,
        account="",
        merchant=place.merchant,
        shop=place.id,
        item=draft.item,
        paid_fen=draft.paid_fen,
        paid_at=draft.paid_at,
        proven=False,
        source="assisted",
    )
    async with visit.connection() as connection:
        person = await person_of(connection, city, handle, visit.desk.mint(city), visit.language, now)
        await take_payment(connection, city, paid)
        if draft.phone:
            await keep_contact(connection, vault, city, person, draft.phone, now)
    return person, paid.trade_no


def _sealed(visit: Visit) -> str:
    told = {name: visit.form.text(name) for name in FIELDS}
    return seal_fields(visit.house.vaults(visit.city), told, visit.house.clock.now() + LIFE)


def _reopen(visit: Visit) -> None:
    """Go on with what was typed before the text was read out; nobody can have changed it since."""
    told = open_fields(visit.house.vaults(visit.city), visit.form.text("box"), visit.house.clock.now())
    visit.form = Form([*told.items()])


async def _ground(visit: Visit, shop: str) -> tuple[Place, CitySettings]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        return await read_place(connection, visit.city, shop), settings


def _context(visit: Visit, place: Place, settings: CitySettings) -> dict[str, Any]:
    language, problems = visit.language, money_problems(settings)
    return {
        "place": place,
        "base": visit.url(BASE),
        "channels": [(each.value, labels.channel(language, each)) for each in Channel],
        "proofs": [(each.value, labels.proof(language, each)) for each in Proof],
        "problems": [(each.id, getattr(each.name, language)) for each in problems],
        "difference": [each.id for each in problems if each.asks_right_amount],
        "remedies": [(each.value, labels.remedy(language, each)) for each in WANTED],
        "with_amount": [each.value for each in WITH_AMOUNT],
    }


def _aloud(visit: Visit, place: Place, settings: CitySettings, draft: Draft, box: str) -> dict[str, Any]:
    return {
        "place": place,
        "base": visit.url(BASE),
        "draft": draft,
        "box": box,
        "hours": settings.clocks.answer_hours,
        "channel": labels.channel(visit.language, draft.channel),
        "proof": labels.proof(visit.language, draft.proof),
        "problem": labels.problem(visit.language, settings, draft.problem),
        "terms": labels.terms(visit.language, draft.claim),
    }


ROUTES = (new, change, aloud, file)
