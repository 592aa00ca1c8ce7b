"""Plans that were made while a table was small must not read it whole when it has grown."""

from __future__ import annotations

import psycopg
import pytest

from hejie.queries import consumer

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
