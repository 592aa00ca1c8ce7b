"""`hejie conformance URL`: is an installation a sound member of the exchange? Told in words, or as an HTML page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec

from hejie.alliance.directory import Directory, Member, SignedDirectory, read_directory
from hejie.base import curves
from hejie.base.errors import Refused
from hejie.edge.words import LANGUAGES
from hejie_lab.conformance.caller import KIND, Caller
from hejie_lab.conformance.report import looked

if TYPE_CHECKING:
    import argparse

NAME = "conformance"
HELP = "call an installation as an honest and as a hostile member, and report what it does"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("url", help="the installation's public address, as the directory has it")
    parser.add_argument("--city", default="", help="which member there, where it serves several")
    parser.add_argument("--as", dest="me", required=True, help="the member that calls: its code in the directory")
    parser.add_argument("--key", required=True, type=Path, help="its signing key (PEM)")
    parser.add_argument("--directory", required=True, type=Path, help="the signed directory both go by")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of the report (default: zh)")
    parser.add_argument("--html", type=Path, help="write the report as a page there too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """One run; 0 where everything holds, 1 otherwise."""
    directory = _directory(args.directory)
    with httpx.Client(timeout=20, trust_env=False, follow_redirects=False) as client:
        caller = Caller(
            directory=directory,
            me=directory.member(args.me),
            target=_target(directory, args.url.rstrip("/"), args.city),
            private=curves.signing_key(args.key.read_text(encoding="utf-8")),
            client=client,
        )
        if KIND not in caller.me.rights or not any(each.kind == KIND for each in directory.agreements):
            raise Refused("conformance_not_agreed", kind=KIND)
        report = looked(caller, datetime.now(UTC))
    if args.html:
        args.html.write_text(report.page(args.lang), encoding="utf-8")
    print(msgspec.json.format(msgspec.json.encode(report)).decode() if args.json else report.words(args.lang))
    return 0 if report.good else 1


def _directory(file: Path) -> Directory:
    try:
        told = msgspec.json.decode(file.read_bytes(), type=SignedDirectory)
    except (OSError, msgspec.DecodeError):
        raise Refused("directory_unreadable", why=str(file)) from None
    return read_directory(told.directory)


def _target(directory: Directory, url: str, city: str) -> Member:
    found = [each for each in directory.members if each.base == url and city in {"", each.city}]
    if len(found) != 1:
        raise Refused("conformance_target", url=url, city=city)
    return found[0]
