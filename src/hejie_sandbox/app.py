"""The sandbox's web application: gateway, SMS, lab API and pages."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request, Response, asgi
from litestar.datastructures import State

from hejie_sandbox import admin
from hejie_sandbox.wallet.gateway import gateway
from hejie_sandbox.wallet.refusals import GatewayError

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

OPEN_TO_ALL = ("/gateway.do", "/sms/send", "/billdownload", "/static")
"""What needs no token: callers there prove themselves in their own way."""
POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"
COOKIE = "sandbox_token"


def make_app(box: Sandbox, token: str = "") -> Litestar:
    """Build the application over one sandbox; with a token, pages and /admin open only by it."""

    @asgi("/gateway.do", copy_scope=False)
    async def at_gateway(scope: Scope, receive: Receive, send: Send) -> None:
        await gateway(box, scope, receive, send)

    def guard(request: Request[Any, Any, Any]) -> Response[Any] | None:
        return _guard(request, token)

    return Litestar(
        [at_gateway, admin.router()],
        state=State({"box": box}),
        openapi_config=None,
        before_request=guard,
        after_request=_seal,
        exception_handlers={KeyError: _unknown, ValueError: _bad, GatewayError: _refused},
    )


def _guard(request: Request[Any, Any, Any], token: str) -> Response[Any] | None:
    """Stop other sites' pages from posting here and, where a token is set, people without it."""
    if request.url.path.startswith(OPEN_TO_ALL):
        return None
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers.get('host')}":
        return Response({"error": "posted from another site"}, status_code=403)
    if not token:
        return None
    given = request.query_params.get("token") or request.headers.get("x-sandbox-token") or request.cookies.get(COOKIE)
    if not hmac.compare_digest((given or "").encode(), token.encode()):
        return Response({"error": "open with ?token=... once, or send X-Sandbox-Token"}, status_code=401)
    if request.query_params.get("token"):
        answer: Response[None] = Response(None, status_code=303, headers={"location": request.url.path})
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer
    return None


def _seal(response: Response[Any]) -> Response[Any]:
    response.headers.setdefault("content-security-policy", POLICY)
    response.headers.setdefault("x-content-type-options", "nosniff")
    return response


def _unknown(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": f"unknown: {error}"}, status_code=404)


def _bad(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": str(error)}, status_code=400)


def _refused(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    body = error.body() if isinstance(error, GatewayError) else {}
    return Response(body, status_code=409)
