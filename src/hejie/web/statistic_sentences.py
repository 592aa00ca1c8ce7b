"""English sentences for the codes of statistics and of publicity about merchants."""

from __future__ import annotations

STATISTIC = {
    "period_unreadable": "“{said}” is no day. Please write it like 2026-11-30.",
    "period_wrong": "The last day must not lie before the first, and no more than {most} days can be counted at once.",
    "publicity_off": "This city does not publish merchants' figures on this day. It is a setting of the city.",
    "publicity_unknown": "There is no such publicity here.",
    "publicity_running": "This merchant's figures are announced or published already.",
    "publicity_over": "It was taken back; nothing more can be done with it.",
    "publicity_words_missing": "Please write a few words: others will read them.",
    "publicity_objection_open": "An objection waits for an answer. Please answer it first.",
    "publicity_objection_none": "No objection waits for an answer.",
    "publicity_objection_runs": "The merchant can still object. Please publish after that time.",
    "publicity_not_shown": "Only what is published can be corrected.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
