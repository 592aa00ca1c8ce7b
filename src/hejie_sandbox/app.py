"""The sandbox's web application: gateway, SMS, lab API and pages."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request, Response, asgi, get
from litestar.datastructures import State
from litestar.logging import LoggingConfig
from litestar.params import FromPath
from litestar.types import Receive, Scope, Send

from hejie_sandbox import admin, pages, registry, sms, smtp, translation
from hejie_sandbox.acquirer import gateway as acquirer
from hejie_sandbox.national import gateway as national
from hejie_sandbox.unionpay import gateway as unionpay
from hejie_sandbox.wallet import bills
from hejie_sandbox.wallet.cases import OutOfStepError
from hejie_sandbox.wallet.clockwork import clockwork
from hejie_sandbox.wallet.gateway import gateway
from hejie_sandbox.wallet.refusals import GatewayError
from hejie_sandbox.wechatpay import gateway as wechatpay

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox

OPEN_TO_ALL = (
    *(
        "/gateway.do",
        "/v3",
        "/gateway/api/",
        "/files",
        "/acquirer/",
        "/national/",
        "/sms/send",
        "/sms/query",
        "/translate",
    ),
    *("/billdownload", "/images", "/static"),
)
"""What needs no token: callers there prove themselves in their own way."""
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
COOKIE = "sandbox_token"


def make_app(box: Sandbox, token: str = "") -> Litestar:
    """Build the application over one sandbox; with a token, pages and /admin open only by it."""
    return Litestar(
        [
            _at_gateway,
            _at_wechatpay,
            _at_unionpay,
            _at_acquirer,
            _at_national,
            _at_sms,
            _at_question,
            _at_translation,
            download_bill,
            show_image,
            admin.router(),
            *pages.routers(),
        ],
        state=State({"box": box, "token": token}),
        openapi_config=None,
        logging_config=LoggingConfig(
            root={"level": "WARNING", "handlers": ["queue_listener"]}, log_exceptions="always"
        ),
        lifespan=[lambda app: clockwork(app.state["box"]), lambda app: smtp.serving(app.state["box"])],
        before_request=_guard,
        after_request=_seal,
        exception_handlers={
            KeyError: _unknown,
            ValueError: _bad,
            OutOfStepError: _out_of_step,
            GatewayError: _refused,
        },
    )


@asgi("/gateway.do", copy_scope=False)
async def _at_gateway(scope: Scope, receive: Receive, send: Send) -> None:
    await gateway(_box(scope), scope, receive, send)


@asgi("/v3", is_mount=True, copy_scope=False)
async def _at_wechatpay(scope: Scope, receive: Receive, send: Send) -> None:
    await wechatpay.gateway(_box(scope), scope, receive, send)


@asgi(["/gateway/api", "/files"], is_mount=True, copy_scope=False)
async def _at_unionpay(scope: Scope, receive: Receive, send: Send) -> None:
    await unionpay.gateway(_box(scope), scope, receive, send)


@asgi("/acquirer", is_mount=True, copy_scope=False)
async def _at_acquirer(scope: Scope, receive: Receive, send: Send) -> None:
    await acquirer.gateway(_box(scope), scope, receive, send)


@asgi("/national", is_mount=True, copy_scope=False)
async def _at_national(scope: Scope, receive: Receive, send: Send) -> None:
    await national.gateway(_box(scope), scope, receive, send)


@asgi("/sms/send", copy_scope=False)
async def _at_sms(scope: Scope, receive: Receive, send: Send) -> None:
    await sms.send(_box(scope), scope, receive, send)


@asgi("/sms/query", copy_scope=False)
async def _at_question(scope: Scope, receive: Receive, send: Send) -> None:
    await sms.query(_box(scope), scope, receive, send)


@asgi("/translate", copy_scope=False)
async def _at_translation(scope: Scope, receive: Receive, send: Send) -> None:
    await translation.translate(_box(scope), scope, receive, send)


def _box(scope: Scope) -> Sandbox:
    box: Sandbox = scope["litestar_app"].state["box"]
    return box


@get("/billdownload/{name:str}", sync_to_thread=False)
def download_bill(state: State, name: FromPath[str]) -> Response[bytes]:
    """The zip behind a bill's address, while that lives."""
    packed = bills.download(state["box"], name.removesuffix(".zip"))
    if packed is None:
        return Response("链接已失效".encode(), status_code=403, media_type="text/plain;charset=utf-8")
    return Response(packed, media_type="application/zip")


@get("/images/{image_id:str}", sync_to_thread=False)
def show_image(state: State, image_id: FromPath[str]) -> Response[bytes]:
    """A picture by its unguessable id."""
    found = registry.get(state["box"], "images", "image_id", image_id)
    return Response(found["content"], media_type=found["kind"])


def _guard(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Stop other sites' pages from posting here and, where a token is set, people without it."""
    if request.url.path.startswith(OPEN_TO_ALL):
        return None
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers.get('host')}":
        return Response({"error": "posted from another site"}, status_code=403)
    token: str = request.app.state["token"]
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


def _out_of_step(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": str(error)}, status_code=409)


def _refused(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    body = error.body() if isinstance(error, GatewayError) else {}
    return Response(body, status_code=409)
