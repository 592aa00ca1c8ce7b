"""What flows between two cities, in a browser: a shop that only Chengdu knows, its history, a case, figures."""

from __future__ import annotations

from tests.e2e.axe import examine
from tests.e2e.test_handover import CODE, TwoCities, cities
from tests.flows.conftest import NUMBER, grant
from tests.support.alliance import HERE, THERE

from hejie.base.actor import Actor, Role
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d

__all__ = ["cities"]

GOOD = "顾客称餐食中有异物，店家当天看了后厨的记录，同意全额退款并致歉。"


class _Two:
    """What granting a payment code needs of the two cities."""

    def __init__(self, cities: TwoCities) -> None:
        self.at = lambda _city: cities.both
        self.rows = cities.both.rows


def test_what_two_cities_share_is_read_and_acted_on(cities, person):
    lin, qian, shu = person("phone"), person("narrow"), person("desk", "en")
    shop = cities.run(cities.merchant(THERE))
    cities.run(grant(_Two(cities), THERE, shop))
    cities.sign_in(lin, HERE, Role.consumer, cities.run(cities.paid("")))
    cities.sign_in(qian, HERE, Role.officer, "qian", HERE)
    cities.sign_in(shu, THERE, Role.officer, "shu", THERE)
    lin.go(f"{cities.url}/{HERE}/units?q=锦里")
    lin.reload_until("[data-unit]")
    lin.sees("由成都认定，本市予以互认")
    wrong = examine(lin, "zh")
    lin.go(f"{cities.url}/{HERE}/code/{NUMBER}")
    lin.sees("由成都认定")
    lin.go(f"{cities.url}/{HERE}/bill")
    lin.sees("该店登记在成都")
    wrong += examine(lin, "zh")
    lin.tap("file")
    lin.sees("移送后不重新计算")
    wrong += examine(lin, "zh")
    lin.choose("problem", "quality")
    lin.tap("send")
    lin.page.locator("#done").wait_for()
    case = lin.dispute
    lin.sees("锦里面馆")
    lin.reload_until('[data-act="follow"]')
    wrong += examine(lin, "zh")
    qian.go(f"{cities.url}/{HERE}/officer/histories?dispute={case}&code={CODE}")
    qian.tap("ask-history")
    qian.page.wait_for_url("**done=asked")
    qian.reload_until("#asked .tag_good")
    wrong += examine(qian, "zh")
    cities.run(_settle(cities, case, shop))
    shu.go(f"{cities.url}/{THERE}/officer/disputes/{case}/library")
    shu.type("case_words", f"{GOOD}店在锦里面馆，11月30日退了88元。", "#tell")
    shu.tap("tell-case")
    shu.sees("锦里面馆 · 11月30日 · 88元")
    wrong += examine(shu, "en")
    shu.type("case_words", GOOD, "#tell")
    shu.tap("tell-case")
    shu.page.wait_for_url("**done=told")
    wrong += examine(shu, "en")
    qian.go(f"{cities.url}/{HERE}/officer/library?q=后厨")
    qian.reload_until("[data-case]")
    wrong += examine(qian, "zh")
    qian.go(f"{cities.url}/{HERE}/officer/units")
    wrong += examine(qian, "zh")
    shu.go(f"{cities.url}/{THERE}/officer/alliance/figures")
    wrong += examine(shu, "en")
    assert wrong == []


async def _settle(cities: TwoCities, case: str, shop: str) -> None:
    """The merchant accepts there, and the consumer says that it is solved."""
    desk = cities.both.app.desk
    ((consumer,),) = await cities.both.rows(THERE, "select consumer from dispute where id = %s", case)
    for command, who in (
        (d.AcceptOffer(offer="claim"), Actor(Role.merchant, f"{THERE}-owner", shop)),
        (d.Confirm(), Actor(Role.consumer, consumer)),
    ):
        await desk.act(DISPUTES, THERE, case, command, who)
