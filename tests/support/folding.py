"""Folding the whole log of a database from nothing, and holding every row against it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from msgspec import json

from hejie.alerts import safety
from hejie.alliance import bulletin, contact_list, library
from hejie.base.seals import commitment
from hejie.cities import city, item_custody
from hejie.disputes import events as dispute_events
from hejie.disputes import fold as dispute_fold
from hejie.disputes.model import Dispute
from hejie.handovers import events as handover_events
from hejie.handovers import fold as handover_fold
from hejie.handovers.model import Handover
from hejie.mediations import events as mediation_events
from hejie.mediations import fold as mediation_fold
from hejie.mediations import follow_ups
from hejie.mediations.model import Mediation
from hejie.merchants import agreements, bindings, handling, measures, publicity, successions
from hejie.merchants import events as merchant_events
from hejie.merchants import fold as merchant_fold
from hejie.merchants.model import Merchant
from hejie.papers import paper
from hejie.payments import advance, fund, paycode, refund, trace_request

NOUNS: dict[str, tuple[Any, Any, Callable[[Any, Any], Any]]] = {
    "advance": (advance.Advance, advance.AnyEvent, advance.evolve),
    "agreement": (agreements.Agreement, agreements.AnyEvent, agreements.evolve),
    "binding": (bindings.Binding, bindings.AnyEvent, bindings.evolve),
    "bulletin": (bulletin.Bulletin, bulletin.AnyEvent, bulletin.evolve),
    "city": (city.City, city.SettingsApplied, city.evolve),
    "contact_list": (contact_list.ContactList, contact_list.OfficesListed, contact_list.evolve),
    "dispute": (Dispute, dispute_events.AnyEvent, dispute_fold.evolve),
    "follow_up": (follow_ups.FollowUp, follow_ups.AnyEvent, follow_ups.evolve),
    "fund": (fund.Fund, fund.AnyEvent, fund.evolve),
    "handover": (Handover, handover_events.AnyEvent, handover_fold.evolve),
    "handling": (handling.Handling, handling.AnyEvent, handling.evolve),
    "item_custody": (item_custody.ItemCustody, item_custody.AnyEvent, item_custody.evolve),
    "library_case": (library.LibraryCase, library.AnyEvent, library.evolve),
    "measure": (measures.Measure, measures.AnyEvent, measures.evolve),
    "mediation": (Mediation, mediation_events.AnyEvent, mediation_fold.evolve),
    "merchant": (Merchant, merchant_events.AnyEvent, merchant_fold.evolve),
    "paper": (paper.Paper, paper.Issued, paper.evolve),
    "paycode": (paycode.Paycode, paycode.AnyEvent, paycode.evolve),
    "publicity": (publicity.Publicity, publicity.AnyEvent, publicity.evolve),
    "refund": (refund.Refund, refund.AnyEvent, refund.evolve),
    "safety_report": (safety.SafetyReport, safety.AnyEvent, safety.evolve),
    "succession": (successions.Succession, successions.AnyEvent, successions.evolve),
    "trace_request": (trace_request.TraceRequest, trace_request.AnyEvent, trace_request.evolve),
}

INTAKE = "intake"
"""Files that came in have a line each, and no row to be folded."""


def fold_all(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Fold every noun of every city; how many of each there are.

    `connection` must see all cities (an administrator's). AssertionError names what does not agree: a row
    that its log does not give, a log without a row, a gap in the versions, a digest that is not its event's.
    """
    found = {noun: _fold_noun(connection, noun) for noun in NOUNS}
    strange = connection.execute("select distinct noun from log").fetchall()
    assert {noun for (noun,) in strange} <= {*NOUNS, INTAKE}, strange
    return found


def _fold_noun(connection: psycopg.Connection[Any], noun: str) -> int:
    row_type, event_type, evolve = NOUNS[noun]
    identifier = "city" if noun == "city" else "id"
    rows = {
        (where, name): (version, json.decode(body, type=row_type))
        for where, name, version, body in connection.execute(
            f"select city, {identifier}, version, body::text from {noun}"
        )
    }
    folded: dict[tuple[str, str], Any] = {}
    lines = connection.execute(
        "select city, id, version, event, body::text, salt, digest from log where noun = %s order by city, id, version",
        [noun],
    )
    versions = dict.fromkeys(rows, 0)
    for where, name, version, kind, body, salt, digest in lines:
        key = (where, name)
        assert version == versions.get(key, 0) + 1, f"{noun} {name}: version {version} does not follow"
        assert commitment(salt, json.decode(body)) == digest, f"{noun} {name} {version}: the digest is another event's"
        event = json.decode(body, type=event_type)
        assert type(event).__name__ == kind
        versions[key] = version
        folded[key] = evolve(folded.get(key), event)
    assert folded.keys() == rows.keys(), f"{noun}: {folded.keys() ^ rows.keys()}"
    for key, (version, row) in rows.items():
        assert version == row.version == versions[key], f"{noun} {key}: row {version}, log {versions[key]}"
        assert folded[key] == row, f"{noun} {key}:\n{folded[key]}\n{row}"
    return len(rows)
