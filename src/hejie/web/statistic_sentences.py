"""English sentences for the codes of statistics and of publicity about merchants."""

from __future__ import annotations

STATISTIC = {
    "period_unreadable": "“{said}” is no day. Please write it like 2026-11-30.",
    "period_wrong": "The last day must not lie before the first, and no more than {most} days can be counted at once.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
