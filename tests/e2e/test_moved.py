"""A merchant moves to another acquirer between payment and dispute: it still hears, and the old way pays back."""

from __future__ import annotations

import random
from itertools import count

import pytest
from msgspec.structs import replace
from tests.e2e.axe import examine
from tests.e2e.steps import SETTLED, agree, file, open_case, sign_in
from tests.e2e.turns import anyhow
from tests.e2e.world import aside

from hejie.app import build
from hejie.base.clock import SHANGHAI
from hejie.duties.links import find_links
from hejie.intake.clearing import Delivery, load_clearing
from hejie.payments.clearing_files import Form
from hejie_lab.bench.clearing import AGREEMENT
from hejie_lab.clearing_writer import movement, write
from hejie_lab.town import CITY
from hejie_lab.traders import Tool

NUMBERS = count(1)
WALLETS = ["alipay", "wechatpay", "unionpay"]


def numbers(wallet):
    """A former and a new number of a merchant at a wallet, used by no other test."""
    form = {"alipay": "20883{:011d}", "wechatpay": "19009{:05d}", "unionpay": "8983309{:08d}"}[wallet]
    return form.format(next(NUMBERS)), form.format(next(NUMBERS))


def merchant_page(officer, world, trader):
    officer.go(f"{world.url}/{CITY}/officer/merchants/{world.merchants[trader.code].id}")
    officer.page.locator("#bindings").wait_for()


def link(officer, wallet, number, note):
    officer.page.locator("#bindings details summary h3").last.click()
    officer.page.locator('#bind select[name="scheme"]').select_option(wallet)
    officer.type("bound_number", number, "#bind")
    officer.type("bound_words", note, "#bind")
    officer.tap("bind", "#bind")
    officer.page.wait_for_url("**done=bound")


@pytest.mark.parametrize("wallet", WALLETS)
def test_the_dispute_reaches_it_and_the_money_goes_the_old_way(world, person, wallet):
    old, new = numbers(wallet)
    world.equip(world.noodles, Tool(wallet=wallet, account=old))
    paid = world.pay_to(world.noodles, wallet, old, "46.00")
    officer, lin, owner = person("desk"), person(), person()
    sign_in(officer, world)
    merchant_page(officer, world, world.noodles)
    line = officer.page.locator("#bindings li", has_text=old)
    line.locator("summary").first.click()
    line.locator('[name="end_words"]').fill("已改用另一家收单机构")
    line.locator('[data-act="end-binding"]').click()
    officer.page.wait_for_url("**done=unlinked")
    link(officer, wallet, new, "新收单机构来函")
    wrong = examine(officer, "zh")
    officer.sees(old, new)
    merchant_page(officer, world, world.tailor)  # the old number is somebody else's from now on
    link(officer, wallet, old, "号码转给了这家店")
    dispute = file(lin, paid)
    [(merchant,)] = world.rows("select merchant from dispute where id = %s", dispute)
    assert merchant == world.merchants[world.noodles.code].id
    open_case(owner, world, paid, dispute)
    agree(owner)
    paid.await_refunds(4600)
    paid.await_state("settled", 40)
    lin.sees(SETTLED["zh"])
    assert wrong == []
    [(account,)] = world.rows("select account from payment where trade_no = %s", paid.trade_no)
    assert account == old


def test_a_number_is_nobody_elses_on_the_same_day_and_a_wrong_link_is_undone(world, person):
    old, _ = numbers("wechatpay")
    officer = person("desk", "en")
    sign_in(officer, world)
    merchant_page(officer, world, world.noodles)
    link(officer, "wechatpay", old, "seen at the shop")
    merchant_page(officer, world, world.tailor)
    officer.page.locator("#bindings details summary h3").last.click()
    officer.page.locator('#bind select[name="scheme"]').select_option("wechatpay")
    officer.type("bound_number", old, "#bind")
    officer.type("bound_words", "somebody said so", "#bind")
    officer.tap("bind", "#bind")
    officer.sees("belongs to somebody else")
    wrong = examine(officer, "en")
    merchant_page(officer, world, world.noodles)
    line = officer.page.locator("#bindings li", has_text=old)
    line.locator("summary").last.click()
    line.locator('[name="undo_words"]').fill("A namesake's number.")
    line.locator('[data-act="undo-binding"]').click()
    officer.page.wait_for_url("**done=undone")
    wrong += examine(officer, "en")
    merchant_page(officer, world, world.tailor)
    link(officer, "wechatpay", old, "contract seen")
    officer.sees(old)
    assert wrong == []


@anyhow
def test_an_officer_decides_whether_a_number_in_the_records_is_a_merchants(world, person, tmp_path, language, size):
    """The records show the shop's name under a number that nobody has linked; the reasons are told, a yes links it."""
    (_, number), name = numbers("unionpay"), world.teahouse.places[0].name
    aside(record, world, number, name, tmp_path / "day.csv")
    officer = person(size, language)
    sign_in(officer, world)
    [(item,)] = world.rows("select id from work_item where kind = 'link_asked' and body->>'number' = %s", number)
    officer.go(f"{world.url}/{CITY}/officer/items/{item}")
    officer.sees(name, number)
    wrong = examine(officer, language)
    officer.choose("same", "same")
    officer.type("note", "Asked the shop.", "#link")
    officer.tap("link", "#link")
    officer.page.wait_for_url("**done=linked")
    wrong += examine(officer, language)
    assert wrong == []
    merchant = world.merchants[world.teahouse.code].id
    assert world.rows("select merchant from binding where identity like %s and not undone", f"%/{number}") == [
        (merchant,)
    ]


async def record(world, number, name, file):
    """A payment to a number stands in an acquirer's file; links are looked for."""
    async with build(world.platform.settings) as app:
        today = app.clock.now().astimezone(SHANGHAI).date()
        seed = random.Random(number)
        paid = replace(movement(next(NUMBERS), today, seed), merchant=number, name=name, terminal=f"T{number[-6:]}")
        write(file, "csv", iter([paid]))
        told = Delivery(path=file, form=Form.csv, day=today, agreement=AGREEMENT, told=None)
        await load_clearing(app.pool, app.tools.vaults(CITY), CITY, told, app.clock.now(), app.desk.chance)
        await find_links(app.tools, CITY, 90)
