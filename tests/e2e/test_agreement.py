"""An officer enters a franchise agreement; a dispute is the brand's to answer then, and the franchisee reads along."""

from __future__ import annotations

import pytest
from tests.e2e.axe import examine
from tests.e2e.browser import Person
from tests.e2e.steps import agree, file, sign_in
from tests.e2e.world import aside, trader

from hejie.app import build
from hejie_lab.settling import settle
from hejie_lab.town import CITY


async def _move_in(world, traders):
    async with build(world.platform.settings) as app:
        return await settle(app, world.platform, traders)


@pytest.fixture(scope="module")
def pair(world):
    """A franchisee that is paid, and its brand."""
    shop, brand = trader(61, "荷塘小馆", "荷塘小馆餐饮"), trader(62, "荷塘总店", "荷塘品牌管理", authorised=False)
    world.box.load(
        merchants=[
            {"merchant_id": each.account, "cert_no": each.code, "name": each.name, "city": CITY, "balance": "2000.00"}
            for each in (shop, brand)
        ]
    )
    return shop, brand, aside(_move_in, world, (shop, brand))


def enter(officer: Person, world, shop, brand, merchants):
    """The form on the franchisee's page, refused once and then right."""
    sign_in(officer, world)
    officer.go(f"{world.url}/{CITY}/officer/merchants/{merchants[shop.code].id}")
    officer.page.locator("#agreements summary", has_text="登记约定").click()
    officer.tap("agree")
    officer.page.locator("#summary").wait_for()
    wrong = examine(officer, officer.language)
    for name, value in (
        ("bond", "franchise"), ("side", "member"), ("answers", "principal"), ("pays", "member"), ("counts", "both"),
        ("both_see", "yes"),
    ):  # fmt: skip
        officer.choose(name, value)
    officer.type("other_code", brand.code)
    officer.type("begins", "2026-01-01")
    officer.type("principal_words", "三月一日的合同，由总经理签字。")
    officer.type("member_words", "店长当面同意。")
    officer.tap("agree")
    officer.page.wait_for_url("**done=agreed")
    return wrong + examine(officer, officer.language) + examine(officer, officer.language)


def test_the_brand_answers_for_its_franchisee(world, person, pair):
    shop, brand, merchants = pair
    officer, lin, head, counter = person("desk"), person(), person(), person()
    wrong = enter(officer, world, shop, brand, merchants)
    paid = world.pay(shop, "38.00", item="招牌面")
    dispute = file(lin, paid, words="等了一小时。")
    wrong += examine(lin, "zh")
    link = world.case_link(shop, dispute)
    counter.go(link)
    counter.page.locator("#watches").wait_for()
    counter.cannot("accept", "offer", "say", "deny-sale")
    wrong += examine(counter, "zh")
    head.go(world.case_link(brand, dispute))
    head.sees("等了一小时。")
    wrong += examine(head, "zh")
    agree(head)
    head.page.locator("#code, #done").first.wait_for()
    assert world.rows("select merchant, seen_by from dispute where id = %s", dispute) == [
        (merchants[brand.code].id, merchants[shop.code].id)
    ]
    assert wrong == []
