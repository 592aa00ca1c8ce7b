"""The work list reads a page from each of its indexes, however much is open; planned while the city was empty."""

from __future__ import annotations

import psycopg
import pytest

from hejie.queries import duties

CITY, ALL = "330100", 4_000
NAMES = ("city", "people", "asked", "place", "timed", "at", "id", "before", "size")
KINDS = "text, text[], text[], text, boolean, timestamptz, text, timestamptz, bigint"
ARMS = {**duties.ARMS, "whole": duties.DUTIES}
MOST_PAGES = {"whole": 700}
EACH = 200
INDEX = {
    "disputes": "dispute_duty", "items": "work_item_duty", "mediations": "mediation_duty",
    "offered_disputes": "dispute_offered", "offered_items": "work_item_offered",
}  # fmt: skip


@pytest.fixture
def grown(database):
    """Every arm planned for good in an empty city, to which thousands of cases and items have come since."""
    with psycopg.connect(database.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        connection.execute("set plan_cache_mode = force_generic_plan")
        for name, arm in ARMS.items():
            query = arm % {each: f"${place}" for place, each in enumerate(NAMES, 1)}
            connection.execute(f"prepare {name} ({KINDS}) as {query}")
            connection.execute(order(name))
        connection.execute(
            "insert into dispute select %s, 'D' || n, 1, %s, 'mediating', 'P' || n, 'M', 'S', '330102', 'here',"
            " 'alipay', null, 'quality', 'refund_full', 100, 'CNY', false, now(), null, null,"
            " case when n %% 2 = 0 then 'wang' else 'li' end, null, timestamptz '2026-11-01' - n * interval '1 minute',"
            " null, now(), '{}' from generate_series(1, %s) n",
            [CITY, CITY, ALL],
        )
        connection.execute(
            "insert into dispute select city, 'E' || id, version, home, state, consumer, merchant, shop, district,"
            " origin, wallet, null, problem, claim_kind, claim_fen, currency, undue, filed_at, null, null, '', null,"
            " escalated_at, null, changed_at, body from dispute"
        )
        connection.execute(
            "insert into mediation (city, id, version, dispute, consumer, merchant, state, authority, officer, urgency,"
            " opened_at, refused, due_at, due_rule, ended, changed_at, body)"
            " select %s, 'm:' || n, 1, 'ED' || n, 'P', 'M', 'received', '330102',"
            " case when n %% 2 = 0 then 'wang' else 'li' end, 'usual', now(), '', now() + n * interval '1 minute',"
            " 'A1', '', now(), '{}' from generate_series(1, %s) n",
            [CITY, ALL],
        )
        connection.execute(
            "insert into work_item (city, id, kind, noun, subject, body, opened_at, officer)"
            " select %s, 'W' || n, 'call_asked', 'call', 'c' || n, '{}', now() - n * interval '1 minute',"
            " case when n %% 2 = 0 then 'wang' else 'li' end from generate_series(1, %s) n",
            [CITY, ALL],
        )
        connection.execute("update dispute set offered_to = '330106' where id like 'D1%'")
        connection.execute("update work_item set offered_to = '330106' where id like 'W1%'")
        yield connection


def order(name):
    return f"execute {name} ('{CITY}', array['wang'], array['330106'], '', false, '-infinity', '', 'infinity', 26)"


def scans(plan):
    yield plan.get("Index Name", "")
    for below in plan.get("Plans", ()):
        yield from scans(below)


def test_a_page_is_read_from_its_own_index(grown):
    for name in ARMS:
        looked_at(grown, name)


def looked_at(grown, name):
    (found,) = grown.execute(f"explain (analyze, buffers, format json) {order(name)}").fetchone()
    plan = found[0]["Plan"]
    assert plan["Actual Rows"] == 26
    used = set(scans(plan))
    assert {INDEX[name]} <= used if name in INDEX else set(INDEX.values()) <= used
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < MOST_PAGES.get(name, EACH)
