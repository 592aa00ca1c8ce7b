"""An officer traces a disputed payment, has its bank asked, and registers who goes on with the merchant's business."""

from __future__ import annotations

from itertools import count

from tests.e2e.axe import examine
from tests.e2e.bank import dispute_through
from tests.e2e.steps import sign_in
from tests.e2e.turns import by_turns

from hejie_lab.town import CITY

NUMBERS = count(1)
NOTHING = {"zh": "没有该编号的记录", "en": "Nothing is known of this number"}
ANSWERED = {"zh": "收单机构已答复。", "en": "The acquirer has answered."}
HEIR = {"zh": "业务由其承继", "en": "Its business is gone on with by"}


@by_turns(("size", "language"), [("narrow", "zh"), ("desk", "en")])
def test_from_the_dispute_to_the_bank_to_the_successor(world, person, size, language):
    number = f"8983303{next(NUMBERS):08d}"
    dispute, trade_no = dispute_through(world, world.noodles, number)
    officer, page = person(size, language), f"{world.url}/{CITY}/officer"
    sign_in(officer, world)
    officer.go(f"{page}/disputes/{dispute}")
    officer.tap("to-trace")
    officer.page.locator("#trace").wait_for()
    assert officer.page.locator("#reference").input_value() == trade_no
    assert dispute in officer.page.locator("#purpose").input_value()
    officer.type("reference", "000000000017", "#trace")  # what stands on the paper slip, and nowhere here
    officer.tap("trace", "#trace")
    officer.sees(NOTHING[language])
    wrong = examine(officer, language)
    officer.tap("ask-acquirer")
    officer.page.locator("#answer", has_text=ANSWERED[language]).wait_for()  # by itself
    officer.sees(number, world.noodles.name)
    wrong += examine(officer, language)
    wrong += _succeed(officer, world, page, language)
    officer.go(f"{page}/trace?dispute={dispute}")
    officer.tap("trace", "#trace")
    officer.sees(HEIR[language], world.teahouse.name)
    wrong += examine(officer, language)
    _undo(officer, world, page)
    assert wrong == []
    asked = world.box.get("acquirer/ledger")["asked"]
    assert [each["dispute"] for each in asked if each["dispute"] == dispute] == [dispute]
    [(purpose, answers)] = world.rows(
        "select purpose, answers from trace_asked where dispute = %s and answers > 0 order by id limit 1", dispute
    )
    assert (dispute in purpose, answers) == (True, 1)


def _succeed(officer, world, page, language):
    """The teahouse goes on with the noodle shop's business; the day on which it cannot is told in words."""
    officer.go(f"{page}/merchants/{world.merchants[world.teahouse.code].id}")
    officer.unfold("succeed")
    officer.type("succession_code", world.noodles.code, "#succeed")
    officer.page.locator("#succession_from").fill("2126-01-01")
    officer.type("succession_words", "登记机关通知", "#succeed")
    officer.tap("succeed", "#succeed")
    officer.page.locator("#succession_from-fault").wait_for()
    wrong = examine(officer, language)
    officer.page.locator("#succession_from").fill("2026-01-01")
    officer.tap("succeed", "#succeed")
    officer.page.wait_for_url("**done=succeeded")
    officer.sees(world.noodles.name)
    return wrong + examine(officer, language)


def _undo(officer, world, page):
    officer.go(f"{page}/merchants/{world.merchants[world.noodles.code].id}")
    line = officer.page.locator("#bindings li", has=officer.page.locator('[data-act="undo-succession"]')).first
    line.locator("summary").first.click()
    line.locator('[name="mistake_words"]').fill("只是转让了招牌")
    line.locator('[data-act="undo-succession"]').click()
    officer.page.wait_for_url("**done=parted")
