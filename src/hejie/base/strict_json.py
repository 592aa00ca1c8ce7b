"""JSON from outside, read so that no two readers can understand it differently."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from hejie.base.errors import Refused

MOST_BYTES = 256 * 1024
MOST_DEPTH = 16

_MOST_DIGITS = 20
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Strings and brackets; a string without end is one token to the end, so that none is looked through twice."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def strict_json(raw: bytes, most_bytes: int = MOST_BYTES, most_depth: int = MOST_DEPTH) -> object:
    """The value of a JSON text (RFC 8259, narrowed to I-JSON, RFC 7493).

    Errors, all `Refused`: `json_too_large`, `json_not_utf8` (a byte order mark too),
    `json_too_deep`, `json_duplicate_key`, `json_number` (NaN, infinite, endless digits),
    `json_bad_text` (NUL or half a surrogate pair in a string), `json_broken`.
    """
    if len(raw) > most_bytes:
        raise Refused("json_too_large", most=most_bytes)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("json_not_utf8") from None
    if text.startswith("\ufeff"):
        raise Refused("json_not_utf8")
    _check_depth(text, most_depth)
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
    except ValueError:
        raise Refused("json_broken") from None


def _check_depth(text: str, most: int) -> None:
    """Before parsing: refuse nesting, and unstorable characters that strings spell by escapes."""
    depth = 0
    for token in _TOKENS.finditer(text):
        word = token[0]
        if word[0] == '"':
            if "\\u" in word and _UNSTORABLE.search(_unescaped(word)):
                raise Refused("json_bad_text")
        elif word in "[{":
            depth += 1
            if depth > most:
                raise Refused("json_too_deep", most=most)
        else:
            depth -= 1


def _unescaped(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError:
        raise Refused("json_broken") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("json_duplicate_key")
    return found


def _no_number(_word: str) -> NoReturn:
    raise Refused("json_number")


def _finite(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        raise Refused("json_number")
    return value


def _whole(word: str) -> int:
    if len(word) > _MOST_DIGITS:
        raise Refused("json_number")
    return int(word)
