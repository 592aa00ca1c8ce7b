"""`hejie record check FILE`: whether a record that was taken away is still as it was sealed."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hejie.base.seals import commitment

if TYPE_CHECKING:
    import argparse

NAME = "record"
HELP = "check a dispute's record that was taken away: does each step agree with its seal, each picture with its sum?"
MOST_BYTES = 500 * 1024 * 1024
"""Of all its files together, unpacked."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("action", choices=["check"], help="what to do")
    parser.add_argument("file", type=Path, help="the archive (ZIP)")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 where anything disagrees."""
    try:
        with zipfile.ZipFile(args.file) as kept:
            wrong, steps, last = _check(kept)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, msgspec.MsgspecError) as error:
        print(f"{args.file}: this is no whole record of a dispute ({type(error).__name__})")
        return 1
    for each in wrong:
        print(each)
    if wrong:
        return 1
    print(f"{steps} steps, each agrees with its seal. The last seal is {last}")
    print("Compare it with the other side's copy: the same dispute at the same step has the same seal everywhere.")
    return 0


def _check(kept: zipfile.ZipFile) -> tuple[list[str], int, str]:
    if sum(each.file_size for each in kept.infolist()) > MOST_BYTES:
        raise ValueError("too large")
    lines = [msgspec.json.decode(line) for line in kept.read("log.jsonl").splitlines()]
    record = msgspec.json.decode(kept.read("record.json"))
    wrong = [f"step {line['version']}: changed since it was sealed" for line in lines if not _sealed(line)]
    if [line["version"] for line in lines] != list(range(1, record["version"] + 1)):
        wrong.append("steps are missing, or stand in another order")
    for name, digest in record["pictures"].items():
        if f"pictures/{name}" not in kept.namelist():
            wrong.append(f"picture {name}: missing")
        elif hashlib.sha256(kept.read(f"pictures/{name}")).hexdigest() != digest:
            wrong.append(f"picture {name}: another one than was taken")
    return wrong, len(lines), lines[-1]["digest"]


def _sealed(line: dict[str, object]) -> bool:
    """Whether a step agrees with its seal; of a closed one only the seal is here."""
    if "body" not in line:
        return True
    salt = bytes.fromhex(str(line["salt"]))
    return commitment(salt, line["body"]).hex() == line["digest"]
