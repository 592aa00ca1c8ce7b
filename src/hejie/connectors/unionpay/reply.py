"""An answer or a notification of UnionPay's gateway as text: `k=v` joined with `&`, not encoded."""

from __future__ import annotations

from hejie.base.errors import Refused

_OPEN, _CLOSE = "{[", "}]"
_MOST_FIELDS = 200


def read_reply(text: str) -> dict[str, str]:
    """The parameters; an `&` inside braces or brackets belongs to its value, and a value may hold `=`.

    Errors: `Refused("reply_unreadable")` for a part without `=`, a name that comes twice, or braces that do not close.
    """
    found: dict[str, str] = {}
    for part in _parts(text.strip()):
        name, equals, value = part.partition("=")
        if not name or not equals or name in found or len(found) >= _MOST_FIELDS:
            raise Refused("reply_unreadable")
        found[name] = value
    return found


def _parts(text: str) -> list[str]:
    parts, begin, depth = [], 0, 0
    for at, letter in enumerate(text):
        if letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth = max(depth - 1, 0)
        elif letter == "&" and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    if depth:
        raise Refused("reply_unreadable")
    return [*parts, text[begin:]]
