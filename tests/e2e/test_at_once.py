"""Two who cannot wait: the stall owner between two customers, and whoever is ill from a meal."""

from __future__ import annotations

from tests.e2e.steps import SETTLED, enter, file, sign_in
from tests.e2e.turns import both

from hejie.base.actor import Role


def test_a_stall_owner_without_account_refunds_from_the_message_in_two_touches(world, person):
    """The message, its link, one button: nothing to sign in to, nothing to type, nothing to look for."""
    paid = world.pay(world.noodles, "28.00")
    lin, owner = person(), person()
    dispute = file(lin, paid, problem="not_served", words="等了半小时没有上菜。")
    link = world.case_link(paid.at, dispute)
    owner.go(f"{world.sandbox_url}/sms?to={paid.at.phone[1:]}")
    owner.page.locator(f'a[href="{link}"]').first.click()  # one
    owner.page.wait_for_url(f"**/merchant/disputes/{dispute}*")
    owner.sees("等了半小时没有上菜。", "¥28.00")
    assert owner.page.locator('input[type="password"], input[name="login"]').count() == 0
    yes = owner.page.locator('button[data-act^="accept"][value="api"]:visible').first
    box = yes.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= owner.page.viewport_size["height"], "the button is below the fold"
    yes.click()  # two
    paid.await_refunds(2800)
    paid.await_state("settled")
    owner.sees(SETTLED["zh"])
    lin.sees(SETTLED["zh"])


@both
def test_food_poisoning_reaches_an_officer_in_the_same_minute(world, person, language):
    """The form shows the emergency doors before anything else; the officer's board has it; the money waits."""
    paid = world.pay(world.noodles, "46.00")
    lin, officer = person(), person("desk", "zh")
    sign_in(officer, world, Role.officer)
    enter(lin, paid)
    lin.choose("problem", "injury")
    lin.tap("send")
    first = lin.page.locator("main a").first
    assert first.get_attribute("href") == "tel:120"
    lin.page.locator("#told").wait_for()
    assert paid.disputes() == []
    officer.page.reload()
    ((report,),) = world.rows("select id from safety_report order by id desc limit 1")
    officer.page.locator(f"a[href$='/officer/safety/{report}']").first.click()
    officer.sees("青荷面馆")
    officer.tap("take")
    officer.page.locator("#close").wait_for()
    reported, taken = world.rows(
        "select (body->>'reported_at')::timestamptz, (select max(at) from log l where l.noun = 'safety_report'"
        " and l.id = r.id and l.event = 'Taken') from safety_report r order by id desc limit 1"
    )[0]
    assert (taken - reported).total_seconds() < 60
    lin.tap("go-on")
    lin.sees("¥46.00")
    lin.tap("send")
    lin.page.wait_for_url("**/disputes/*")
    assert len(paid.disputes()) == 1
