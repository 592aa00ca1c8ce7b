"""Both cities' pages of a hand-over: what each side sees and can do; nothing is offered where nobody decides."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import httpx
from tests.handovers.conftest import CODE, PLACES, Two
from tests.support.alliance import HERE, THERE
from tests.web.consumer_lab import EN, HOST, Browser

from hejie.api import ROUTES as API
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute
from hejie.edge.private_link import home_address
from hejie.edge.sessions import Viewer, begin
from hejie.handovers.model import State
from hejie.merchants.commands import AddStaff
from hejie.merchants.model import Rank, Staff
from hejie.queries.handovers import handover_page
from hejie.store.pool import city_transaction
from hejie.web import handed
from hejie.web.asgi import web_app

DESK, FORM = f"/{HERE}/officer/disputes", {"because": "shop_elsewhere", "handover_words": "店在成都锦里"}


class Visitor(Browser):
    """Somebody in one of the two cities."""

    def __init__(self, two: Two, city: str) -> None:
        kept = vars(two)
        if "pages" not in kept:
            kept["pages"] = web_app(two.both.app.house)
        transport = httpx.ASGITransport(kept["pages"], raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=HOST, headers={"accept-language": EN})
        self.city = city

    async def at(self, path: str) -> httpx.Response:
        """A page of their city."""
        return await self.open(f"/{self.city}{path}")

    def offers(self, *acts: str) -> list[str]:
        """Which of these buttons stand on the page."""
        return [each for each in acts if f'data-act="{each}"' in self.html]


async def someone(two: Two, city: str, role: Role, person: str, organisation: str = "") -> Visitor:
    made, house = Visitor(two, city), two.both.app.house
    async with city_transaction(house.pool, city) as connection:
        viewer = Viewer(city=city, role=role, person=person, organisation=organisation)
        made.http.cookies.set(f"hejie-{role.value}", await begin(connection, house.chance, viewer))
    return made


async def officer(two: Two, city: str) -> Visitor:
    return await someone(two, city, Role.officer, f"{city}-officer", city)


async def offered(two: Two) -> tuple[str, Visitor]:
    """A dispute of Hangzhou that its officer has offered to Chengdu, whose register does not know the merchant."""
    case, here = await two.file(await two.register(HERE)), await officer(two, HERE)
    await here.open(f"{DESK}/{case}")
    await here.send("hand-over", to=THERE, **FORM)
    assert "done=handed_over" in here.path
    return case, here


async def test_an_officer_hands_over_and_sees_both_clocks_and_no_other_act(two: Two):
    case, here = await offered(two)
    assert here.offers("say", "take", "close", "hand-over", "give", "pass") == []
    await two.work()
    await here.open(f"{DESK}/{case}")
    row = await two.handover(HERE, f"{case}-1")
    assert row.words
    assert row.officer == f"{HERE}-officer"
    for words in (
        "Being handed to another city",
        "To be answered by",
        "To be ended by",
        "own deadline",
        "店在成都锦里",
    ):
        assert words in here.text
    assert here.offers("recall", "note") == ["recall", "note"]
    await here.at("/officer/handovers")
    assert "To Chengdu" in here.text
    consumer = await someone(two, HERE, Role.consumer, two.consumer)
    await consumer.at(f"/disputes/{case}")
    assert "Chengdu is asked to take your dispute over" in consumer.text
    assert "店在成都锦里" not in consumer.text
    assert consumer.offers("say", "withdraw", "escalate", "offer", "follow") == []


REFUSED = (
    ({"to": "999999"}, "choose a city of the list"),
    ({"to": HERE}, "choose a city of the list"),
    ({"because": "x"}, "choose why the other city"),
    ({"because": "given_back"}, "only to the city that it came from"),
    ({"handover_words": " "}, "handover_words-fault"),
)


async def test_what_is_no_hand_over_changes_nothing_and_one_can_be_taken_back(two: Two):
    case, here = await two.file(await two.register(HERE)), await officer(two, HERE)
    before = await two.dispute(HERE, case)
    for sent, told in REFUSED:
        await here.open(f"{DESK}/{case}")
        await here.send("hand-over", **{"to": THERE} | FORM | sent)
        assert here.page.status_code in {404, 422}
        assert told in here.html
        assert await two.dispute(HERE, case) == before
    await here.open(f"{DESK}/{case}")
    await here.send("hand-over", to=THERE, **FORM)
    await two.work()
    await here.open(f"{DESK}/{case}")
    await here.send("recall")
    assert "done=recall" in here.path
    await two.work()
    await here.open(f"{DESK}/{case}")
    assert (await two.dispute(HERE, case)).away is None
    assert here.offers("hand-over", "recall") == ["hand-over"]


async def test_the_other_city_reads_it_and_takes_it_for_a_merchant_of_its_register(two: Two):
    case, here = await offered(two)
    await two.work()
    there, name = await officer(two, THERE), f"{case}-1"
    await there.at("/officer/items")
    await there.open(re.search(r'href="([^"]+)" data-item', there.html)[1])
    await there.open(re.search(r'href="([^"]+/officer/handovers/[^"]+)"', there.html)[1])
    for words in ("Hand-over from Hangzhou", "面里有头发", "¥88.00", CODE, "店在成都锦里", "No merchant was found"):
        assert words in there.text
    merchant = await two.register(THERE)
    await there.at(f"/officer/handovers/{name}?q={CODE}")
    seller = re.search(r'name="seller"[^>]*value="([^"]+)"', there.html)[1]
    assert seller.startswith(f"{merchant}~")
    await there.send("accept", seller="nobody~")
    assert there.page.status_code == 422
    await there.send("accept", seller=seller)
    assert "done=accept" in there.path
    await two.work()
    assert (await two.dispute(THERE, case)).merchant == merchant
    await there.at(f"/officer/disputes/{case}")
    assert "This dispute came from Hangzhou" in there.text
    await here.open(f"{DESK}/{case}")
    assert "Chengdu decides this dispute" in here.text
    assert here.offers("say", "take", "recall", "hand-over", "give") == []
    await here.open(f"/{HERE}/officer?state=elsewhere")
    assert case in here.html
    await here.open(f"/{HERE}/officer")
    assert case not in here.html
    await here.open(f"/{HERE}/officer/statistics")
    assert "Taken over by another city (among those received; they end there) 1" in here.text


async def taken(two: Two) -> tuple[str, str, str]:
    """One that Chengdu has taken: the dispute, its merchant there and here."""
    here, there = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    return case, there, here


async def test_the_consumer_follows_the_link_and_only_the_consumer(two: Two):
    case, _, seller = await taken(two)
    consumer = await someone(two, HERE, Role.consumer, two.consumer)
    await consumer.at(f"/disputes/{case}")
    link = re.search(r'href="([^"]+)"[^>]*data-act="follow"', consumer.html)[1]
    assert link == home_address(two.both.app.tools.vaults(THERE), two.both.url, await two.dispute(THERE, case))
    assert consumer.offers("say", "withdraw", "escalate", "offer") == []
    await consumer.at("/disputes")
    assert "In another city" in consumer.text
    for other in (await officer(two, HERE), await staff(two, HERE, seller)):
        way = "/officer" if other.http.cookies.get("hejie-officer") else "/merchant"
        await other.at(f"{way}/disputes/{case}")
        assert link.rpartition(".")[2] not in other.html
    kept = await two.dispute(HERE, case)
    assert await _way_of(two, kept, Role.consumer, two.consumer) == link
    for role, person in ((Role.officer, two.consumer), (Role.merchant, two.consumer), (Role.consumer, "another")):
        assert await _way_of(two, kept, role, person) == ""
    await _wrong_links_open_nothing(two, case, link)
    there = Visitor(two, THERE)
    await there.open(link.removeprefix(two.both.url))
    assert there.path.startswith(f"/{THERE}/disputes/{case}")
    assert "面里有头发" in there.text
    assert there.offers("say", "withdraw") == ["say", "withdraw"]


async def _way_of(two: Two, dispute: Dispute, role: Role, person: str) -> str:
    """The link that the page of such a reader would have."""
    house = two.both.app.house
    reader: Any = SimpleNamespace(
        house=house,
        city=HERE,
        language="en",
        actor=Actor(role, person),
        viewer=SimpleNamespace(person=person),
        connection=lambda: city_transaction(house.pool, HERE),
        say=lambda text: text,
    )
    found = await handed.shown(reader, dispute)
    return found.link if found else "none"


async def _wrong_links_open_nothing(two: Two, case: str, link: str) -> None:
    """None tells whether there is such a dispute."""
    path, _, code = link.removeprefix(two.both.url).rpartition(".")
    other = f"{code[:-1]}{'0' if code[-1] != '0' else '1'}"
    stranger, told = Visitor(two, THERE), set()
    for each in (f"{path}.{other}", path, f"{path[:-1]}Z.{code}", f"{path}.{code}".replace(THERE, HERE, 1)):
        await stranger.open(each)
        told.add((stranger.page.status_code, stranger.text.partition("This link does not open")[2][:200]))
    assert {status for status, _ in told} == {422}
    assert len(told) == 1
    await stranger.at(f"/disputes/{case}")
    assert "面里有头发" not in stranger.text


async def staff(two: Two, city: str, merchant: str) -> Visitor:
    member = AddStaff(staff=Staff(person=f"{city}-owner", rank=Rank.owner))
    await two.both.app.desk.act(MERCHANTS, city, merchant, member, SYSTEM)
    return await someone(two, city, Role.merchant, f"{city}-owner", merchant)


async def _open_platform_tells(two: Two, case: str) -> None:
    house = two.both.app.house
    async with city_transaction(house.pool, HERE) as connection:
        viewer = Viewer(city=HERE, role=Role.consumer, person=two.consumer)
        token = await begin(connection, house.chance, viewer)
    transport = httpx.ASGITransport(web_app(house, API, ()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test") as http:
        told = (await http.get(f"/api/{HERE}/disputes/{case}", headers={"authorization": f"Bearer {token}"})).json()
    assert (told["state"], told["home"], told["due"]) == ("elsewhere", THERE, None)
    assert told["elsewhere"]["state"] == "awaiting_merchant"


async def test_each_citys_merchant_sees_where_it_is(two: Two):
    case, merchant, first = await taken(two)
    await _open_platform_tells(two, case)
    before, now = await staff(two, HERE, first), await staff(two, THERE, merchant)
    await before.at(f"/merchant/disputes/{case}")
    assert "This dispute is with Chengdu now" in before.text
    assert before.offers("accept", "say", "offer", "decline", "answer", "assign") == []
    await before.at("/merchant")
    assert case not in before.html
    await before.at("/merchant?state=elsewhere")
    assert case in before.html
    await now.at(f"/merchant/disputes/{case}")
    assert "This dispute came from Hangzhou" in now.text
    assert now.offers("accept") == ["accept"]
    await two.to_dispute(THERE, case, d.AcceptOffer(offer="claim"), Actor(Role.merchant, "x", merchant))
    await two.work()
    await before.at(f"/merchant/disputes/{case}")
    assert "Agreed, on its way" in before.text
    async with city_transaction(two.both.app.pool, THERE) as connection:
        for within, seen in (("", 1), (PLACES[THERE], 1), ("510108", 0)):
            assert len((await handover_page(connection, THERE, within=within)).rows) == seen


async def test_refused_and_given_back_each_with_words_that_the_other_reads(two: Two):
    case, here = await offered(two)
    await two.work()
    there = await officer(two, THERE)
    await there.at(f"/officer/handovers/{case}-1")
    await there.send("refuse", refusal="other", refusal_words="")
    assert there.page.status_code == 422
    assert (await two.handover(THERE, f"{case}-1")).state is State.offered
    await there.send("note", note_words="请确认店铺地址")
    await there.send("refuse", refusal="not_here", refusal_words="店在德阳")
    await two.work()
    await here.open(f"/{HERE}/officer/handovers/{case}-1")
    for words in ("not taken over", "The shop is not in the city that was asked", "店在德阳", "请确认店铺地址"):
        assert words in here.text
    assert here.offers("recall", "accept") == []
    await here.open(f"{DESK}/{case}")
    assert here.offers("hand-over") == ["hand-over"]
    merchant = await two.register(THERE)
    await here.send("hand-over", to=THERE, **FORM)
    await two.work()
    assert (await two.dispute(THERE, case)).merchant == merchant
    await there.at(f"/officer/disputes/{case}")
    await there.send("hand-over", to=HERE, because="given_back", handover_words="商户已迁回杭州")
    await two.work()
    back = await two.dispute(HERE, case)
    assert (back.home, back.away, back.turn) == (HERE, None, 3)
    assert (back.shop, back.district) == ("", "")
    await here.open(f"{DESK}/{case}")
    assert "Chengdu has given the dispute back" in here.text
    for side in (here, there):
        await side.open(f"/{HERE if side is here else THERE}/officer/handovers/{case}-2")
        assert "It has been handed over again since then" in side.text
        assert "It stands there" not in side.text
        assert "To be ended by" not in side.text
    await here.open(f"{DESK}/{case}")
    assert here.offers("hand-over") == ["hand-over"]
    consumer = await someone(two, HERE, Role.consumer, two.consumer)
    await consumer.at(f"/disputes/{case}")
    assert consumer.offers("say", "withdraw") == ["say", "withdraw"]
    await there.at(f"/officer/disputes/{case}")
    assert "Hangzhou decides this dispute" in there.text
    assert there.offers("say", "take", "hand-over") == []
