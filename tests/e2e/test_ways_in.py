"""Other ways through the same pages: a bill file, no JavaScript, no pointer, no network."""

from __future__ import annotations

import pytest
from tests.e2e.browser import DISPUTE
from tests.e2e.steps import SETTLED, WAITING, YOUR_TURN, agree, enter, file, open_case
from tests.e2e.world import until


def test_a_bill_file_and_a_confirmed_phone_lead_to_the_same_road(world, person, bill_file):
    paid = world.pay(world.noodles, "26.00")
    lin, owner = person(), person()
    lin.go(f"{world.url}/330100/start")
    lin.page.locator('a[href$="/bill/file"]').click()
    lin.attach("bill", [bill_file(paid)])
    lin.tap("bring")
    lin.choose("row", paid.trade_no)
    lin.tap("choose")
    lin.type("phone", paid.payer.phone[3:])
    before = world.now.timestamp()
    lin.tap("contact")
    lin.type("code", world.one_time_code(paid.payer.phone, before - 1))
    lin.tap("confirm-code")
    lin.choose("problem", "quality")
    lin.tap("send")
    dispute = lin.dispute
    proven = "select (body->'payments'->0->>'proven')::bool from dispute where id = %s"
    until(lambda: world.rows(proven, dispute) == [(True,)], "the wallet's word on the payment")
    open_case(owner, world, paid, dispute)
    agree(owner)
    paid.await_refunds(2600)
    paid.await_state("settled")
    again = person()  # another phone, or the same one after a week
    again.go(f"{world.url}/330100/disputes/{dispute}")
    again.go(f"{world.url}/330100/back")
    again.type("phone", paid.payer.phone[3:])
    before = world.now.timestamp()
    again.tap("back")
    again.type("code", world.one_time_code(paid.payer.phone, before - 1))
    again.tap("confirm-code")
    again.page.locator(f'a[href$="/disputes/{dispute}"]').first.click()
    again.sees(SETTLED["zh"])


def test_a_bill_that_is_cut_off_is_told_in_one_sentence(world, person, bill_file):
    paid = world.pay(world.noodles, "26.00")
    exported = bill_file(paid)
    exported.write_bytes(exported.read_bytes()[:300])
    lin = person()
    lin.go(f"{world.url}/330100/bill/file")
    lin.attach("bill", [exported])
    lin.tap("bring")
    lin.page.locator("#bill-fault").wait_for()
    assert lin.page.locator("#summary li").count() == 1
    assert world.rows("select count(*) from payment where trade_no = %s", paid.trade_no) == [(0,)]


def test_all_of_it_without_javascript(world, person):
    paid = world.pay(world.noodles, "45.00")
    lin, owner = person(script=False), person(script=False)
    dispute = file(lin, paid, "price", remedy="refund_part", amount="20")
    open_case(owner, world, paid, dispute)
    owner.unfold("offer")
    owner.choose("remedy", "refund_part")
    owner.choose("road", "api")
    owner.type("amount", "15", "#offer")
    owner.tap("offer", "#offer")
    lin.page.reload()
    lin.sees(YOUR_TURN["zh"], "¥15.00")
    lin.tap("accept")
    paid.await_refunds(1500)
    paid.await_state("settled")
    lin.page.reload()
    lin.sees(SETTLED["zh"])
    lin.page.locator('label:has(input[name="solved"][value="yes"])').click()
    lin.page.locator('button[name="mood"][value="4"]').click()
    lin.sees("您的评价：已解决")
    assert world.rows("select body->'survey'->>'mood' from dispute where id = %s", dispute) == [("4",)]


@pytest.mark.parametrize("size", ["desk"])
def test_all_of_it_without_a_pointer(world, person):
    paid = world.pay(world.noodles, "22.00")
    lin, owner = person(), person()
    lin.go(f"{paid.page}?lang=zh")
    lin.press_to("form[action$='/platform'] button")
    lin.page.keyboard.press("Enter")
    lin.page.wait_for_url("**/disputes/new*")
    lin.page.keyboard.press("Tab")
    assert lin.page.evaluate("document.activeElement.className") == "skip"
    lin.page.keyboard.press("Enter")
    lin.press_to("input[name=problem]", 5)
    lin.page.keyboard.press("Space")
    for _ in range(3):
        lin.page.keyboard.press("ArrowDown")
    assert lin.page.evaluate("document.querySelector('input[name=problem]:checked').value") == "quality"
    lin.press_to("[data-act=send]")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert lin.page.evaluate(outline) == "solid"
    lin.page.keyboard.press("Enter")
    dispute = lin.dispute
    owner.go(world.case_link(paid.at, dispute))
    owner.press_to("button[value=own_tool]")
    owner.page.keyboard.press("Shift+Tab")
    assert owner.page.evaluate("document.activeElement.value") == "api"
    owner.page.keyboard.press("Enter")
    paid.await_refunds(2200)
    paid.await_state("settled")
    lin.sees(SETTLED["zh"])
    lin.press_to("input[name=solved]")
    lin.page.keyboard.press("Space")
    lin.press_to("button[name=mood][value='5']")
    lin.page.keyboard.press("Enter")
    lin.sees("您的评价：已解决")


def test_a_form_sent_into_a_dead_network_is_there_again_and_files_once(world, person):
    paid = world.pay(world.noodles, "28.00")
    lin = person()
    enter(lin, paid)
    lin.choose("problem", "quality")
    lin.offline = True
    lin.context.set_offline(True)
    lin.tap("send")
    lin.page.wait_for_url("chrome-error://**")
    assert paid.disputes() == []
    lin.context.set_offline(False)
    lin.page.go_back()
    assert lin.page.locator('input[name="problem"][value="quality"]').is_checked()
    lin.tap("send")
    lin.sees(WAITING["zh"])
    assert len(paid.disputes()) == 1


def test_a_form_whose_answer_was_lost_files_once(world, person):
    paid = world.pay(world.noodles, "28.00")
    lin = person()
    enter(lin, paid)
    lin.choose("problem", "quality")
    lin.offline = True

    def lose(route):
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    lin.context.route("**/330100/disputes", lose)
    lin.tap("send")
    lin.page.wait_for_url("chrome-error://**")
    assert len(paid.disputes()) == 1
    lin.context.unroute("**/330100/disputes")
    lin.page.go_back()
    if not DISPUTE.search(lin.page.url) or "/new" in lin.page.url:
        lin.choose("problem", "quality")
        lin.tap("send")
    lin.page.wait_for_url(f"**/disputes/{paid.disputes()[0][0]}*")
    lin.sees(WAITING["zh"])
    assert len(paid.disputes()) == 1


def test_two_taps_on_the_button_file_once(world, person):
    paid = world.pay(world.noodles, "28.00")
    lin = person()
    enter(lin, paid)
    lin.choose("problem", "quality")
    lin.button("send").dblclick()
    lin.sees(WAITING["zh"])
    assert len(paid.disputes()) == 1
