"""Passwords hashed in a moment: as strong as in the product, one hash takes longer than a test."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from hejie.edge import members

_QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_NOBODY = _QUICK.hash("nobody")


def hash_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this test's accounts have weak hashes; what is compared, and how, stays."""
    monkeypatch.setattr(members, "_HASHER", _QUICK)
    monkeypatch.setattr(members, "_NOBODY", _NOBODY)
