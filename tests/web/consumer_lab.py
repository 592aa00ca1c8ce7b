"""A consumer's browser without JavaScript, in a whole town."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import httpx
from PIL import Image
from tests.support.pages import pages
from tests.support.town import ACCOUNT, CITY, USER, Town

from hejie.base.actor import Role
from hejie.edge.sessions import Viewer, begin
from hejie.store.pool import city_transaction

ZH, EN = "zh-CN", "en"
HOST = "http://hejie.test"


class Browser:
    """Fills forms by their fields' names, as a page without scripts is used."""

    def __init__(self, town: Town, language: str = ZH) -> None:
        transport = httpx.ASGITransport(pages(town.app.house), raise_app_exceptions=False)
        headers = {"accept-language": language}
        self.http = httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers)
        self.town = town
        self.page: httpx.Response

    @property
    def html(self) -> str:
        """The page as it came."""
        return self.page.text

    @property
    def text(self) -> str:
        """Its words alone."""
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<head>.*</head>", "", self.html))))

    @property
    def path(self) -> str:
        return self.page.request.url.raw_path.decode()

    async def open(self, path: str) -> httpx.Response:
        """A page of the city, redirections followed."""
        address = path if path.startswith(("/", "http")) else f"/{CITY}/{path}"
        self.page = await self.http.get(address, follow_redirects=True)
        return self.page

    async def send(self, form: str, files: Any = None, **fields: Any) -> httpx.Response:
        """Send the form of that id with its hidden fields and these."""
        found = re.search(rf'(?s)<form[^>]*id="{form}"[^>]*action="([^"]+)".*?</form>', self.html)
        assert found, f"no form {form} on {self.path}"
        return await self._post(found[1], found[0], files, fields)

    async def tap(self, act: str, number: int = 0, **fields: Any) -> httpx.Response:
        """Press a button that is a form of its own."""
        forms = re.findall(r'(?s)<form[^>]*action="([^"]+)"[^>]*>((?:(?!</form>).)*)</form>', self.html)
        fitting = [(action, inside) for action, inside in forms if f'data-act="{act}"' in inside]
        assert fitting, f"no button {act} on {self.path}"
        return await self._post(*fitting[number], None, fields)

    async def tap_formaction(self, act: str, **fields: Any) -> httpx.Response:
        """Press a button that sends its form elsewhere."""
        forms = re.findall(r"(?s)<form[^>]*>((?:(?!</form>).)*)</form>", self.html)
        inside = next(each for each in forms if f'data-act="{act}"' in each)
        action = re.search(rf'<button[^>]*formaction="([^"]+)"[^>]*data-act="{act}"', inside)
        assert action, f"no button {act} on {self.path}"
        return await self._post(action[1], inside, None, fields)

    async def _post(self, action: str, inside: str, files: Any, fields: dict[str, Any]) -> httpx.Response:
        found = re.findall(r'<input type="hidden" name="([^"]+)"(?: id="[^"]+")? value="([^"]*)"', inside)
        hidden: dict[str, Any] = {}
        for name, value in found:
            hidden[name] = [*hidden[name], unescape(value)] if name in hidden else [unescape(value)]
        values = {name: value for name, value in (hidden | fields).items() if value is not None}
        self.page = await self.http.post(unescape(action), data=values, files=files, follow_redirects=True)
        return self.page

    async def arrive(self, trade_no: str) -> httpx.Response:
        """By the wallet's own link."""
        self.town.wallet.box.platform_url = HOST
        link: str = self.town.wallet.post("entry-links", trade_no=trade_no)["url"]
        return await self.open("/" + link.split("/", 3)[3])


def paid_in_wallet(town: Town, amount: str = "50.00", subject: str = "片儿川") -> str:
    """A payment in the wallet that the house does not know yet."""
    payment = {"user_id": USER, "merchant_id": ACCOUNT, "amount": amount, "subject": subject}
    return str(town.wallet.post("load", payments=[payment])["trade_nos"][0])


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


async def filed(here: Town, browser: Browser, **fields: str) -> str:
    """A dispute on a fresh payment of 50 yuan; its identifier."""
    await browser.arrive(paid_in_wallet(here))
    await browser.send("file", **{"problem": "quality", "remedy": "refund_full", "escalates": "yes"} | fields)
    assert browser.page.status_code == 200
    return browser.path.partition("?")[0].rpartition("/")[2]


async def signed_in(here: Town, role: Role, person: str, organisation: str, scope: str = "") -> Browser:
    """A browser of somebody who is signed in."""
    made = Browser(here)
    house = here.app.house
    async with city_transaction(house.pool, CITY) as connection:
        viewer = Viewer(city=CITY, role=role, person=person, organisation=organisation, scope=scope)
        token = await begin(connection, house.chance, viewer)
    made.http.cookies.set(f"hejie-{role.value}", token)
    return made
