"""Measures in a town: told before, in effect, appealed, lifted by another officer; a suspended code shows nothing."""

from __future__ import annotations

import psycopg
from msgspec.structs import replace
from tests.support.folding import fold_all
from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, paid_in_wallet, signed_in

from hejie.base.actor import SYSTEM, Role
from hejie.base.clock import SHANGHAI
from hejie.cities.city import ApplySettings
from hejie.cities.ladder import Ladder, Rung
from hejie.cities.reading import read_city, shipped
from hejie.desk.cities import CITIES
from hejie.desk.paycodes import PAYCODES
from hejie.payments.emvco_writer import written
from hejie.payments.paycode import Apply, Grant

STEPS = (
    Rung(step="inspection", announce_days=3, appeal_days=10, lasts_days=90),
    Rung(step="paycode_suspended", announce_days=3, appeal_days=10, lasts_days=90),
)


async def _taking(here: Town) -> str:
    """A city that takes measures, a payment code in force with its number, and a dispute to rest on; its identifier."""
    settings, first = read_city(shipped(CITY)), here.app.clock.now().astimezone(SHANGHAI).date()
    ladder = Ladder(valid_from=first, steps=STEPS)
    on = replace(settings, version=settings.version + 1, valid_from=first, ladder=ladder)
    await here.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=on), SYSTEM)
    parts = [("00", "01"), ("15", "x"), ("52", "5812"), ("53", "156"), ("58", "CN"), ("59", "SHOP"), ("60", "HZ")]
    [(shop,)] = await here.rows("select id from shop where merchant = %s", here.merchant)
    ask = Apply(
        id=here.app.desk.mint(CITY),
        number="0123456789",
        merchant=here.merchant,
        shop=shop,
        payload=written(parts),
        promises=("returns", "rights"),
    )
    await here.app.desk.act(PAYCODES, CITY, ask.id, ask, here.as_merchant)
    await here.app.desk.act(PAYCODES, CITY, ask.id, Grant(), OFFICER)
    here.advance(minutes=1)
    return await here.file(await here.pay())


async def _promised(here: Town) -> int:
    """How many promises are shown behind the code; the same number is owed to whoever pays now."""
    anyone = Browser(here)
    await anyone.open("code/0123456789")
    shown = sum(title in anyone.text for title in ("退货放心", "维权放心"))
    assert ("暂停此收款码" in anyone.text) == (shown == 0)
    await anyone.arrive(paid_in_wallet(here))
    offered = anyone.html.count('name="promise"')
    await anyone.http.aclose()
    assert offered == (shown + 1 if shown else 0)  # and "none of these"
    return shown


async def test_the_whole_road_of_a_measure(here: Town, database):
    dispute = await _taking(here)
    decider = await signed_in(here, Role.officer, "officer-1", OFFICER.organisation)
    form = f"officer/measures?merchant={here.merchant}"
    await decider.open(form)
    assert 'value="paycode_suspended"' not in decider.html
    await decider.send("announce", step="paycode_suspended", dispute=dispute, reason="两次不到场")
    assert "尚未对该商家采取上一级措施" in decider.text
    await decider.send("announce", step="inspection", reason="两次不到场")
    assert await here.rows("select 1 from measure") == []
    await decider.send("announce", step="inspection", dispute=dispute, reason="两次不到场")
    assert "已告知商家" in decider.text
    await here.work()
    assert len([each for each in here.wallet.get("sms") if "拟对" in each["text"]]) == 1
    inspections = "select 1 from work_item where kind = 'measure_inspection'"
    assert await here.rows(inspections) == []
    here.advance(days=3, minutes=1)
    await here.work()
    assert len(await here.rows(inspections)) == 1

    await decider.open(form)
    await decider.send("announce", step="paycode_suspended", dispute=dispute, reason="检查后仍不改正")
    assert await _promised(here) == 2  # announced, not in effect yet
    here.advance(days=3, minutes=1)
    assert await _promised(here) == 0

    owner = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    [(paycode,)] = await here.rows("select id from paycode")
    for kind in ("pdf", "png"):
        printed = await owner.open(f"merchant/paycode/{paycode}/poster.{kind}")
        assert printed.headers["content-type"].startswith("text/html")
        assert "暂不能打印海报" in owner.text
    await here.work()
    assert not [each for each in here.wallet.get("sms") if "的申诉" in each["text"]]
    await owner.open("merchant/measures")
    assert "检查后仍不改正" in owner.text
    await owner.tap("appeal", appeal_words="  ")
    assert await here.rows("select 1 from measure where body->>'appeal' is not null") == []
    await owner.tap("appeal", appeal_words="已经全部退款")
    await decider.open(form)
    assert "answer-appeal" not in decider.html
    other = await signed_in(here, Role.officer, "officer-2", OFFICER.organisation)
    await other.open("officer/measures")
    await other.tap("answer-appeal", upheld="no", answer_words="核实属实")
    here.advance(minutes=1)  # payments are told by the second
    await here.work()
    assert len([each for each in here.wallet.get("sms") if "的申诉" in each["text"]]) == 1
    assert await _promised(here) == 2
    await owner.open("merchant/measures")
    assert "核实属实" in owner.text
    assert 'data-act="appeal"' in owner.html  # the inspection can be appealed against still
    stranger = await signed_in(here, Role.merchant, "owner-1", "another")
    assert (await stranger.open("merchant/measures")).status_code == 404
    with psycopg.connect(database.superuser_url) as connection:
        assert fold_all(connection)["measure"] == 2
    for browser in (decider, other, owner, stranger):
        await browser.http.aclose()
