"""A clerk files for a caller, reads it back and prints the slip; its private link settles the dispute on a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.e2e.browser import Person
from tests.e2e.steps import sign_in
from tests.e2e.world import World

from hejie.base.actor import Role

CITY = "/330100"
WORDS = "面里有头发，店员说没办法。"
RELATIVE = "孙大力，儿子"


def clerk_in(person: Person, world: World) -> None:
    """A clerk signs in at the officers' door."""
    account = world.account(Role.clerk)
    person.go(f"{world.url}{CITY}/officer/sign-in")
    person.type("login", account.login)
    person.type("password", account.password)
    person.type("code", account.code(datetime.now(UTC)))
    person.tap("sign-in")
    person.page.wait_for_url(f"**{CITY}/officer/assist")


def to_form(clerk: Person, world: World) -> None:
    """Find the shop by its name."""
    clerk.go(f"{world.url}{CITY}/officer/assist")
    clerk.type("q", world.noodles.places[0].name)
    clerk.tap("search")
    clerk.page.locator("[data-shop]").first.click()


def fill(clerk: Person, world: World, **typed: str) -> None:
    """What the caller tells."""
    clerk.choose("channel", "telephone")
    if typed:
        clerk.page.locator("#assist details summary").first.click()
    day = f"{world.now:%Y-%m-%d}"
    for name, text in {"name": "孙阿婆", "paid": "28", "paid_on": day, "words": WORDS, **typed}.items():
        clerk.type(name, text)
    for name, value in (("proof", "receipt"), ("problem", "quality"), ("remedy", "refund_full")):
        clerk.choose(name, value)
    clerk.tap("read")
    clerk.page.locator("#aloud").wait_for()


def agree(clerk: Person) -> str:
    """Read, agreed, filed; the dispute's identifier."""
    clerk.page.locator('label:has(input[name="agreed"])').first.click()
    clerk.tap("file")
    clerk.page.locator("#done").wait_for(state="attached")
    found = re.search(r"/assist/(330100-[^/?#]+)", clerk.page.url)
    assert found
    return found[1]


def test_filed_by_telephone_and_settled_from_the_slip(world, person):
    clerk, owner, caller = person("desk"), person("phone"), person("phone")
    clerk_in(clerk, world)
    to_form(clerk, world)
    fill(clerk, world)
    clerk.sees(WORDS, "¥28.00", "没有支付平台的记录")
    dispute = agree(clerk)
    clerk.page.get_by_role("link", name="查看并打印回执").click()
    clerk.sees("纠纷编号", "下一步期限", "咨询电话")
    number = dispute.partition("-")[2]
    code = clerk.page.locator("#code").inner_text()

    caller.go(f"{world.url}{CITY}/p")
    caller.type("number", number)
    caller.type("code", code.replace("-", " ").lower())
    caller.tap("slip")
    caller.sees(WORDS, "未核实")

    sign_in(owner, world, Role.merchant)
    owner.go(f"{world.url}{CITY}/merchant/disputes/{dispute}")
    owner.sees("未核实")
    owner.misses("孙阿婆")
    owner.cannot("accept-api", "accept-own_tool")
    owner.tap("accept")
    owner.type("proof_words", "已付现金", "#perform")
    owner.tap("perform")

    caller.go(f"{world.url}{CITY}/p/{number}.{code.replace('-', '')}")
    caller.tap("confirm")
    caller.sees("已和解")
    clerk.go(f"{world.url}{CITY}/officer/assist")
    clerk.type("number", number)
    clerk.tap("look-up")
    clerk.sees("已和解")
    clerk.misses(WORDS)


def test_a_mandate_taken_back_leaves_the_person_their_link(world, person):
    clerk, son = person("desk"), person("phone")
    clerk_in(clerk, world)
    to_form(clerk, world)
    fill(clerk, world, relative=RELATIVE, mandate_words="代她商量退款", until="2099-12-31")
    clerk.sees(RELATIVE)
    dispute = agree(clerk)
    clerk.page.get_by_role("link", name="查看并打印亲属的回执").click()
    code = clerk.page.locator("#code").inner_text().replace("-", "")
    link = f"{world.url}{CITY}/p/{dispute.partition('-')[2]}.{code}"
    son.go(link)
    son.sees(WORDS)
    son.go("about:blank")
    clerk.go(f"{world.url}{CITY}/officer/assist/{dispute}")
    clerk.unfold("withdraw-mandate")
    clerk.tap("withdraw-mandate")
    clerk.sees("委托已撤回")
    son.go(link)
    son.misses(WORDS)
    son.sees("这个链接打不开", "照常办理")
