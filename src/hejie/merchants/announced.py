"""Announcements: what an acquirer says of its merchants and terminals, and the binding that follows from one line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.told_file import Form
from hejie.merchants.bindings import Basis, Bind, Binding, End, Evidence, Identity, Scheme
from hejie.merchants.uscc import credit_code

COLUMNS = ("acquirer", "merchant", "terminal", "name", "credit_code", "valid_from", "valid_to")
FORM = Form(columns=COLUMNS)
MOST_NAME = 100
_NUMBER = re.compile(r"[0-9A-Za-z._-]{1,64}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Line(Struct, frozen=True, kw_only=True):
    """One merchant number, or one terminal, of a merchant from one instant to another."""

    identity: Identity
    merchant_number: str
    """The merchant's number at the acquirer, for a terminal too."""
    name: str
    credit_code: str
    begins: datetime
    ends: datetime | None
    """Not with this instant; None where it holds still."""


def read_line(told: Mapping[str, str], numbers: frozenset[str]) -> Line:
    """A line from its parts as text; `numbers` are the acquirer numbers for which the sender may speak.

    Errors: `Refused("announcement_not_yours" | "announcement_number" | "announcement_name" | "announcement_time" |
    "binding_days")`, and those of `credit_code`.
    """
    acquirer, merchant, terminal = told["acquirer"], told["merchant"], told["terminal"]
    if acquirer not in numbers:
        raise Refused("announcement_not_yours")
    if _NUMBER.fullmatch(merchant) is None or (terminal and _NUMBER.fullmatch(terminal) is None):
        raise Refused("announcement_number")
    name = told["name"].strip()
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise Refused("announcement_name")
    begins = _instant(told["valid_from"], end=False)
    ends = _instant(told["valid_to"], end=True) if told["valid_to"] else None
    if ends is not None and ends <= begins:
        raise Refused("binding_days")
    identity = (
        Identity(Scheme.terminal, terminal, acquirer) if terminal else Identity(Scheme.acquirer, merchant, acquirer)
    )
    return Line(
        identity=identity,
        merchant_number=merchant,
        name=name,
        credit_code=credit_code(told["credit_code"]),
        begins=begins,
        ends=ends,
    )


def _instant(text: str, *, end: bool) -> datetime:
    """An instant with its offset; of a bare day its begin in Shanghai, or its end."""
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            found = datetime.combine(day, time(), SHANGHAI)
        else:
            found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Refused("announcement_time") from None
    if found.tzinfo is None or not _EARLIEST <= found <= _LATEST:
        raise Refused("announcement_time")
    return found.astimezone(UTC)


def source_of(acquirer: str) -> str:
    """How a binding names the acquirer that announced it."""
    return f"acquirer:{acquirer}"


def answer_to(
    line: Line, merchant: str, acquirer: str, held: Sequence[Binding], fresh: str
) -> tuple[str, Bind | End | None]:
    """The binding that a line is about, and what makes it so; no command where it stands already.

    `held` are the bindings of the line's identity, undone ones too; `fresh` is the identifier of a new one.
    Errors: `Refused("binding_undone")` where an officer found just this wrong, `Refused("binding_days")` where it was
    ended before or not by this acquirer. That it overlaps another's, the table tells (`binding_overlaps`).
    """
    alike = [each for each in held if each.merchant == merchant and each.begins == line.begins]
    same = min(alike, key=lambda each: each.undone, default=None)
    if same is None:
        note = f"{line.name} {line.merchant_number}"
        evidence = Evidence(basis=Basis.announced, note=note, source=source_of(acquirer))
        bind = Bind(
            id=fresh, identity=line.identity, merchant=merchant, begins=line.begins, ends=line.ends, evidence=evidence
        )
        return fresh, bind
    if same.undone:
        raise Refused("binding_undone")
    if same.ends == line.ends:
        return same.id, None
    shorter = line.ends is not None and (same.ends is None or line.ends < same.ends)
    if not shorter or line.ends is None or same.evidence.source != source_of(acquirer):
        raise Refused("binding_days")
    return same.id, End(at=line.ends, note=source_of(acquirer))
