"""Whatever is not as it was, is not taken in: each refusal says why, and leaves the new place as empty as before."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.moving.conftest import Moving
from tests.support.alliance import HERE

from hejie.app import write_keys
from hejie.base.seals import CityKeys, fresh_keys, rotated
from hejie.store.moving.tables import tables

Bytes = Callable[[bytes], bytes]


def _changed(file: Path, name: str, how: Bytes) -> None:
    """The same file with one part of it changed."""
    with zipfile.ZipFile(file) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    parts[name] = how(parts[name])
    with zipfile.ZipFile(file, "w") as archive:
        for each, raw in parts.items():
            archive.writestr(each, raw)


def _manifest(**more: Any) -> Bytes:
    return lambda raw: msgspec.json.encode({**msgspec.json.decode(raw), **more})


def _pem(key: Any) -> bytes:
    raw: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return raw


def _city_of(url: str) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(url) as connection:
        counts = {each.name: f'select count(*) from "{each.name}"' for each in tables(connection)}
        return {name: connection.execute(query).fetchone()[0] for name, query in counts.items()}


@contextmanager
def _as_before(*files: Path):
    """What is done to files is undone at the end."""
    kept = {file: file.read_bytes() for file in files}
    try:
        yield
    finally:
        for file, raw in kept.items():
            file.write_bytes(raw)


async def _story(moving: Moving) -> None:
    two = moving.two
    case = await two.file(await two.register(HERE))
    await two.work()
    assert case


async def test_each_refusal_says_why_and_changes_nothing(moving: Moving, capsys: pytest.CaptureFixture[str]):
    await _story(moving)
    await moving.move()
    new, file = moving.new.app.settings, moving.file
    key, log = new.keys / f"{HERE}.json", moving.folder / "new" / f"{HERE}-log.pem"
    signing, opening = (moving.folder / "new" / f"{HERE}-{kind}.pem" for kind in ("signing", "opening"))
    connections = moving.folder / "new" / "connections.json"
    url = moving.databases[1].superuser_url
    with psycopg.connect(moving.databases[0].superuser_url) as old:
        (row,) = old.execute("select count(*) from log_checkpoint where city = %s", [HERE]).fetchone() or (0,)
        assert row > 0

    def settings_without(part: str) -> None:
        told = msgspec.json.decode(connections.read_bytes())
        del told[HERE][part]
        connections.write_bytes(msgspec.json.encode(told))

    def rows(table: str, how: Bytes) -> Callable[[], None]:
        return lambda: _changed(file, f"tables/{table}", how)

    cases: list[tuple[str, Callable[[], object]]] = [
        ("changed after it was written (dispute)", rows("dispute", lambda raw: raw.replace(b"awai", b"abid"))),
        ("changed after it was written (trail)", rows("trail", lambda raw: raw + b"330100\tx\n")),
        ("changed after it was written (log)", rows("log", lambda raw: raw[: len(raw) // 2])),
        ("changed after it was written (manifest.json)", lambda: _changed(file, "manifest.json", _manifest(clocks=77))),
        ("changed after it was written (manifest.json)", lambda: _changed(file, "seal", lambda raw: raw[::-1])),
        ("of form 2", lambda: _changed(file, "manifest.json", _manifest(format=2))),
        ("or it is not whole", lambda: _changed(file, "manifest.json", lambda raw: raw[:-1])),
        ("or it is not whole", lambda: file.write_bytes(file.read_bytes()[:-100])),
        ("or it is not whole", lambda: file.write_bytes(b"")),
        ("The key file of 330100 is not at", lambda: shutil.move(key, f"{key}.away")),
        ("is not the one of 330100", lambda: write_keys(key, fresh_keys(os.urandom))),
        (
            "is not the one of 330100",
            lambda: _without_masters(key),
        ),
        ("the key of the log old.example/330100/log", lambda: log.write_bytes(_pem(Ed25519PrivateKey.generate()))),
        ("the key of the log old.example/330100/log", lambda: settings_without("log")),
        ("the exchange keys that the directory lists", lambda: signing.write_bytes(_pem(Ed25519PrivateKey.generate()))),
        ("the exchange keys that the directory lists", lambda: opening.write_bytes(_pem(X25519PrivateKey.generate()))),
        ("the exchange keys that the directory lists", lambda: settings_without("exchange")),
    ]  # fmt: skip
    empty = _city_of(url)
    assert sum(empty.values()) == 0
    for code, spoil in cases:
        with _as_before(file, key, log, signing, opening, connections):
            spoil()
            assert await moving.arrive() == 2, code
        told = capsys.readouterr().err
        assert code in told, (code, told)
        assert "放进来" in told or "读不了" in told or "不完整" in told
        assert _city_of(url) == empty, code
    assert await moving.arrive() == 0


def _without_masters(key: Path) -> None:
    """The city's key file, but none of the master keys that content lies under."""
    found = msgspec.json.decode(key.read_bytes(), type=CityKeys)
    write_keys(key, rotated(msgspec.structs.replace(found, masters={}), os.urandom))


_BREAK = """
create function breaks() returns trigger language plpgsql as $$ begin {what} return new; end $$;
create trigger breaks before insert on work_item for each row execute function breaks();
"""
_WHOLE = "drop trigger breaks on work_item; drop function breaks()"


async def test_an_arrival_that_breaks_in_the_middle_leaves_nothing(moving: Moving, capsys: pytest.CaptureFixture[str]):
    """The connection dies, or something of the new place changes a row on its way in; then it is done again."""
    await _story(moving)
    item = "insert into work_item (city, id, kind, noun, subject, body, opened_at)"
    await moving.old.rows(HERE, f"{item} values (%s, 'i', 'k', 'n', 's', '{{}}', 'epoch') returning 1", HERE)
    await moving.move()
    url = moving.databases[1].superuser_url
    breaks = {
        "perform pg_terminate_backend(pg_backend_pid());": "terminating connection",
        "new.kind := 'other';": "table work_item does not hold",
    }
    with psycopg.connect(url, autocommit=True) as admin:
        for what, told in breaks.items():
            admin.execute(_BREAK.format(what=what))
            assert await moving.arrive() == 2
            assert told in capsys.readouterr().err
            assert sum(_city_of(url).values()) == 0
            admin.execute(_WHOLE)
        admin.execute("insert into migration values ('0099_later', 'epoch')")
        assert await moving.arrive() == 2
        assert "0099_later" in capsys.readouterr().err
        assert sum(_city_of(url).values()) == 0
        admin.execute("delete from migration where name = '0099_later'")
    assert await moving.arrive() == 0
