"""A visitor from abroad: a foreign number or an e-mail address, English, and a settlement seen from home."""

from __future__ import annotations

import re

from tests.e2e.axe import examine
from tests.e2e.steps import agree, file, open_case
from tests.e2e.turns import by_turns
from tests.e2e.world import until

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
FOREIGN = by_turns(("contact",), [("+44 7700 900123",), ("Ada@Example.org",)])


def code_to(world, contact, since):
    """The code that has come to a number or an address."""
    codes = (CODE.findall(text) for text in told(world, contact, since) if "http" not in text)
    return next((each[0] for each in codes if each), "")


def told(world, contact, since):
    """What has come to a number or an address after an instant, the newest first."""
    if "@" in contact:
        found = [each for each in world.box.get("email") if each["recipient"] == contact.lower()]
    else:
        found = world.box.sms("+" + re.sub(r"\D", "", contact))
    return [each["text"] for each in found if each["at"] > since]


@FOREIGN
def test_a_visitor_files_in_english_flies_home_and_settles(world, person, bill_file, contact):
    paid = world.pay(world.noodles, "64.00", item="片儿川")
    ada, owner = person("phone", "en"), person()
    ada.go(f"{world.url}/330100/start?lang=en")
    ada.page.locator('a[href$="/bill/file"]').click()
    ada.attach("bill", [bill_file(paid)])
    ada.tap("bring")
    ada.choose("row", paid.trade_no)
    ada.tap("choose")
    before = world.now.timestamp() - 1
    ada.type("phone", contact)
    ada.tap("contact")
    code = until(lambda: code_to(world, contact, before), f"a code to {contact}")
    ada.type("code", code)
    ada.tap("confirm-code")
    ada.choose("problem", "quality")
    ada.tap("send")
    ada.sees("Waiting for the merchant")
    dispute = ada.dispute
    open_case(owner, world, paid, dispute)
    owner.unfold("offer")
    owner.choose("remedy", "refund_part")
    owner.type("amount", "30", "#offer")
    owner.tap("offer", "#offer")
    words = until(
        lambda: next((text for text in told(world, contact, before) if dispute in text), ""), f"the offer to {contact}"
    )
    assert "¥30" in words
    assert "offers for your ¥64 dispute" in words
    home = person("desk", "en")  # at home, on another machine
    link = re.search(r"http\S+", words)
    assert link
    home.go(link[0])
    home.go(f"{world.url}/330100/back?next=/330100/disputes/{dispute}")
    before = world.now.timestamp() - 1
    home.type("phone", contact)
    home.tap("back")
    code = until(lambda: code_to(world, contact, before), f"another code to {contact}")
    home.type("code", code)
    home.tap("confirm-code")
    home.sees("¥30.00")
    home.tap("accept")
    paid.await_refunds(3000)
    paid.await_state("settled")
    home.sees("Settled")


def test_the_merchant_agrees_at_once(world, person, bill_file):
    """With a number from abroad on the way in, the merchant's one tap is all that is left."""
    paid = world.pay(world.noodles, "22.00")
    ada, owner = person("phone", "en"), person()
    ada.go(f"{world.url}/330100/start?lang=en")
    ada.page.locator('a[href$="/bill/file"]').click()
    ada.attach("bill", [bill_file(paid)])
    ada.tap("bring")
    ada.choose("row", paid.trade_no)
    ada.tap("choose")
    before = world.now.timestamp() - 1
    ada.type("phone", "0081 90 1234 5678")
    ada.tap("contact")
    code = until(lambda: code_to(world, "+819012345678", before), "a code to Japan")
    ada.type("code", code)
    ada.tap("confirm-code")
    ada.choose("problem", "not_served")
    ada.tap("send")
    open_case(owner, world, paid, ada.dispute)
    agree(owner)
    paid.await_refunds(2200)
    ada.sees("Settled")


def test_each_writes_in_its_own_language(world, person):
    """A ready sentence by a tap, words that a machine translates beside the original, on open pages."""
    paid = world.pay(world.noodles, "50.00")
    ada, owner = person("phone", "en"), person("phone", "zh")
    dispute = file(ada, paid)
    ada.page.locator("#say .ready > summary").click()
    ada.page.locator('#say [value="consumer.away"]').check()
    ada.type("words", "The noodles were cold.", "#say")
    ada.tap("say", "#say")
    assert examine(ada, "en") == []
    open_case(owner, world, paid, dispute)
    owner.sees("我已经离开这座城市", "常用语，发送时为英语", "机器翻译，以原文为准", "面是凉的。")
    owner.page.locator("#say .ready > summary").click()
    owner.page.locator('#say [value="merchant.sorry"]').check()
    assert examine(owner, "zh") == []
    owner.type("words", "我们愿意退一半。", "#say")
    owner.tap("say", "#say")
    ada.sees(
        "We are very sorry for the trouble.", "给您带来不便", "Machine translation", "We are willing to refund half."
    )
    assert examine(ada, "en") == []
