"""What surrounds every page: language, size of text, addresses; from the request alone, so that errors have it too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request

from hejie.base.actor import Role
from hejie.edge import words
from hejie.edge.house import House

HOMES = {Role.consumer: "", Role.merchant: "/merchant", Role.officer: "/officer", Role.clerk: "/officer/assist"}
"""Each portal's first page, after `/{city}`."""
CITY = re.compile(r"[1-9][0-9]{5}")
DOORS = {
    Role.consumer: "",
    Role.merchant: "/merchant/sign-in",
    Role.officer: "/officer/sign-in",
    Role.clerk: "/officer/sign-in",
}
"""Each portal's page for those who are not signed in, after `/{city}`."""


def house_of(request: Request[Any, Any, Any]) -> House:
    """The house this process carries."""
    house: House = request.app.state.house
    return house


def language_of(request: Request[Any, Any, Any]) -> str:
    """The reader's language; one asked for in the address is kept in a cookie from then on."""
    kept = request.scope["state"].get("language")
    if isinstance(kept, str):
        return kept
    asked = request.query_params.get("lang", "")
    chosen = words.choose(asked, request.cookies.get("lang", ""), request.headers.get("accept-language", ""))
    request.scope["state"]["language"] = chosen
    request.scope["state"]["language_asked"] = asked == chosen
    return chosen


def elder_of(request: Request[Any, Any, Any]) -> bool:
    """Whether the reader wants large text; once asked for in the address, a cookie keeps it until it is taken back."""
    state, asked = request.scope["state"], request.query_params.get("elder", "")
    if asked in {ELDER_ON, ELDER_OFF}:
        state["elder_asked"] = asked
        return asked == ELDER_ON
    return request.cookies.get("elder") == ELDER_ON


def nonce_of(scope_state: dict[str, Any], house: House) -> str:
    """This response's nonce for scripts."""
    if "nonce" not in scope_state:
        scope_state["nonce"] = house.chance(16).hex()
    nonce: str = scope_state["nonce"]
    return nonce


def frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The values the base layout needs."""
    house = house_of(request)
    code = city_of(request)
    names = house.known_city(code)
    language, elder = language_of(request), elder_of(request)
    return {
        "nonce": nonce_of(request.scope["state"], house),
        "city": code if names else "",
        "city_name": names[LANGUAGE_PLACE[language]] if names else "",
        "switch": _switch(request, "lang", "en" if language == "zh" else "zh"),
        "elder": elder,
        "elder_switch": _switch(request, "elder", ELDER_OFF if elder else ELDER_ON),
        "now": house.clock.now(),
        "viewer": None,
        "errors": (),
    }


LANGUAGE_PLACE = {"zh": 0, "en": 1}
ELDER_ON, ELDER_OFF = "1", "0"


def _switch(request: Request[Any, Any, Any], name: str, to: str) -> str:
    """The address of this page in another language or size; after a refused form, that of the page it came from."""
    path, query = asked(request) if request.method == "GET" else _came_from(request)
    path = "/" + path.lstrip("/\\")  # `//elsewhere` would be another site's address
    kept = [pair for pair in query.split("&") if pair and not pair.startswith(f"{name}=")]
    return f"{path}?{'&'.join([*kept, urlencode({name: to})])}"


def city_of(request: Request[Any, Any, Any]) -> str:
    """The city in the address, known or not, also of an address that leads nowhere; else empty."""
    code = asked(request)[0].split("/")[1:2]
    return code[0] if code and CITY.fullmatch(code[0]) else ""


def _came_from(request: Request[Any, Any, Any]) -> tuple[str, str]:
    """Path and query of our own page on which a form was sent; the start page where the browser does not say.

    A refused form stands at the address of its act, which is no page: sent again, it came from the page above.
    """
    referer = urlsplit(request.headers.get("referer", ""))
    if referer.netloc != request.headers.get("host", "") or not referer.path:
        return "/", ""
    pages, path = request.app.state.pages, referer.path
    while path and not any(each.fullmatch(path) for each in pages):
        path = path.rpartition("/")[0]
    return path or "/", referer.query if path == referer.path else ""


def page_before(request: Request[Any, Any, Any]) -> str:
    """The page of this city that leads out of a request that failed, or empty.

    It is the one on which the form was sent; for the address of an act, opened as if it were a page, the one above.
    """
    path, query = (asked(request)[0].rpartition("/")[0], "") if request.method == "GET" else _came_from(request)
    kept = "&".join(pair for pair in query.split("&") if not pair.startswith("done="))
    return safe_next(city_of(request), path + (f"?{kept}" if kept else ""), "")


def home(request: Request[Any, Any, Any], roles: Sequence[Role]) -> str:
    """The start of the portal that a request was for."""
    inside = asked(request)[0].split("/")[2:3]
    part = HOMES[roles[0]] if roles else next((each for each in HOMES.values() if each[1:] in inside and each), "")
    return f"/{city_of(request)}{part}"


def asked(request: Request[Any, Any, Any]) -> tuple[str, str]:
    """Path and query of the address; `request.url` would stumble over a broken Host header."""
    return request.scope["path"], request.scope["query_string"].decode("latin-1")


def door(request: Request[Any, Any, Any], role: Role) -> str:
    """Where to sign in, with the way back for a page."""
    code = city_of(request)
    path, query = asked(request)
    back = path + (f"?{query}" if query else "") if request.method == "GET" else page_before(request)
    way = f"?{urlencode({'next': back})}" if back and "hx-request" not in request.headers else ""
    return f"/{code}{DOORS[role]}{way}"


def safe_next(city: str, wanted: str, otherwise: str) -> str:
    """A way back that stays in this city; anything else is ignored."""
    parts = urlsplit(wanted)
    inside = wanted.startswith(f"/{city}/") and not parts.netloc and not parts.scheme and "\\" not in wanted
    return wanted if inside and wanted.isascii() and wanted.isprintable() else otherwise
