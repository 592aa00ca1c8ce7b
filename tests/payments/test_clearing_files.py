"""Clearing files in every form: what is written is read again, and damage is named, never taken and never a crash."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.payments import iso8583, zm
from hejie.payments.clearing import BrokenRecord, ClearingRecord, Movement, clearing_day, moment
from hejie.payments.clearing_files import Form, Item, Totals, read_clearing
from hejie.web.clearing_sentences import CLEARING
from hejie_lab import clearing_writer as w

DAY = date(2026, 11, 20)
FOUND = list(w.movements(12, DAY, 5, refunds=0.4))


def sample(form: Form, tmp_path: Path) -> bytes:
    file = tmp_path / form.value
    w.write(file, form.value, iter(FOUND))
    return file.read_bytes()


def adjusted() -> bytes:
    """A line of a ZME file: an error that was put right."""
    widths = (3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135)
    cells = ["E23", "48021000", "48021000", "123456", "1120101112", "6228480123456789012", "000000001200", "5812", "08"]
    cells += ["", "654321", "1118091011", "4512", "", "", "", "898330154000001", "", "", "", "", ""]
    return b" ".join(cell.encode().ljust(width) for cell, width in zip(cells, widths, strict=True)) + b"\r\n"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, bytes]:
    folder = tmp_path_factory.mktemp("clearing")
    found = {form: sample(form, folder) for form in (Form.csv, Form.zm, Form.iso8583)}
    return {**found, Form.zme: adjusted() * 4}


def read(raw: bytes, form: Form) -> list[Item]:
    return list(read_clearing(io.BytesIO(raw), form, DAY))


@pytest.mark.parametrize("form", [Form.csv, Form.zm, Form.iso8583])
def test_what_an_acquirer_writes_is_read(samples: dict[Form, bytes], form: Form):
    records = [each for each in read(samples[form], form) if isinstance(each, ClearingRecord)]
    assert len(records) == len(FOUND)
    for each, record in zip(FOUND, records, strict=True):
        assert record.movement is (Movement.refund if each.back else Movement.payment)
        assert (record.at, record.settles, record.amount_fen) == (each.at.astimezone(UTC), DAY, each.fen)
        assert (record.merchant, record.merchant_name, record.card) == (each.merchant, each.name, each.card)
        assert record.of_at == (each.of.at.astimezone(UTC) if each.of else None)
        assert each.card not in repr(record)


def test_an_adjustment_is_neither_payment_nor_refund(samples: dict[Form, bytes]):
    record = read(samples[Form.zme], Form.zme)[0]
    assert isinstance(record, ClearingRecord)
    assert (record.movement, record.amount_fen, record.of_trace) == (Movement.adjustment, 1200, "654321")


def test_totals_stand_in_the_last_line_of_a_csv(samples: dict[Form, bytes]):
    back = sum(each.fen for each in FOUND if each.back)
    assert read(samples[Form.csv], Form.csv)[-1] == Totals(12, sum(each.fen for each in FOUND) - back, back)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"movement,", b"movement,movement,", "clearing_columns"),
        (b"amount_fen", b"amount", "clearing_columns"),
        (b"TOTAL,12", b"total,12", "clearing_cut_off"),
        (b"TOTAL,12,", b"TOTAL,12,x", "clearing_cut_off"),
    ],
)
def test_a_csv_whose_frame_is_wrong_is_refused_whole(samples: dict[Form, bytes], old: bytes, new: bytes, why: str):
    with pytest.raises(Refused) as refused:
        read(samples[Form.csv].replace(old, new, 1), Form.csv)
    assert refused.value.code == why


def test_lines_after_the_totals_and_an_empty_file_are_refused(samples: dict[Form, bytes]):
    for raw, why in ((samples[Form.csv] + b"x\n", "clearing_cut_off"), (b"", "clearing_empty")):
        with pytest.raises(Refused) as refused:
            read(raw, Form.csv)
        assert refused.value.code == why


def test_a_csv_may_be_gb18030(samples: dict[Form, bytes]):
    raw = samples[Form.csv].decode().encode("gb18030")
    assert read(raw, Form.csv) == read(samples[Form.csv], Form.csv)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"S22", b"S99", None),  # the transaction type alone tells it
        (b"S22", b"S30", "clearing_code"),
        (b"48021000 ", b"4802100x ", "clearing_number"),
        (b"1120", b"1340", "clearing_time"),
        (b"5812 08", b"5812x08", "clearing_space"),
    ],
)
def test_a_line_of_a_zm_file_is_read_strictly(old: bytes, new: bytes, why: str | None):
    line = w.zm_line(next(each for each in FOUND if not each.back)).rstrip(b"\r\n")
    hurt = line.replace(old, new, 1)
    assert hurt != line
    if why is None:
        assert zm.read_line(hurt, zm.Layout.zm, DAY).movement is Movement.payment
        return
    with pytest.raises(Refused) as refused:
        zm.read_line(hurt, zm.Layout.zm, DAY)
    assert refused.value.code == why


@pytest.mark.parametrize(
    ("code", "why"), [("00", None), ("11", None), ("05", "clearing_declined"), ("xx", "clearing_declined")]
)
def test_a_message_that_was_declined_moved_no_money(code: str, why: str | None):
    """05 is a no in field 39, while at the online gateway it means pending."""
    raw = w.iso_message(next(each for each in FOUND if not each.back))
    at = raw.rindex(b"00", 0, raw.index(FOUND[0].terminal.encode()) if not FOUND[0].back else None)
    hurt = raw[:at] + code.encode() + raw[at + 2 :]
    if why is None:
        assert iso8583.read_message(hurt, DAY).movement is Movement.payment
        return
    with pytest.raises(Refused) as refused:
        iso8583.read_message(hurt, DAY)
    assert refused.value.code == why


def test_a_record_names_no_year_so_the_nearest_to_its_clearing_day_is_meant():
    assert moment("1231235959", date(2027, 1, 1)) == datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert moment("0101000000", date(2026, 12, 31)) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert moment("0229120000", date(2028, 3, 1)) == datetime(2028, 2, 29, 4, tzinfo=UTC)
    with pytest.raises(Refused):
        moment("0229120000", date(2026, 3, 1))


def test_a_clearing_day_begins_at_23():
    assert clearing_day(datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert clearing_day(datetime(2026, 11, 20, 15, tzinfo=UTC)) == date(2026, 11, 21)


def outcome(raw: bytes, form: Form) -> list[Item]:
    """The items of a file; of one that is refused whole its reason, as one broken record."""
    try:
        return read(raw, form)
    except Refused as error:
        return [BrokenRecord(1, error.code, raw)]


@settings(max_examples=400, deadline=None)
@given(
    form=st.sampled_from(list(Form)),
    wounds=st.lists(
        st.tuples(st.floats(0, 0.999999), st.integers(0, 6), st.binary(max_size=6)), max_size=5, min_size=1
    ),
)
def test_random_damage_is_always_named(samples: dict[Form, bytes], form: Form, wounds: list[tuple[float, int, bytes]]):
    hurt = bytearray(samples[form])
    for where, gone, put in wounds:
        at = int(where * len(hurt))
        hurt[at : at + gone] = put
    for each in outcome(bytes(hurt), form):
        if isinstance(each, BrokenRecord):
            assert each.line > 0
            assert each.why in CLEARING
        elif isinstance(each, ClearingRecord):
            assert each.amount_fen > 0
            assert abs((each.settles - DAY).days) <= 31


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=2000), form=st.sampled_from(list(Form)))
def test_garbage_is_never_a_record(raw: bytes, form: Form):
    assert not [each for each in outcome(raw, form) if isinstance(each, ClearingRecord)]
