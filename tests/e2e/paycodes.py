"""What people do with payment codes: ask for one, grant it, end it, file about a promise."""

from __future__ import annotations

from tests.e2e.browser import Person
from tests.e2e.world import World

from hejie.payments.emvco_writer import written
from hejie_lab.town import CITY
from hejie_lab.traders import Trader


def acquirers(at: Trader, account: str = "") -> str:
    """The code that a merchant has from its acquirer; the account is its own unless another is named."""
    number = account or f"898330{at.account[-9:]}"
    return written(
        [
            ("00", "01"),
            ("01", "11"),
            ("15", f"4802100048021000{number}"),
            ("52", "5812"),
            ("53", "156"),
            ("58", "CN"),
            ("59", at.places[0].name),
            ("60", "HANGZHOU"),
            ("62", [("07", "01080209")]),
        ]
    )


def ask(owner: Person, world: World, payload: str) -> None:
    """The signed-in owner asks for a code with all promises."""
    owner.go(f"{world.url}/{CITY}/merchant/settings")
    owner.tap("paycode")
    owner.type("payload", payload, "#ask")
    owner.tap("ask-paycode", "#ask")


def open_first(officer: Person, world: World) -> str:
    """The signed-in officer opens the application that has waited longest; its identifier."""
    officer.go(f"{world.url}/{CITY}/officer/paycodes")
    first = officer.page.locator("#waiting a").first
    identifier = first.get_attribute("data-paycode")
    first.click()
    officer.page.locator("#grant").wait_for()
    assert identifier is not None
    return identifier


def grant(officer: Person, world: World) -> str:
    """And grants it."""
    identifier = open_first(officer, world)
    officer.tap("grant-paycode", "#grant")
    officer.page.wait_for_url("**done=granted")
    return identifier


def end_all(officer: Person, world: World) -> None:
    """The signed-in officer ends what is in force and refuses what waits."""
    for state, act, why in (("granted", "end", "换新码"), ("applied", "refuse", "重复")):
        for (identifier,) in world.rows("select id from paycode where state = %s", state):
            officer.go(f"{world.url}/{CITY}/officer/paycodes/{identifier}")
            officer.type(f"{act}_reason", why, f"#{act}")
            officer.tap(f"{act}-paycode", f"#{act}")
            officer.page.wait_for_url("**done=*")


def page_of(world: World, identifier: str) -> str:
    """The address of the page behind a code."""
    [(number,)] = world.rows("select number from paycode where id = %s", identifier)
    return f"/{CITY}/code/{number}"
