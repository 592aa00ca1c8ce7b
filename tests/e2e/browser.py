"""People at their browsers: what they tap, type and read, and everything that goes wrong in the background."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from playwright.sync_api import expect
from tests.e2e.world import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

Size = Literal["phone", "tall", "desk", "narrow"]
Language = Literal["zh", "en"]
_HAND: dict[str, Any] = {
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
}
SIZES: dict[Size, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, **_HAND},
    "tall": {"viewport": {"width": 390, "height": 844}, **_HAND},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "desk": {"viewport": {"width": 1280, "height": 800}},
}
LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-GB"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_LEFT_OUT = (
    # pages behind the address field that nobody sees, two for each window, and processes kept ready for nobody
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess"),
    # what Playwright leaves out: the last such list counts alone
    *("DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay"),
    *("MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints", "AimEnabled"),
    *("NetworkTimeServiceQuerying", "PreconnectToSearch"),
)
FLAGS = (
    f"--disable-features={','.join(_LEFT_OUT)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DISPUTE = re.compile(r"/disputes/(330100-[^/?#]+)")
REFUSED = 400
BROKEN = 500

expect.set_options(timeout=PATIENCE * 1000)


class Chromium:
    """The browser program, started again where it has died: one walk that it takes with it is enough."""

    def __init__(self, launch: Callable[[], Browser]) -> None:
        self._launch = launch
        self._running = launch()

    def new_context(self, **more: Any) -> BrowserContext:
        """As Playwright's."""
        if not self._running.is_connected():
            self._running = self._launch()
        return self._running.new_context(**more)

    def close(self) -> None:
        """End it."""
        self._running.close()


class Person:
    """One browser of one person, with an eye on its console and its traffic."""

    def __init__(self, browser: Chromium, size: Size, language: Language, *, script: bool = True, **more: Any) -> None:
        self.language, self.size = language, size
        self.context = browser.new_context(
            **SIZES[size], locale=LOCALES[language], java_script_enabled=script, timezone_id="Asia/Shanghai", **more
        )
        self.context.set_default_timeout(PATIENCE * 1000)
        self.faults: list[str] = []
        self.offline = False
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        self.context.on("response", self._response)
        self.context.on("requestfailed", self._failed)
        self.page: Page = self.context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        loading = message.text.startswith("Failed to load resource")  # judged by its status below
        if message.type == "error" and not loading and not self.offline:
            self.faults.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        page = response.request.resource_type == "document"
        if response.status >= (BROKEN if page else REFUSED):
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        left = request.failure == "net::ERR_ABORTED"  # the reader went on
        if not left and not self.offline:
            self.faults.append(f"{request.failure} {request.method} {request.url}")

    def leave(self) -> None:
        """Close the browser; whatever went wrong in it fails the test."""
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

    # What a person does. -------------------------------------------------------------------------

    def go(self, url: str) -> None:
        """Open an address."""
        self.page.goto(url, wait_until="domcontentloaded")

    def tap(self, act: str, within: str = "") -> None:
        """Tap the button of an act, the first that can be seen."""
        self.button(act, within).click()

    def button(self, act: str, within: str = "") -> Locator:
        """The button of an act, the first that can be seen."""
        return self.page.locator(f'{within} [data-act="{act}"]:visible').first

    def choose(self, name: str, value: str) -> None:
        """Choose one of several by touching its words."""
        self.page.locator(f'label.choice:has(input[name="{name}"][value="{value}"])').click()

    def type(self, name: str, text: str, form: str = "") -> None:
        """Write into a field."""
        self.page.locator(f'{form} [name="{name}"]:visible').first.fill(text)

    def attach(self, name: str, files: Sequence[Path], form: str = "") -> None:
        """Choose files."""
        self.page.locator(f'{form} input[type="file"][name="{name}"]').first.set_input_files([str(f) for f in files])

    def unfold(self, form: str) -> None:
        """Open the folded part that holds a form, unless it is open."""
        part = self.page.locator(f"details:has(> #{form})")
        if part.count() and part.get_attribute("open") is None:
            part.locator("> summary").click()

    def press_to(self, selector: str, most: int = 90) -> None:
        """Go there by the Tab key alone."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"the Tab key does not lead to {selector}")

    # What a person reads. ------------------------------------------------------------------------

    def sees(self, *words: str, within: str = "main") -> None:
        """Each of these words stands on the page, now or in a moment."""
        for each in words:
            expect(self.page.locator(within).first).to_contain_text(each)

    def misses(self, *words: str, within: str = "main") -> None:
        """None of these words stands on the page."""
        for each in words:
            expect(self.page.locator(within).first).not_to_contain_text(each)

    def reload_until(self, selector: str) -> None:
        """Load the page again, as a person does, until this is there."""
        for _ in range(round(PATIENCE / 0.5)):
            self.page.reload()
            if self.page.locator(selector).count():
                return
            self.page.wait_for_timeout(500)
        expect(self.page.locator(selector)).to_have_count(1)

    def cannot(self, *acts: str) -> None:
        """No button for any of these acts."""
        for each in acts:
            expect(self.page.locator(f'[data-act="{each}"]')).to_have_count(0)

    @property
    def dispute(self) -> str:
        """The dispute on the page, by its address."""
        self.page.wait_for_url(DISPUTE)
        found = DISPUTE.search(self.page.url)
        assert found is not None
        return found[1]
