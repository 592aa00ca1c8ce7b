"""Plans that were made while a table was small must not read it whole when it has grown."""

from __future__ import annotations

import psycopg
import pytest

from hejie.queries import consumer, patterns, similar

CITY, PERSON = "330100", "P1"
ALL, MOST_PAGES = 20_000, 60


@pytest.fixture
def grown(database):
    """The ordinary role with the bill's query planned for good in an empty city, in which much has happened since."""
    query = (consumer._BOUGHT + " and p.trade_no = any(%s)").replace("%s", "${}").format(2, 1, 1, 2, 3)
    with psycopg.connect(database.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(f"prepare bought (text, text, text[]) as {query}")
        connection.execute("insert into person values (%s, %s, 'h1', 'zh', now())", [CITY, PERSON])
        connection.execute(f"execute bought ('{CITY}', '{PERSON}', '{{T000001}}')")
        connection.execute(
            "insert into payment (city, wallet, trade_no, order_no, payer, account, merchant, shop, item, paid_fen,"
            " currency, paid_at, proven, source) select %s, 'alipay', 'T' || lpad(n::text, 6, '0'), '',"
            " case when n <= 5 then 'h1'::bytea else ('x' || n)::bytea end, '', 'M', 'S', '', 100, 'CNY', now(),"
            " true, 'entry' from generate_series(1, %s) n",
            [CITY, ALL],
        )
        connection.execute(
            "insert into dispute_payment (city, dispute, wallet, trade_no, open)"
            " select %s, 'D' || n, 'alipay', 'T' || lpad(n::text, 6, '0'), true from generate_series(2, %s) n",
            [CITY, ALL],
        )
        yield connection


def test_a_payments_dispute_is_found_by_the_payment(grown):
    order = f"explain (analyze, buffers, format json) execute bought ('{CITY}', '{PERSON}', '{{T000001}}')"
    (plan,) = grown.execute(order).fetchone()
    read = plan[0]["Plan"]
    assert read["Actual Rows"] == 1
    assert read["Shared Hit Blocks"] + read["Shared Read Blocks"] < MOST_PAGES


SIMILAR_READ = 200
"""Pages: 5,000 entries of the index at most, and none of the table's own."""


@pytest.fixture
def settled(database):
    """Both queries for similar cases planned for good in an empty city, in which 60,000 have settled since."""
    with psycopg.connect(database.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        connection.execute("set plan_cache_mode = force_generic_plan")
        numbered = similar.IN_TRADE.replace("%s", "${}").format(*range(1, 10))
        wide = similar.WITH_PROBLEM.replace("%s", "${}").format(*range(1, 9))
        kinds = "timestamptz, timestamptz, bigint, bigint, bigint, bigint"
        connection.execute(f"prepare in_trade (text, text, text, {kinds}) as {numbered}")
        connection.execute(f"prepare with_problem (text, text, {kinds}) as {wide}")
        for order in ORDERS.values():
            connection.execute(order)
        connection.execute(
            "insert into settlement select %s, 'D' || n, timestamptz '2026-11-01' - n * interval '5 minutes',"
            " 'quality', '52', '330102', 5000 + n %% 7, 2500, 'refund_part' from generate_series(1, 60000) n",
            [CITY],
        )
        yield connection


SPAN = "timestamptz '2025-11-01', timestamptz '2026-11-01', 5000"
ORDERS = {
    "in_trade": f"execute in_trade ('{CITY}', 'quality', '52', {SPAN}, 1666, 15000, 500)",
    "with_problem": f"execute with_problem ('{CITY}', 'quality', {SPAN}, 1666, 15000, 500)",
    "rare_trade": f"execute in_trade ('{CITY}', 'quality', '62', {SPAN}, 1666, 15000, 500)",
    "odd_payment": f"execute in_trade ('{CITY}', 'quality', '52', {SPAN}, 1000000, 9000000, 500)",
}


@pytest.mark.parametrize("which", ORDERS)
def test_similar_cases_are_read_newest_first_and_no_more_than_needed(settled, which):
    (plan,) = settled.execute(f"explain (analyze, buffers, format json) {ORDERS[which]}").fetchone()
    read = plan[0]["Plan"]
    assert read["Actual Rows"] == (500 if which in {"in_trade", "with_problem"} else 0)
    assert read["Shared Hit Blocks"] + read["Shared Read Blocks"] < SIMILAR_READ


@pytest.fixture
def filed(database):
    """The query for how a consumer files planned for good in an empty city, in which 20,000 have been filed since."""
    names = ("city", "id", "consumer", "since", "until", "most")
    query = patterns._NEAR % {name: f"${place}" for place, name in enumerate(names, 1)}
    with psycopg.connect(database.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(f"prepare near (text, text, text, timestamptz, timestamptz, bigint) as {query}")
        connection.execute(NEAR)
        connection.execute(
            "insert into filing_mark select %s, 'D' || n, timestamptz '2026-11-01' - n * interval '1 minute',"
            " ('w' || n / 3)::bytea, ('c' || n / 2)::bytea from generate_series(1, %s) n",
            [CITY, ALL],
        )
        connection.execute(
            "insert into dispute select %s, 'D' || n, 1, %s, 'settled', 'P' || n / 4, 'M', 'S', '330102', 'here',"
            " 'alipay', null, 'quality', 'refund_full', 100, 'CNY', false,"
            " timestamptz '2026-11-01' - n * interval '1 minute', null, null, '', 'performed', null, now(), now(),"
            ' \'{"payments": [{"item": "x", "trade_no": "t"}]}\' from generate_series(1, %s) n',
            [CITY, CITY, ALL],
        )
        yield connection


NEAR = f"execute near ('{CITY}', 'D9', 'P2', timestamptz '2026-08-01', timestamptz '2026-12-01', 100)"


def test_what_is_near_a_filing_is_found_by_consumer_words_and_number(filed):
    (plan,) = filed.execute(f"explain (analyze, buffers, format json) {NEAR}").fetchone()
    read = plan[0]["Plan"]
    assert read["Actual Rows"] == 3
    assert read["Shared Hit Blocks"] + read["Shared Read Blocks"] < 2 * MOST_PAGES
