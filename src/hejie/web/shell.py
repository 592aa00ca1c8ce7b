"""How a portal is written: handlers take a `Visit` and answer with `visit.render`, `visit.go` or `visit.refuse`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Struct

from hejie.base.actor import Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.posts import Act, Post
from hejie.desk.act import Desk, Once
from hejie.edge import limits, sessions, words
from hejie.edge.forms import Checks, Form, plain
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.edge.problems import problem_of
from hejie.edge.sessions import Viewer
from hejie.store.pool import Connection, city_transaction
from hejie.web import entrance, guard, templates
from hejie.web.code_words import sentence
from hejie.web.frame import CITY, elder_of, frame, house_of, language_of, safe_next
from hejie.web.templates import Wrong

Answer = Response[Any]
Handler = Callable[["Visit"], Awaitable[Answer]]

FORM_BYTES = 256 * 1024
PICTURES_BYTES = 40 * 1024 * 1024
_VERSION = re.compile(r"[0-9]{1,9}")


class Visit:
    """One request of one visitor, and everything a handler needs to answer it.

    A portal declares routes with `@page` (GET) and `@act` (POST), lists them in its `ROUTES`, and `asgi.py` serves
    the lists. Before a handler runs, the shell has found city and session (else 401 or the portal's door), parsed
    the form, checked CSRF token and origin, and counted the request. A `HejieError` that a handler lets through
    becomes a page or a problem with the right status; a form is shown again by `visit.refuse`.
    """

    def __init__(self, request: Request[Any, Any, Any], city: str, viewer: Viewer | None, form: Form) -> None:
        self.request = request
        self.house: House = house_of(request)
        self.city = city
        self.language = language_of(request)
        self.elder = elder_of(request)
        self.form = form
        self._viewer = viewer
        self.post = Post()
        """From where an officer acts; of nobody else it says nothing."""
        self.result = ""
        """The code with which a form was refused."""
        self._cookies: list[Cookie] = []

    @property
    def viewer(self) -> Viewer:
        """Who is signed in; on a page for anyone, ask `known` first."""
        if self._viewer is None:
            raise Refused("sign_in_needed")
        return self._viewer

    @property
    def known(self) -> bool:
        """Whether anyone is signed in."""
        return self._viewer is not None

    @property
    def actor(self) -> Actor:
        """The viewer as the desk knows them."""
        return self.viewer.actor

    def may(self, act: str) -> bool:
        """Whether the officer's functions bring an act, for pages that offer it."""
        return self.post.may(Act(act))

    @property
    def desk(self) -> Desk:
        """The one road in."""
        return self.house.desk

    @property
    def fragment(self) -> bool:
        """Whether htmx asks for a part of the page only."""
        return "hx-request" in self.request.headers and "hx-boosted" not in self.request.headers

    @property
    def address(self) -> str:
        """The visitor's network address, for limits."""
        return self.request.client.host if self.request.client else ""

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction that sees this city."""
        return city_transaction(self.house.pool, self.city)

    def path(self, name: str) -> str:
        """A part of the address; unreadable ones are `Missing`."""
        try:
            return plain(str(self.request.path_params[name]))
        except Refused:
            raise Missing("page_unknown") from None

    def query(self, name: str, default: str = "") -> str:
        """A value behind the `?`; `Refused("field_unreadable")` for control characters."""
        return plain(self.request.query_params.get(name, default))

    def say(self, text: str, /, **facts: Any) -> str:
        """An English sentence in the reader's language."""
        return words.say(self.language, text, **facts)

    def url(self, path: str) -> str:
        """An address in this city: `/disputes` → `/330100/disputes`."""
        return f"/{self.city}{path}"

    # Answers -----------------------------------------------------------------------------------

    def render(self, template: str, *, status: int = 200, **context: Any) -> Answer:
        """A page, or for htmx a part of one.

        A template sees besides: `visit`, `viewer` (or none), `city`, `city_name`, `language`, `now`, `csrf`, `once`
        (a fresh key), `typed(name, default)`, `errors`.
        """
        values = {
            **frame(self.request),
            "visit": self,
            "viewer": self._viewer,
            "csrf": self._csrf(),
            "once": self.house.chance(16).hex(),
            "typed": self.form.text,
            **context,
        }
        html = templates.render(self.language, template, **values)
        return Response(html, media_type="text/html; charset=utf-8", status_code=status)

    def go(self, path: str) -> Answer:
        """See other (303): another page of this city, `/disputes/ID`, or a whole address of our own."""
        inside = path.startswith(f"/{self.city}/") or path == f"/{self.city}"
        return Response(b"", status_code=303, headers={"location": path if inside else self.url(path)})

    def back_or(self, path: str) -> Answer:
        """To where the visitor wanted to go before signing in (`next`), else to `path`."""
        wanted = self.form.text("next") or self.request.query_params.get("next", "")
        return self.go(safe_next(self.city, wanted, self.url(path)))

    def refuse(self, template: str, why: HejieError | Checks, field: str = "", **context: Any) -> Answer:
        """The form again, with what was typed and a summary of what is wrong, linked to its fields."""
        faults = [(each.field, each.error) for each in why.faults] if isinstance(why, Checks) else [(field, why)]
        wrong = [Wrong(where, sentence(self.language, error.code, error.facts)) for where, error in faults]
        problems = [problem_of(error) for _, error in faults]
        self.result = problems[0].code if problems else ""
        answer = self.render(template, status=max(each.status for each in problems), errors=wrong, **context)
        for each in problems:
            answer.headers.update(each.headers)
        return answer

    def stream(self, identifier: str, version: int) -> Answer:
        """Server-sent `changed` events of one thing, its present version given.

        Load the thing as the viewer first: who may not see it must not hear of it.
        """
        asked = self.request.headers.get("last-event-id") or self.request.query_params.get("seen") or ""
        seen = int(asked) if _VERSION.fullmatch(asked) else version
        return _stream(self.house.live.stream(self.city, identifier, seen, version))

    def stream_of_many(self, identifier: str = "") -> Answer:
        """The same for a list, of the city or of one thing: it has no version, so one event comes at the start."""
        return _stream(self.house.live.stream(self.city, identifier, 0, 1))

    # Acts --------------------------------------------------------------------------------------

    async def once(self) -> Once:
        """This request's idempotency key, for `desk.act`: the form's hidden field or the header."""
        header = self.request.headers.get("idempotency-key", "")
        return await self.form.once(self.request.method, self.request.scope["path"], header)

    async def limit(self, limit: Limit, key: str | bytes = "") -> int:
        """Count one for a key, by default the visitor's address; `Refused("rate_limited")` beyond."""
        async with sessions.passing(self.house.pool, self.city) as connection:
            return await limits.take(connection, self.city, limit, key or self.address)

    async def sign_in(self, viewer: Viewer, connection: Connection | None = None) -> None:
        """Begin a session, in the transaction of `connection` where one is given; the answer carries its cookie."""
        if connection is None:
            async with self.connection() as own:
                await self.sign_in(viewer, own)
            return
        token = await sessions.begin(connection, self.house.chance, viewer)
        self._viewer = None
        self._cookies.append(entrance.session_cookie(self.house, viewer, token))

    async def sign_out(self) -> None:
        """End the session."""
        async with self.connection() as connection:
            await sessions.end(connection, self.city, self.viewer.digest)
        self._cookies.append(entrance.session_cookie(self.house, self.viewer, ""))
        self._viewer = None

    def _csrf(self) -> str:
        if self._viewer is not None:
            return sessions.csrf_of(self._viewer.secret)
        token, cookie = entrance.stranger(self.request, self.house)
        if cookie is not None:
            self._cookies.append(cookie)
        return token

    def keep(self, cookie: Cookie) -> None:
        """Have this visit's answer set a cookie."""
        self._cookies.append(cookie)

    def dress(self, answer: Answer) -> Answer:
        """Put this visit's cookies on its answer."""
        for cookie in self._cookies:
            answer.set_cookie(cookie)
        return answer


class Route(Struct, frozen=True, kw_only=True):
    """One declared route, under `/{city}`."""

    path: str
    method: Literal["GET", "POST"]
    roles: tuple[Role, ...]
    anyone: bool
    quiet: bool
    most_bytes: int
    handler: Handler

    @property
    def address(self) -> re.Pattern[str]:
        """The addresses it answers to, as whole paths."""
        return re.compile(f"/{CITY.pattern}" + re.sub(r"\{[^}]*\}", "[^/]+", self.path))


def page(
    path: str, *, role: Role | tuple[Role, ...] = (), anyone: bool = False, quiet: bool = False
) -> Callable[[Handler], Route]:
    """Declare a GET route: `@page("/disputes/{id:str}", role=Role.consumer)`.

    Without `role` it is for everybody and knows nobody; with `role` and `anyone=True` it knows the viewer where
    there is one. `quiet` (streams, parts fetched by themselves) does not put off the session's end.
    """

    def declare(handler: Handler) -> Route:
        return Route(
            path=path,
            method="GET",
            roles=_roles(role),
            anyone=anyone or not role,
            quiet=quiet,
            most_bytes=0,
            handler=handler,
        )

    return declare


def act(
    path: str, *, role: Role | tuple[Role, ...] = (), anyone: bool = False, most_bytes: int = FORM_BYTES
) -> Callable[[Handler], Route]:
    """Declare a POST route; `most_bytes=PICTURES_BYTES` for forms with files. CSRF is always checked."""

    def declare(handler: Handler) -> Route:
        return Route(
            path=path,
            method="POST",
            roles=_roles(role),
            anyone=anyone or not role,
            quiet=False,
            most_bytes=most_bytes,
            handler=handler,
        )

    return declare


def _stream(events: AsyncIterator[str]) -> Answer:
    return Stream(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _roles(role: Role | tuple[Role, ...]) -> tuple[Role, ...]:
    return role if isinstance(role, tuple) else (role,)


def served(route: Route) -> HTTPRouteHandler:
    """The route as Litestar serves it."""

    async def endpoint(request: Request[Any, Any, Any]) -> Answer:
        city = str(request.path_params["city"])
        if CITY.fullmatch(city) is None:
            raise Missing("page_unknown")
        await house_of(request).city(city)
        request.scope["state"]["roles"] = route.roles
        viewer, form = await entrance.admit(request, city, route.roles, anyone=route.anyone, quiet=route.quiet)
        visit = Visit(request, city, viewer, form)
        try:
            if viewer is None or viewer.role is not Role.officer or route.anyone:
                return visit.dress(await route.handler(visit))
            async with guard.watched(visit, route):
                return visit.dress(await route.handler(visit))
        finally:
            await form.close()

    endpoint.__annotations__ = {"request": Request, "return": Response}
    return HTTPRouteHandler(
        f"/{{city:str}}{route.path}".rstrip("/") or "/",
        http_method=route.method,
        request_max_body_size=route.most_bytes or FORM_BYTES,
        status_code=200,
        name=f"{route.handler.__module__}.{getattr(route.handler, '__name__', 'handler')}",
    )(endpoint)
