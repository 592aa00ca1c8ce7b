"""Migrations: forward only; twice, at once, and after a kill half-way they end in the same place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from hejie.store import migrate as module
from hejie.store.embedded import OWNER
from hejie.store.migrate import migrate, migrations

pytestmark = pytest.mark.postgres(18, 15)

EXTRA = ("9999_extra", "create table extra (x int); insert into extra values (1); select pg_sleep(%s)")
KILLED = """
import sys
from hejie.store import migrate as module
real = module.migrations()
module.migrations = lambda: [*real, ("9999_extra", "create table extra (x int); select pg_sleep(600)")]
module.migrate(sys.argv[1])
"""


@pytest.fixture
def empty(cluster):
    """A database without any table, for the owner."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(cluster.superuser_url, autocommit=True) as admin:
        admin.execute(f"create database {name} owner {OWNER} template template0")
        yield cluster.url(OWNER, name)
        admin.execute(f"drop database {name} with (force)")


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def names() -> list[str]:
    return [name for name, _ in migrations()]


def test_names_are_numbered_and_unique():
    assert names() == sorted(set(names()))
    assert all(name[:4].isdigit() and name[4] == "_" for name in names())
    assert len({name[:4] for name in names()}) == len(names())


def test_twice(empty):
    assert migrate(empty) == names()
    assert migrate(empty) == []
    assert [name for (name,) in ask(empty, "select name from migration order by name")] == names()


def test_at_once(empty):
    with ThreadPoolExecutor(4) as several:
        applied = list(several.map(lambda _: migrate(empty), range(4)))
    assert sorted(applied) == [[], [], [], names()]


def test_forward_only(empty, monkeypatch):
    migrate(empty)
    real = migrations()
    monkeypatch.setattr(module, "migrations", lambda: [*real, ("9999_extra", EXTRA[1] % "0")])
    assert migrate(empty) == ["9999_extra"]
    monkeypatch.setattr(module, "migrations", lambda: real)
    assert migrate(empty) == []
    assert ask(empty, "select x from extra") == [(1,)]


def test_a_broken_one_leaves_nothing_of_itself_and_all_before_it(empty, monkeypatch):
    real = migrations()
    broken = ("9998_broken", "create table half (x int); select 1 / 0")
    monkeypatch.setattr(module, "migrations", lambda: [*real, broken, ("9999_extra", EXTRA[1] % "0")])
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty)
    assert [name for (name,) in ask(empty, "select name from migration order by name")] == names()
    assert ask(empty, "select to_regclass('half')::text, to_regclass('extra')::text") == [(None, None)]
    monkeypatch.setattr(module, "migrations", lambda: real)
    assert migrate(empty) == []


def test_cities_that_stand_already_get_the_wallets_standing_work(empty, monkeypatch):
    real = migrations()
    before = [each for each in real if each[0] < "0018"]
    monkeypatch.setattr(module, "migrations", lambda: before)
    migrate(empty)
    city = "select set_config('hejie.city', %s, true)"
    with psycopg.connect(empty) as connection:
        for code in ("330100", "310000"):
            connection.execute(city, [code])
            connection.execute("insert into city values (%s, 1, '市', 'City', '{}')", [code])
    monkeypatch.setattr(module, "migrations", lambda: real)
    migrate(empty)
    given = [("sweep_cases", "wechatpay"), ("tend_log", None), ("tend_wallet", "alipay"), ("tend_wallet", "wechatpay")]
    found = ask(empty, "select city, subject, kind, payload ->> 'wallet' from task order by 1, 3, 4")
    assert found == [(code, code, *each) for code in ("310000", "330100") for each in given]


def test_killed_half_way(empty, monkeypatch):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, "-c", KILLED, empty], env=environment)
    try:
        _await(empty, "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()")
    finally:
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    assert [name for (name,) in ask(empty, "select name from migration order by name")] == names()
    # The server notices a dead client only when it next speaks to it; an administrator need not wait.
    ask(empty, "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'"
               " and datname = current_database()")  # fmt: skip
    real = migrations()
    monkeypatch.setattr(module, "migrations", lambda: [*real, ("9999_extra", EXTRA[1] % "0")])
    assert migrate(empty) == ["9999_extra"]
    assert ask(empty, "select x from extra") == [(1,)]


def _await(url: str, statement: str) -> None:
    for _ in range(600):
        if ask(url, statement):
            return
        time.sleep(0.02)
    pytest.fail(f"never seen: {statement}")
