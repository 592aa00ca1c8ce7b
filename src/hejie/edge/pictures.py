"""Evidence pictures from people: told by content, decoded apart, encoded afresh, nothing else kept."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Literal
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.edge import picture_worker

MOST_BYTES_IN = 15 * 1024 * 1024
MOST_BYTES_OUT = picture_worker.MOST_BYTES
MOST_PIXELS = picture_worker.MOST_PIXELS

_SECONDS = 30
_AT_ONCE = 2
_WORKER = Path(picture_worker.__file__)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class CleanPicture(Struct, frozen=True, kw_only=True):
    """A picture that this house has encoded itself: upright, without metadata, at most 2 MB."""

    kind: Literal["jpg", "png"]
    data: bytes
    width: int
    height: int


class _Head(Struct, frozen=True):
    """What the worker says before the bytes."""

    code: str = ""
    kind: Literal["jpg", "png"] = "jpg"
    width: int = 0
    height: int = 0


async def clean_picture(raw: bytes) -> CleanPicture:
    """A fresh encoding of a JPEG, PNG or WebP picture (of a moving one, its first frame).

    Decoding happens in a process of its own, bounded in memory and seconds; two run at once.
    Errors, all `Refused`: `picture_too_large` (15 MB), `picture_heic`, `picture_unknown_type`,
    `picture_too_many_pixels` (40 million), `picture_broken`. Nothing is kept of what is refused.
    """
    if len(raw) > MOST_BYTES_IN:
        raise Refused("picture_too_large")
    kind = _kind_of(raw)
    async with _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE)):
        line, _, data = (await _worked(raw, kind)).partition(b"\n")
    try:
        head = msgspec.json.decode(line, type=_Head)
    except msgspec.DecodeError:  # it died: out of memory, out of time, or worse
        raise Refused("picture_broken") from None
    if head.code:
        raise Refused(head.code)
    if not 0 < len(data) <= MOST_BYTES_OUT:
        raise Refused("picture_broken")
    return CleanPicture(kind=head.kind, data=data, width=head.width, height=head.height)


def _kind_of(raw: bytes) -> str:
    """The decoder's name for what the content itself claims to be; a file's name is not asked."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WEBP"
    heic = raw[4:8] == b"ftyp" and raw[8:12] in _HEIC_BRANDS
    raise Refused("picture_heic" if heic else "picture_unknown_type")


async def _worked(raw: bytes, kind: str) -> bytes:
    """All that the worker says; `picture_broken` where it does not finish in time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_WORKER),
        kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},  # no secrets
    )
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate(raw)
    except TimeoutError:
        raise Refused("picture_broken") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said
