"""Which cases are likely the same complaint, and by what evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import Case

from hejie.disputes.assist import Assist, Channel, Proof
from hejie.disputes.duplicates import WINDOW, Evidence, came_in, evidence
from hejie.disputes.model import Origin

P, C, B = Evidence.payment, Evidence.contact, Evidence.purchase
ONE = replace(Case().file().row, id="330100-ONE")


def _paid(**how: Any):
    return (replace(ONE.payments[0], **how),)


@pytest.mark.parametrize(
    ("other", "contact", "found"),
    [
        ({}, False, (P, B)),
        ({}, True, (P, C, B)),
        ({"payments": _paid(trade_no="another")}, False, (B,)),
        ({"payments": _paid(trade_no="another"), "merchant": "M9"}, False, ()),
        ({"payments": _paid(trade_no="another"), "merchant": "M9"}, True, (C,)),
        ({"payments": _paid(trade_no="another", paid_fen=1)}, False, ()),
        ({"payments": _paid(trade_no="x", paid_at=ONE.payments[0].paid_at + timedelta(days=1))}, False, ()),
        ({"filed_at": ONE.filed_at + WINDOW}, False, (P, B)),
        ({"filed_at": ONE.filed_at + WINDOW + timedelta(seconds=1)}, True, ()),
        ({"id": ONE.id}, True, ()),
    ],
)
def test_the_evidence(other, contact, found):
    twin = replace(ONE, **{"id": "330100-TWO", **other})
    assert evidence(ONE, twin, same_contact=contact) == found
    assert evidence(twin, ONE, same_contact=contact) == found


def test_only_what_came_by_another_road_is_shown():
    helped = replace(ONE, assist=Assist(channel=Channel.telephone, proof=Proof.none))
    assert [came_in(each, linked=False) for each in (ONE, helped, replace(ONE, origin=Origin.wallet))] == [
        False, True, True,
    ]  # fmt: skip
    assert came_in(ONE, linked=True)
