"""What must be true when a fault run has come to rest, each asked of the platform and of the wallet's own ledger."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from msgspec import Struct

from hejie.disputes.model import Dispute, Origin
from hejie.disputes.states import WALLET_NAMES, State
from hejie.payments.refund import Refund, RefundState, Source
from hejie_lab.faults.hands import Filing

ENDLESS = ("sweep_cases", "statement", "tend_log", "tend_wallet", "tidy")
"""Tasks that come again for ever."""


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything the checkers look at."""

    connection: psycopg.Connection[Any]
    """Sees the city's rows and nothing else."""
    ledger: Callable[..., list[sqlite3.Row]]
    """Asks the wallet's own ledger."""
    now: datetime
    """By the platform's clock."""
    filings: Sequence[Filing]
    again: Mapping[str, str]
    """Key of a filing → the id that was told when it was sent once more at the end."""
    ends: Mapping[str, frozenset[str]]

    def disputes(self) -> list[Dispute]:
        """Every dispute's row."""
        rows = self.connection.execute("select body::text from dispute")
        return [msgspec.json.decode(body, type=Dispute) for (body,) in rows]

    def refunds(self) -> list[Refund]:
        """Every refund's row."""
        return [
            msgspec.json.decode(body, type=Refund)
            for (body,) in self.connection.execute("select body::text from refund")
        ]


def filings(e: Evidence) -> list[str]:
    """No acknowledged filing is lost, none is there twice, and its key still gives the same answer."""
    rows = {row.id: row for row in e.disputes()}
    wrong = [f"filing {f.id} is lost" for f in e.filings if f.id not in rows]
    wrong += [
        f"filing {f.id}: other payments than were acknowledged"
        for f in e.filings
        if f.id in rows and {paid.trade_no for paid in rows[f.id].payments} != set(f.trades)
    ]
    wrong += [f"key {f.key}: {e.again[f.key]} instead of {f.id}" for f in e.filings if e.again[f.key] != f.id]
    here = Counter(trade for row in rows.values() if row.origin is Origin.here for trade in _trades(row))
    wrong += [f"payment {trade}: {count} disputes for one filing" for trade, count in here.items() if count > 1]
    known = {f.id for f in e.filings}
    return wrong + [
        f"dispute {i}: nobody was told of it" for i, r in rows.items() if r.origin is Origin.here and i not in known
    ]


def _trades(row: Dispute) -> list[str]:
    return [paid.trade_no for paid in row.payments]


def money(e: Evidence) -> list[str]:
    """Refunds agree with the wallet's ledger fen by fen and key by key, and never exceed what was paid."""
    booked = {(row["trade_no"], row["out_request_no"]): row["amount"] for row in e.ledger("select * from refunds")}
    known: dict[tuple[str, str], int] = {}
    wrong: list[str] = []
    for refund in e.refunds():
        if refund.state is RefundState.succeeded:
            known[refund.trade_no, _wallets_key(refund)] = refund.amount_fen
        elif refund.state is not RefundState.failed and not _asked(e, "refund", refund.id):
            wrong.append(f"refund {refund.id}: still {refund.state}, and nobody is asked")
    wrong += [
        f"refund {key}: the wallet booked {booked.get(key)}, we know {known.get(key)}"
        for key in sorted(booked.keys() | known.keys())
        if booked.get(key) != known.get(key)
    ]
    totals: Counter[str] = Counter()
    for (trade, _), amount in booked.items():
        totals[trade] += amount
    for row in e.ledger("select trade_no, total, refunded from trades"):
        back = totals[row["trade_no"]]
        if back != row["refunded"] or back > row["total"]:
            wrong.append(f"payment {row['trade_no']}: {back} of {row['total']} went back, booked {row['refunded']}")
    return wrong


def _wallets_key(refund: Refund) -> str:
    """The number under which the wallet knows a refund."""
    return refund.id.removeprefix(f"own:{refund.trade_no}:") if refund.source is Source.own_tool else refund.id


def told_money(e: Evidence) -> list[str]:
    """Every dispute knows exactly the money of its own refunds, and each refund it ordered has the end its row has."""
    by_dispute: defaultdict[str, list[Refund]] = defaultdict(list)
    for refund in e.refunds():
        by_dispute[refund.dispute].append(refund)
    ends = {RefundState.succeeded: "seen", RefundState.failed: "failed"}
    wrong: list[str] = []
    for row in e.disputes():
        seen = sum(r.amount_fen for r in by_dispute[row.id] if r.state is RefundState.succeeded)
        if row.refunded_fen != seen:
            wrong.append(f"dispute {row.id}: {row.refunded_fen} fen seen, its refunds are {seen}")
        states = {r.id: ends.get(r.state, "ordered") for r in by_dispute[row.id]}
        wrong += [
            f"dispute {row.id}: {order.key} is {order.status}, its row {states.get(order.key)}"
            for order in row.refunds
            if order.status != states.get(order.key, "failed")
        ]
    return wrong


def cases(e: Evidence) -> list[str]:
    """Every case of the wallet is known here, and stands where the wallet says."""
    by_event = {row.wallet_event: row for row in e.disputes() if row.wallet_event}
    wrong: list[str] = []
    for case in e.ledger("select event_id, status, trade_no from cases"):
        row = by_event.get(case["event_id"])
        if row is None:
            wrong.append(f"case {case['event_id']}: unknown here")
        elif case["trade_no"] not in _trades(row):
            wrong.append(f"case {case['event_id']}: mirrored on another payment")
        elif row.wallet_leads and case["status"] != WALLET_NAMES[row.state]:
            wrong.append(f"case {case['event_id']}: {case['status']} there, {row.state} here")
    return wrong


def rest(e: Evidence) -> list[str]:
    """Nothing waits in vain: no task is left over, none parked unknown to people, no open dispute without a clock."""
    wrong: list[str] = []
    tasks = e.connection.execute("select id, kind, noun, subject, due_at, parked, last_error from task order by id")
    for task, kind, noun, subject, due_at, parked, error in tasks.fetchall():
        if parked and not _asked(e, noun, subject):
            wrong.append(f"task {task} ({kind} of {subject}): parked after {error}, and nobody is asked")
        elif not parked and due_at <= e.now and kind not in ENDLESS:
            wrong.append(f"task {task} ({kind} of {subject}): not done, {error or 'never failed'}")
    for row in e.disputes():
        if not row.is_open or row.state in {State.overdue, State.mediating} or _asked(e, "dispute", row.id):
            continue
        if row.due is None or row.due.at <= e.now:
            wrong.append(f"dispute {row.id}: {row.state} with nothing that moves it")
    return wrong


def _asked(e: Evidence, noun: str, subject: str) -> bool:
    """Whether a person is asked about it."""
    query = "select 1 from work_item where noun = %s and subject = %s limit 1"
    return e.connection.execute(query, [noun, subject]).fetchone() is not None


_TRIES = """
select d.id, d.state, d.provider_id, coalesce(n.status, '')
from delivery d left join notice n on n.city = d.city and n.id = d.notice
where d.channel <> 'market_office'
"""
_BOOKED = """
select key, message_id from sms
union all select substr(message_id, 2, instr(message_id, '@') - 2), message_id from letters
"""
"""A letter that came again under its Message-ID is the same letter: its receiver knows it by that."""


def notices(e: Evidence) -> list[str]:
    """Each try is one message and each message one try of a notice, however often either side was killed between."""
    tries = {identifier: told for identifier, *told in e.connection.execute(_TRIES)}
    booked: defaultdict[str, list[str]] = defaultdict(list)
    for row in e.ledger(_BOOKED):
        booked[row["key"]].append(row["message_id"])
    wrong = [f"try {key}: sent {len(ids)} times" for key, ids in booked.items() if len(ids) > 1]
    wrong += [f"message {key}: no try of ours" for key in booked.keys() - tries.keys()]
    for key, (state, provider, notice) in tries.items():
        known = booked[key][:1]
        if state == "sending" or notice in {"", "sending"} or (not known and state != "failed"):
            wrong.append(f"try {key}: {state} of a notice that is {notice or 'nowhere'}, the provider has {known}")
        elif provider and [provider] != known:
            wrong.append(f"try {key}: {state} as {provider}, the provider has {known}")
    return wrong


def ends(e: Evidence) -> list[str]:
    """Every dispute ended as its story goes."""
    wrong: list[str] = []
    for row in e.disputes():
        end = f"{row.state}/{row.outcome}" if row.outcome else str(row.state)
        allowed = e.ends.get(row.id, frozenset())
        if end not in allowed:
            wrong.append(f"dispute {row.id}: ended {end}, not {' or '.join(sorted(allowed)) or 'foreseen'}")
    return wrong


CHECKERS: tuple[Callable[[Evidence], list[str]], ...] = (filings, money, told_money, cases, rest, notices, ends)
