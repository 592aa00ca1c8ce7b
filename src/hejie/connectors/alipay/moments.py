"""Alipay's times: Beijing wall-clock texts on the wire, aware UTC instants inside."""

from __future__ import annotations

from datetime import UTC, datetime

from hejie.base.clock import SHANGHAI

_FORM = "%Y-%m-%d %H:%M:%S"


def beijing(instant: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss` in Beijing."""
    return instant.astimezone(SHANGHAI).strftime(_FORM)


def instant(text: str) -> datetime:
    """The UTC instant of a Beijing text, milliseconds ignored; `ValueError` for anything else."""
    return datetime.strptime(text.strip()[:19], _FORM).replace(tzinfo=SHANGHAI).astimezone(UTC)
