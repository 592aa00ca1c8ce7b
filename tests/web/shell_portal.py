"""A portal as small as can be, for proving the shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused, Stale
from hejie.base.money import positive_fen
from hejie.edge.forms import Checks, plain
from hejie.edge.limits import Limit
from hejie.edge.sessions import Viewer
from hejie.web.shell import PICTURES_BYTES, act, page

if TYPE_CHECKING:
    from hejie.web.shell import Answer, Visit

FEW = Limit("few", 2, 3600)
ERRORS = {"missing": Missing("dispute_unknown"), "stale": Stale(), "early": Refused("step_out_of_order")}
TEMPLATES = {
    "try/form.html": """{% extends "phone.html" %}{% import "ui.html" as ui with context %}
{% block title %}{{ _("Cities") }}{% endblock %}
{% block main %}<form method="post" action="{{ visit.url('/try') }}" enctype="multipart/form-data">{{ ui.keys() }}
{{ ui.field("name", "Name", hint="As in <passport>", maxlength=20) }}{{ ui.amount("amount", "Amount") }}
{{ ui.pictures("shots", "Pictures") }}{{ ui.button("Send") }}</form>{% endblock %}""",
    "try/door.html": """<form method="post">{{ csrf }}</form>""",
}
done: list[str] = []


@page("")
async def home(visit: Visit) -> Answer:
    return visit.render("try/door.html")


@act("/enter", role=Role.consumer, anyone=True)
async def enter(visit: Visit) -> Answer:
    person = visit.form.word("person")
    await visit.sign_in(Viewer(city=visit.city, role=Role.consumer, person=person))
    return visit.back_or("/try")


@page("/try", role=Role.consumer)
async def form(visit: Visit) -> Answer:
    return visit.render("try/form.html")


@act("/try", role=Role.consumer, most_bytes=PICTURES_BYTES)
async def send(visit: Visit) -> Answer:
    check = Checks()
    name = check("name", plain, visit.form.text("name"), 20, default="")
    check("amount", positive_fen, visit.form.word("amount"), default=0)
    pictures = await check.wait("shots", visit.form.pictures("shots"), default=[])
    if check:
        return visit.refuse("try/form.html", check)
    once = await visit.once()
    done.append(f"{visit.actor.id} {name} {len(pictures)} {once.key} {once.digest.hex()}")
    return visit.go("/try")


@act("/try/again", role=Role.consumer)
async def again(visit: Visit) -> Answer:
    return visit.go("/try")


@act("/leave", role=Role.consumer)
async def leave(visit: Visit) -> Answer:
    await visit.sign_out()
    return visit.go("")


@page("/fail/{how:str}", role=Role.consumer)
async def fail(visit: Visit) -> Answer:
    raise ERRORS.get(visit.path("how")) or RuntimeError(f"secret of {visit.actor.id}")


@page("/few")
async def few(visit: Visit) -> Answer:
    await visit.limit(FEW, "key")
    return visit.render("try/door.html")


@page("/live/{id:str}", role=Role.consumer, quiet=True)
async def live(visit: Visit) -> Answer:
    return visit.stream(visit.path("id"), 3)


@page("/officers", role=Role.officer)
async def officers(visit: Visit) -> Answer:
    return visit.render("try/door.html")


ROUTES = (home, enter, form, send, again, leave, fail, few, live, officers)


async def signed_in(house, city: str, role: Role, person: str) -> str:
    """A session's token, as a sign-in of a portal would make it."""
    from hejie.edge import sessions
    from hejie.store.pool import city_transaction

    async with city_transaction(house.pool, city) as connection:
        return await sessions.begin(connection, os.urandom, Viewer(city=city, role=role, person=person))
