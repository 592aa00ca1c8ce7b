"""Every table of a city goes with it, also those that are parted, and their numbers go on where they were."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from tests.conftest import Database

from hejie import cli
from hejie.app import vaults_in
from hejie.base.errors import Refused
from hejie.store.log_numbers import number_all
from hejie.store.moving.arriving import arrive
from hejie.store.moving.city_file import come, new_file
from hejie.store.moving.leaving import write_city
from hejie.store.moving.mark import set_mark
from hejie.store.moving.tables import STAYS, Table, tables
from hejie.store.pool import open_pool

pytestmark = pytest.mark.postgres(18, 15)

CITY, OTHER, AT = "330100", "510100", datetime(2026, 12, 1, tzinfo=UTC)
OF_NO_CITY = {"migration", "clock_offset"}
_TEXTS = ", ".join(["''"] * 11)
_RECORD = (
    "insert into clearing_{} (city, day, file, line, movement, at, amount_fen, acquirer, forwarder, trace, rrn,"
    " query_id, order_no, merchant, merchant_name, terminal, category, of_query_id, of_trace)"
    f" values ('330100', '{{}}', 1, {{}}, 'payment', '2026-11-20', 100, {_TEXTS}, '')"
)
FILES = (
    "insert into clearing_file (city, digest, name, form, agreement, loaded_at, records, broken)"
    " select '330100', sha256(n::text::bytea), E'a\\tb\\n\\\\N', '', '', '2026-11-20', 0, 0"
    " from generate_series({}, {}) n"
)
TASKS = (
    "insert into task (city, kind, noun, subject, destination, due_at, leased_until, payload)"
    " select '330100', 'k', 'n', '', '', '2027-01-01 08:00:00.123456+08', clock_timestamp(), '[null]'"
    " from generate_series({}, {})"
)
UNITS = (
    "insert into peer_unit values ('330100', '510100', 'u', 1, '', '', '店', '', '', '[]', '{a,NULL,\"b c\"}', 'epoch',"
    " null, 'in_force', 'epoch', '{}')"
)
ITEM = (
    "insert into work_item (city, id, kind, noun, subject, body, opened_at)"
    " values ('330100', 'i', 'k', 'dispute', 's', '{}', 'epoch')"
)
FULL = (
    "select clearing_part('2026-11-20'), clearing_part('2026-11-21')",
    *(_RECORD.format("record", day, line) for day in ("2026-11-20", "2026-11-21") for line in (1, 2)),
    _RECORD.format("kept", "2025-01-01", 1),
    "insert into clearing_reference values ('330100', 77, '2026-11-20', 1, 1), ('330100', -5, '2025-01-01', 1, 1)",
    FILES.format(1, 5),
    TASKS.format(1, 40),
    UNITS,
    ITEM,
    "update work_item set place = '330106'",
    "insert into rate values ('330100', 'b', 'epoch', 1)",
)


@pytest.fixture
def city(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A city with rows in tables of every kind, beside another one."""
    monkeypatch.setenv("HEJIE_DATABASE_URL", database.app_url)
    monkeypatch.setenv("HEJIE_KEYS", str(tmp_path / "keys"))
    for code in (CITY, OTHER):
        assert cli.main(["city", "apply", code]) == 0
    with psycopg.connect(database.app_url, autocommit=True) as app:
        app.execute("select set_config('hejie.city', %s, false)", [CITY])
        for each in FULL:
            app.execute(each.encode())
    return database


def _moved(tmp_path: Path, here: Database, there: Database) -> Path:
    file, vault = tmp_path / "city", vaults_in(tmp_path / "keys")(CITY)
    with psycopg.connect(here.owner_url, autocommit=True) as owner:
        write_city(owner, file, CITY, set_mark(owner, CITY, AT, ""), vault, AT)
    with psycopg.connect(there.owner_url, autocommit=True) as owner, come(file) as come_here:
        come_here.must_be_of(vault)
        arrive(owner, come_here, lambda _connection, _manifest: None)
    return file


def _all(url: str, city: str) -> dict[str, list[str]]:
    with psycopg.connect(url) as connection:
        return {
            each.name: sorted(
                line
                for (line,) in connection.execute(
                    f"select (to_jsonb(t) - 'leased_until')::text from {each.name} t where city = %s".encode(), [city]
                )
            )
            for each in tables(connection)
        }


def test_no_table_is_forgotten(database: Database):
    """A table that a later migration makes goes along by itself, or is led by no city and stands here."""
    with psycopg.connect(database.owner_url) as owner:
        every = {
            name
            for (name,) in owner.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            )
        }
        owner.execute('create table later (city text not null, id text collate "C", primary key (id, city))')
        found = {each.name: each for each in tables(owner)}
    assert found.keys() - {"later"} == every - OF_NO_CITY - {*STAYS}
    assert found["later"].order == ('id collate "C"', 'city collate "C"')


def test_every_row_goes_and_numbers_go_on(tmp_path: Path, city: Database, far_database: Database):
    before = _all(city.superuser_url, CITY)
    full = {name for name, rows in before.items() if rows}
    assert {"clearing_record", "clearing_kept", "clearing_reference", "clearing_file", "task", "log", "rate"} <= full
    _moved(tmp_path, city, far_database)
    assert _all(far_database.superuser_url, CITY) == before
    assert not any(_all(far_database.superuser_url, OTHER).values())
    with psycopg.connect(far_database.app_url, autocommit=True) as app:
        app.execute("select set_config('hejie.city', %s, false)", [CITY])
        assert app.execute("select count(*) from task where leased_until is not null").fetchone() == (0,)
        for table, column, more in (("task", "id", TASKS), ("clearing_file", "number", FILES)):
            highest = f"select max({column}) from {table}".encode()
            (last,) = app.execute(highest).fetchone() or (0,)
            app.execute(more.format(9, 9).encode())
            assert app.execute(highest).fetchone() == (last + 1,)
        found = app.execute("select day, line from clearing_found(array[77, -5]::bigint[], 9) order by 1").fetchall()
        assert [(str(day), line) for day, line in found] == [("2025-01-01", 1), ("2026-11-20", 1)]
        assert app.execute("select count(*) from log_waiting").fetchone() == (len(before["log_waiting"]),)


def test_another_city_there_keeps_its_own(tmp_path: Path, city: Database, far_database: Database, monkeypatch):
    """It works on while the newcomer's rows come in; no number comes twice."""
    monkeypatch.setenv("HEJIE_DATABASE_URL", far_database.app_url)
    assert cli.main(["city", "apply", OTHER]) == 0
    before = _all(far_database.superuser_url, OTHER)
    _moved(tmp_path, city, far_database)
    assert _all(far_database.superuser_url, OTHER) == before


def test_what_is_written_is_for_the_owner_alone_and_nothing_is_overwritten(tmp_path: Path, city: Database):
    old = os.umask(0)
    try:
        with psycopg.connect(city.owner_url, autocommit=True) as owner:
            vault = vaults_in(tmp_path / "keys")(CITY)
            write_city(owner, tmp_path / "city", CITY, set_mark(owner, CITY, AT, ""), vault, AT)
    finally:
        os.umask(old)
    assert (tmp_path / "city").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="file_exists"), new_file(tmp_path / "city"):
        pass
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "broken") as out:
        out.table(Table("x", ("city",), ()), (bytes(1 // 0) for _ in "x"))
    assert not (tmp_path / "broken").exists()
    key = (tmp_path / "keys" / f"{CITY}.json").read_text()
    raw = (tmp_path / "city").read_bytes()
    assert not any(part.encode() in raw for part in key.split('"') if len(part) > 20)


SPOILT = {
    "update city set body = jsonb_set(body, '{version}', '9') where city = %s": "rows_not_of_log",
    "update city set version = 9 where city = %s": "rows_not_of_log",
    "delete from city where city = %s": "rows_not_of_log",
    "insert into fund select %s, 'f', 1, '', '', '', 1, 0, 'epoch', null, 'epoch', '{}'": "rows_not_of_log",
    "update log set salt = substring(digest for 16) where city = %s": "rows_not_of_log",
    "update log set event = 'Other' where city = %s": "rows_not_of_log",
    "update log set noun = 'other' where city = %s": "rows_not_of_log",
    "update log set actor = 'x', at = at + interval '1 s' where city = %s": "log_not_of_tree",
    "update log_number set number = number + 1 where city = %s": "log_not_of_tree",
    "delete from log_number where city = %s": "log_not_of_tree",
    "update log_number set entry = sha256('') where city = %s": "log_not_of_tree",
}
"""What somebody with the owner's rights may have done to the rows, and what it is found by."""


def test_rows_that_are_not_what_their_log_gives_do_not_arrive(tmp_path: Path, city: Database, far_database: Database):
    async def number() -> None:
        pool = await open_pool(city.app_url, 1)
        assert await number_all(pool, CITY) > 0
        await pool.close()

    asyncio.run(number())
    file, vault = tmp_path / "city", vaults_in(tmp_path / "keys")(CITY)
    with psycopg.connect(city.owner_url, autocommit=True) as owner:
        write_city(owner, file, CITY, set_mark(owner, CITY, AT, ""), vault, AT)
    with (
        psycopg.connect(far_database.superuser_url, autocommit=True) as watching,
        psycopg.connect(far_database.owner_url, autocommit=True) as owner,
        come(file) as come_here,
    ):
        for spoilt, code in SPOILT.items():

            def spoil(connection: Any, _manifest: object, spoilt: str = spoilt) -> None:
                assert connection.execute(spoilt.encode(), [CITY]).rowcount > 0

            with pytest.raises(Refused, match=code):
                arrive(owner, come_here, spoil)
            left = "select (select count(*) from log), (select count(*) from task), (select count(*) from city)"
            assert watching.execute(left).fetchone() == (0, 0, 0), spoilt
        arrive(owner, come_here, lambda _connection, _manifest: None)


def test_the_ordinary_role_cannot_mark_or_unmark_a_city(city: Database):
    with psycopg.connect(city.app_url, autocommit=True) as app:
        app.execute("select set_config('hejie.city', %s, false)", [CITY])
        for statement in ("insert into city_moved values ('330100', 'epoch', '')", "delete from city_moved"):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement.encode())
