"""Mediation on the pages of all three: each fact as its own line, due times explained, one act after the other."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.support.town import Town
from tests.web.consumer_lab import EN, Browser, filed, signed_in

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.mediations.model import mediation_of

WANG = ("o-1", "330106")


async def escalated(here: Town, browser: Browser) -> str:
    dispute = await filed(here, browser)
    await here.work()
    await here.act(dispute, d.Answer(words="x"), here.as_merchant)
    await here.act(dispute, d.Escalate(), here.as_consumer)
    await here.work()
    return dispute


def page(dispute: str) -> str:
    return f"officer/mediations/{mediation_of(dispute)}"


async def accepted(here: Town, browser: Browser) -> tuple[str, Browser, Browser]:
    """Accepted, with everybody's consent from their own pages."""
    dispute = await escalated(here, browser)
    officer = await signed_in(here, Role.officer, *WANG)
    await officer.open(page(dispute))
    await officer.send("receive")
    assert "已收到，开始计算受理期限" in officer.text
    await browser.open(f"disputes/{dispute}")
    assert "7 个工作日" in browser.text
    assert "第15条" in browser.text
    await browser.send("identity", real_name="林小满", address="杭州市西湖区文三路 1 号", document="")
    assert browser.page.status_code == 422
    await browser.send("identity", real_name="林小满", address="杭州市西湖区文三路 1 号", document="33010619900101123X")
    assert 'id="identity"' not in browser.html
    await officer.open(page(dispute))
    assert "林小满" in officer.text
    await officer.open("officer/duties")
    assert f'data-duty="{mediation_of(dispute)}"' in officer.html
    assert f'data-duty="{dispute}"' not in officer.html
    await officer.open(page(dispute))
    await officer.send("accept")
    await here.work()
    merchant = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await merchant.open(f"merchant/disputes/{dispute}")
    assert "林小满" not in merchant.text
    await merchant.send("consent")
    await browser.open(f"disputes/{dispute}")
    await browser.send("consent")
    assert "第23条" in browser.text
    return dispute, officer, merchant


async def test_received_accepted_appraised_agreed_performed_and_closed(here: Town, browser: Browser):
    dispute, officer, merchant = await accepted(here, browser)
    await officer.open(page(dispute))
    await officer.send("appraisal", appraiser="浙江省质检院", named_by="officer")
    assert "鉴定结束之前，调解期限停止计算" in officer.text
    here.advance(days=5)
    await merchant.open(f"merchant/disputes/{dispute}")
    assert "由浙江省质检院开始鉴定" in merchant.text
    await officer.send("end-appraisal")
    by = (here.app.clock.now().astimezone(SHANGHAI) + timedelta(days=3)).date().isoformat()
    terms = {"who-1": "merchant", "what-1": "退还价款", "amount-1": "20", "by-1": by, "face": "document"}
    await officer.send("agree", facts_words="面条变质。", **(terms | {"by-1": "soon"}))
    assert officer.page.status_code == 422
    assert "面条变质" in officer.html
    await officer.send("agree", facts_words="面条变质。", **terms)
    for each in (browser, merchant):
        await each.open(f"disputes/{dispute}" if each is browser else f"merchant/disputes/{dispute}")
        assert "退还价款 · ¥20.00" in each.text
    await officer.send("split", split_words="疑似使用过期原料")
    await browser.open(f"disputes/{dispute}")
    assert "过期原料" not in browser.text
    await officer.send("performed", performed_words="商家已退款，双方无异议。")
    await here.work()
    closed = await here.read(dispute)
    assert closed.outcome is Outcome.mediated
    await browser.open(f"disputes/{dispute}")
    assert "商家已退款，双方无异议。" in browser.text
    assert [kind for (kind,) in await here.rows("select kind from work_item")] == ["violation_found"]
    for told in (["told", "split"], ["split"]):  # the merchant's messages have no receipt yet: its own look tells
        await officer.open(page(dispute))
        assert re.findall(r'data-act="([a-z-]+)"', officer.html.partition('id="acts"')[2]) == told
        await merchant.open(f"merchant/disputes/{dispute}")


async def test_refused_with_reasons_and_ways_by_the_competent_officer_only(here: Town, browser: Browser):
    dispute = await escalated(here, browser)
    away = await signed_in(here, Role.officer, "o-2", "330110")
    await away.open(page(dispute))
    assert "贵单位无权处理此件" in away.text
    officer = await signed_in(here, Role.officer, *WANG)
    await officer.open(page(dispute))
    assert re.search(r'href="[^"]+#line-1"', officer.html)
    form = re.search(r'(?s)<form[^>]*id="receive".*?</form>', officer.html)
    assert form
    await away._post(f"/330100/{page(dispute)}/receive", "", None, _hidden(away.html, form[0]))
    assert away.page.status_code in {403, 409, 422}
    assert (await here.rows("select version from mediation")) == [(1,)]
    await officer.send("receive")
    await officer.send("refuse", ground="N3", refuse_words="不是为生活消费。")
    assert officer.page.status_code == 422
    ways = {"refuse-council": "yes", "refuse-court": "yes"}
    await officer.send("refuse", ground="N3", refuse_words="不是为生活消费。", **ways)
    await here.work()
    reader = Browser(here, EN)
    reader.http.cookies = browser.http.cookies
    await reader.open(f"disputes/{dispute}")
    for told in ("Not accepted", "不是为生活消费。", "ask the consumer council to mediate", "go to court"):
        assert told in reader.text
    assert (await here.read(dispute)).outcome is Outcome.unsettled


def _hidden(own: str, form: str) -> dict[str, str]:
    """The fields that another officer's own page gives, for a form that is not on it."""
    token = re.search(r'name="csrf" value="([^"]+)"', own)
    version = re.search(r'name="version" value="([^"]+)"', form)
    assert token
    assert version
    return {"csrf": token[1], "once": "a" * 32, "version": version[1]}
