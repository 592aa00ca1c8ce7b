"""A house on a database of its own, for what the edge keeps there."""

from __future__ import annotations

from tests.web.conftest import house

__all__ = ["house"]
