"""Claiming work: each task to one worker at a time, one dead destination holding up no other."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import errors

pytestmark = pytest.mark.postgres(18, 15)

NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
HERE, THERE = "330100", "510100"
_ADD = """
insert into task (city, kind, noun, subject, destination, due_at, payload)
select %s, 'notify', 'dispute', 'D' || n, %s, %s, '{}' from generate_series(1, %s) n
"""


@pytest.fixture
def admin(database):
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def app(database):
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        yield connection


def add(admin, destination: str, count: int = 1, *, city: str = HERE, due: datetime = NOW) -> None:
    admin.execute(_ADD, [city, destination, due, count])


def claim(connection, most: int = 32, each: int = 8, *, now: datetime = NOW, lease: int = 60) -> list[tuple[str, int]]:
    return connection.execute("select city, id from claim_tasks(%s, %s, %s, %s)", [now, lease, most, each]).fetchall()


def destinations(admin, claimed: list[tuple[str, int]]) -> Counter[str]:
    identifiers = [identifier for _, identifier in claimed]
    rows = admin.execute("select destination from task where id = any(%s)", [identifiers]).fetchall()
    return Counter(destination for (destination,) in rows)


def test_work_of_every_city_is_claimed_and_only_city_and_task_are_told(admin, app):
    add(admin, "sms", city=HERE)
    add(admin, "sms", city=THERE)
    assert sorted(city for city, _ in claim(app)) == [HERE, THERE]
    assert claim(app) == []
    assert app.execute("select * from task").fetchall() == []


def test_only_what_is_due_is_claimed(admin, app):
    add(admin, "sms", due=NOW + timedelta(seconds=1))
    assert claim(app) == []
    assert len(claim(app, now=NOW + timedelta(seconds=1))) == 1


def test_the_oldest_goes_first(admin, app):
    for minutes in (3, 1, 2):
        add(admin, f"wallet:{minutes}", due=NOW - timedelta(minutes=minutes))
        add(admin, "sms", due=NOW - timedelta(minutes=minutes))
    claimed = claim(app, each=1)
    oldest = admin.execute("select id from task where destination = 'sms' order by due_at limit 1").fetchone()
    assert oldest in [(identifier,) for _, identifier in claimed]
    assert destinations(admin, claimed)["sms"] == 1


def test_a_lease_that_ran_out_returns_the_task_and_counts_the_try(admin, app):
    add(admin, "sms")
    first = claim(app)
    assert claim(app) == []
    admin.execute("update task set leased_until = clock_timestamp() - interval '1 second'")
    assert claim(app) == first
    assert admin.execute("select attempts, leased_until > clock_timestamp() from task").fetchall() == [(2, True)]


def test_what_waits_for_its_back_off_or_is_parked_is_left_alone(admin, app):
    add(admin, "sms", 2)
    admin.execute("update task set ready_at = clock_timestamp() + interval '1 minute' where subject = 'D1'")
    admin.execute("update task set parked = true where subject = 'D2'")
    assert claim(app) == []
    admin.execute("update task set ready_at = clock_timestamp() where subject = 'D1'")
    assert len(claim(app)) == 1


def test_a_crowded_destination_leaves_room_for_the_others(admin, app):
    add(admin, "wallet:dead", 1000, due=NOW - timedelta(days=1))
    add(admin, "wallet:alive")
    add(admin, "house")
    assert destinations(admin, claim(app)) == {"wallet:dead": 8, "wallet:alive": 1, "house": 1}
    add(admin, "wallet:alive")
    assert destinations(admin, claim(app)) == {"wallet:alive": 1}


def test_many_crowded_destinations_leave_room_for_the_last(admin, app):
    for name in "abcdef":
        add(admin, f"wallet:{name}", 100, due=NOW - timedelta(days=1))
    add(admin, "wallet:z")
    found = destinations(admin, claim(app))
    assert found.total() == 32
    assert found["wallet:z"] == 1
    assert set(found) == {f"wallet:{name}" for name in "abcdefz"}


def test_no_more_than_asked_for(admin, app):
    add(admin, "sms", 50)
    assert len(claim(app, most=3, each=8)) == 3
    assert claim(app, most=0) == []
    assert len(claim(app, most=32, each=8)) == 5
    assert claim(app, most=32, each=8) == []


def test_workers_at_once_never_get_the_same_task(admin, database):
    for name in "abcde":
        add(admin, f"wallet:{name}", 60)

    def work(_: int) -> list[tuple[str, int]]:
        got: list[tuple[str, int]] = []
        with psycopg.connect(database.app_url, autocommit=True) as connection:
            for _ in range(40):
                claimed = claim(connection, most=7, each=1000)
                got += claimed
                if not claimed and len(got) > 0:
                    break
        return got

    with ThreadPoolExecutor(4) as workers:
        claimed = [task for share in workers.map(work, range(4)) for task in share]
    assert len(claimed) == len(set(claimed))
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        claimed += claim(connection, most=300, each=1000)
    assert len(set(claimed)) == len(claimed) == 300
    assert admin.execute("select distinct attempts from task").fetchall() == [(1,)]


def test_a_claim_under_way_hides_its_tasks_and_its_failure_returns_them(admin, app, database):
    add(admin, "sms", 3)
    with psycopg.connect(database.app_url) as slow:
        assert len(claim(slow, most=2, each=2)) == 2
        assert len(claim(app)) == 1
        slow.rollback()
    assert len(claim(app)) == 2


def test_strangers_may_not_claim(admin, database):
    admin.execute("create role hejie_stranger login password 's'")
    try:
        url = database.app_url.split("@")[1]
        with (
            psycopg.connect(f"postgresql://hejie_stranger:s@{url}", autocommit=True) as stranger,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            claim(stranger)
    finally:
        admin.execute("drop role hejie_stranger")
