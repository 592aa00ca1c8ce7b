"""The authority mediates, in a real browser: to the closing of an agreement, to a refusal, and to the sixtieth day."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader
from tests.e2e.steps import enter, file, open_case, sign_in

from hejie.base.clock import SHANGHAI
from hejie.documents.paper import can_print
from hejie.papers.agreement import digest

DISTRICT = "330106"
"""Where the traders are."""


def receive(officer, world, dispute):
    """The district's officer has it, once the house has opened its mediation."""
    officer.go(f"{world.url}/330100/officer/mediations/m:{dispute}")
    officer.reload_until("#receive")
    officer.tap("receive")
    officer.page.locator("#done").wait_for(state="attached")


def escalated(world, person, lin, officer):
    """A dispute that the merchant does not settle, before the district's officer; with the merchant's person."""
    paid, owner = world.pay(world.noodles, "28.00"), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    owner.unfold("answer")
    owner.type("reason", "面是按标准做的。", "#answer")
    owner.tap("answer", "#answer")
    lin.reload_until("[data-act=escalate]")
    lin.tap("escalate")
    sign_in(officer, world, authority=DISTRICT)
    receive(officer, world, dispute)
    return paid, dispute, owner


def identified(lin, world, dispute):
    """The consumer says who they are."""
    lin.go(f"{world.url}/330100/disputes/{dispute}")
    for name, typed in (("real_name", "林小满"), ("address", "教工路 9 号"), ("document", "E12345678")):
        lin.type(name, typed, "#identity")
    lin.tap("identity")


def checked(stranger, world, raw, folder, verdict):
    """What the page that checks documents says of these bytes."""
    target = folder / "agreement.pdf"
    target.write_bytes(raw)
    stranger.go(f"{world.url}/330100/verify")
    stranger.attach("file", [target])
    stranger.page.locator("#file").focus()
    stranger.page.keyboard.press("Tab")
    stranger.page.keyboard.press("Enter")
    stranger.page.locator(f"[data-verdict={verdict}]").wait_for()


def on_paper(people, world, dispute, stranger, folder):
    """The agreement as a document: the same for all three, its words, and a changed byte."""
    places = (f"disputes/{dispute}", f"merchant/disputes/{dispute}", f"officer/disputes/{dispute}")
    copies = {
        who.context.request.get(f"{world.url}/330100/{place}/mediation.pdf").body()
        for who, place in zip(people, places, strict=True)
    }
    assert len(copies) == 1
    raw = copies.pop()
    found = PdfReader(BytesIO(raw))
    text = "".join("".join(page.extract_text() for page in found.pages).split())
    for words in ("调解协议书", "林小满", "退还价款", "20.00", "钱江", "*****5678"):
        assert words in text, words
    (attached,) = found.attachments.values()
    assert digest(attached[0]) in text
    assert "教工路" not in text
    checked(stranger, world, raw, folder, "unchanged")
    at = raw.index(b"startxref") - 40
    checked(stranger, world, raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], folder, "resaved")


def test_from_receipt_over_acceptance_appraisal_and_agreement_to_the_closing(world, person, tmp_path, lacking):
    if not can_print():
        lacking("typst and a Chinese font (make documents brings them)")
    lin, officer = person(), person()
    paid, dispute, owner = escalated(world, person, lin, officer)
    identified(lin, world, dispute)
    lin.sees("监管部门已收到")
    officer.page.reload()
    officer.tap("accept")
    officer.sees("林小满", "调解的期限")
    for each, address in ((lin, f"disputes/{dispute}"), (owner, f"merchant/disputes/{dispute}")):
        each.go(f"{world.url}/330100/{address}")
        each.tap("consent")
        each.page.locator("#done").wait_for(state="attached")
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
    on_paper((lin, owner, officer), world, dispute, person(), tmp_path)
    officer.go(f"{world.url}/330100/officer/mediations/m:{dispute}")
    officer.type("performed_words", "商家已退款，双方无异议。", "#performed")
    officer.tap("performed")
    paid.await_state("mediated")
    enter(lin, paid)
    lin.go(f"{world.url}/330100/disputes/{dispute}")
    lin.sees("商家已退款，双方无异议。", "已达成协议并已履行")


def test_a_refusal_names_its_ground_and_the_other_ways(world, person):
    lin, officer = person(), person("desk", "en")
    paid, dispute, _ = escalated(world, person, lin, officer)
    officer.unfold("refuse")
    officer.page.select_option("#refuse [name=ground]", "N3")
    officer.type("refuse_words", "并非为生活消费。", "#refuse")
    for way in officer.page.locator('#refuse input[type="checkbox"]').all():
        way.check()
    officer.tap("refuse", "#refuse")
    officer.page.locator("#done").wait_for(state="attached")
    paid.await_state("mediated")
    lin.go(f"{world.url}/330100/disputes/{dispute}")
    lin.page.get_by_text("至今的每一步").click()
    lin.sees("不予受理", "并非为生活消费。", "您还可以", within="#mediation")


def test_after_sixty_days_it_ends_by_itself(world, person):
    lin, officer = person(), person("desk", "en")
    paid, dispute, _ = escalated(world, person, lin, officer)
    identified(lin, world, dispute)
    officer.page.reload()
    officer.tap("accept")
    officer.page.locator("#done").wait_for(state="attached")
    world.advance(24 * 63)
    paid.await_state("mediated")
    lin.go(f"{world.url}/330100/disputes/{dispute}")
    lin.page.get_by_text("至今的每一步").click()
    lin.sees("终止调解：六十日届满", "向法院起诉", within="#mediation")
