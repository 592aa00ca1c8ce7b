"""A trace by programme, for officers: `GET /v1/trace`, each one with its purpose, each one written down."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from hejie.api.disputes import signed_in
from hejie.base.actor import Role
from hejie.base.clock import instant
from hejie.base.errors import Refused
from hejie.edge import limits
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.edge.sessions import passing
from hejie.edge.texts import clean_text
from hejie.intake.asked import MOST_WORDS, Asker, note_asked
from hejie.queries.trace import Answer, Reference, trace
from hejie.store.pool import city_transaction

TRACES = Limit("traces", 300, 3600)
"""Traces of one session in an hour."""
_FIELDS = ("number", "trace", "acquirer", "terminal", "at")


@get("/v1/trace", name="trace")
async def ask(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The payments that a reference may mean, as `{"answers": […]}`.

    Query: `city`, `purpose`, `dispute` (may be left out), and one of `number`; `trace`, `at`, `acquirer`; `terminal`,
    `at`. Errors: `Refused("sign_in_needed" | "purpose_missing" | "reference_unreadable")`.
    """
    query = request.query_params
    city = str(query.get("city", ""))
    house, viewer = await signed_in(request, city, Role.officer)
    asker = Asker(
        role=viewer.role.value,
        person=viewer.person,
        purpose=clean_text(str(query.get("purpose", "")), MOST_WORDS),
        dispute=str(query.get("dispute", ""))[:64],
    )
    asker.must_say_why()
    async with passing(house.pool, city) as connection:
        await limits.take(connection, city, TRACES, viewer.digest)
    found = await traced(house, city, reference_of({name: str(query.get(name, "")) for name in _FIELDS}), asker)
    return Response(msgspec.json.encode({"answers": found}), media_type="application/json")


async def traced(house: House, city: str, reference: Reference, asker: Asker) -> list[Answer]:
    """The answers, with the asking written down in the same transaction."""
    vault, now = house.vaults(city), house.clock.now()
    async with city_transaction(house.pool, city) as connection:
        answers = await trace(connection, vault, city, reference)
        await note_asked(connection, vault, city, asker, "\0".join(reference.wanted or ()), len(answers), now)
    return answers


def reference_of(told: dict[str, str]) -> Reference:
    """A reference from its parts as text; `Refused("reference_unreadable")`."""
    if any(len(text) > 64 or not text.isprintable() for text in told.values()):  # noqa: PLR2004  longer than any number
        raise Refused("reference_unreadable")
    try:
        at = instant(told["at"]) if told["at"] else None
    except ValueError:
        raise Refused("reference_unreadable") from None
    reference = Reference(
        number=told["number"], trace=told["trace"], acquirer=told["acquirer"], terminal=told["terminal"], at=at
    )
    if not reference.whole:
        raise Refused("reference_unreadable")
    return reference


ROUTES = (ask,)
