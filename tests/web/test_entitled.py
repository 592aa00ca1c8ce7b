"""The reference for both sides, and the officer who opens the question of multiples, by pages without JavaScript."""

from __future__ import annotations

import re

from tests.support.town import OFFICER, Town
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base.actor import Role

REASON = "外卖单与标价不一致，请说明"
MULTIPLES = ("倍", "第五十五条", "600.00")


def panel(browser: Browser) -> str:
    """The words of the panel alone."""
    found = re.search(r'(?s)<section[^>]*id="entitled".*?</section>', browser.html)
    assert found, browser.path
    assert "<details" in found[0]
    assert "<details open" not in found[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


async def test_both_sides_read_the_same_reference_and_of_multiples_only_once_they_are_asked_for(
    here: Town, browser: Browser
):
    dispute = await filed(here, browser)
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.send("answer", reason="不同意")
    await browser.open(f"disputes/{dispute}")
    await browser.tap("escalate")
    await officer.open(f"officer/disputes/{dispute}")
    assert 'id="multiples"' not in officer.html
    await officer.tap("take")
    pages = {browser: f"disputes/{dispute}", merchant: f"merchant/disputes/{dispute}", officer: officer.path}
    for side, page in pages.items():
        await side.open(page)
        told = panel(side)
        for word in ("仅供参考", "第二十四条", "尚须认定", "¥"):
            assert word in told, (page, word)
        assert not any(word in told for word in MULTIPLES), page
    for side in (browser, merchant):
        assert "multiples" not in side.html
    await officer.send("multiples", multiple_words=REASON)
    assert officer.page.status_code == 422
    assert "请选择涉及的问题" in officer.text
    assert REASON in officer.text
    assert (await here.read(dispute)).multiples is None
    await officer.send("multiples", multiple="fraud", multiple_words=REASON)
    assert "问题已提出" in officer.text
    assert 'id="multiples"' not in officer.html
    for side, page in pages.items():
        await side.open(page)
        assert REASON in side.text, page
        told = panel(side)
        assert "第五十五条" in told
        assert "尚未作任何认定" in told
        assert "商家有欺诈行为" in told
    await browser.open(f"disputes/{dispute}?lang=en")
    assert "reference" in panel(browser)
    assert "article 55(1)" in panel(browser)
