"""The authority mediates: received, accepted, appraised, agreed, performed and closed, in a real browser."""

from __future__ import annotations

from datetime import timedelta

from tests.e2e.steps import enter, file, open_case, sign_in

from hejie.base.clock import SHANGHAI

DISTRICT = "330106"
"""Where the traders are."""


def receive(officer, world, dispute):
    """The district's officer has it, once the house has opened its mediation."""
    officer.go(f"{world.url}/330100/officer/mediations/m:{dispute}")
    officer.reload_until("#receive")
    officer.tap("receive")
    officer.page.locator("#done").wait_for()


def test_from_receipt_over_acceptance_appraisal_and_agreement_to_the_closing(world, person):
    paid = world.pay(world.noodles, "28.00")
    lin, owner, officer = person(), person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    owner.unfold("answer")
    owner.type("reason", "面是按标准做的。", "#answer")
    owner.tap("answer", "#answer")
    lin.reload_until("[data-act=escalate]")
    lin.tap("escalate")
    sign_in(officer, world, authority=DISTRICT)
    receive(officer, world, dispute)
    lin.page.reload()
    for name, typed in (("real_name", "林小满"), ("address", "文三路 1 号"), ("document", "E12345678")):
        lin.type(name, typed, "#identity")
    lin.tap("identity")
    lin.sees("监管部门已收到")
    officer.page.reload()
    officer.tap("accept")
    officer.sees("林小满", "调解的期限")
    for each, address in ((lin, f"disputes/{dispute}"), (owner, f"merchant/disputes/{dispute}")):
        each.go(f"{world.url}/330100/{address}")
        each.tap("consent")
        each.page.locator("#done").wait_for()
    owner.misses("林小满")
    officer.page.reload()
    officer.unfold("appraisal")
    officer.type("appraiser", "省质检院", "#appraisal")
    officer.tap("appraisal")
    officer.sees("鉴定结束之前，调解期限停止计算")
    officer.tap("end-appraisal")
    officer.type("facts_words", "面条变质。")
    officer.type("what-1", "退还价款")
    officer.type("amount-1", "20")
    officer.type("by-1", (world.now.astimezone(SHANGHAI) + timedelta(days=3)).date().isoformat())
    officer.tap("agree")
    officer.sees("退还价款 · ¥20.00")
    officer.type("performed_words", "商家已退款，双方无异议。", "#performed")
    officer.tap("performed")
    paid.await_state("mediated")
    enter(lin, paid)
    lin.go(f"{world.url}/330100/disputes/{dispute}")
    lin.sees("商家已退款，双方无异议。", "已达成协议并已履行")
