"""Random damage to what UnionPay sends: a settlement packet, a reply, a push: whole, or refused with a reason."""

from __future__ import annotations

import random
from datetime import date
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connectors.unionpay.unionpay_lab import Lab

from hejie.base.errors import HejieError, Refused
from hejie.connectors.unionpay import Unionpay
from hejie.connectors.unionpay.files import lines_of
from hejie.connectors.unionpay.reply import read_reply
from hejie.payments.clearing import ClearingRecord
from hejie.payments.zm import read_line
from hejie_lab import clearing_writer as w
from hejie_sandbox.unionpay import files, wire

DAY = date(2026, 11, 20)
LINES = [w.zm_line(each) for each in w.movements(6, DAY, 3, refunds=0.5)]
PACKED = files.packed({"INN26112088ZM_898330154110001": b"".join(LINES)})
WOUNDS = st.lists(st.tuples(st.floats(0, 0.999999), st.integers(0, 4), st.binary(max_size=4)), min_size=1, max_size=5)


def hurt(raw: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    damaged = bytearray(raw)
    for where, gone, put in wounds:
        at = int(where * len(damaged))
        damaged[at : at + gone] = put
    return bytes(damaged)


def records(packed: str) -> list[ClearingRecord] | str:
    """The records of a packet, or the reason why there are none: half a file would hide a refund."""
    try:
        return [read_line(line, layout, DAY) for layout, line in lines_of(packed)]
    except Refused as error:
        return error.code


WHOLE = records(PACKED)
REPLY = b"a=1&respMsg=ok[0]&signature=x=&c={d=1}"
"""Not URL-encoded, with nested values."""


@settings(max_examples=300, deadline=None)
@given(WOUNDS)
def test_a_damaged_packet_is_whole_or_refused(wounds: list[tuple[float, int, bytes]]):
    found = records(hurt(PACKED.encode(), wounds).decode("latin-1"))
    assert found == WHOLE or str(found).startswith("clearing_")


def test_a_packet_without_a_settlement_file_is_no_empty_day():
    assert records(files.packed({"INN26112088ZX_898330154110001": b"".join(LINES)})) == "clearing_packed"
    assert records(files.packed({"INN26112088ZM_898330154110001": b""})) == []


@pytest.fixture
def pushes(lab: Lab) -> tuple[Unionpay, bytes]:
    told = {"version": "5.1.0", "txnType": "04", "origQryId": "1" * 21, "queryId": "2" * 21, "respCode": "00"}
    raw = urlencode(read_reply(wire.signed(lab.box, "01", "", told).decode())).encode()
    return Unionpay(lab.keys(), lab, httpx.AsyncClient()), raw


def test_a_damaged_push_says_the_same_or_is_refused(pushes: tuple[Unionpay, bytes]):
    wallet, raw = pushes
    said, chance, refused = wallet.callback({}, raw), random.Random(5), 0
    for _ in range(400):
        wounds = [
            (chance.random(), chance.randrange(4), chance.randbytes(chance.randrange(4)))
            for _ in range(chance.randrange(1, 4))
        ]
        try:
            found = wallet.callback({}, hurt(raw, wounds))
        except Refused as error:
            assert error.code in {"signature_wrong", "callback_unreadable"}  # noqa: PT017  either, never a crash
            refused += 1
            continue
        assert (found.kind, found.trade_no) == (said.kind, said.trade_no)
    assert refused > 350


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | WOUNDS.map(lambda wounds: hurt(REPLY, wounds).decode("latin-1")))
def test_any_reply_is_read_or_unknown(text: str):
    try:
        found = read_reply(text)
    except HejieError:
        return
    assert all(isinstance(value, str) for value in found.values())
