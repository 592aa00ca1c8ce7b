"""What the people of two real cities hold in their hands: what the demo prints, a browser, a keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pyotp
from tests.e2e.axe import glance
from tests.e2e.browser import Person

TIMES, BETWEEN_SECONDS = 15, 6
"""Until a log has taken in what happened and others have signed it: a person may ask for 20 files in an hour."""
HOME, THERE = "330100", "510100"
_FOCUS = """() => { const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return { inside: box.top >= 0 && box.bottom <= innerHeight && box.width > 0,
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none' }; }"""
ACCEPT = "消费纠纷一键和解"


class Walk:
    """What stands on the demo's sign, and who walks by it."""

    def __init__(self, sign: str, come: Callable[..., Person]) -> None:
        self._sign, self._come = sign, come
        self.wrong: list[str] = []

    def address(self, ending: str) -> str:
        """The printed address that ends so."""
        found = [word for word in self._sign.split() if word.startswith("http") and word.endswith(ending)]
        assert len(found) == 1, (ending, found)
        return found[0]

    def city(self, code: str) -> str:
        """Where a city's pages are."""
        return self.address(f"/{code}/officer").removesuffix("/officer")

    def happened(self, words: str) -> str:
        """The printed address of the dispute of which these words are told."""
        line = next(line for line in self._sign.splitlines() if words in line)
        return next(word for word in line.split() if word.startswith("http"))

    def officer(self, city: str, language: str = "zh") -> Person:
        """Signs in with what is printed below the city's desk."""
        came = self._come("desk", language)
        desk = self.address(f"/{city}/officer")
        login, password, secret = re.findall(r"(officer) · (\S+) · .*TOTP (\S+)", self._sign.split(desk)[1])[0]
        came.go(desk)
        for name, typed in (("login", login), ("password", password), ("code", _code(secret))):
            came.type(name, typed)
        came.tap("sign-in")
        came.page.wait_for_url(desk)
        return came

    def phone(self) -> Person:
        """Somebody with a phone."""
        return self._come("tall", "zh")

    def look(self, *people: Person) -> None:
        """What is wrong with the pages before them."""
        for each in people:
            self.wrong += glance(each, each.page.url)

    def bill_of(self, consumer: Person, item: str) -> None:
        """From the printed bill by the wallet's own button to the dispute about a payment."""
        bill = next(word for word in self._sign.split() if "/wallet/" in word)
        consumer.go(bill)
        consumer.page.locator("a", has_text=item).click()
        consumer.page.get_by_role("button", name=ACCEPT).click()
        consumer.page.wait_for_url(f"**/{HOME}/disputes/*")

    def message(self, merchant: Person, city: str, words: str) -> None:
        """The newest message in the printed outbox that has these words leads to the merchant's page."""
        sent = re.compile(rf"/{city}/m/")
        merchant.go(self.address("/sms"))
        merchant.page.locator("p.bubble", has_text=words).locator("a").filter(has_text=sent).first.click()
        merchant.page.wait_for_url(f"**/{city}/merchant/disputes/*")


def _code(secret: str) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC))


def press(person: Person, selector: str, key: str = "Enter") -> None:
    """Reach something by the Tab key, in sight and with its focus shown, and press it."""
    person.press_to(selector)
    seen = person.page.evaluate(_FOCUS)
    assert seen["inside"], (selector, seen)
    assert seen["outline"], (selector, seen)
    person.page.keyboard.press(key)


def lose_the_network(person: Person, act: str) -> None:
    """Send a form while there is no network, and come back to it."""
    person.offline = True
    person.context.set_offline(True)
    person.tap(act)
    person.page.wait_for_url("chrome-error:**")
    person.context.set_offline(False)
    person.page.go_back()
    person.offline = False


def hand_over(officer: Person, words: str) -> None:
    """Offer the dispute on the page to Chengdu."""
    officer.unfold("hand-over")
    officer.page.locator('#hand-over select[name="to"]').select_option(THERE)
    officer.choose("because", "shop_elsewhere")
    officer.type("handover_words", words, "#hand-over")
    officer.tap("hand-over")
    officer.page.wait_for_url("**done=handed_over")


def due(person: Person) -> str:
    """The instant until which the merchant is to answer, as the page tells it."""
    found = re.search(r"答复期限 (\S+ \S+)", person.page.locator("details.due summary").first.inner_text())
    assert found is not None
    return found[1]


def download(person: Person, folder: Path) -> Path:
    """The proof of the case on the page; the page is left alone until the log has come so far."""
    proof = person.button("proof")
    address = urljoin(person.page.url, str(proof.get_attribute("href")))
    for _ in range(TIMES):
        if person.context.request.get(address).ok:
            break
        person.page.wait_for_timeout(BETWEEN_SECONDS * 1000)
    with person.page.expect_download() as waiting:
        proof.click()
    target = folder / "proof.json"
    waiting.value.save_as(target)
    return target


def judged(person: Person, page: str, file: Path) -> str:
    """What the page says of a file: its verdict, or `refused`."""
    person.go(page)
    person.attach("file", [file])
    person.tap("check")
    person.page.locator("#checked, #summary").wait_for()
    found = person.page.locator("#checked")
    return str(found.get_attribute("data-verdict")) if found.count() else "refused"
