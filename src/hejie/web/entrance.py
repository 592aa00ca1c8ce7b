"""The entrance every request passes: session, form, origin, CSRF token, and a count of acts."""

from __future__ import annotations

import hmac
import re
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import limits, sessions
from hejie.edge.forms import Form
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.edge.sessions import Viewer
from hejie.web.frame import house_of

STRANGERS = Limit("strangers", 120, 60)
"""Acts of visitors without a session, from one address."""

MOST_GIVEN_BACK = 256 * 1024
"""Bytes of a form of somebody unknown that are read to give back its words."""

_STRANGER = "hejie-visit"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}|[0-9a-f]{64}")


async def admit(
    request: Request[Any, Any, Any], city: str, roles: tuple[Role, ...], *, anyone: bool, quiet: bool
) -> tuple[Viewer | None, Form]:
    """The viewer in one of these roles, if signed in, and the form, if one was sent; nothing of it is read before.

    Errors: `Refused` with `sign_in_needed` unless `anyone` may come, `csrf_wrong`, `rate_limited`, `form_unreadable`.
    """
    house, acts = house_of(request), request.method not in {"GET", "HEAD"}
    tokens = [word for role in roles if _TOKEN.fullmatch(word := request.cookies.get(_cookie_name(role), ""))]
    viewer = None
    if tokens or acts:
        background = quiet or (not acts and "hx-request" in request.headers)
        async with sessions.passing(house.pool, city) as connection:
            found = await sessions.find(connection, city, tokens, touch=not background)
            viewer = next((found[role] for role in roles if role in found), None)
            viewer = viewer if viewer and _reaches(viewer, request.scope["path"]) else None
            if acts and viewer is not None:
                await limits.take(connection, city, limits.ACTS, viewer.digest)
            elif acts:
                await limits.take(connection, city, STRANGERS, request.client.host if request.client else "")
    if acts:
        _check_origin(request, house)
    if viewer is None and not anyone:
        await _keep_written(request)
        raise Refused("sign_in_needed")
    if not acts:
        return viewer, Form(())
    form = await _form(request)
    request.scope["state"]["written"] = form.written()
    secret = viewer.secret if viewer is not None else request.cookies.get(_STRANGER, "").encode()
    given = request.headers.get("x-csrf-token") or form.text("csrf")
    if not secret or not hmac.compare_digest(sessions.csrf_of(secret).encode(), given.encode(errors="replace")):
        await form.close()
        raise Refused("csrf_wrong")
    return viewer, form


def _reaches(viewer: Viewer, path: str) -> bool:
    """A slip of paper opens one dispute and nothing beside it: elsewhere its holder is a stranger."""
    if viewer.role is not Role.consumer or not viewer.scope:
        return True
    inside = path.removeprefix(f"/{viewer.city}")
    return inside in {"/leave", "/12315"} or f"{inside}/".startswith(f"/disputes/{viewer.scope}/")


async def _keep_written(request: Request[Any, Any, Any]) -> None:
    """A session that ended while somebody wrote: the answer gives the words back. Files are not read for it."""
    length = request.headers.get("content-length", "")
    if request.method != "POST" or not (length.isdecimal() and int(length) <= MOST_GIVEN_BACK):
        return
    form = await _form(request)
    request.scope["state"]["written"] = form.written()
    await form.close()


async def _form(request: Request[Any, Any, Any]) -> Form:
    try:
        return Form(list((await request.form()).multi_items()))
    except (LookupError, ValueError):  # an unknown charset, or bytes that are not of it
        raise Refused("form_unreadable") from None


def session_cookie(house: House, viewer: Viewer, token: str) -> Cookie:
    """The cookie of a session, one per role and city; an empty token takes it away."""
    return Cookie(
        key=_cookie_name(viewer.role),
        value=token,
        path=f"/{viewer.city}",
        httponly=True,
        samesite="lax",
        secure=_https(house),
        max_age=None if token else 0,
    )


def stranger(request: Request[Any, Any, Any], house: House) -> tuple[str, Cookie | None]:
    """The CSRF token of a visitor without a session, and the cookie it hangs on where it is new."""
    secret = request.cookies.get(_STRANGER, "")
    if _TOKEN.fullmatch(secret):
        return sessions.csrf_of(secret.encode()), None
    secret = house.chance(32).hex()
    cookie = Cookie(key=_STRANGER, value=secret, path="/", httponly=True, samesite="lax", secure=_https(house))
    return sessions.csrf_of(secret.encode()), cookie


def _check_origin(request: Request[Any, Any, Any], house: House) -> None:
    """Where the browser says from which site a form came, it must be ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Refused("csrf_wrong")
    origin = request.headers.get("origin")
    ours = {urlsplit(house.settings.public_url).netloc, request.headers.get("host", "")}
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise Refused("csrf_wrong")


def _cookie_name(role: Role) -> str:
    return f"hejie-{role.value}"


def _https(house: House) -> bool:
    return house.settings.public_url.startswith("https://")
