"""Instants as they are written by others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hejie.base.clock import instant


def test_an_instant_is_told_in_utc():
    assert instant("2026-11-30T18:00:00+08:00") == datetime(2026, 11, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "x", "2026-11-30", "2026-11-30T18:00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"],
)
def test_whatever_is_no_instant_with_its_zone_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        instant(text)
