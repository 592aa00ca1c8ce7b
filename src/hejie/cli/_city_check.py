"""`hejie city check CODE`: everything a city needs from outside before it goes live, and which parts may do so now."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from psycopg import AsyncConnection, Error

from hejie.alliance.directory import Directory
from hejie.app import acquirer_door, alipay_keys, exchange_keys, unionpay_keys, vaults_in, wechatpay_keys
from hejie.base import curves
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.readiness import Need, Part, Seen, Standing, Thing, needs, parts
from hejie.cities.reading import read_city
from hejie.cities.settings import CitySettings
from hejie.cli._city_words import told
from hejie.peers.opening import own_log
from hejie.settings import AlipayApplication, CityConnections, UnionpayMember, WechatpayApplication, read_connections
from hejie.store import directories
from hejie.store.pool import city_transaction, open_pool
from hejie.store.settings import settings_at

if TYPE_CHECKING:
    import argparse

_MARKS = {Standing.found: "✓", Standing.ending: "!", Standing.missing: "✗", Standing.over: "✗"}


class _Kept(msgspec.Struct, frozen=True):
    """What the database knows of the city."""

    settings: CitySettings | None = None
    directory: Directory | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """`city check CODE [--file FILE] [--part PART ...] [--lang zh|en]`."""
    parser.add_argument("code", help="the city's six-digit code")
    parser.add_argument("--file", type=Path, help="its TOML file, where the settings are not put in yet")
    parser.add_argument(
        "--part", action="append", metavar="PART", help="door_12315, wallet:alipay, alliance, ...; all, unless named"
    )
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of the words (default: zh)")


def run(args: argparse.Namespace) -> int:
    """Print the list and the parts; 0 only where the chosen parts are ready."""
    now = datetime.now(UTC)
    seen = look(args.code, args.file, os.environ, now)
    found = parts(seen)
    chosen = _chosen(found, args.part)
    for need in needs(found):
        print(_line(args.lang, need))
    print()
    for part in found:
        print(_part_line(args.lang, part))
    return 0 if all(not part.lacks for part in chosen) else 1


def look(code: str, file: Path | None, environment: Mapping[str, str], now: datetime) -> Seen:
    """What is there of a city, by its file, the settings of this process, the key files and the database.

    Errors: `Refused("settings_of_another_city")`, those of `read_city`, `SettingsError` for a connections file.
    """
    own = read_city(file.read_text(encoding="utf-8")) if file else None
    if own is not None and own.code != code:
        raise Refused("settings_of_another_city", city=own.code)
    url = environment.get("HEJIE_DATABASE_URL", "")
    kept = asyncio.run(_kept(url, code, now)) if url else _Kept()
    connections = environment.get("HEJIE_CONNECTIONS", "")
    city = read_connections(Path(connections) if connections else None).get(code) or CityConnections()
    things = {*_own_things(code, environment, kept), *_connected(code, city), *_listed(code, kept.directory, city, now)}
    settings = own or kept.settings
    return Seen(
        day=_day(now),
        papers=settings.papers if settings else (),
        things=frozenset(things),
        acquirers=tuple(each.id for each in city.acquirers),
        directory_until=_day(kept.directory.expires_at) if kept.directory else None,
    )


async def _kept(url: str, code: str, now: datetime) -> _Kept:
    """What the database has; nothing where it cannot be reached or the city is not in it."""
    try:
        await (await AsyncConnection.connect(url)).close()  # a pool would wait long for one that is not there
        pool = await open_pool(url, 1)
    except (HejieError, Error, TimeoutError):
        return _Kept()
    try:
        async with city_transaction(pool, code) as connection:
            try:
                settings = await settings_at(connection, code, now)
            except Missing:
                settings = None
            return _Kept(settings, await directories.present(connection, code))
    finally:
        await pool.close()


def _own_things(code: str, environment: Mapping[str, str], kept: _Kept) -> Iterator[tuple[Thing, str]]:
    if kept.settings is not None:
        yield Thing.settings, ""
    keys = Path(environment.get("HEJIE_KEYS", "")) / f"{code}.json"
    if keys.is_file() and not keys.stat().st_mode & 0o077:
        try:
            vaults_in(keys.parent)(code)
        except (HejieError, ValueError):
            return
        yield Thing.city_keys, ""
    if environment.get("HEJIE_PUBLIC_URL", "").startswith("https://"):
        yield Thing.address, ""


def _connected(code: str, city: CityConnections) -> Iterator[tuple[Thing, str]]:
    """Connections whose keys can be read."""
    for name, wallet in city.wallets.items():
        if _reads(wallet):
            yield Thing.wallet, name
    for bank in city.acquirers:
        try:
            acquirer_door(bank)
        except (OSError, HejieError, ValueError):
            continue
        yield Thing.acquirer, bank.id
    if city.sms is not None:
        yield Thing.sms, ""
    if city.national12315 is not None and city.national12315.private_key.is_file():
        yield Thing.national12315, ""
    if city.exchange is not None:
        try:
            exchange_keys(code, city.exchange)
        except (OSError, HejieError):
            return
        yield Thing.exchange_keys, ""


def _reads(wallet: AlipayApplication | WechatpayApplication | UnionpayMember) -> bool:
    try:
        match wallet:
            case AlipayApplication():
                alipay_keys(wallet)
            case WechatpayApplication():
                wechatpay_keys(wallet)
            case UnionpayMember():
                unionpay_keys(wallet)
        return wallet.entry_key.is_file()
    except OSError:
        return False


def _listed(
    code: str, directory: Directory | None, city: CityConnections, now: datetime
) -> Iterator[tuple[Thing, str]]:
    """Its place in the directory; the log's key where the very one that signs is named there."""
    member = next((each for each in directory.members if each.city == code), None) if directory else None
    if member is None:
        return
    yield Thing.directory, ""
    try:
        own = own_log(city.log) if city.log else None
    except (OSError, HejieError):
        return
    named = {(each.name, each.public) for each in member.log_keys if each.holds(now)}
    if own is not None and (own.origin, curves.public_text(own.signer.private)) in named:
        yield Thing.log_key, ""


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _chosen(found: tuple[Part, ...], wanted: list[str] | None) -> list[Part]:
    """`Missing("city_part_unknown", part)` for one that is not on the list."""
    by_key = {part.key: part for part in found}
    for key in wanted or ():
        if key not in by_key:
            raise Missing("city_part_unknown", part=key)
    return [by_key[key] for key in wanted] if wanted else list(found)


def _line(language: str, need: Need) -> str:
    name = told("need", need.name, language) + (f" {need.of}" if need.of else "")
    standing = told("standing", need.standing.value, language, until=need.until or "")
    if need.until and need.standing is Standing.found:
        standing = told("standing", "until", language, until=need.until)
    whose = told("check", "whose", language, owner=need.owner, days=need.lead_days)
    return f"{_MARKS[need.standing]} {name}: {standing}. {whose}"


def _part_line(language: str, part: Part) -> str:
    name = told("part", part.name, language, of=part.of)
    if not part.lacks:
        return f"✓ {part.key}  {name}: {told('check', 'ready', language)}"
    lacks = told("check", "between", language).join(
        told("need", each.name, language) + (f" {each.of}" if each.of else "") for each in part.lacks
    )
    return f"✗ {part.key}  {name}: {told('check', 'lacks', language, lacks=lacks, days=part.days)}"
