"""Typed reading of a verified answer: a field of the wrong shape is an unreadable reply, never a guess."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from hejie.base.errors import Refused, Unknown
from hejie.base.money import fen
from hejie.connectors.alipay.moments import instant

_MOST_DIGITS = 9


class Fields:
    """One answering object; every method raises `Unknown("reply_unreadable", field=...)` on a wrong shape."""

    def __init__(self, node: dict[str, Any]) -> None:
        self._node = node

    def text(self, name: str) -> str:
        """A text, empty where absent; NUL dropped, since no text of people holds one."""
        value = self._node.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _unreadable(name)
        return value.replace("\0", "")

    def need(self, name: str) -> str:
        """A text that must be there."""
        return self.text(name) or _lacking(name)

    def fen(self, name: str) -> int:
        """A yuan text as fen."""
        try:
            return fen(self.need(name))
        except Refused as error:
            raise Unknown("reply_unreadable", field=name, why=error.code) from None

    def moment(self, name: str) -> datetime | None:
        """A Beijing time as an instant, `None` where absent."""
        text = self.text(name)
        if not text:
            return None
        try:
            return instant(text)
        except ValueError:
            raise _unreadable(name) from None

    def need_moment(self, name: str) -> datetime:
        """A Beijing time that must be there."""
        return self.moment(name) or _lacking(name)

    def count(self, name: str) -> int:
        """A whole number of at most nine digits."""
        text = self.need(name)
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            raise _unreadable(name)
        return int(text)

    def _list(self, name: str) -> list[Any]:
        value = self._node.get(name)
        if isinstance(value, dict) and len(value) == 1:  # the older form wraps a list once: {"string": [...]}
            value = next(iter(value.values()))
        if value is None:
            return []
        if not isinstance(value, list):
            raise _unreadable(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty where absent."""
        found = self._list(name)
        if not all(isinstance(one, str) for one in found):
            raise _unreadable(name)
        return tuple(one.replace("\0", "") for one in found)

    def parts(self, name: str) -> list[Fields]:
        """A list of objects, empty where absent."""
        found = self._list(name)
        if not all(isinstance(one, dict) for one in found):
            raise _unreadable(name)
        return [Fields(one) for one in found]


def _unreadable(name: str) -> Unknown:
    return Unknown("reply_unreadable", field=name)


def _lacking(name: str) -> NoReturn:
    raise _unreadable(name)
