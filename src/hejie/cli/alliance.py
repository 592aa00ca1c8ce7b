"""`hejie alliance ...`: keys for the exchange, the card a new member hands over, the directory everybody goes by."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hejie.alliance import drafting
from hejie.alliance.directory import (
    DatedKey,
    Keeper,
    LogKey,
    Member,
    SignedDirectory,
    read_directory,
    signed,
)
from hejie.app import build
from hejie.base import curves
from hejie.base.errors import Refused
from hejie.base.strict_json import strict_json
from hejie.peers.directories import take_directory
from hejie.settings import read_settings
from hejie.transparency.keys import read_name

NAME = "alliance"
HELP = "take part in the exchange between cities: keys, the joining card, the directory"
_DAYS, _YEARS = 365, 10
T = TypeVar("T")
_MOST = 4 * 1024 * 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    """`keys`, `card`, and `directory new|add|remove|keeper|agree|revoke|sign|show|apply`."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    keys = parts.add_parser("keys", help="make a city's signing and opening keys, or a keeper's")
    keys.add_argument("folder", type=Path)
    keys.add_argument("--owner", required=True, help="six-digit code of the city, or `keeper`")
    card = parts.add_parser("card", help="print the one file that a new member hands over")
    for name, said in (("--city", "its code"), ("--name-zh", "its name"), ("--name-en", "its English name")):
        card.add_argument(name, required=True, help=said)
    card.add_argument("--base", required=True, help="its public address")
    card.add_argument("--signing", required=True, type=Path, nargs="+", help="its signing keys, the one in use first")
    card.add_argument("--opening", required=True, type=Path, nargs="+", help="its opening keys")
    card.add_argument("--log-name", default="", help="the name of its log, such as hejie.example/330100/log")
    card.add_argument(
        "--log-key", type=Path, nargs="+", default=[], help="its log's key; and the next one while both sign"
    )
    card.add_argument("--days", type=int, default=_DAYS, help="how long its keys are to be believed")
    deeper = parts.add_parser("directory", help="the list of members").add_subparsers(
        dest="act", required=True, metavar="ACT"
    )
    _directory_arguments(deeper)


def _directory_arguments(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    acts = {
        "new": "begin one: without members, with the agreements that ship with the house",
        "add": "put a member's card in, also in place of its older one",
        "remove": "take a member out, by its code; `hejie city move CITY --check` says what must be over before",
        "keeper": "name one more who may sign, by their public key",
        "agree": "set the table of agreements",
        "revoke": "revoke a key from now on",
        "sign": "sign as a keeper",
        "show": "say what it says",
        "apply": "take it over for a city",
    }
    made = {act: parts.add_parser(act, help=said) for act, said in acts.items()}
    for each in made.values():
        each.add_argument("file", type=Path)
    for act in ("new", "sign"):
        made[act].add_argument("--key", required=True, type=Path, help="a keeper's private key")
    made["new"].add_argument("--keeper", required=True, help="the keeper's name")
    made["new"].add_argument("--days", type=int, default=_DAYS, help="how long a version holds")
    made["add"].add_argument("card", type=Path)
    made["add"].add_argument("--rights", nargs="*", default=[], help="kinds of letters it may send; all, unless named")
    made["remove"].add_argument("member", help="six-digit code of the city")
    made["keeper"].add_argument("name", help="the keeper's name")
    made["keeper"].add_argument("public", help="base64, as `keys` prints it")
    made["agree"].add_argument("table", type=Path, help="TOML, as hejie/alliance/data/agreements.toml")
    made["revoke"].add_argument("name", help="the key's name")
    made["apply"].add_argument("--city", required=True)


def run(args: argparse.Namespace) -> int:
    """Do one of them; files are written in place, everything else is printed."""
    match args.part:
        case "keys":
            _keys(args.folder, args.owner)
        case "card":
            print(_pretty(_card(args)))
        case _:
            _directory(args)
    return 0


def _keys(folder: Path, owner: str) -> None:
    for kind, file in make_pair(folder, owner).items():
        text = file.read_text()
        key = curves.signing_key(text) if kind == "signing" else curves.opening_key(text)
        print(f"{kind} {file} {curves.public_text(key)}")


def make_pair(folder: Path, owner: str) -> dict[str, Path]:
    """New files by kind, readable by their owner only; nothing is ever overwritten."""
    made: dict[str, Ed25519PrivateKey | X25519PrivateKey] = {"signing": Ed25519PrivateKey.generate()}
    if owner != "keeper":
        made["opening"] = X25519PrivateKey.generate()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = {}
    for kind, key in made.items():
        files[kind] = folder / f"{curves.key_name(owner, curves.public_text(key))}-{kind}.pem"
        handle = os.open(files[kind], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(curves.private_text(key))
    return files


def _card(args: argparse.Namespace) -> drafting.Card:
    now = _now()
    signing = [curves.signing_key(each.read_text()) for each in args.signing]
    opening = [curves.opening_key(each.read_text()) for each in args.opening]

    def dated(key: Ed25519PrivateKey | X25519PrivateKey) -> DatedKey:
        return DatedKey(public=curves.public_text(key), begins=now, ends=now + timedelta(days=args.days))

    member = Member(
        city=args.city,
        name_zh=args.name_zh,
        name_en=args.name_en,
        base=args.base.rstrip("/"),
        signing=tuple(map(dated, signing)),
        sealing=tuple(map(dated, opening)),
        log_keys=_log_keys(args, now),
    )
    return drafting.card(member, signing[0])


def _log_keys(args: argparse.Namespace, now: datetime) -> tuple[LogKey, ...]:
    """The log's keys under its name; they last longer than others, for a log whose key has ended falls silent."""
    if bool(args.log_name) != bool(args.log_key):
        raise Refused("log_name_wrong")
    publics = [curves.public_text(curves.signing_key(each.read_text())) for each in args.log_key]
    ends = now + _YEARS * timedelta(days=_DAYS)
    return tuple(LogKey(name=read_name(args.log_name), public=each, begins=now, ends=ends) for each in publics)


def _directory(args: argparse.Namespace) -> None:
    now = _now()
    match args.act:
        case "new":
            public = curves.public_text(curves.signing_key(args.key.read_text()))
            text = resources.files("hejie.alliance").joinpath("data/agreements.toml").read_text(encoding="utf-8")
            keepers = (_keeper(args.keeper, public, now),)
            _write(args.file, drafting.begun(keepers, drafting.agreements_in(text), now, args.days))
        case "add":
            found = drafting.member_of(_read(args.card, drafting.Card))
            _write(args.file, drafting.with_member(_file(args), found, tuple(args.rights), now))
        case "remove":
            _write(args.file, drafting.without_member(_file(args), args.member, now))
        case "keeper":
            keeper = _keeper(args.name, args.public, now)
            _write(args.file, drafting.with_keeper(_file(args), keeper, now))
        case "agree":
            table = drafting.agreements_in(args.table.read_text(encoding="utf-8"))
            _write(args.file, drafting.with_agreements(_file(args), table, now))
        case "revoke":
            _write(args.file, drafting.without_key(_file(args), args.name, now))
        case "sign":
            read_directory(_file(args).directory)
            _write(args.file, signed(_file(args), curves.signing_key(args.key.read_text())))
        case "apply":
            found_version = asyncio.run(_apply(args.city, _file(args)))
            print(f"{args.city} goes by version {found_version}")
            return
    _show(_file(args))


def _keeper(name: str, public: str, now: datetime) -> Keeper:
    curves.verifying_key(public)
    return Keeper(name=name, key=DatedKey(public=public, begins=now, ends=now + _YEARS * timedelta(days=_DAYS)))


async def _apply(city: str, file: SignedDirectory) -> int:
    async with build(read_settings()) as app:
        await app.house.city(city)
        own = app.tools.exchange.get(city)
        if own is None:
            raise Refused("exchange_not_connected")
        return (await take_directory(app.pool, own, file, app.clock.now())).version


def _show(file: SignedDirectory) -> None:
    found = read_directory(file.directory)
    signers = ", ".join(each.key for each in file.signatures) or "nobody yet"
    print(f"version {found.version}, until {found.expires_at:%Y-%m-%d}, signed by {signers}")
    for each in found.keepers:
        print(f"keeper {each.name} {curves.key_name('keeper', each.key.public)}{_ended(each.key)}")
    for member in found.members:
        print(f"member {member.city} {member.name_zh} {member.base} may send: {' '.join(member.rights)}")
        for key in (*member.signing, *member.sealing, *member.log_keys):
            name = curves.key_name(member.city, key.public)
            log = f" {key.name}" if isinstance(key, LogKey) else ""
            print(f"  {name} {key.begins:%Y-%m-%d} to {key.ends:%Y-%m-%d}{_ended(key)}{log}")
    for line in found.agreements:
        print(f"agreed {line.kind}: {' '.join((*line.fields, *line.sealed))} ({line.basis})")


def _ended(key: DatedKey) -> str:
    return f" revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""


def _file(args: argparse.Namespace) -> SignedDirectory:
    return _read(args.file, SignedDirectory)


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.convert(strict_json(file.read_bytes(), _MOST), kind)
    except msgspec.ValidationError as error:
        raise Refused("directory_unreadable", why=str(error)) from None


def _write(file: Path, found: SignedDirectory) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(_pretty(found) + "\n", encoding="utf-8")
    fresh.replace(file)


def _pretty(found: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(found), indent=1).decode()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
