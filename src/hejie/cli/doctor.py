"""`hejie doctor`: says in a person's words what is wrong with settings, database, keys and connections."""

from __future__ import annotations

import asyncio
import tomllib
from collections import defaultdict
from importlib import resources
from typing import TYPE_CHECKING

from psycopg import Error, OperationalError

from hejie.app import alipay_keys, vaults_in
from hejie.base.clock import SystemClock
from hejie.base.errors import HejieError
from hejie.connectors.alipay.doctor import Finding, Weight, examine, probe
from hejie.connectors.transport import http_client
from hejie.settings import CityConnections, Settings, SettingsError, read_connections, read_settings
from hejie.store.migrate import migrations
from hejie.store.pool import open_pool
from hejie.web.code_words import sentence

if TYPE_CHECKING:
    import argparse

NAME = "doctor"
HELP = "say what is wrong with this installation's settings, database, keys and connections"
MARKS = {"ok": "✓", Weight.warning: "!", Weight.wrong: "✗"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="the language of the findings")
    parser.add_argument("--offline", action="store_true", help="look at files only; ask no wallet")


def run(args: argparse.Namespace) -> int:
    """Look at everything; 1 if anything is wrong, 0 if there are at most warnings."""
    try:
        settings = read_settings()
        connections = read_connections(settings.connections)
    except SettingsError as error:
        print(f"{MARKS[Weight.wrong]} {error}")
        return 1
    findings = asyncio.run(_findings(settings, connections, offline=args.offline))
    for place, finding in findings:
        mark = MARKS[finding.weight] if finding else MARKS["ok"]
        print(f"{mark} {place}" + (f": {words(args.lang, finding)}" if finding else ""))
    return 1 if any(finding and finding.weight is Weight.wrong for _, finding in findings) else 0


def words(language: str, finding: Finding) -> str:
    """A finding as a sentence: what is wrong, and what to do."""
    text = _sentences().get(finding.code, {}).get(language)
    if text is None:
        return sentence(language, finding.code, finding.facts)
    return text.format_map(defaultdict(lambda: "…", finding.facts))


def _sentences() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for package in ("hejie.connectors.alipay", "hejie.cli"):
        found |= tomllib.loads((resources.files(package) / "findings.toml").read_text(encoding="utf-8"))
    return found


async def _findings(
    settings: Settings, connections: dict[str, CityConnections], *, offline: bool
) -> list[tuple[str, Finding | None]]:
    """Every place looked at, with what was found there; None is well."""
    found: list[tuple[str, Finding | None]] = await _database(settings)
    for city, connection in connections.items():
        found += _keys(settings, city)
        if connection.alipay is None:
            found.append((f"{city} alipay", Finding("wallet_not_connected", Weight.warning)))
            continue
        place = f"{city} alipay"
        try:
            keys = alipay_keys(connection.alipay)
        except OSError as error:
            found.append((place, Finding("key_file_missing", facts={"file": str(error.filename)})))
            continue
        told = examine(keys, SystemClock().now())
        if not offline and not any(each.weight is Weight.wrong for each in told):
            async with http_client() as client:
                told += await probe(keys, SystemClock(), client)
        found += [(place, finding) for finding in told] or [(place, None)]
    return found


async def _database(settings: Settings) -> list[tuple[str, Finding | None]]:
    place = "database"
    try:
        pool = await open_pool(settings.database_url, 1)
    except HejieError as error:
        return [(place, Finding(error.code))]
    except (Error, TimeoutError, OperationalError):
        return [(place, Finding("database_unreachable"))]
    await pool.close()
    return [(f"{place}, {len(migrations())} migrations", None)]


def _keys(settings: Settings, city: str) -> list[tuple[str, Finding | None]]:
    place = f"{city} keys"
    file = settings.keys / f"{city}.json"
    if not file.is_file():
        return [(place, Finding("city_keys_missing", facts={"city": city}))]
    if file.stat().st_mode & 0o077:
        return [(place, Finding("city_keys_open", facts={"file": str(file)}))]
    try:
        vaults_in(settings.keys)(city)
    except (HejieError, ValueError):
        return [(place, Finding("city_keys_unreadable", facts={"file": str(file)}))]
    return [(place, None)]
