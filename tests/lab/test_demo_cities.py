"""Two real cities as a person starts them: disputes went over and back, and a killed demo leaves nothing behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import httpx
import msgspec
import psycopg
import pytest
from playwright.sync_api import sync_playwright
from tests.e2e.axe import SCRIPT
from tests.e2e.browser import CHROMIUM, FLAGS, Chromium, Person
from tests.lab import people_of_cities as people
from tests.lab.walk_cities import HOME, THERE, Walk

from hejie import cli
from hejie.cities.reading import shipped
from hejie_lab.alliance.cities import advance, forget
from hejie_lab.children import left_in
from hejie_lab.memory import recall
from hejie_lab.wallet import SandboxDoor

_DEMO = """
import argparse, sys
from hejie_lab.cli import demo_cities as command
parser = argparse.ArgumentParser()
command.arguments(parser)
sys.exit(command.run(parser.parse_args(sys.argv[1:])))
"""


@pytest.fixture(scope="module")
def demo(folders):
    """Its folder, its process and its sign."""
    folder = folders()
    words = [sys.executable, "-c", _DEMO, "--var", str(folder), "--port", "0", "--cities", HOME, THERE]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines: list[str] = []
        while not any("--code" in line for line in lines):
            line = process.stdout.readline()
            assert line, (process.wait(), "".join(lines))
            lines.append(line)
        yield folder, process, "".join(lines)
        process.kill()
    forget(folder)


@pytest.fixture
def come(lacking):
    """People with browsers of their own; at the end none of them may have met a fault."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        lacking("Chromium")
    if not SCRIPT.exists():
        lacking("axe (make setup brings it)")
    with sync_playwright() as playwright:
        browser = Chromium(lambda: playwright.chromium.launch(executable_path=found, args=FLAGS))
        people = []

        def one(size, language):
            people.append(Person(browser, size, language))
            return people[-1]

        yield one
        for each in people:
            each.leave()
        browser.close()


def rows(folder, city, query):
    with psycopg.connect(recall(folder / city).app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [city])
        return connection.execute(query).fetchall()


def database_runs(folder, city):
    try:
        psycopg.connect(recall(folder / city).app_url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_disputes_have_gone_over_and_back_and_each_has_one_home(demo):
    folder, _, sign = demo
    filed = msgspec.json.decode((folder / "furnished.json").read_bytes())["filed"]
    at = {each["road"]: each["dispute"] for each in filed}
    assert {road: name[:6] for road, name in at.items()} == {
        "taken": HOME, "returned": HOME, "waiting": HOME, "begun_there": THERE,
    }  # fmt: skip
    homes = {city: dict(rows(folder, city, "select id, body->>'home' from dispute")) for city in (HOME, THERE)}
    assert {homes[city][at["taken"]] for city in homes} == {THERE}
    assert {homes[city][at["returned"]] for city in homes} == {HOME}
    assert at["begun_there"] not in homes[HOME]
    assert at["waiting"] not in homes[THERE]
    assert all(name in sign for name in at.values())


def test_the_cities_share_nothing_but_the_wallet_and_the_directory(demo):
    folder, _, sign = demo
    here, there = recall(folder / HOME), recall(folder / THERE)
    assert {*here.ports.values()}.isdisjoint(there.ports.values())
    assert "sandbox" not in there.ports
    for url, city in ((here.app_url, HOME), (there.app_url, THERE)):
        with psycopg.connect(url) as connection:
            assert connection.execute("select city from cities_here()").fetchall() == [(city,)]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(here.app_url.replace(here.app_url.rpartition("@")[2], there.app_url.rpartition("@")[2]))
    wallet = next(word for word in sign.split() if "/wallet/" in word)
    assert "担担面" in httpx.get(wallet, trust_env=False).text
    for word in sign.split():
        if word.endswith("/officer"):
            assert httpx.get(word, trust_env=False, follow_redirects=True).is_success


def test_each_citys_log_is_cosigned_by_the_other(demo):
    folder, _, _ = demo
    bases = {city: f"http://127.0.0.1:{recall(folder / city).ports['serve-1']}/{city}/log" for city in (HOME, THERE)}
    for city, other in ((HOME, THERE), (THERE, HOME)):
        until = time.monotonic() + 90
        while f"— demo.hejie.example/{other}/log" not in (note := httpx.get(f"{bases[city]}/checkpoint").text):
            assert time.monotonic() < until, note
            time.sleep(1)
        assert note.startswith(f"demo.hejie.example/{city}/log\n")


def test_all_clocks_move_together(demo):
    folder, _, _ = demo
    memories = [recall(folder / city) for city in (HOME, THERE)]
    box = SandboxDoor(f"http://127.0.0.1:{memories[0].ports['sandbox']}")
    before = box.get("clock")["offset_seconds"]
    advance([each.app_url for each in memories], box, 3600)
    assert box.get("clock")["offset_seconds"] == before + 3600
    assert [rows(folder, city, "select seconds from clock_offset") for city in (HOME, THERE)] == [[(3600,)], [(3600,)]]
    box.close()


def test_with_its_papers_a_city_may_go_live_with_one_wallet(demo, tmp_path, monkeypatch, capsys):
    folder, _, _ = demo
    kinds = ["tls_certificate", "impact_assessment", "classified_protection", "wallet_contract", "sms_signature"]
    rows = "".join(
        f'[[papers]]\nkind = "{kind}"\nof = "{"alipay" * (kind == "wallet_contract")}"\n'
        'owner = "x"\nlead_days = 1\nsince = 2026-01-01\n'
        for kind in [*kinds, "sms_template"]
    )
    file = tmp_path / "hangzhou.toml"
    file.write_text(shipped(HOME) + rows, encoding="utf-8")
    home = folder / HOME
    for name, value in {
        "DATABASE_URL": recall(home).app_url,
        "KEYS": str(home / "keys"),
        "CONNECTIONS": str(home / "wallet" / "connections.json"),
        "PUBLIC_URL": "https://hangzhou.example",
    }.items():
        monkeypatch.setenv(f"HEJIE_{name}", value)
    words = ["city", "check", HOME, "--file", str(file), "--lang", "en"]
    assert cli.main([*words, "--part", "wallet:alipay"]) == 0
    shown = capsys.readouterr().out
    assert "✓ wallet:alipay  one wallet (alipay): may go live" in shown
    assert "✓ a place in the directory of cities: found, expires on" in shown
    assert cli.main([*words, "--part", "wallet:alipay", "--part", "door_12315"]) == 1
    file.write_text(shipped(HOME) + rows.replace("sms_template", "link_12315"), encoding="utf-8")
    assert cli.main([*words, "--part", "wallet:alipay"]) == 1


def test_its_people_walk_through_both_cities(demo, come, tmp_path):
    """From the printed sign: taken over, given back, refused, handed over again; a bulletin, the links, a proof."""
    walk = Walk(demo[2], come)
    lin, qian, shu = walk.phone(), walk.officer(HOME), walk.officer(THERE, "en")
    people.read_what_has_happened(walk, qian, shu)
    case = people.refuse(walk, lin, qian, shu)
    people.take_over(walk, case, lin, qian, shu)
    people.warn(walk, qian, shu)
    people.look_at_the_link(walk, qian, shu)
    people.prove(walk, lin, tmp_path)
    assert walk.wrong == []


def test_killed_it_leaves_no_process_behind(demo):
    folder, process, _ = demo
    children = [child for city in (HOME, THERE) for child in left_in(folder / city)]
    assert sum(child.alive for child in children) == 5
    process.kill()
    until = time.monotonic() + 20
    while any(child.alive for child in children) or any(database_runs(folder, city) for city in (HOME, THERE)):
        assert time.monotonic() < until
        time.sleep(0.1)
