"""The one file in which a city travels: a ZIP of its tables' rows and a manifest, sealed by the city's key."""

from __future__ import annotations

import hashlib
import hmac
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.seals import Vault
from hejie.store.moving.tables import Sum, Table, summed

FORMAT = 1
_MANIFEST, _SEAL = "manifest.json", "seal"
_MOST_MANIFEST = 4 * 1024 * 1024
_CHUNK = 1 << 20
_OTHERS = 0o077


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds, as it was counted while it was written."""

    format: int = FORMAT
    city: str
    written_at: datetime
    stopped_at: datetime
    migrations: tuple[str, ...]
    tables: tuple[Sum, ...]
    log_size: int
    log_root: str
    clocks: int
    """Disputes and mediations whose time runs."""
    tasks: int
    key: str
    """By which the city's key file is known again; nothing can be read from it."""


class Writer:
    """The file while it is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def table(self, table: Table, pieces: Iterable[bytes]) -> Sum:
        """Write a table's rows; their sum."""
        with self._archive.open(_entry(table.name), "w", force_zip64=True) as out:

            def through() -> Iterator[bytes]:
                for piece in pieces:
                    out.write(piece)
                    yield piece

            return summed(table, through())

    def close(self, manifest: Manifest, vault: Vault) -> None:
        """Write the manifest, which ends the file."""
        raw = msgspec.json.encode(manifest)
        self._archive.writestr(_MANIFEST, raw)
        self._archive.writestr(_SEAL, _seal(vault, raw))


@contextmanager
def new_file(path: Path) -> Iterator[Writer]:
    """A new file that its owner alone can read; gone again where writing it fails.

    Errors: `Refused("file_exists", file)`, `Refused("file_readable", file)` where the place cannot keep others out.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused("file_exists", file=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as out:
            _must_be_closed(out.fileno(), path)
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield Writer(archive)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink()
        raise


def _must_be_closed(handle: int, path: Path) -> None:
    if os.fstat(handle).st_mode & _OTHERS:
        raise Refused("file_readable", file=str(path))


class CityFile:
    """A file that has come: its manifest, believed once `must_be_whole` has passed."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """`Refused("moved_file_unreadable")`, `Refused("moved_file_format", format)`."""
        self._archive = archive
        self._raw = self._part(_MANIFEST)
        self._told = self._part(_SEAL).decode(errors="replace")
        try:
            told = msgspec.json.decode(self._raw)
            if isinstance(told, dict) and told.get("format") != FORMAT:
                raise Refused("moved_file_format", format=str(told.get("format"))[:20])
            self.manifest = msgspec.convert(told, Manifest)
        except msgspec.MsgspecError:
            raise Refused("moved_file_unreadable") from None

    def must_be_of(self, vault: Vault) -> None:
        """`Refused("city_key_wrong")` for another city key, `Refused("moved_file_changed")` for another manifest."""
        if self.manifest.key != key_mark(vault, self.manifest.city):
            raise Refused("city_key_wrong", city=self.manifest.city)
        if not hmac.compare_digest(_seal(vault, self._raw), self._told):
            raise Refused("moved_file_changed", part=_MANIFEST)

    def must_be_whole(self) -> None:
        """Every table is as it was written; `Refused("moved_file_changed", part)`."""
        for told in self.manifest.tables:
            if summed(Table(told.name, told.columns, ()), self.rows(told.name)) != told:
                raise Refused("moved_file_changed", part=told.name)

    def rows(self, name: str) -> Iterator[bytes]:
        """A table's rows in large pieces; `Refused("moved_file_changed", part)`."""
        try:
            with self._archive.open(_entry(name)) as read:
                while piece := read.read(_CHUNK):
                    yield piece
        except (KeyError, zipfile.BadZipFile, OSError, EOFError, zlib.error):
            raise Refused("moved_file_changed", part=name) from None

    def _part(self, name: str) -> bytes:
        try:
            with self._archive.open(name) as read:
                return read.read(_MOST_MANIFEST)
        except (KeyError, zipfile.BadZipFile, OSError, EOFError, zlib.error):
            raise Refused("moved_file_unreadable") from None


@contextmanager
def come(path: Path) -> Iterator[CityFile]:
    """A file that has come, open; errors as `CityFile`, and `OSError` where there is none."""
    with path.open("rb") as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except zipfile.BadZipFile:
            raise Refused("moved_file_unreadable") from None
        with archive:
            yield CityFile(archive)


def key_mark(vault: Vault, city: str) -> str:
    """By which a city's key file is known again."""
    return vault.handle("city_move_key", city).hex()


def _seal(vault: Vault, raw: bytes) -> str:
    return vault.handle("city_move", hashlib.sha256(raw).hexdigest()).hex()


def _entry(name: str) -> str:
    return f"tables/{name}"
