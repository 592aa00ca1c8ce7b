"""Phone numbers are read as people type them, and shown so that nobody can call them."""

from __future__ import annotations

import pytest

from hejie.base.errors import Refused
from hejie.edge.phones import masked, read_phone


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("13800000001", "+8613800000001"),
        ("+86 138-0000-0001", "+8613800000001"),
        ("0086 (138) 0000 0001", "+8613800000001"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("", ""),
    ],
)
def test_what_people_type(typed: str, read: str):
    assert read_phone(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0571-8765 4321", "+8657187654321"),
        ("(010) 6234 5678", "+861062345678"),
        ("13800000001", "+8613800000001"),
        ("0033 6 12 34 56 78", "+33612345678"),
    ],
)
def test_a_number_to_be_called_may_be_a_landline(typed: str, read: str):
    assert read_phone(typed, landline=True) == read


@pytest.mark.parametrize("typed", ["0571-8765", "87654321", "0571-12345678", "010-987654321"])
def test_what_is_no_landline(typed: str):
    with pytest.raises(Refused, match="phone_unreadable"):
        read_phone(typed, landline=True)


@pytest.mark.parametrize(
    "typed", ["138", "0571-87654321", "+86571123", "1380000000a", "+0123456789", "１３８００００００００１"]
)
def test_what_is_no_number(typed: str):
    with pytest.raises(Refused, match="phone_unreadable"):
        read_phone(typed)


def test_a_number_that_is_needed():
    with pytest.raises(Refused, match="contact_missing"):
        read_phone(" ", needed=True)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+8613800000001", "138****0001"), ("+33612", "****"), ("", ""), ("+33612345678", "+33****5678")],
)
def test_what_is_shown(phone: str, shown: str):
    assert masked(phone) == shown
