"""What a consumer can still do where nothing came of it, and until when: the law's own sentences and sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.disputes.model import Dispute, Outcome
from hejie.edge.words import day, mark, say
from hejie.law.clock import deadline
from hejie.law.rules import Rule, Unit
from hejie.law.shipped import book, calendar
from hejie.web.law_lines import source_words

FAILED = frozenset({Outcome.silent, Outcome.withdrawn, Outcome.unsettled})
"""Ends with which nothing was solved, as far as anybody knows."""
_COUNCIL = mark("Ask the consumer association or another mediation body")
_AUTHORITY = mark("Complain to the authority by 12315")
_COURT = mark("Go to arbitration, where both agree to it, or to court")
_WAYS: tuple[tuple[str, str], ...] = ((_COUNCIL, "O3"), (_AUTHORITY, "N4"), (_COURT, "L1"))
"""Way → the rule that says how, or how long (Consumer Rights Protection Law, art. 39)."""


class Way(Struct, frozen=True, kw_only=True):
    """One way that is still open."""

    what: str
    rule: str
    sentence: str
    source: str
    until: str
    """The last day that is sure, in words; empty where the law sets none."""


def ways(dispute: Dispute, language: str) -> tuple[Way, ...]:
    """The ways that are open after this end; none where it was solved or goes on.

    The authority that has closed a case without an agreement does not take it again (Order 121, art. 16).
    """
    if dispute.outcome not in FAILED or dispute.closed_at is None:
        return ()
    found = []
    for what, name in _WAYS:
        if what == _AUTHORITY and dispute.outcome is Outcome.unsettled:
            continue
        rule = _in_force(name, dispute)
        if rule is None:
            continue
        found.append(
            Way(
                what=say(language, what),
                rule=rule.id,
                sentence=rule.text.sentence.said(language),
                source=source_words(language, rule),
                until=_until(rule, dispute, language),
            )
        )
    return tuple(found)


def as_rows(open_ways: tuple[Way, ...]) -> list[Mapping[str, Any]]:
    """The same for a template."""
    return [
        {"what": each.what, "lines": [line for line in (each.sentence, each.source, each.until) if line]}
        for each in open_ways
    ]


def _in_force(name: str, dispute: Dispute) -> Rule | None:
    if dispute.closed_at is None:
        return None
    try:
        return book().chosen(name, dispute.closed_at.astimezone(SHANGHAI).date())
    except Refused:
        return None


def _until(rule: Rule, dispute: Dispute, language: str) -> str:
    """Counted from the first payment, and told before any rest moves the end on: so much time there is in any case."""
    if rule.text.unit is not Unit.years or not dispute.payments:
        return ""
    begun = min(each.paid_at for each in dispute.payments)
    return say(
        language,
        mark(
            "There is time until {end} at least: counted from the payment on {start}, the earliest day on which it can "
            "begin. A day of rest at the end may move it on."
        ),
        start=day(language, begun),
        end=deadline(rule, begun, calendar()).raw_day,
    )
