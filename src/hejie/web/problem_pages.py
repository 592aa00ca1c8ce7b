"""Errors as people and programs get them: a page in the reader's language, or an RFC 9457 problem."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from litestar import Request, Response

from hejie.base.errors import way_of
from hejie.edge.problems import Problem, problem_of
from hejie.web import templates
from hejie.web.code_words import sentence, title
from hejie.web.frame import asked, door, frame, home, house_of, language_of, page_before

_LOG = structlog.get_logger(__name__)
_LOST = 401
_NO_PAGE = 405


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to a failed request; what is our own fault gets an incident number, which the log has too."""
    problem = problem_of(error)
    incident = ""
    if not problem.expected:
        incident = house_of(request).chance(5).hex().upper()
        _LOG.error("incident", incident=incident, method=request.method, route=_route(request), **way_of(error))
    if _wants_json(request):
        return _as_json(language_of(request), problem, incident)
    return _as_page(request, problem, incident)


def _as_json(language: str, problem: Problem, incident: str) -> Response[Any]:
    body = {
        "type": f"urn:hejie:problem:{problem.code}",
        "title": title(language, problem.status),
        "status": problem.status,
        "detail": sentence(language, problem.code, problem.facts),
        "code": problem.code,
        **({"to": problem.facts["to"]} if problem.code == "city_moved" else {}),
        **({"incident": incident} if incident else {}),
    }
    return Response(
        msgspec.json.encode(body),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={**problem.headers, "content-language": language, "vary": "accept, accept-language"},
    )


def _as_page(request: Request[Any, Any, Any], problem: Problem, incident: str) -> Response[Any]:
    language = language_of(request)
    roles = request.scope["state"].get("roles") or ()
    way = door(request, roles[0]) if problem.status == _LOST and roles else ""
    if way and request.method == "GET":
        if "hx-request" not in request.headers:
            return Response(b"", status_code=303, headers={"location": way})
        return Response(b"", status_code=_LOST, headers={"hx-redirect": way})
    values = {
        **frame(request),
        "title": title(language, problem.status),
        "sentence": sentence(language, problem.code, problem.facts),
        "incident": incident,
        "door": way,
        "home": home(request, roles),
        "before": page_before(request) if request.method == "POST" or problem.status == _NO_PAGE else "",
        "moved": _moved(request, problem),
        "written": request.scope["state"].get("written", ()) if problem.expected else (),
    }
    html = templates.render(language, "error.html", **values)
    return Response(html, status_code=problem.status, media_type="text/html; charset=utf-8", headers=problem.headers)


def _moved(request: Request[Any, Any, Any], problem: Problem) -> str:
    """The same page where the city is now; empty where it has not moved or nobody told where to."""
    if problem.code != "city_moved":
        return ""
    if request.method != "GET":
        return f"{problem.facts['to']}{page_before(request) or home(request, ())}"
    path, query = asked(request)
    return f"{problem.facts['to']}{path}{query and '?'}{query}"


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    """The open platform always; elsewhere who names JSON and not HTML."""
    accept = request.headers.get("accept", "")
    path = f"{asked(request)[0]}/"
    return "/api/" in path or path.startswith("/v1/") or ("json" in accept and "html" not in accept)


def _route(request: Request[Any, Any, Any]) -> str:
    """The route's pattern: an address may hold a link's secret."""
    return str(request.scope.get("path_template", ""))
