"""When they do not agree at once: refusal, counter-offer, silence, mediation, and the wallet's own cases."""

from __future__ import annotations

from tests.e2e.steps import (
    AUTHORITY,
    CLOSED,
    OVERDUE,
    SETTLED,
    WAITING,
    YOUR_TURN,
    agree,
    enter,
    file,
    open_case,
    sign_in,
)
from tests.e2e.turns import both

ANSWER_HOURS = 96


def officer_at(person, world, dispute):
    """An officer at the desk, with the case open."""
    officer = person()
    sign_in(officer, world)
    officer.go(f"{world.url}/330100/officer/disputes/{dispute}")
    return officer


@both
def test_a_refusal_has_a_reason_and_the_consumer_asks_the_authority_in(world, person, language):
    paid = world.pay(world.noodles, "28.00")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    lin.cannot("escalate")
    open_case(owner, world, paid, dispute)
    owner.unfold("answer")
    owner.type("reason", "面是按标准做的，不同意退款。", "#answer")
    owner.tap("answer", "#answer")
    lin.sees(YOUR_TURN[language], "面是按标准做的，不同意退款。")
    lin.tap("escalate")
    lin.sees(AUTHORITY[language])
    assert paid.disputes() == [(dispute, "mediating")]
    assert paid.refunds == []


@both
def test_offer_and_counter_offer(world, person, language):
    paid = world.pay(world.noodles, "50.00")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    owner.unfold("offer")
    owner.choose("remedy", "refund_part")
    owner.type("amount", "10", "#offer")
    owner.tap("offer", "#offer")
    lin.sees("¥10.00", YOUR_TURN[language])
    lin.unfold("offer")
    lin.choose("remedy", "refund_part")
    lin.type("amount", "20.5", "#offer")
    lin.tap("offer", "#offer")
    owner.page.reload()
    owner.sees("¥20.50")
    agree(owner)
    paid.await_refunds(2050)
    paid.await_state("settled")
    lin.sees(SETTLED[language])


def test_the_merchants_offer_is_taken(world, person, language):
    paid = world.pay(world.noodles, "50.00")
    lin, owner = person(), person()
    open_case(owner, world, paid, file(lin, paid))
    owner.unfold("offer")
    owner.choose("remedy", "refund_part")
    owner.choose("road", "api")
    owner.type("amount", "15", "#offer")
    owner.tap("offer", "#offer")
    lin.sees("¥15.00")
    lin.tap("accept")
    paid.await_refunds(1500)
    paid.await_state("settled")
    lin.sees(SETTLED[language])


@both
def test_silence_goes_to_the_authority_by_itself(world, person, language):
    paid = world.pay(world.noodles, "28.00")
    lin = person()
    dispute = file(lin, paid)
    lin.cannot("escalate")
    world.advance(ANSWER_HOURS + 1)
    paid.await_state("mediating")
    enter(lin, paid)  # the session has ended meanwhile: the bill leads back to the same dispute
    assert lin.dispute == dispute
    lin.sees(AUTHORITY[language])
    officer = person("desk")
    sign_in(officer, world)
    officer.go(f"{world.url}/330100/officer?state=mediating")
    officer.sees("青荷面馆")
    assert officer.page.locator(f'[data-dispute="{dispute}"]').count() == 1


@both
def test_who_chose_to_wait_sees_the_merchant_overdue_and_may_still_be_answered(world, person, language):
    paid = world.pay(world.noodles, "28.00")
    lin, owner = person(), person()
    enter(lin, paid)
    lin.choose("problem", "quality")
    lin.choose("escalates", "yes")  # takes the mark away
    lin.tap("send")
    dispute = lin.dispute
    world.advance(ANSWER_HOURS + 1)
    paid.await_state("overdue")
    enter(lin, paid)
    lin.sees(OVERDUE[language])
    assert lin.button("escalate").is_visible()
    open_case(owner, world, paid, dispute)
    agree(owner)
    paid.await_refunds(2800)
    paid.await_state("settled")
    assert world.rows("select (body->>'late')::bool from dispute where id = %s", dispute) == [(True,)]


@both
def test_an_officer_brings_both_together(world, person, language):
    paid = world.pay(world.noodles, "88.00")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    owner.unfold("answer")
    owner.type("reason", "不同意。", "#answer")
    owner.tap("answer", "#answer")
    lin.sees("不同意。")
    lin.tap("escalate")
    lin.sees(AUTHORITY[language])
    officer = officer_at(person, world, dispute)
    officer.tap("take")
    officer.page.locator('#propose select[name="remedy"]').select_option("refund_part")
    officer.type("amount", "44", "#propose")
    officer.type("proposal", "各让一步，退一半。", "#propose")
    officer.tap("propose")
    lin.sees("¥44.00", "各让一步，退一半。")
    lin.tap("accept")
    owner.page.reload()
    owner.sees("¥44.00")
    agree(owner)
    paid.await_refunds(4400)
    officer.sees("seen at the wallet" if officer.language == "en" else "已核实到账")
    officer.reload_until("#close")  # the refund is seen a moment before the dispute hears of it
    officer.choose("outcome", "mediated")
    officer.type("memo", "经调解，商户退还 44 元。", "#close")
    officer.tap("close")
    paid.await_state("mediated")
    lin.sees(CLOSED[language])
    officer.sees("经调解，商户退还 44 元。", CLOSED[officer.language])
    assert paid.refunds == [4400]


@both
def test_a_case_of_the_wallets_own_is_answered_here_and_confirmed_there(world, person, language):
    paid = world.pay(world.noodles, "33.00")
    lin, owner = person(), person()
    lin.go(f"{paid.page}/complain?lang={language}")
    lin.page.locator("#reason").select_option("商品质量问题")
    lin.page.locator("#demand").select_option("退款")
    lin.type("content", "面里有异物")
    lin.page.locator("form.card button").click()
    lin.page.wait_for_url("**/cases/*")
    wallets_page = lin.page.url
    dispute = paid.await_state("awaiting_merchant")
    open_case(owner, world, paid, dispute)
    owner.sees("面里有异物")
    officer = officer_at(person, world, dispute)
    officer.sees("面里有异物")
    agree(owner)
    paid.await_refunds(3300)
    enter(lin, paid)
    assert lin.dispute == dispute
    lin.cannot("withdraw", "escalate", "confirm")  # the wallet leads
    lin.go(wallets_page)
    lin.page.locator('form[action$="/confirm"] button').click()
    paid.await_state("settled")
    assert paid.refunds == [3300]
    cases = [row["status"] for row in world.box.ledger()["cases"] if row["trade_no"] == paid.trade_no]
    assert cases == ["FINISHED"]


def test_the_page_changes_by_itself_and_keeps_what_was_half_typed(world, person, language):
    paid = world.pay(world.noodles, "28.00")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    lin.page.evaluate("window.same = true")
    owner.page.evaluate("window.same = true")
    lin.type("words", "我还没写完", "#say")
    owner.unfold("say")
    owner.type("words", "请问哪里不满意？", "#say")
    owner.tap("say", "#say")
    lin.sees("请问哪里不满意？")
    assert lin.page.locator("#say [name=words]").input_value() == "我还没写完"
    assert lin.page.evaluate("document.activeElement.name") == "words"
    assert lin.page.evaluate("window.same") is True
    owner.unfold("say")
    owner.page.evaluate("window.same = true")
    owner.type("words", "店里也没写完", "#say")
    lin.tap("say", "#say")
    owner.sees("我还没写完")
    assert owner.page.locator("#say [name=words]").input_value() == "店里也没写完"
    assert owner.page.evaluate("window.same") is True
    lin.sees(WAITING[language])
