"""A trace by programme, for officers: `GET /v1/trace`, each one with its purpose, each one written down."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from hejie.api.disputes import signed_in
from hejie.base.actor import Role
from hejie.edge import limits
from hejie.edge.sessions import passing
from hejie.edge.texts import clean_text
from hejie.edge.tracing import FIELDS, TRACES, reference_of, traced
from hejie.intake.asked import MOST_WORDS, Asker


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
    found = await traced(house, city, reference_of({name: str(query.get(name, "")) for name in FIELDS}), asker)
    return Response(msgspec.json.encode({"answers": found}), media_type="application/json")


ROUTES = (ask,)
