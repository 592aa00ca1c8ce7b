"""Somebody of eighty at a phone: large text, one question a page, a dispute filed and settled, an officer who calls."""

from __future__ import annotations

import pytest
from tests.e2e.axe import SCRIPT, examine
from tests.e2e.steps import SETTLED, enter, open_case, sign_in
from tests.e2e.turns import languages

LARGE = {"zh": "大字版", "en": "Large text"}
LEAST_TEXT, LEAST_TARGET = 24, 48
_SMALL_TEXT = """least => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), small = [];
  while (walk.nextNode()) {
    const part = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || part.closest('.sr, script') || !part.checkVisibility()) continue;
    const size = parseFloat(getComputedStyle(part).fontSize);
    if (size < least) small.push(size + ' ' + walk.currentNode.data.trim().slice(0, 40));
  }
  return small;
}"""
_SMALL_TARGETS = """least => [...document.querySelectorAll(
    'a[href], button, summary, select, textarea, input:not([type=hidden])')].map(each => {
  const target = ['radio', 'checkbox'].includes(each.type) ? each.closest('label') : each;
  return [target.getBoundingClientRect(), target];
}).filter(([box, target]) => target.checkVisibility() && !target.closest('.skip') && (box.height < least
  || box.width < least)).map(([box, target]) => `${box.width}x${box.height} ${target.outerHTML.slice(0, 90)}`)"""


def fits(person):
    """Every letter and every target is large, and nothing lies beside the screen."""
    page = person.page
    page.wait_for_load_state("load")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate(_SMALL_TEXT, LEAST_TEXT) == []
    assert page.evaluate(_SMALL_TARGETS, LEAST_TARGET) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def asked(person):
    """How many questions stand on the page."""
    return person.page.locator("main h1").count(), person.page.locator("main .field").count()


def answer(person, name, value, *, by="choose"):
    """One question, looked at and answered."""
    fits(person)
    assert asked(person) == (1, 1)
    getattr(person, by)(name, value)
    person.tap("next")
    person.page.locator(f'input[type="hidden"][name="{name}"]').first.wait_for(state="attached")


@languages
def test_at_eighty_one_files_question_by_question_and_takes_what_the_merchant_offers(world, person, language):
    paid = world.pay(world.noodles, "28.00")
    lin, link = person(), person()
    enter(lin, paid)
    with pytest.raises(AssertionError):
        fits(lin)
    lin.page.get_by_role("link", name=LARGE[language]).click()
    lin.page.wait_for_url("**elder=1**")
    answer(lin, "problem", "quality")
    answer(lin, "remedy", "refund_full")
    answer(lin, "words", "面是凉的。", by="type")
    answer(lin, "phone", "", by="type")
    answer(lin, "escalates", "yes")
    fits(lin)
    lin.sees("面是凉的。", "¥28.00")
    lin.tap("send")
    dispute = lin.dispute
    fits(lin)
    open_case(link, world, paid, dispute)
    link.unfold("offer")
    link.choose("remedy", "refund_part")
    link.type("amount", "10", "#offer")
    link.tap("offer", "#offer")
    link.page.locator("#done").wait_for(state="attached")
    lin.sees("¥10.00")
    fits(lin)
    lin.tap("accept")
    paid.await_refunds(1000)
    lin.sees(SETTLED[language])
    fits(lin)
    lin.go(f"{world.url}/330100/bill")
    fits(lin)
    link.page.get_by_role("link", name=LARGE[language]).click()
    fits(link)


@languages
def test_no_violation_on_any_page_of_the_large_form(world, person, language, lacking):
    if not SCRIPT.exists():
        lacking("axe (make setup brings it)")
    paid, lin, wrong = world.pay(world.noodles, "28.00"), person("narrow"), []
    other = world.pay(world.noodles, "6.00", payer=paid.payer)
    for each in (other, paid):
        enter(lin, each)
    lin.page.get_by_role("link", name=LARGE[language]).click()
    lin.page.wait_for_url("**elder=1**")
    steps = (
        ("trade", other.trade_no, "choose"),
        ("problem", "price", "choose"),
        ("remedy", "refund_part", "choose"),
        ("amount", "x", "type"),
    )
    more = (
        ("amount", "9", "type"),
        ("words", "凉", "type"),
        ("phone", "13900001234", "type"),
        ("escalates", "", "choose"),
    )
    for name, value, by in (*steps, *more):
        wrong += examine(lin, language)
        lin.page.set_viewport_size({"width": 320, "height": 640})
        fits(lin)
        getattr(lin, by)(name, value)
        lin.tap("next")
        lin.page.wait_for_load_state()
    wrong += examine(lin, language)
    for path in (
        "",
        "/start",
        "/12315",
        "/safety",
        "/bill",
        "/bill/file",
        "/back",
        "/disputes",
        "/merchant/sign-in",
        "/nowhere",
    ):
        lin.go(f"{world.url}/330100{path}")
        lin.page.set_viewport_size({"width": 320, "height": 640})
        fits(lin)
        wrong += examine(lin, language)
    assert wrong == []


def test_an_officer_has_the_number_of_whoever_asks_to_be_called(world, person, language):
    paid, lin, desk = world.pay(world.noodles, "28.00"), person(), person("desk")
    enter(lin, paid)
    lin.page.get_by_role("link", name=LARGE[language]).click()
    lin.page.wait_for_url("**elder=1**")
    lin.tap("call-me")
    fits(lin)
    lin.type("phone", "139 0000 4321")
    lin.choose("when", "afternoon")
    lin.tap("call")
    lin.sees("139****4321", within="#called")
    fits(lin)
    sign_in(desk, world)
    desk.go(f"{world.url}/330100/officer/items")
    desk.page.get_by_role("link", name="有人请求回电").first.click()
    desk.page.locator('a[href="tel:+8613900004321"]').wait_for()
    desk.type("note", "已通话，帮她提交了。")
    desk.tap("done")
    desk.page.wait_for_url("**/officer/items?done=done")


def test_typing_keeps_the_session_alive_but_not_at_every_letter(world, person):
    paid, lin, asked = world.pay(world.noodles, "28.00"), person(), []
    enter(lin, paid)
    lin.page.clock.install()
    lin.page.reload()
    lin.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/awake") else None)
    lin.page.locator('details.more:has([name="words"]) > summary').click()
    lin.type("words", "一")
    assert asked == []
    for words in ("二", "三"):
        lin.page.clock.fast_forward("05:01")
        with lin.page.expect_response("**/330100/awake") as got:
            lin.type("words", words)
        assert got.value.status == 204
        lin.type("words", words * 2)
    assert len(asked) == 2
