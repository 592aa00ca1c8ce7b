"""A reference as a person types it: any number, a terminal or a trace number with its time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hejie.base.errors import Refused
from hejie.edge.tracing import reference_typed
from hejie.queries.trace import Reference

AT = datetime(2026, 11, 30, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (" 48030001-20261130-1 ", Reference(number="48030001-20261130-1")),
        ("01080209 2026-11-30 18:05", Reference(terminal="01080209", at=AT)),
        ("123456 48021000 2026-11-30 18:05:00", Reference(trace="123456", acquirer="48021000", at=AT)),
    ],
)
def test_what_is_understood(text: str, reference: Reference):
    assert reference_typed(text) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "a b",
        "01080209 2026-11-30",
        "01080209 today 18:05",
        "1 2 3 2026-11-30 18:05",
        "1" * 65,
        "1\x00",
        "T 0001-01-01 00:00",
    ],
)
def test_what_is_not(text: str):
    with pytest.raises(Refused, match="reference_unreadable"):
        reference_typed(text)
