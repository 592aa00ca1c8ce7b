"""What people do again and again: file from the wallet's bill, open the link in a text message, agree."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.e2e.browser import Person
from tests.e2e.world import Payment, World

from hejie.base.actor import Role

ACCEPT = {"zh": "消费纠纷一键和解", "en": "Settle a consumer dispute"}
WAITING = {"zh": "等待商户处理", "en": "Waiting for the merchant"}
SETTLED = {"zh": "已和解", "en": "Settled"}
SETTLING = {"zh": "已达成一致，履行中", "en": "Agreed, on its way"}
YOUR_TURN = {"zh": "等待您确认", "en": "Waiting for you"}
OVERDUE = {"zh": "商户已逾期", "en": "The merchant is overdue"}
AUTHORITY = {"zh": "监管部门处理中", "en": "With the authority"}
CLOSED = {"zh": "监管部门已办结", "en": "Closed by the authority"}


def enter(person: Person, paid: Payment) -> None:
    """From the payment in the wallet to the form, by the wallet's button."""
    person.go(f"{paid.page}?lang={person.language}")
    person.page.get_by_role("button", name=ACCEPT[person.language]).click()


def file(person: Person, paid: Payment, problem: str = "quality", **typed: str) -> str:
    """File a dispute from the bill; its identifier. `remedy`, `amount`, `right_amount`, `words` as asked."""
    enter(person, paid)
    person.choose("problem", problem)
    if remedy := typed.pop("remedy", ""):
        person.choose("remedy", remedy)
    if words := typed.pop("words", ""):
        person.page.locator('details.more:has([name="words"]) > summary').click()
        person.type("words", words)
    for name, text in typed.items():
        person.type(name, text)
    person.tap("send")
    person.sees(WAITING[person.language])
    return person.dispute


def open_case(person: Person, world: World, paid: Payment, dispute: str) -> None:
    """The merchant touches the link in the message on its phone."""
    link = world.case_link(paid.at, dispute)
    person.go(f"{world.sandbox_url}/sms?to={paid.at.phone[1:]}")
    person.page.locator(f'a[href="{link}"]').first.click()
    person.page.wait_for_url(f"**/merchant/disputes/{dispute}*")


def agree(person: Person, road: str = "api") -> None:
    """The merchant agrees on a road to what is asked."""
    person.page.locator(f'button[data-act^="accept"][value="{road}"]:visible').first.click()


def sign_in(person: Person, world: World, role: Role = Role.officer, authority: str = "330100") -> None:
    """With an account, its password and the authenticator's code; an officer's is of this authority."""
    account, place = world.account(role, authority), f"{world.url}/330100/{role.value}"
    person.go(f"{place}/sign-in")
    person.type("login", account.login)
    person.type("password", account.password)
    person.type("code", account.code(datetime.now(UTC)))
    person.tap("sign-in")
    person.page.wait_for_url(place)
