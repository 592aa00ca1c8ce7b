"""`hejie city arrive FILE`: take a city in that has moved here; all of it, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hejie.app import exchange_keys, vaults_in
from hejie.base.errors import Refused
from hejie.cli._city_move import counts, owner
from hejie.cli._city_words import told
from hejie.peers import moved_keys
from hejie.peers.opening import own_log
from hejie.settings import CityConnections, read_connections, read_settings
from hejie.store.moving.arriving import arrive
from hejie.store.moving.city_file import Manifest, come

if TYPE_CHECKING:
    import argparse

    import psycopg


def arguments(parser: argparse.ArgumentParser) -> None:
    """`city arrive FILE [--lang zh|en]`."""
    parser.add_argument("file", type=Path, help="the file that `hejie city move` wrote")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of the words (default: zh)")


def run(args: argparse.Namespace) -> int:
    """Take it in, as the owner of the tables, with the keys that this process's settings name."""
    settings = read_settings()
    with owner() as connection, come(args.file) as file:
        city = file.manifest.city
        key = settings.keys / f"{city}.json"
        if not key.is_file():
            raise Refused("moved_key_missing", city=city, file=str(key))
        vault = vaults_in(settings.keys)(city)
        file.must_be_of(vault)
        own = read_connections(settings.connections).get(city) or CityConnections()
        log = own_log(own.log) if own.log else None
        exchange = exchange_keys(city, own.exchange) if own.exchange else None

        def keys_fit(connection: psycopg.Connection[Any], manifest: Manifest) -> None:
            moved_keys.must_open(connection, manifest.city, vault)
            moved_keys.must_sign_log(connection, manifest.city, log)
            moved_keys.must_be_listed(connection, manifest.city, exchange, datetime.now(UTC))

        arrive(connection, file, keys_fit)
        print(told("arrive", "done", args.lang, city=city, **counts(file.manifest)))
    print(told("arrive", "restart", args.lang))
    return 0
