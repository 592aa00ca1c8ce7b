"""An advance out of a fund: promised, granted after a failed mediation, paid, recovered in part, the rest given up."""

from __future__ import annotations

from tests.e2e.axe import examine
from tests.e2e.steps import enter, file, open_case, sign_in
from tests.e2e.turns import both

from hejie_lab.town import CITY


def _unfold(person, inner, handle):
    if person.page.locator(inner).is_hidden():
        person.page.locator(handle).click()


@both
def test_the_fund_pays_where_the_merchant_does_not(world, person, size, language):
    paid, lin, link, desk = world.pay(world.tailor, "66.00"), person(size, language), person(), person(size, language)
    dispute = file(lin, paid, words="裁坏了。")
    open_case(link, world, paid, dispute)
    link.unfold("answer")
    link.type("reason", "不同意。", "#answer")
    link.tap("answer", "#answer")
    link.page.locator("#done").wait_for(state="attached")
    enter(lin, paid)
    lin.go(f"{world.url}/{CITY}/disputes/{dispute}")
    lin.tap("escalate")
    sign_in(desk, world)
    desk.go(f"{world.url}/{CITY}/officer/funds")
    _unfold(desk, "#fund_name", "#h-found")
    desk.unfold("found")
    desk.type("fund_name", "湖滨商圈先行赔付金", "#found")
    desk.type("cap", "60", "#found")
    wrong = examine(desk, language)
    desk.tap("found-fund", "#found")
    desk.page.locator("#contribute").wait_for()
    fund = desk.page.url.partition("?")[0]
    desk.type("amount", "100", "#contribute")
    desk.type("reference", f"IN-{dispute}", "#contribute")
    desk.tap("contribute", "#contribute")
    desk.sees("¥100.00", within="#ledger")
    desk.go(f"{world.url}/{CITY}/officer/disputes/{dispute}")
    desk.tap("take")
    desk.page.locator("#close").wait_for(state="attached")
    _unfold(desk, "#close [name=memo]", "details:has(#close) > summary")
    desk.type("memo", "商户拒绝协商。", "#close")
    desk.tap("close", "#close")
    desk.tap("advance")
    desk.page.get_by_text("湖滨商圈先行赔付金").click()
    desk.type("amount", "61", "#grant")
    desk.type("finding_words", "衣料确实裁坏，应当退款。", "#grant")
    desk.tap("grant-advance", "#grant")
    desk.sees("¥60.00", within="#grant")
    wrong += examine(desk, language)
    desk.type("amount", "60", "#grant")
    desk.tap("grant-advance", "#grant")
    desk.page.locator("#pay").wait_for()
    desk.type("reference", f"OUT-{dispute}", "#pay")
    desk.tap("pay-advance", "#pay")
    desk.page.locator("#recover").wait_for()
    desk.type("amount", "20", "#recover")
    desk.type("reference", f"BACK-{dispute}", "#recover")
    desk.tap("recover-advance", "#recover")
    desk.sees("¥40.00")
    wrong += examine(desk, language)
    _unfold(desk, "#give-up [name=loss_words]", "details:has(#give-up) > summary")
    desk.type("loss_words", "商户已停业。", "#give-up")
    desk.tap("give-up-advance", "#give-up")
    desk.page.wait_for_url("**done=given_up")
    desk.go(fund)
    desk.sees("¥60.00", "¥40.00", "¥20.00")
    wrong += examine(desk, language)
    for side in (lin, link):
        side.page.reload()
        side.sees("¥60.00", "湖滨商圈先行赔付金", "衣料确实裁坏", within="#advance")
    wrong += examine(lin, language)
    assert wrong == []
