"""What a checked proof says, in words: the same on the page and on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.edge.words import instant_with_year, mark, say
from hejie.transparency.receipt import Checked, Closed, Verdict

VERDICTS: Mapping[Verdict, tuple[str, str, str]] = {
    Verdict.holds: (
        "",
        mark("It holds: every step in this file stands unchanged in the log, and other cities saw the same log."),
        mark("Nobody can change, reorder or leave out one of these steps now without being found out."),
    ),
    Verdict.alone: (
        "warn",
        mark("Every step in this file stands in the log, but no other city known here has seen this log."),
        mark("The log's own city could still show others something else. Take the keys of the other cities, or"
             " download the proof again later."),
    ),
    Verdict.stranger: (
        "bad",
        mark("The file fits together, but the key of its log is not known here: anybody could have made it."),
        mark("Check it on the page of the city that it names, or with that city's keys."),
    ),
}  # fmt: skip
"""Verdict → class of the note, what it is, what follows."""
CLOSED = mark("not shown in this file")
_STEPS = mark("{count}, from the first on")
_SOME_CLOSED = mark("{count}, from the first on; the content of {closed} is not in this file")


def facts(checked: Checked, language: str) -> list[tuple[str, str]]:
    """What is to be told beside the verdict, as (name, value); nothing of what happened in the case."""
    receipt = checked.receipt
    closed = sum(isinstance(each, Closed) for each in receipt.steps)
    steps = say(language, _SOME_CLOSED if closed else _STEPS, count=len(receipt.steps), closed=closed)
    agreed = [f"{each.name} ({instant_with_year(language, each.at)})" for each in checked.agreed]
    rows = [
        (mark("Case number"), receipt.id),
        (mark("Steps of the case"), steps),
        (mark("Name of the log"), checked.origin),
        (mark("Entries in the log then"), str(checked.size)),
        (mark("Seen by"), "\n".join(agreed)),
        (mark("Signed too, by keys not known here"), "\n".join(checked.unknown)),
    ]
    return [(say(language, name), value) for name, value in rows if value]
