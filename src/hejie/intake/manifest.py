"""What stands beside a file that a partner brings, and tells what the file should hold: `FILE.manifest.json`."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from hejie.base.errors import Refused

Manifest = TypeVar("Manifest")


def read_manifest(file: Path, kind: type[Manifest]) -> Manifest | None:
    """The manifest beside a file; None where there is none. `Refused("manifest_unreadable")`."""
    beside = file.with_name(f"{file.name}.manifest.json")
    if not beside.is_file():
        return None
    try:
        return msgspec.json.decode(beside.read_bytes(), type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise Refused("manifest_unreadable") from None
