"""A fund's book-keeping: each movement of money stands once on either side, so that the book always balances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from hejie.payments.advance import Advance, AdvanceState
from hejie.payments.fund import Fund


class Account(StrEnum):
    """The four accounts of a fund."""

    cash = "cash"
    """What it has."""
    capital = "capital"
    """What was put into it."""
    claim = "claim"
    """What merchants owe it."""
    loss = "loss"
    """What was given up."""


class Entry(Struct, frozen=True, kw_only=True):
    """So much from one account to another; fen."""

    debit: Account
    credit: Account
    amount_fen: int
    reference: str = ""


def of_fund(row: Fund, before: Fund | None) -> list[Entry]:
    """What a change of the fund itself moved."""
    came = row.contributed_fen - (before.contributed_fen if before else 0)
    return [_entry(Account.cash, Account.capital, came, row.reference)] if came else []


def of_advance(row: Advance, before: Advance | None) -> list[Entry]:
    """What one step of an advance moved; nothing before it is paid."""
    if before is None or row.state in {AdvanceState.granted, AdvanceState.cancelled}:
        return []
    if before.state is AdvanceState.granted:
        return [_entry(Account.claim, Account.cash, row.amount_fen, row.reference)]
    if row.lost_fen > before.lost_fen:
        return [_entry(Account.loss, Account.claim, row.lost_fen - before.lost_fen, "")]
    return [_entry(Account.cash, Account.claim, row.recovered_fen - before.recovered_fen, row.reference)]


def balances(entries: Iterable[Entry]) -> Mapping[Account, int]:
    """Debit less credit of each account, in fen; the sum over all accounts is 0 for every book."""
    found = dict.fromkeys(Account, 0)
    for entry in entries:
        found[entry.debit] += entry.amount_fen
        found[entry.credit] -= entry.amount_fen
    return found


def _entry(debit: Account, credit: Account, amount_fen: int, reference: str) -> Entry:
    return Entry(debit=debit, credit=credit, amount_fen=amount_fen, reference=reference)
