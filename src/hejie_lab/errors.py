"""What can go wrong in the lab."""

from __future__ import annotations


class LabError(RuntimeError):
    """A platform cannot be had as asked; the message is one sentence for a person."""
