"""The whole of the pages as one ASGI application: portals, static files, health, errors, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from litestar import Litestar, Request, Response, get
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler, Message, Scope

from hejie.base.errors import HejieError
from hejie.edge.headers import security_headers
from hejie.edge.house import House
from hejie.edge.live import Live
from hejie.web import assets, awake, clerk, consumer, merchant, officer, problem_pages, templates
from hejie.web.frame import ELDER_ON, frame, language_of, nonce_of
from hejie.web.shell import FORM_BYTES, Route, served

PORTALS: tuple[Route, ...] = (*consumer.ROUTES, *merchant.ROUTES, *officer.ROUTES, *clerk.ROUTES, *awake.ROUTES)
"""Every portal's routes."""
_YEAR_SECONDS = 31_536_000


def web_app(
    house: House, others: Sequence[ControllerRouterHandler] = (), routes: Sequence[Route] = PORTALS
) -> Litestar:
    """The application; `others` are handlers from beside the portals, such as the open platform's."""
    return Litestar(
        [_start, _healthz, _readyz, _static, *(served(route) for route in routes), *others],
        state=State({"house": house, "pages": [each.address for each in routes if each.method == "GET"]}),
        lifespan=[_living],
        exception_handlers={
            HejieError: problem_pages.answer,
            HTTPException: problem_pages.answer,
            Exception: problem_pages.answer,
        },
        before_send=[_dress],
        request_max_body_size=FORM_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


@asynccontextmanager
async def _living(app: Litestar) -> AsyncIterator[None]:
    live: Live = app.state.house.live
    live.start()
    try:
        yield
    finally:
        await live.close()


@get("/", name="start")
async def _start(request: Request[Any, Any, Any]) -> Response[str]:
    """The cities of this house."""
    cities = await request.app.state.house.cities()
    html = templates.render(language_of(request), "cities.html", **frame(request), cities=cities)
    return Response(html, media_type="text/html; charset=utf-8")


@get("/healthz", name="healthz")
async def _healthz() -> Response[str]:
    """The process lives; the database is not asked."""
    return Response("ok", media_type="text/plain")


@get("/readyz", name="readyz")
async def _readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """The process can serve: the database answers."""
    try:
        async with request.app.state.house.pool.connection(timeout=2) as connection:
            await connection.execute("select 1")
    except psycopg.Error:
        return Response("the database does not answer", status_code=503, media_type="text/plain")
    return Response("ok", media_type="text/plain")


@get("/static/{mark:str}/{name:path}", name="static")
async def _static(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Our own style sheets and scripts."""
    return await assets.serve(request)


async def _dress(message: Message, scope: Scope) -> None:
    """Security headers on every answer, and the cookies of a language and a size of text asked for."""
    if message["type"] != "http.response.start":
        return
    house: House = scope["litestar_app"].state.house
    state = scope.get("state", {})
    headers = MutableScopeHeaders.from_message(message)
    https = house.settings.public_url.startswith("https://")
    present = {name.lower(): value for name, value in headers.items()}
    for name, value in security_headers(nonce_of(state, house), https=https, present=present).items():
        headers[name] = value
    kept = "; Path=/; SameSite=Lax" + ("; Secure" if https else "")
    if state.get("language_asked"):
        headers.add("set-cookie", f"lang={state['language']}; Max-Age={_YEAR_SECONDS}{kept}")
    if elder := state.get("elder_asked"):
        headers.add("set-cookie", f"elder={elder}; Max-Age={_YEAR_SECONDS if elder == ELDER_ON else 0}{kept}")
