"""Drawing a page in Chinese or English, and reading a form."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response
from litestar.response import Redirect

from hejie_sandbox.clock import beijing
from hejie_sandbox.money import yuan
from hejie_sandbox.pages.words import phrase

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox

Visit = Request[Any, Any, Any]
COOKIE = "sandbox_lang"

_environment = Environment(
    loader=PackageLoader("hejie_sandbox"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def parted(text: str) -> list[tuple[bool, str]]:
    """Part a text into addresses (True) and words, also where no space parts them in Chinese."""
    return [(number % 2 == 1, part) for number, part in enumerate(re.split(r"(https?://[!-~]+)", text))]


_environment.filters |= {"yuan": yuan, "beijing": beijing, "parted": parted}


def static(name: str) -> str:
    """Return a static file's text."""
    return resources.files("hejie_sandbox").joinpath("static", name).read_text("utf-8")


def box_of(visit: Visit) -> Sandbox:
    """Return the sandbox of this server."""
    box: Sandbox = visit.app.state["box"]
    return box


def language(visit: Visit) -> str:
    """Return `en` or `zh`: as asked in the address, else as asked before."""
    asked = visit.query_params.get("lang") or visit.cookies.get(COOKIE)
    return "en" if asked == "en" else "zh"


def page(visit: Visit, template: str, status: int = 200, **values: Any) -> Response[str]:
    """Draw a template; `t` translates, `url_lang` is the same page in the other language."""
    lang = language(visit)

    def translate(text: str) -> str:
        return phrase(text, lang)

    asked = {name: value for name, value in visit.query_params.items() if name != "lang"}
    other = urlencode(asked | {"lang": "zh" if lang == "en" else "en"})
    body = _environment.get_template(template).render(
        t=translate, lang=lang, url_lang=f"?{other}", now=box_of(visit).clock.now(), **values
    )
    answer: Response[str] = Response(body, status_code=status, media_type="text/html")
    answer.set_cookie(COOKIE, lang, samesite="lax")
    return answer


def sorry(visit: Visit, text: str, status: int = 400) -> Response[str]:
    """Say what went wrong, on a page."""
    return page(visit, "sorry.html", status, text=text)


def go(path: str) -> Redirect:
    """Send the visitor on after a form."""
    return Redirect(path, status_code=303)
