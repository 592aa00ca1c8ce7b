"""`hejie city move CITY`: stop a city here and write it into one file; take that back; see what ties it to others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from hejie.app import vaults_in
from hejie.base.errors import Refused
from hejie.cli._city_words import told
from hejie.queries.parting import ties
from hejie.settings import Settings, SettingsError, read_connections, read_settings
from hejie.store.moving.city_file import Manifest
from hejie.store.moving.leaving import write_city
from hejie.store.moving.mark import Mark, see, set_mark, take_away

if TYPE_CHECKING:
    import argparse

_ADDRESS = re.compile(r"https?://[0-9A-Za-z.:\[\]-]{1,253}", re.ASCII)


def arguments(parser: argparse.ArgumentParser) -> None:
    """`city move CITY (--file FILE [--to ADDRESS] | --check | --back [--yes]) [--lang zh|en]`."""
    parser.add_argument("code", help="the city's six-digit code")
    acts = parser.add_mutually_exclusive_group(required=True)
    acts.add_argument("--file", type=Path, help="stop the city here, and write everything of it into this new file")
    acts.add_argument("--check", action="store_true", help="list what must be over before it leaves the alliance")
    acts.add_argument("--back", action="store_true", help="let it go on here, where it did not move after all")
    parser.add_argument("--to", default="", help="its new address, to which its pages here then lead")
    parser.add_argument("--yes", action="store_true", help="the new place is not open: --back is meant")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of the words (default: zh)")


def run(args: argparse.Namespace) -> int:
    """Do one of them, as the owner of the tables; 1 where ties are left, or `--back` was not said twice."""
    if args.back and not args.yes:
        print(told("move", "never", args.lang, city=args.code))
        return 1
    with owner() as connection:
        if args.check:
            return _check(connection, args.code, args.lang)
        if args.back:
            take_away(connection, args.code)
            print(told("move", "back", args.lang, city=args.code))
            return 0
        return _move(connection, args)


def owner() -> psycopg.Connection[Any]:
    """The database as the owner of its tables sees it (HEJIE_MIGRATE_URL); `SettingsError`."""
    url = os.environ.get("HEJIE_MIGRATE_URL")
    if not url:
        raise SettingsError("HEJIE_MIGRATE_URL is not set")
    return psycopg.connect(url, autocommit=True)


def _check(connection: psycopg.Connection[Any], city: str, language: str) -> int:
    with connection.transaction():
        see(connection, city)
        found = {name: count for name, count in ties(connection, city).items() if count}
    print(told("tie", "some" if found else "none", language, city=city))
    for name, count in found.items():
        print(f"- {told('tie', name, language, count=count)}")
    return 1 if found else 0


def _move(connection: psycopg.Connection[Any], args: argparse.Namespace) -> int:
    to = args.to.rstrip("/")
    if to and _ADDRESS.fullmatch(to) is None:
        raise Refused("move_address_wrong", to=args.to)
    if args.file.exists():
        raise Refused("file_exists", file=str(args.file))
    settings = read_settings()
    vault = vaults_in(settings.keys)(args.code)
    now = datetime.now(UTC)
    mark = set_mark(connection, args.code, now, to)
    manifest = write_city(connection, args.file, args.code, mark, vault, now)
    for line in _words(args, mark, manifest, settings):
        print(line)
    return 0


def _words(args: argparse.Namespace, mark: Mark, manifest: Manifest, settings: Settings) -> Iterator[str]:
    language, city = args.lang, args.code
    yield told("move", "stopped", language, city=city, at=f"{mark.at:%Y-%m-%d %H:%M:%S%z}")
    yield told("move", "written", language, file=args.file, **counts(manifest))
    yield told("move", "personal", language)
    yield told("move", "keys", language)
    connections = read_connections(settings.connections).get(city)
    files = [settings.keys / f"{city}.json", *(_paths(connections) if connections else ())]
    for each in dict.fromkeys(files):
        yield told("move", "key", language, file=each)
    named = "settings" if connections else "no_settings"
    yield told("move", named, language, city=city, file=settings.connections)
    yield told("move", "next", language, city=city, file=args.file)
    yield told("move", "alliance", language)


def counts(manifest: Manifest) -> dict[str, object]:
    """What a file holds, for words."""
    return {
        "tables": len(manifest.tables),
        "rows": sum(each.rows for each in manifest.tables),
        "size": manifest.log_size,
        "root": manifest.log_root[:16],
        "clocks": manifest.clocks,
        "tasks": manifest.tasks,
    }


def _paths(told_of: object) -> Iterator[Path]:
    """Every file that a part of the settings names."""
    if isinstance(told_of, Path) and told_of != Path():
        yield told_of
    elif isinstance(told_of, msgspec.Struct):
        for name in told_of.__struct_fields__:
            yield from _paths(getattr(told_of, name))
    elif isinstance(told_of, tuple):
        for each in told_of:
            yield from _paths(each)
