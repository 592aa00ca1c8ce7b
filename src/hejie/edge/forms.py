"""A form as it was sent: words, files, and what may be typed again after a refusal."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from litestar.datastructures import UploadFile
from msgspec import Struct

from hejie.base.errors import HejieError, Refused
from hejie.desk.act import Once
from hejie.edge.pictures import CleanPicture, clean_picture

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

HIDDEN = frozenset({"csrf", "once"})
MOST_PICTURES = 6

WRITTEN = re.compile(r"(?:[a-z]+_)?(?:words|note)|payload|what|reason|proposal|memo|decline-.*")
"""The names of the fields in which people write at length: what they wrote is given back when it cannot be taken."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def plain(word: str, most: int = 200) -> str:
    """A one-line word without control characters, trimmed; `Refused("field_unreadable")` otherwise."""
    word = word.strip()
    if len(word) > most or _CONTROL.search(word):
        raise Refused("field_unreadable")
    return word


def a_day(word: str) -> date:
    """A day as a form's field of that kind sends it, year-month-day; `Refused("day_unreadable")`."""
    try:
        return date.fromisoformat(word.strip())
    except ValueError:
        raise Refused("day_unreadable") from None


def one_of(kind: type[E], word: str) -> E:
    """One of a closed list; `Refused("choice_missing")` for anything else."""
    try:
        return kind(word)
    except ValueError:
        raise Refused("choice_missing") from None


def idempotency_key(text: str) -> str:
    """An idempotency key: 16 to 64 letters, digits, `-`, `_`; else `Refused("key_missing" | "key_unreadable")`."""
    key = text.strip().strip('"')
    if not key:
        raise Refused("key_missing")
    if _KEY.fullmatch(key) is None:
        raise Refused("key_unreadable")
    return key


class Form:
    """The fields of one request, in the order sent."""

    def __init__(self, fields: Sequence[tuple[str, Any]]) -> None:
        self._texts = [(name, value) for name, value in fields if isinstance(value, str)]
        self._files = [(name, value) for name, value in fields if isinstance(value, UploadFile) and value.filename]

    def text(self, name: str, default: str = "") -> str:
        """What was typed, as it was typed: for `clean_text` and for showing it again."""
        return next((value for key, value in self._texts if key == name), default)

    def word(self, name: str, default: str = "") -> str:
        """One line, trimmed, at most 200 characters; `Refused("field_unreadable")` for control characters."""
        return plain(self.text(name, default))

    def words(self, name: str) -> list[str]:
        """Every value of a repeated field, each as `word`."""
        return [plain(value) for key, value in self._texts if key == name]

    def texts(self, name: str) -> list[str]:
        """Every value of a repeated field as it was typed, for a page that carries it on; none if it was not sent."""
        return [value for key, value in self._texts if key == name]

    def written(self) -> tuple[str, ...]:
        """What a person wrote at length, as it was typed; never a password or a code."""
        return tuple(value for key, value in self._texts if WRITTEN.fullmatch(key) and value.strip())

    def has(self, name: str) -> bool:
        """Whether a field was sent with anything in it: a ticked box, a pressed button."""
        return bool(self.text(name))

    async def file(self, name: str) -> bytes:
        """The bytes of one file, empty where none was chosen."""
        return next(iter(await self.files(name)), b"")

    async def files(self, name: str) -> list[bytes]:
        """The bytes of every file of a field."""
        found = []
        for key, upload in self._files:
            if key == name:
                await upload.seek(0)
                found.append(await upload.read())
        return found

    async def pictures(self, name: str, most: int = MOST_PICTURES) -> list[CleanPicture]:
        """The pictures of a field, encoded afresh; `Refused("pictures_too_many")` and those of `clean_picture`."""
        raw = await self.files(name)
        if len(raw) > most:
            raise Refused("pictures_too_many", most=most)
        return [await clean_picture(each) for each in raw]

    async def once(self, method: str, path: str, header: str = "") -> Once:
        """The request's idempotency key with the digest of all it says.

        Errors: those of `idempotency_key`.
        """
        key = idempotency_key(header or self.text("once"))
        digest = hashlib.sha256(f"{method} {path}".encode())
        for name, value in sorted(pair for pair in self._texts if pair[0] not in HIDDEN):
            digest.update(_framed(name.encode(errors="replace")) + _framed(value.encode(errors="replace")))
        for name, upload in self._files:
            await upload.seek(0)
            digest.update(_framed(name.encode()) + hashlib.sha256(await upload.read()).digest())
        return Once(key, digest.digest())

    async def close(self) -> None:
        """Let go of spooled files."""
        for _, upload in self._files:
            await upload.close()


def _framed(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


class Fault(Struct, frozen=True):
    """One thing wrong with a form: the field (its element's id; empty for the whole) and the refusal."""

    field: str
    error: HejieError


class Checks:
    """Gathers what is wrong with a form, so that a person hears it all at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def __call__(self, field: str, rule: Callable[..., T], *given: Any, default: T, **named: Any) -> T:
        """The rule's value; where the rule refuses, its fault is kept and the default given."""
        try:
            return rule(*given, **named)
        except Refused as refusal:
            self.faults.append(Fault(field, refusal))
            return default

    async def wait(self, field: str, rule: Awaitable[T], *, default: T) -> T:
        """The same for a rule that takes time, such as reading pictures."""
        try:
            return await rule
        except Refused as refusal:
            self.faults.append(Fault(field, refusal))
            return default

    def add(self, field: str, error: HejieError) -> None:
        """Keep a fault found elsewhere."""
        self.faults.append(Fault(field, error))

    def only(self, field: str) -> Checks:
        """What is wrong with one field."""
        some = Checks()
        some.faults = [each for each in self.faults if each.field == field]
        return some

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.faults)
