"""A platform comes up, moves in time, outlives its processes, stands beside another, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import httpx
import psycopg
import pytest

from hejie_lab.children import left_in
from hejie_lab.errors import LabError
from hejie_lab.locks import FolderLock
from hejie_lab.platform import Addresses, Platform

CITY = "330100"
_UP_AND_WAIT = """
import sys, time
from pathlib import Path
from hejie_lab.platform import Platform
Platform(Path(sys.argv[1]), durable=False).up()
print("up", flush=True)
time.sleep(60)
"""


def rows(platform, query):
    with psycopg.connect(platform.memory.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        return connection.execute(query).fetchall()


def put_task(platform, due):
    with psycopg.connect(platform.memory.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        connection.execute(
            "insert into task (city, kind, noun, subject, destination, due_at, payload) values"
            " (%s, 'raise_item', 'lab', 'test', 'house', clock_timestamp() + %s::interval, '{\"kind\": \"test\"}')",
            [CITY, due],
        )


def until(come):
    ends = time.monotonic() + 20
    while not come():
        assert time.monotonic() < ends
        time.sleep(0.02)


def page(url):
    return httpx.get(url, trust_env=False)


def test_it_serves_the_city(platform):
    assert "杭州" in page(platform.url).text
    assert rows(platform, "select name_en from city") == [("Hangzhou",)]
    assert platform.sandbox.get("clock")["offset_seconds"] >= 0


def test_commands_reach_it_by_its_environment(platform):
    words = [sys.executable, "-m", "hejie", "doctor"]
    done = subprocess.run(words, env=platform.environment, capture_output=True, text=True, check=True)
    assert f"{CITY} keys" in done.stdout


def test_a_moved_clock_brings_what_was_not_yet_due(platform):
    put_task(platform, "50 hours")
    before = platform.sandbox.get("clock")["offset_seconds"]
    platform.advance(51 * 3600)
    assert platform.sandbox.get("clock")["offset_seconds"] == before + 51 * 3600
    until(lambda: rows(platform, "select 1 from work_item where kind = 'test'"))
    with pytest.raises(LabError):
        platform.advance(-1)
    assert platform.sandbox.get("clock")["offset_seconds"] == before + 51 * 3600


@pytest.mark.parametrize("name", ["sandbox", "serve-1", "work-1"])
def test_each_process_can_be_killed_and_comes_back(platform, name):
    before = platform.children[name].pid
    platform.kill(name)
    assert not platform.children[name].alive
    platform.start(name)
    assert platform.children[name].pid not in {None, before}
    with pytest.raises(LabError):
        platform.start(name)
    assert page(platform.url).is_success


def test_what_died_by_itself_is_mended(platform):
    os.kill(platform.children["work-1"].pid, signal.SIGKILL)
    platform.children["work-1"].gone(5)
    assert platform.mend() == ["work-1"]
    platform.await_ready("work-1")
    assert platform.mend() == []


def test_a_second_copy_stands_beside_it_on_a_database_of_its_own(platform, folders, module_database):
    addresses = Addresses(module_database.owner_url, module_database.app_url)
    with Platform(folders(), servers=2, workers=2, database=addresses) as other:
        assert len({*other.memory.ports.values(), *platform.memory.ports.values()}) == 5
        assert all(page(url).is_success for url in other.urls)
        assert other.environment["HEJIE_KEYS"] != platform.environment["HEJIE_KEYS"]
        children = list(other.children.values())
    assert not any(child.alive for child in children)
    assert page(platform.url).is_success


def test_one_folder_holds_one_running_platform(platform):
    again = Platform(platform.folder)
    with pytest.raises(LabError):
        again.up()
    again.down()
    with pytest.raises(LabError), FolderLock(platform.folder):
        pass
    assert page(platform.url).is_success


def test_a_part_that_cannot_start_is_named_with_its_last_words(folders, module_database):
    addresses = Addresses(module_database.owner_url, module_database.app_url)
    broken = Platform(folders(), database=addresses, environment={"HEJIE_LEASE_SECONDS": "soon"})
    with pytest.raises((LabError, Exception), match="HEJIE_ setting is wrong"):
        broken.up()
    assert not any(child.alive for child in left_in(broken.folder))


def test_nothing_is_left_of_a_platform_whose_own_process_was_killed(folders):
    folder = folders()
    words = [sys.executable, "-c", _UP_AND_WAIT, str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        assert (folder / "pg" / "data" / "postmaster.pid").exists()
        children = left_in(folder)
        assert len(children) == 3
        assert all(child.alive for child in children)
        process.kill()
    with FolderLock(folder):  # as soon as the keeper lets go
        assert not any(child.alive for child in children)
        assert not (folder / "pg" / "data" / "postmaster.pid").exists()
