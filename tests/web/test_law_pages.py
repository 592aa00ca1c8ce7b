"""The pages of the law: every worked date and entitlement typed into them comes out, and bad input is told kindly."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from tests.hostile.test_fuzz import LEAKS
from tests.support.bare_house import CITY, OTHER, bare_house
from tests.support.law_cases import APPRAISAL, DATES, PROVISIONAL, WORKED, Dated, facts, more, prepaid

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.money import yuan
from hejie.edge.sessions import Viewer, begin
from hejie.law.clock import Pause
from hejie.law.shipped import book
from hejie.store.pool import city_transaction
from hejie.web.asgi import web_app
from hejie.web.law_asked import address
from hejie.web.law_lines import rule_lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hejie.edge.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGUAGES = ("zh", "en")
CASES = {
    "returns": "return",
    "defect": "repair",
    "prepaid": "prepaid",
    "promotion": "bundle",
    "courier": "parcel",
    "platform": "platform",
    "more": "more",
}


class Pages(NamedTuple):
    """The served application: for anybody, and for an officer."""

    house: House
    anyone: httpx.AsyncClient
    officer: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages(module_database, tmp_path_factory) -> AsyncIterator[Pages]:
    async with bare_house(module_database, tmp_path_factory.mktemp("keys")) as house:
        transport = httpx.ASGITransport(web_app(house), raise_app_exceptions=False)
        clients = [httpx.AsyncClient(transport=transport, base_url="http://hejie.test") for _ in range(2)]
        async with city_transaction(house.pool, CITY) as connection:
            viewer = Viewer(city=CITY, role=Role.officer, person="officer-1", organisation=CITY)
            clients[1].cookies.set("hejie-officer", await begin(connection, house.chance, viewer))
        yield Pages(house, *clients)
        for each in clients:
            await each.aclose()


async def seen(client: httpx.AsyncClient, path: str, language: str = "zh", city: str = CITY, **asked: str) -> str:
    """A page as it came; refused or not, it is whole."""
    answer = await client.get(f"/{city}{path}?{urlencode(asked | {'lang': language})}")
    assert answer.status_code in {200, 400, 422}, answer.status_code
    assert answer.text.rstrip().endswith("</html>")
    return answer.text


def part(html: str, name: str) -> str:
    """The words of the part with that id."""
    found = re.search(rf'(?s)<(section|form)[^>]*id="{name}".*?</\1>', html)
    assert found, name
    return words(found[0])


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def typed(case: Dated) -> dict[str, str]:
    """A worked date as it is typed into the form, whose fields it must have."""
    day, _, time = case.start.partition("T")
    universal = time.endswith("+00:00")
    asked = {"start": day, "time": time.removesuffix("+00:00"), "zone": "+00:00" if universal else "+08:00"}
    for number, (first, last) in enumerate(case.pauses, start=1):
        asked |= {f"from-{number}": first, f"to-{number}": last}
    if case.span:
        asked |= {"length": case.span.rstrip("h"), "unit": "h"}
    return asked | ({"extended": "yes"} if case.extended else {})


@pytest.mark.parametrize("case", DATES)
async def test_every_worked_date_comes_out_on_the_rules_page(pages, case):
    empty, asked = await seen(pages.anyone, f"/law/{case.rule}", pauses=str(len(case.pauses))), typed(case)
    assert not [name for name in asked if f'name="{name}"' not in empty]
    for language in LANGUAGES:
        html = await seen(pages.anyone, f"/law/{case.rule}", language, **asked)
        due, told = re.findall(r"(?s)<h2 id=\"answer-title\".*?</h2>", html)[0], part(html, "answer")
        assert case.due in due
        assert ("18:00" if case.span else "24:00") in due
        assert "provisional" not in due
        assert "暂定" not in due
        assert all(day in told for day in case.others)
        if case.pauses:
            assert f"{case.pauses[0][0]} – {case.pauses[-1][1]}" in told
        assert {"zh": "依据：", "en": "Source:"}[language] in told


async def test_what_an_answer_explains(pages):
    told = part(await seen(pages.anyone, "/law/A1", "en", start="2026-04-30", time="16:20"), "answer")
    for line in ("2026-05-01 – 2026-05-05 (Labour Day)", "2026-05-10 (weekend)", "worked by swap: 2026-05-09"):
        assert line in told
    both = part(await seen(pages.anyone, "/law/M1", "en", start="2026-04-14"), "answer")
    assert "2026-06-15: read by the Civil Code" in both
    assert "giving way" in both
    assert "2026-06-18" in both
    rule, start, year = PROVISIONAL
    late = part(await seen(pages.anyone, f"/law/{rule}", start=start), "answer")
    assert "暂定" in late
    assert str(year) in late
    paused = part(
        await seen(pages.anyone, "/law/M1", start="2026-06-01", **{"from-1": APPRAISAL[0], "to-1": APPRAISAL[1]}),
        "answer",
    )
    assert " – ".join(APPRAISAL) in paused


def fields(said: dict[str, Any], above: str = "") -> dict[str, str]:
    """Facts as they are typed: yuan, days, yes and no."""
    asked: dict[str, str] = {}
    for name, value in said.items():
        if isinstance(value, dict):
            asked |= fields(value, f"{name}-")
        elif name in {"city", "refund"}:
            continue
        elif isinstance(value, bool):
            asked[above + name] = "yes" if value else "no"
        elif isinstance(value, list):
            asked[above + name] = ", ".join(yuan(each) if name.endswith("_fen") else str(each + 1) for each in value)
        else:
            asked[above + name] = yuan(value) if name.endswith("_fen") else str(value)
    case = next((CASES[name] for name in said if name in CASES), "refund")
    return asked | {"case": case}


@pytest.mark.parametrize(("said", "rule", "amount", "total"), WORKED.values(), ids=WORKED)
async def test_every_worked_entitlement_comes_out_on_its_page(pages, said, rule, amount, total):
    asked = fields(said)
    officer = asked["case"] == "more"
    client, path = (pages.officer, "/officer/entitlements") if officer else (pages.anyone, "/entitlements")
    empty = await seen(client, path, case=asked["case"])
    assert not [name for name in asked if f'name="{name}"' not in empty]
    for language, reference, article in (("zh", "仅供参考", "第"), ("en", "reference", "article")):
        html = await seen(client, path, language, **asked)
        line = re.search(rf'(?s)<h3 data-rule="{rule}">.*?(?=<h3 data-rule|</section>)', html)
        assert line
        assert f"¥{yuan(amount)}" in line[0].partition("</h3>")[0]
        if total is not None and total != amount:
            assert f"¥{yuan(total)}" in line[0]
        assert reference in line[0]
        assert article in line[0]
        for value in asked.values():
            assert value in {asked["case"], "yes", "no"} or value in words(html) or value in html


@pytest.mark.parametrize("ground", ["fraud", "harm", "food", "drug"])
async def test_nobody_but_an_officer_is_told_of_multiples(pages, ground):
    asked = fields(facts(price_fen=10_000, **more(ground, loss_fen=5_000)))
    for case in ("more", "refund", "repair"):
        html = await seen(pages.anyone, "/entitlements", **asked | {"case": case})
        for word in ("倍", "惩罚", "第五十五条", 'data-rule="D'):
            assert word not in html
    shut = asked | {"opened_by_officer": ""}
    html = await seen(pages.officer, "/officer/entitlements", **shut)
    assert 'id="opened_by_officer-fault"' in html
    assert 'data-rule="D' not in html
    stranger = await pages.anyone.get(f"/{CITY}/officer/entitlements", params=asked)
    assert stranger.status_code in {303, 401}
    assert "data-rule" not in stranger.text


P = {"start": "2026-05-06"}
BAD_DATES = [
    ("A1", {"start": "2026-02-30"}, "start"),
    ("A1", {"start": ""}, "start"),
    ("A1", {"start": "tomorrow"}, "start"),
    ("A1", {"start": "0001-01-01"}, "start"),
    ("A1", {"start": "9999-12-31", "time": "23:00", "zone": "+00:00"}, "time"),
    ("A1", {"start": "1980-01-01"}, "start"),
    ("A1", {"start": "2019-05-06"}, "start"),
    ("A1", {"start": "<script>alert(1)</script>"}, "start"),
    ("A1", {"start": "2026-05-06\x00"}, "start"),
    ("A1", P | {"time": "25:00"}, "time"),
    ("A1", P | {"time": "\x00"}, "time"),
    ("A1", P | {"zone": "+00:00"}, "time"),
    ("A1", P | {"time": "10:00", "zone": "Mars"}, "zone"),
    ("M1", P | {"from-1": "2026-07-09", "to-1": "2026-06-20"}, "to-1"),
    ("M1", P | {"from-1": "2026-06-20", "to-1": "2026-06-31"}, "to-1"),
    ("M1", P | {"from-1": "2026-06-20"}, "to-1"),
    ("M1", P | {"from-3": "x", "to-3": "2026-06-20"}, "from-3"),
    ("M1", P | {"from-1": "2026-06-20", "to-1": "2100-12-31"}, "start"),
    ("M1", P | {"from-1": "2026-06-20", "to-1": "2101-01-01"}, "to-1"),
    ("R8", P | {"length": "48", "unit": "h"}, "time"),
    ("R8", P, "length"),
    ("R8", P | {"time": "10:00", "length": "٤٨", "unit": "h"}, "length"),
    ("R8", P | {"time": "10:00", "length": "99999", "unit": "h"}, "length"),
    ("R8", P | {"time": "10:00", "length": "48", "unit": "fortnight"}, "length"),
    ("R8", P | {"length": "9999", "unit": "y"}, "start"),
    ("A1", P | {"from-1": "2026-06-20", "to-1": "2026-06-21"}, ""),
    ("A1", P | {"length": "3", "unit": "d"}, ""),
    ("A1", P | {"extended": "yes"}, ""),
    ("J1", P, ""),
]


@pytest.mark.parametrize(("rule", "asked", "field"), BAD_DATES)
async def test_a_date_that_cannot_be_is_told_at_its_field(pages, rule, asked, field):
    for language in LANGUAGES:
        html = await seen(pages.anyone, f"/law/{rule}", language, **asked)
        refused(html, field)
        assert 'id="answer"' not in html


PAID = fields(prepaid())
TWO = {"case": "bundle", "event_on": "2026-11-20", "promotion-prices_fen": "3, 2", "promotion-less_fen": "1"}
REFUND = {"case": "refund", "event_on": "2026-11-20"}
BAD_FACTS = [
    ({"case": "refund", "event_on": "2026-02-30", "price_fen": "1"}, "event_on"),
    ({"case": "refund", "event_on": "", "price_fen": "1"}, "event_on"),
    (REFUND | {"price_fen": ""}, "price_fen"),
    (REFUND | {"price_fen": "-1"}, "price_fen"),
    (REFUND | {"price_fen": "1.005"}, "price_fen"),
    (REFUND | {"price_fen": "1e9"}, "price_fen"),
    (REFUND | {"price_fen": "9" * 19}, "price_fen"),
    (REFUND | {"price_fen": "\x00"}, "price_fen"),
    (REFUND | {"price_fen": "1", "refunded_fen": "2"}, "refunded_fen"),
    (REFUND | {"price_fen": "1", "proven_paid_fen": "2"}, "proven_paid_fen"),
    (REFUND | {"price_fen": "1", "asked_on": "2026-11-19"}, "asked_on"),
    (fields(facts(price_fen=1, returns={"returned_on": "2026-11-19"})), "returns-returned_on"),
    (fields(facts(price_fen=1, returns={"remote": "perhaps"})), "returns-remote"),
    (fields(facts(price_fen=1, returns={"goods": "<b>"})), "returns-goods"),
    (fields(facts(price_fen=1, defect={"found_on": "2026-11-19"})), "defect-found_on"),
    (fields(facts(price_fen=1, defect={"repaired": "1.5"})), "defect-repaired"),
    (fields(facts(price_fen=1, defect={"repaired": "٣"})), "defect-repaired"),
    (PAID | {"prepaid-used": "11"}, "prepaid-used"),
    (PAID | {"prepaid-spent_fen": "1"}, "prepaid-spent_fen"),
    (PAID | {"prepaid-list_unit_fen": "1"}, "prepaid-list_unit_fen"),
    (PAID | {"prepaid-lpr_one_year": "101"}, "prepaid-lpr_one_year"),
    (PAID | {"prepaid-interest_from": "2026-11-20", "prepaid-interest_to": "2026-11-19"}, "prepaid-interest_to"),
    (TWO | {"promotion-prices_fen": "300"}, "promotion-prices_fen"),
    (TWO | {"promotion-less_fen": ""}, "promotion-less_fen"),
    (TWO | {"promotion-returned": "3"}, "promotion-returned"),
    (TWO | {"promotion-returned": "0"}, "promotion-returned"),
    (TWO | {"promotion-returned": "1", "promotion-less_fen": "6"}, "promotion-less_fen"),
    ({"case": "promise", "event_on": "2026-11-20", "promise-words": ""}, "promise-words"),
    ({"case": "promise", "event_on": "2026-11-20", "promise-words": "x" * 400}, "promise-words"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "field"), BAD_FACTS)
async def test_facts_that_cannot_be_are_told_at_their_field(pages, asked, field):
    for language in LANGUAGES:
        html = await seen(pages.anyone, "/entitlements", language, **asked)
        refused(html, field)
        assert "data-rule" not in html


def refused(html: str, field: str) -> None:
    """The form again, with what is wrong told at the top and, where there is one, at the field."""
    assert 'id="summary"' in html
    assert LEAKS.search(words(html)) is None
    assert "<script>alert" not in html
    told = part_of_summary(html)
    assert "_fen" not in told
    assert "…" not in told
    if field:
        assert f'id="{field}-fault"' in html
        assert f'href="#{field}"' in html
        assert f'id="{field}"' in html
    else:
        assert "-fault" not in html


def part_of_summary(html: str) -> str:
    found = re.search(r'(?s)<div class="summary".*?</div>', html)
    assert found
    return words(found[0])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_rules_of_a_day_are_listed_and_narrowed_by_a_word(pages, language):
    today = pages.house.clock.now().astimezone(SHANGHAI).date()
    html = words(await seen(pages.anyone, "/law", language))
    here = [rule for rule in book().rules if rule.holds(today)]
    for rule in here:
        assert all(" ".join(line.split()) in html for line in rule_lines(language, rule)[:3])
    before = await seen(pages.anyone, "/law", language, on="2026-04-14")
    assert words(before).count({"zh": "效力在后", "en": "gives way"}[language]) >= 1
    assert "121" not in re.sub(r"(?s).*</form>", "", before).partition("J1")[2].partition("</article>")[0]
    few = re.findall(r'href="/330100/law/([^"/?]+)"', await seen(pages.anyone, "/law", language, q="鉴定"))
    assert "M1" in few
    assert "R1" not in few
    assert "ZJ1" not in await seen(pages.anyone, "/law", language, city=OTHER)
    for asked, field in (
        ({"on": "2026-02-30"}, "on"),
        ({"on": "x" * 5_000}, "on"),
        ({"q": "\x00"}, "q"),
        ({"q": "y" * 900}, "q"),
    ):
        refused(await seen(pages.anyone, "/law", language, **asked), field)
    assert "<b>" not in await seen(pages.anyone, "/law", language, q="<b>")
    assert 'class="rule"' not in await seen(pages.anyone, "/law", language, on="1990-01-01")


async def test_each_rule_has_its_own_address_with_all_its_wordings(pages):
    for name in sorted({rule.id for rule in book().rules}):
        html = words(await seen(pages.anyone, f"/law/{name}", "en"))
        for rule in book().versions(name, "330000"):
            assert all(" ".join(line.split()) in html for line in rule_lines("en", rule))
    old = await seen(pages.anyone, "/law/M1", "en")
    assert old.count("In force earlier") == 2
    assert old.count("In force today") == 1
    for name in ("Z9", "<script>", "a" * 300, "%00", "..%2flaw"):
        gone = await pages.anyone.get(f"/{CITY}/law/{name}")
        assert gone.status_code == 404, name
        assert LEAKS.search(words(gone.text)) is None
    assert (await pages.anyone.get(f"/{OTHER}/law/ZJ1")).status_code == 422


async def test_a_clock_of_a_case_leads_to_the_same_answer(pages):
    start = datetime(2026, 6, 1, 9, 30, tzinfo=SHANGHAI)
    path = address("M1", start, [Pause(*map(date.fromisoformat, APPRAISAL))])
    html = (await pages.anyone.get(f"/{CITY}{path}&lang=zh")).text
    assert "2026-08-20" in part(html, "answer")
    assert "2026-06-01 09:30" in part(html, "answer")
    assert address("M1", start, [Pause(start.date(), start.date())] * 21) == "/law/M1"


async def test_one_more_pause_keeps_what_was_typed_and_works_nothing_out(pages):
    asked = {"start": "2026-06-01", "from-1": APPRAISAL[0], "to-1": APPRAISAL[1], "pauses": "1", "more": "1"}
    html = await seen(pages.anyone, "/law/M1", **asked)
    assert 'id="answer"' not in html
    assert 'name="from-2"' in html
    assert f'value="{APPRAISAL[0]}"' in html
    full = await seen(pages.anyone, "/law/M1", **asked | {"pauses": "9999"})
    assert 'name="from-20"' in full
    assert 'name="from-21"' not in full
    assert 'data-act="more"' not in full
    assert 'name="from-2"' not in await seen(pages.anyone, "/law/M1", pauses="-3")


async def test_the_cases_are_listed_and_a_strange_one_shows_the_list(pages):
    for asked in ({}, {"case": "more"}, {"case": "\x00"}, {"case": "x" * 9_000}):
        html = await seen(pages.anyone, "/entitlements", **asked)
        assert html.count('<li><a href="/330100/entitlements?case=') == len(CASES) + 1
        assert 'id="facts"' not in html
    listed = await seen(pages.officer, "/officer/entitlements")
    assert listed.count('<li><a href="/330100/officer/entitlements?case=') == len(CASES) + 2
    nothing = await seen(pages.anyone, "/entitlements", city=OTHER, **fields(facts(courier={"fee_fen": 1_000})))
    assert 'id="nothing"' in nothing
