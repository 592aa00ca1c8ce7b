"""The database alone, as the ordinary role sees it: closed tables, an append-only log, no way round."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

pytestmark = pytest.mark.postgres(18, 15)

HERE, THERE = "330100", "510100"
_FREE = ["migration", "clock_offset"]


@pytest.fixture
def app(database):
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        yield connection


def test_every_table_forces_row_security_and_has_a_policy_for_its_city(database):
    with psycopg.connect(database.superuser_url) as connection:
        rows = connection.execute(
            "select c.relname, c.relrowsecurity, c.relforcerowsecurity, array_remove(array_agg("
            "  pg_get_expr(p.polqual, p.polrelid) || '|' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')),"
            "  null)"
            " from pg_class c left join pg_policy p on p.polrelid = c.oid and p.polroles = '{0}'"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'm', 'v', 'f')"
            " and c.relname <> all(%s) group by 1, 2, 3",
            [_FREE],
        ).fetchall()
    assert len(rows) > 20
    for name, enabled, forced, policies in rows:
        assert enabled, name
        assert forced, name
        assert policies == ["(city = reader_city())|(city = reader_city())"], name


def test_without_a_city_no_table_shows_or_takes_a_row(app):
    tables = app.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    for (table,) in tables:
        if table in _FREE:
            continue
        assert app.execute(f"select count(*) from {table}").fetchone() == (0,), table


def test_the_log_and_the_settings_can_only_be_added_to(app, database):
    for table in ("log", "city_setting"):
        for statement in (f"update {table} set city = city", f"delete from {table}", f"truncate {table}"):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement)
    with psycopg.connect(database.superuser_url) as connection:
        granted = connection.execute(
            "select table_name, privilege_type from information_schema.role_table_grants where grantee = 'hejie_app'"
            " and (privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') or is_grantable = 'YES')"
        ).fetchall()
        open_to_all = connection.execute(
            "select table_name from information_schema.role_table_grants"
            " where grantee = 'PUBLIC' and table_schema = 'public'"
        ).fetchall()
    assert granted == []
    assert open_to_all == []


LIDS = (
    "alter table log disable row level security",
    "alter table log no force row level security",
    "create policy all_of_it on log using (true)",
    "drop policy one_city on log",
    "create table evil (a int)",
    "create function evil() returns int language sql as 'select 1'",
    "create or replace function reader_city() returns text language sql as $$ select '510100' $$",
    "insert into migration values ('0099_evil', now())",
    "delete from migration",
    "set role hejie_owner",
    "set session authorization hejie_owner",
    "set row_security = off; select * from log",
    "copy log to program 'id'",
    "select pg_read_file('/etc/passwd')",
    "create extension dblink",
    "alter role hejie_app bypassrls",
)


def test_the_ordinary_role_cannot_lift_the_lid(app):
    for statement in LIDS:
        with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedFile, errors.FeatureNotSupported)):
            app.execute(statement)


def test_functions_that_see_all_cities_are_few_fixed_and_not_for_everybody(database):
    with psycopg.connect(database.superuser_url) as connection:
        rows = connection.execute(
            "select p.proname, p.proconfig, has_function_privilege('public', p.oid, 'execute'),"
            " has_function_privilege('hejie_app', p.oid, 'execute'), p.proowner::regrole::text"
            " from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef"
        ).fetchall()
    seeing = {"cities_here", "cities_moved", "claim_tasks"}
    assert {name for name, *_ in rows} == {*seeing, "clearing_part", "clearing_found", "clearing_forget"}
    for name, config, public, app_may, owner in rows:
        assert config[0] == "search_path=pg_catalog, public, pg_temp", name
        assert not public, name
        assert app_may, name
        assert owner == "hejie_owner", name


def test_clearing_records_are_found_and_forgotten_for_ones_own_city_alone(app):
    """The owner's functions make, read and drop parts: closed by row to them as to everybody."""
    for city in (HERE, THERE):
        app.execute("select set_config('hejie.city', %s, false)", [city])
        app.execute("select clearing_part('2026-11-20')")
        texts = ", ".join(["''"] * 11)
        app.execute(
            "insert into clearing_record (city, day, file, line, movement, at, amount_fen, acquirer, forwarder, trace,"
            " rrn, query_id, order_no, merchant, merchant_name, terminal, category, of_query_id, of_trace)"
            f" values (%s, '2026-11-20', 1, 1, 'payment', '2026-11-20', 100, {texts}, '')",
            [city],
        )
        app.execute("insert into clearing_reference values (%s, 77, '2026-11-20', 1, 1)", [city])
    app.execute("select set_config('hejie.city', %s, false)", [HERE])
    assert app.execute("select city from clearing_found(array[77]::bigint[], 10)").fetchall() == [(HERE,)]
    for part in (f"clearing_record_{HERE}_20261120", f"clearing_record_{THERE}_20261120"):
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute(f"select * from {part}")
    assert app.execute("select clearing_forget('2027-01-01')").fetchone() == (1,)
    assert app.execute("select city from clearing_found(array[77]::bigint[], 10)").fetchall() == []
    app.execute("select set_config('hejie.city', %s, false)", [THERE])
    assert app.execute("select city from clearing_found(array[77]::bigint[], 10)").fetchall() == [(THERE,)]
    app.execute("select set_config('hejie.city', '', false)")
    assert app.execute("select city from clearing_found(array[77]::bigint[], 10)").fetchall() == []
    for call in ("clearing_part('2026-11-20')", "clearing_forget('2027-01-01')"):
        with pytest.raises(errors.RaiseException):
            app.execute(f"select {call}")


def test_a_callers_own_tables_do_not_stand_in_for_ours(app, database):
    app.execute("create temp table city (city text, name_zh text, name_en text)")
    app.execute("insert into city values ('999999', 'x', 'x')")
    app.execute("create temp table task (city text, id bigint, destination text, due_at timestamptz,"
                " ready_at timestamptz, leased_until timestamptz, attempts int, parked bool)")  # fmt: skip
    app.execute("insert into task values ('999999', 1, 'd', '2026-01-01', '2026-01-01', null, 0, false)")
    app.execute(
        "create function pg_temp.evil() returns trigger language plpgsql as $$ begin"
        " execute 'alter table public.log no force row level security'; return new; end $$"
    )
    app.execute("create trigger evil before update on pg_temp.task for each row execute function pg_temp.evil()")
    app.execute("grant all on pg_temp.task, pg_temp.city to public")
    assert app.execute("select * from cities_here()").fetchall() == []
    assert app.execute("select * from claim_tasks('2027-01-01', 60, 10, 10)").fetchall() == []
    with psycopg.connect(database.superuser_url) as connection:
        assert connection.execute("select relforcerowsecurity from pg_class where relname = 'log'").fetchone() == (
            True,
        )


def test_claiming_tells_city_and_task_only(app):
    app.execute("select set_config('hejie.city', %s, false)", [THERE])
    app.execute(
        "insert into task (city, kind, noun, subject, destination, due_at, payload)"
        " values (%s, 'notify', 'dispute', 'D1', 'sms', '2026-01-01', '{\"secret\": 1}')",
        [THERE],
    )
    app.execute("select set_config('hejie.city', %s, false)", [HERE])
    claimed = app.execute("select * from claim_tasks('2027-01-01', 60, 10, 10)")
    assert [column.name for column in claimed.description or ()] == ["city", "id"]
    assert [city for city, _ in claimed.fetchall()] == [THERE]
    assert app.execute("select count(*) from task").fetchone() == (0,)


def test_an_error_tells_nothing_of_another_citys_row(app):
    insert = "insert into person (city, id, handle, language, made_at) values (%s, 'P1', 'h', 'zh', '2026-01-01')"
    app.execute("select set_config('hejie.city', %s, false)", [THERE])
    app.execute(insert, [THERE])
    app.execute("select set_config('hejie.city', %s, false)", [HERE])
    app.execute(insert, [HERE])
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(insert, [THERE])
    assert app.execute("update person set language = 'en' where city = %s", [THERE]).rowcount == 0
    assert app.execute("select count(*) from person").fetchone() == (1,)
