"""What may be sent to whom, closed for whom, in which order, and again when."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.alliance import HERE, START, THERE, Keys

from hejie.alliance import receipt as receipts
from hejie.alliance.agreements import Agreement, must_be_agreed
from hejie.alliance.delivery import DAYS, SLOWLY, next_try, rests_until, wait_after
from hejie.alliance.letter import Letter, carried, digest_of, must_be_from, read_letter, written
from hejie.alliance.order import Place, missing, place
from hejie.alliance.receipt import Event, Receipt, moves, read_receipt
from hejie.alliance.sealing import Sealed, seal, unseal
from hejie.base import curves
from hejie.base.errors import Refused

DAY = date(2026, 11, 30)
TABLE = (
    Agreement(
        kind="query", receivers=(THERE,), basis="§1", fields=("shop",), sealed=("name",), begins=date(2026, 1, 1)
    ),
    Agreement(kind="query", receivers=(THERE,), basis="§1", fields=("shop", "more"), begins=date(2026, 12, 1)),
    Agreement(kind="old", basis="§2", fields=("x",), begins=date(2025, 1, 1), ends=date(2026, 11, 29)),
    Agreement(kind="last", basis="§2", fields=("x",), begins=date(2025, 1, 1), ends=DAY),
)
AGREED: list[tuple[str, str, str, set[str], set[str], str]] = [
    ("query", HERE, THERE, {"shop"}, {"name"}, ""),
    ("query", HERE, THERE, set(), set(), ""),
    ("query", HERE, THERE, {"shop", "more"}, set(), "field_not_agreed"),
    ("query", HERE, THERE, {"name"}, set(), "field_not_agreed"),
    ("query", HERE, THERE, set(), {"shop"}, "field_not_agreed"),
    ("query", THERE, HERE, {"shop"}, set(), "letter_not_agreed"),
    ("old", HERE, THERE, {"x"}, set(), "letter_not_agreed"),
    ("last", HERE, THERE, {"x"}, set(), ""),
    ("other", HERE, THERE, set(), set(), "letter_not_agreed"),
]


@pytest.mark.parametrize(("kind", "sender", "receiver", "fields", "sealed", "code"), AGREED)
def test_what_no_line_names_is_refused(kind, sender, receiver, fields, sealed, code):
    def ask() -> Agreement:
        return must_be_agreed(TABLE, kind, (sender, receiver), DAY, fields=fields, sealed=sealed)

    if code:
        with pytest.raises(Refused, match=code):
            ask()
    else:
        assert ask().kind == kind


THEIRS = Keys(THERE)
TO = (curves.key_name(THERE, curves.public_text(THEIRS.opening)), curves.public_text(THEIRS.opening))
KEYS = {TO[0]: THEIRS.opening}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: "\x00" not in str(value) and "\\x00" not in repr(value))


@given(st.dictionaries(st.sampled_from(["name", "phone", "words"]), JSON))
def test_what_is_closed_opens_for_its_receiver_only(fields):
    closed = seal(fields, TO, "l-1", os.urandom)
    assert unseal(closed, KEYS, "l-1") == fields
    with pytest.raises(Refused, match="letter_not_for_us"):
        unseal(closed, {}, "l-1")
    if fields:
        for keys, letter in (({TO[0]: Keys(THERE).opening}, "l-1"), (KEYS, "l-2")):
            with pytest.raises(Refused, match="letter_seal_broken"):
                unseal(closed, keys, letter)


def test_closed_fields_change_no_places_and_no_letters():
    closed = seal({"name": "a", "phone": "b"}, TO, "l-1", os.urandom)
    swapped = dict(zip(closed.fields, reversed(closed.fields.values()), strict=True))
    for fields in (swapped, {"name": "AAAA"}, {"name": "?"}, {"name": ""}):
        with pytest.raises(Refused, match="letter_seal_broken"):
            unseal(Sealed(key=closed.key, ephemeral=closed.ephemeral, fields=fields), KEYS, "l-1")
    weak = Sealed(key=closed.key, ephemeral="A" * 43 + "=", fields=closed.fields)
    with pytest.raises(Refused, match="letter_seal_broken"):
        unseal(weak, KEYS, "l-1")


def letter(**changes: Any) -> dict[str, Any]:
    same = {
        "id": f"{HERE}-0123456789-0123456789AB", "source": HERE, "target": THERE, "type": "query", "specversion": "1.0",
        "protocol": 1, "time": START.isoformat(), "subject": "case-1", "number": 1, "data": {"shop": "x"},
    }  # fmt: skip
    return same | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"protocol": 2}, {"specversion": "0.3"}, {"target": HERE}, {"id": "x"}, {"id": f"{THERE}-{0:010}-{0:012}"},
        {"number": 0}, {"number": 1_000_001}, {"number": True}, {"number": "1"}, {"subject": ""}, {"subject": "a b"},
        {"subject": "x" * 65}, {"type": "Query"}, {"data": []}, {"data": {"a-b": 1}}, {"data": {"": 1}}, {"more": 1},
        {"data": {f"f{n}": 1 for n in range(61)}}, {"time": "2026-11-30T02:00:00"}, {"data": {"x": 2**60}},
        {"sealed": {"key": "k", "ephemeral": "e", "fields": {"shop": "x"}}}, {"sealed": {"key": "k"}},
    ],
)  # fmt: skip
def test_what_is_no_letter(changes):
    assert read_letter(letter(), START).about == "case-1"
    with pytest.raises(Refused, match="letter_unreadable"):
        read_letter(letter(**changes), START)


def test_a_letter_is_proven_by_its_sender():
    raw = written(msgspec.convert(letter(), Letter))
    ours = Keys(HERE)
    item = carried(raw, ours.name, ours.signing)
    must_be_from(item, curves.public_text(ours.signing))
    for wrong in (
        msgspec.structs.replace(item, letter={**item.letter, "number": 2}),
        msgspec.structs.replace(item, signature=""),
    ):
        with pytest.raises(Refused, match="letter_proof_wrong"):
            must_be_from(wrong, curves.public_text(ours.signing))


def test_a_receipt_is_proven_by_its_receiver():
    told = Receipt(letter="l", source=HERE, target=THERE, event=Event.retrieved, sha256=digest_of(b"x"), at=START)
    proof, keys = receipts.signed(told, THEIRS.name, THEIRS.signing), {THEIRS.name: curves.public_text(THEIRS.signing)}
    assert read_receipt(proof, keys) == told
    ours = receipts.signed(msgspec.structs.replace(told, event=Event.relayed), THEIRS.name, THEIRS.signing)
    changed = msgspec.structs.replace(proof, receipt={**proof.receipt, "event": "refused"})
    for wrong in (ours, changed, msgspec.structs.replace(proof, key="x")):
        with pytest.raises(Refused, match="receipt_wrong"):
            read_receipt(wrong, keys)


def test_a_letters_state_never_goes_back():
    steps = [Event.submitted, Event.relayed, Event.delivered, Event.retrieved]
    assert all(moves(a, b) is (i < j) for i, a in enumerate(steps) for j, b in enumerate(steps))
    assert not moves(Event.retrieved, Event.refused)
    assert not moves(Event.refused, Event.delivered)


PLACES = [
    (0, None, 1, Place.next), (0, None, 2, Place.held), (4, None, 5, Place.next), (4, "d", 3, Place.again),
    (0, "d", 2, Place.again), (0, "e", 2, Place.conflict), (4, "e", 4, Place.conflict), (0, None, 1000, Place.held),
]  # fmt: skip


@pytest.mark.parametrize(("over", "known", "number", "found"), PLACES)
def test_where_a_letter_stands(over, known, number, found):
    assert place(over, known, number, "d") is found


def test_a_letter_from_far_ahead_is_no_letter_and_gaps_are_named():
    with pytest.raises(Refused, match="letter_too_far"):
        place(0, None, 1001, "d")
    assert missing(2, {3, 5, 8}) == [4, 6, 7]
    assert missing(2, set()) == missing(2, {3, 4}) == []


def test_a_letter_is_tried_for_three_days_and_then_slowly_for_good():
    at = first = datetime(2026, 1, 1, tzinfo=UTC)
    waits = []
    for tries in range(1, 60):
        after = next_try(tries, first, at, 0.5)
        waits.append(after - at)
        at = after
    assert waits[0] == timedelta(seconds=20)
    assert all(wait > timedelta(seconds=14) for wait in waits)
    early = [wait for n, wait in enumerate(waits) if sum(waits[:n], timedelta()) < DAYS]
    assert 12 <= len(early) <= 17
    assert set(waits[len(early) + 1 :]) == {SLOWLY}
    assert next_try(3, first, first, 0.0) - first == timedelta(seconds=96)
    assert next_try(3, first, first, 1.0) - first == timedelta(seconds=144)


def test_ten_failures_bring_a_rest_and_receipts_wait_at_most_six_hours():
    assert rests_until(9, START) is None
    assert rests_until(10, START) == START + timedelta(seconds=60)
    assert (wait_after(0), wait_after(10**9)) == (timedelta(seconds=15), SLOWLY)
