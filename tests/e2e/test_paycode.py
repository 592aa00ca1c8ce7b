"""Payment codes with promises: asked for, granted, printed, read, and a dispute that says which promise it is about."""

from __future__ import annotations

import pytest
from tests.e2e import paycodes
from tests.e2e.axe import examine
from tests.e2e.steps import enter, open_case, sign_in
from tests.e2e.turns import both

from hejie.base.actor import Role
from hejie.payments.emvco_writer import Link, around
from hejie_lab.town import CITY

RETURNS = {"zh": "退货放心", "en": "Seven-day returns"}
SENTENCE = {"zh": "七日内", "en": "within seven days"}
SIGNATURES = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n"}


@pytest.fixture(autouse=True)
def none_left(world, person):
    """Codes end with their test: whoever pays the shop later is shown no promises."""
    yield
    officer = person("desk", "en")
    sign_in(officer, world)
    paycodes.end_all(officer, world)


@both
def test_from_the_application_to_a_dispute_about_a_promise(world, person, size, language):
    owner, officer, passer, lin = (person(size, language) for _ in range(4))
    sign_in(owner, world, Role.merchant)
    sign_in(officer, world)
    world.advance(1)
    before = world.pay(world.noodles, "18.00", ago=0.5)
    paycodes.ask(owner, world, paycodes.acquirers(world.noodles))
    owner.page.locator("#done").wait_for(state="attached")
    wrong = examine(owner, language)
    paycodes.open_first(officer, world)
    officer.sees(world.noodles.places[0].name, RETURNS[language])
    wrong += examine(officer, language)
    identifier = paycodes.grant(officer, world)
    wrong += examine(officer, language)
    passer.go(f"{world.url}{paycodes.page_of(world, identifier)}")
    passer.sees(world.noodles.places[0].name, RETURNS[language], "12315")
    wrong += examine(passer, language)
    passer.press_to('[data-act="start"]')
    passer.page.keyboard.press("Enter")
    passer.page.wait_for_url("**/start*")
    world.advance(1)
    paid = world.pay(world.noodles, "26.00", ago=0.5)
    enter(lin, before)  # paid before the grant: nothing had been shown
    assert lin.page.locator('[name="promise"]').count() == 0
    enter(lin, paid)
    lin.choose("problem", "promise_broken")
    lin.page.locator("#about > summary").click()
    lin.choose("promise", "returns")
    wrong += examine(lin, language)
    lin.tap("send")
    dispute = lin.dispute
    lin.sees(RETURNS[language], SENTENCE[language])
    link = person(size, language)
    open_case(link, world, paid, dispute)
    link.sees(RETURNS[language], SENTENCE[language])
    officer.go(f"{world.url}/{CITY}/officer/disputes/{dispute}")
    officer.sees(RETURNS[language])
    assert wrong == []
    [(promise, code)] = world.rows("select body->'promise'->>'id', body->'promise'->>'paycode' from dispute"
                                   " where id = %s", dispute)  # fmt: skip
    assert (promise, code) == ("returns", identifier)


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_the_poster_is_printed_by_its_owner_alone(world, person, kind):
    owner, officer, stranger = person(), person("desk"), person()
    sign_in(owner, world, Role.merchant)
    sign_in(officer, world)
    paycodes.ask(owner, world, paycodes.acquirers(world.noodles))
    owner.page.locator("#done").wait_for(state="attached")
    identifier = paycodes.grant(officer, world)
    address = f"{world.url}/{CITY}/merchant/paycode/{identifier}/poster.{kind}"
    answer = owner.context.request.get(address)
    assert answer.status == 200
    assert answer.body().startswith(SIGNATURES[kind])
    for each in (stranger, officer):
        assert not each.context.request.get(address).body().startswith(SIGNATURES[kind])


def test_a_newer_code_takes_the_place_of_the_former_and_a_forged_one_none(world, person):
    owner, officer, passer = person("phone", "en"), person("desk", "en"), person("phone", "en")
    sign_in(owner, world, Role.merchant)
    sign_in(officer, world)
    good = paycodes.acquirers(world.noodles)
    paycodes.ask(owner, world, good[:-4] + "0000")
    owner.sees("The checksum of this code is wrong")
    wrong = examine(owner, "en")
    paycodes.ask(owner, world, around(good, Link("0000000000", "https://elsewhere.example/330100")))
    owner.sees("is a payment code with promises already")
    paycodes.ask(owner, world, good)
    owner.page.locator("#done").wait_for(state="attached")
    first = paycodes.grant(officer, world)
    paycodes.ask(owner, world, paycodes.acquirers(world.noodles, "898330000000777"))
    owner.page.locator("#done").wait_for(state="attached")
    paycodes.open_first(officer, world)
    officer.sees("It ends when you grant this one")
    wrong += examine(officer, "en")
    second = paycodes.grant(officer, world)
    assert world.rows("select id from paycode where state = 'granted'") == [(second,)]
    passer.go(f"{world.url}{paycodes.page_of(world, first)}")
    passer.page.locator("#over").wait_for()
    wrong += examine(passer, "en")
    owner.go(f"{world.url}/{CITY}/merchant/paycode")
    owner.sees("A newer one has taken its place")
    assert wrong == []
