"""`hejie city check`: a new city's list in both languages; its keys are looked at, not believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import Keys, dated, directory, member

from hejie import cli
from hejie.alliance.directory import read_directory
from hejie.base import curves
from hejie.cities.readiness import Thing
from hejie.cli._city_check import _listed, look
from hejie.cli._city_words import _table
from hejie.settings import CityConnections, TransparencyLog


@pytest.fixture
def city(tmp_path, monkeypatch):
    """A new city's folder, with its environment set; there is no database yet."""
    answers = tmp_path / "answers.toml"
    answers.write_text('code = "620100"\n')
    folder = tmp_path / "lanzhou"
    assert cli.main(["city", "new", "--answers", str(answers), "--folder", str(folder)]) == 0
    for name in ("HEJIE_DATABASE_URL", "HEJIE_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEJIE_KEYS", str(folder / "keys"))
    monkeypatch.setenv("HEJIE_CONNECTIONS", str(folder / "connections.json"))
    return folder


def check(city, *more: str):
    return cli.main(["city", "check", "620100", "--file", str(city / "620100.toml"), *more])


def test_a_new_city_has_its_keys_and_nothing_else(city, capsys):
    assert check(city, "--lang", "en") == 1
    shown = capsys.readouterr().out.splitlines()
    there = {line for line in shown if line.startswith("✓")}
    assert len(there) == 2
    assert any(line.startswith("✓ the city's key file") for line in there)
    assert any(
        "the impact assessment (PIPL art. 55): missing. Owner: 市局 the bureau; about 30 days" in line for line in shown
    )
    assert sum(line.startswith("✗ ") and "if begun today" in line for line in shown) == 3
    assert check(city) == 1
    assert "✗ alliance  共建城市之间: 还缺" in capsys.readouterr().out


def test_keys_that_others_can_read_do_not_count(city, capsys):
    (city / "keys" / "620100.json").chmod(0o644)
    next((city / "keys" / "exchange").glob("*-opening.pem")).write_text("no key")
    assert check(city, "--lang", "en") == 1
    assert not any(line.startswith("✓") for line in capsys.readouterr().out.splitlines())


def test_a_part_that_is_not_on_the_list_is_told(city, capsys):
    assert check(city, "--part", "wallet:gold") == 2
    assert "wallet:gold" in capsys.readouterr().err


def test_another_citys_file_is_refused(city, capsys):
    assert cli.main(["city", "check", "330100", "--file", str(city / "620100.toml")]) == 2
    assert "620100" in capsys.readouterr().err


def test_a_database_out_of_reach_tells_nothing(city):
    seen = look("620100", None, {"HEJIE_DATABASE_URL": "postgresql://x:y@127.0.0.1:9/none"}, datetime.now(UTC))
    assert (seen.papers, seen.things) == ((), frozenset())


def test_settings_count_once_they_are_put_in(city, app_url, monkeypatch):
    environment = {"HEJIE_DATABASE_URL": app_url, "HEJIE_KEYS": str(city / "keys")}
    assert (Thing.settings, "") not in look("620100", city / "620100.toml", environment, datetime.now(UTC)).things
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["city", "apply", str(city / "620100.toml")]) == 0
    seen = look("620100", None, environment, datetime.now(UTC))
    assert seen.things == {(Thing.settings, ""), (Thing.city_keys, "")}
    assert len(seen.papers) == 8


def test_a_logs_key_counts_where_the_directory_names_the_one_that_signs(city):
    keys, now = Keys("620100"), datetime(2026, 12, 1, tzinfo=UTC)
    own, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (city / "log.pem").write_text(curves.private_text(own))
    log = TransparencyLog(name="x.example/log", private_key=city / "log.pem")

    def listed(connections, key, more=()):
        told = member(keys, "https://x.example", log_keys=[dated(key, name="x.example/log") | dict(more)])
        known = read_directory(directory(other, [told]).directory)
        return (Thing.log_key, "") in set(_listed("620100", known, connections, now))

    assert listed(CityConnections(log=log), own)
    assert not listed(CityConnections(), own)
    assert not listed(CityConnections(log=log), other)
    assert not listed(CityConnections(log=log), own, {"name": "y.example/log"})
    assert not listed(CityConnections(log=log), own, {"revoked_at": "2026-11-01T00:00:00Z"})


def test_every_sentence_stands_in_both_languages():
    for part in _table().values():
        for name, said in part.items():
            assert set(said) == {"zh", "en"}, name
