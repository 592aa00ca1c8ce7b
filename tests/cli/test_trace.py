"""`hejie trace`: answers with their why, and each asking written down with its purpose and not its number."""

from __future__ import annotations

import json
import random
from pathlib import Path

import psycopg
import pytest
from tests.cli.test_clearing import CITY, DAY, city, words

from hejie.cli import main
from hejie_lab import clearing_writer as w

__all__ = ["city"]


def test_what_is_known_is_told_and_the_asking_is_written_down(
    city: Path,
    app_url: str,
    capsys: pytest.CaptureFixture[str],
):
    one = w.movement(5, DAY, random.Random(1))
    file = city / "day.csv"
    w.write(file, "csv", iter([one]))
    assert main(words(file)) == 0
    own = ["--city", CITY, "--purpose", "dispute 17"]
    capsys.readouterr()
    assert main(["trace", one.query_id, *own, "--json"]) == 0
    [answer] = json.loads(capsys.readouterr().out)
    assert (answer["trade_no"], answer["merchant"], answer["belief"]) == (one.query_id, None, "unknown")
    at = one.at.replace(tzinfo=None).isoformat()
    assert main(["trace", "--trace", one.trace, "--at", at, "--acquirer", w.ACQUIRER, *own]) == 0
    assert one.order_no in capsys.readouterr().out
    assert main(["trace", "999999999999", *own]) == 1
    assert main(["trace", one.query_id, "--city", CITY, "--purpose", " "]) == 2
    with psycopg.connect(app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        asked = connection.execute("select purpose, answers, role from trace_asked order by id").fetchall()
        whole = connection.execute("select string_agg(t::text, '') from trace_asked t").fetchone()
    assert asked == [("dispute 17", 1, "operator"), ("dispute 17", 1, "operator"), ("dispute 17", 0, "operator")]
    assert whole is not None
    assert one.query_id not in whole[0]
