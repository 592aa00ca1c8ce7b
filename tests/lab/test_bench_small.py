"""The benchmarks' own code, very small: that they do what they count, never how fast."""

from __future__ import annotations

import psycopg
from tests.conftest import Database

from hejie_lab.bench import clearing, deadlines, file, handover, lists, log, notify, officer, queue, settle
from hejie_lab.bench.measure import Run, medians, quantile
from hejie_lab.bench.replay import WARM
from hejie_lab.cli.bench import as_table
from hejie_lab.platform import Addresses


def _addresses(database: Database) -> Addresses:
    return Addresses(database.owner_url, database.app_url)


def _scalar(database: Database, query: str) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_every_filing_and_every_replay_of_it_is_stored(database: Database):
    report = file.measure(clients=(1, 2), filings=6, rounds=1, database=_addresses(database))
    kinds = {(run.what, run.size): run.done for run in report.runs}
    roads = ("hejie over HTTP", "hejie by form", "psycopg threads", "asyncpg")
    assert kinds == {(what, size): 6 for what in roads for size in (1, 2)}
    recorded = 2
    whole = recorded + 4 * (6 + 1 * WARM) + 4 * (6 + 2 * WARM)
    assert report.findings["stored"] == {"disputes": whole, "events": whole}
    assert _scalar(database, "select count(*) from task where kind = 'standing_answer'") == whole
    assert _scalar(database, "select count(*) from once") == whole
    assert report.findings["ratio"].keys() == {"1", "2"}
    assert any("insert into dispute " in statement for statement in report.findings["statements"])
    assert "hejie over HTTP" in as_table(report)


def test_all_disputes_settle_and_the_wallets_ledger_agrees(database: Database):
    report = settle.measure(disputes=4, clients=2, rounds=1, database=_addresses(database))
    assert report.findings["ledger"] == {"payments": 4, "refunded_fen": 4_042, "agrees": True}
    assert [(run.done, run.size) for run in report.runs] == [(4, 4)]


def test_copies_are_whole_and_every_page_is_read(database: Database, module_database: Database):
    both = [_addresses(database), _addresses(module_database)]
    report = lists.measure(sizes=(40, 90), reads=3, rounds=1, databases=both)
    for where, size in ((database, 40), (module_database, 90)):
        templates = 5
        assert _scalar(where, "select count(*) from dispute") == size + templates
        assert _scalar(where, "select sum(version) - count(*) from dispute") > 3 * size
        lines = _scalar(where, "select count(*) from log where noun = 'dispute'")
        assert lines == _scalar(where, "select sum(version) from dispute")
    assert {run.size for run in report.runs} == {40, 90}
    assert {run.done for run in report.runs} == {3}
    assert report.findings["ratio"].keys() == {run.what for run in report.runs}
    assert "dispute" in " ".join(report.findings["plans"]["90"]["one dispute"])


def test_a_head_office_reads_its_queue_and_answers_many(database: Database):
    report = queue.measure(sizes=(800,), shops=30, reads=2, rounds=1, databases=[_addresses(database)])
    (answered,) = [run for run in report.runs if run.what == "50 answers at once over HTTP"]
    assert answered.done == 1
    times = 2  # one of them is not timed
    assert _scalar(database, "select count(*) from log where event = 'Answered'") == times * queue.MANY
    plans = report.findings["plans"]["800"]
    assert "dispute" in " ".join(plans["first page"])
    assert report.findings["ratio"].keys() == {run.what for run in report.runs}


def test_every_message_goes_through_its_citys_own_provider(database: Database):
    report = notify.measure(messages=6, rounds=1, slow=0.2, database=_addresses(database))
    assert {run.what: run.done for run in report.runs} == dict.fromkeys(
        (notify.ALONE, notify.BACKLOG, notify.BOTH, notify.AT_ONCE, *notify.LIMITS), 6
    )
    sent = "select count(*) from delivery where state = 'sent' and city = "
    assert _scalar(database, f"{sent}'330100'") == 4 * 6
    assert _scalar(database, f"{sent}'330200'") == 3 * 6
    assert len(report.findings["ratio"]) == 3


def test_quantiles_are_values_that_were_measured():
    assert quantile([], 0.5) == 0
    assert [quantile(range(1, 101), part) for part in (0.5, 0.99, 1)] == [50, 99, 100]
    assert quantile([3.0], 0.99) == 3.0


def test_medians_are_taken_over_the_rounds_of_each_size():
    runs = [
        Run(what="a", size=1, number=n, done=2, seconds=1, per_second=rate, p50_ms=1, p99_ms=2, load=n, cpu_ms={"x": n})
        for n, rate in ((1, 10.0), (2, 30.0), (3, 20.0))
    ]
    (middle,) = medians(runs)
    assert (middle.per_second, middle.done, middle.load, middle.cpu_ms) == (20.0, 6, 3, {"x": 2})


def test_clearing_files_come_in_and_the_limit_copies_the_same_rows(database: Database):
    report = clearing.measure(records=120, rounds=1, database=_addresses(database))
    assert [(run.what.partition(":")[0], run.done) for run in report.runs] == [
        (form, 120) for form in ("csv", "csv", "zm", "zm", "iso8583", "iso8583")
    ]
    assert report.findings["ratio"].keys() == {"csv", "zm", "iso8583"}
    assert _scalar(database, "select count(*) from clearing_record") == 0
    assert (
        _scalar(
            database,
            "select count(*) from pg_class where relname like 'clearing_re%' and not relforcerowsecurity"
            " and relkind in ('r', 'p')",
        )
        == 0
    )


def test_a_log_is_numbered_signed_and_proved(database: Database):
    report = log.measure(entries=600, lines=20, each=4, rounds=1, database=_addresses(database))
    assert {run.what: run.done for run in report.runs} == {
        what: done
        for ours, done in ((log.APPEND, 20), (log.CHECKPOINT, 4), (log.PROOF, 4))
        for what in (ours, log.LIMITS[ours])
    }
    assert report.findings["ratio"].keys() == set(log.LIMITS)
    assert _scalar(database, "select count(*) from log_number where entry is not null") == 625  # the city itself is one
    assert _scalar(database, "select max(size) from log_checkpoint") == 625


def test_open_duties_are_counted_again_after_a_new_notice():
    report = deadlines.measure(count=400, rounds=1)
    assert {run.what: run.done for run in report.runs} == {
        deadlines.ENDS: 400,
        deadlines.EXPLAINED: 20,
        deadlines.AGAIN: 400,
    }
    assert 0 < report.findings["moved"] < 400
    assert "counted again" in as_table(report)


def test_an_officers_list_and_figures_are_read_and_the_counters_are_right(database: Database):
    report = officer.measure(sizes=(300,), reads=2, rounds=1, databases=[_addresses(database)])
    assert {run.done for run in report.runs} == {2}
    assert report.findings["ratio"].keys() == {run.what for run in report.runs}
    assert _scalar(database, "select count(*) from count_waiting") == officer.CHANGED
    assert "day_count" in " ".join(report.findings["plans"]["300"]["statistics of a year"])


def test_disputes_are_handed_from_one_installation_to_the_other():
    report = handover.measure(disputes=3, rounds=1, durable=False)
    assert [(run.what, run.done, run.failed) for run in report.runs] == [(handover.OURS, 3, 0), (handover.LIMIT, 3, 0)]
    assert report.findings["ratio"] > 0
