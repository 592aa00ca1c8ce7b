"""Merchant-presented codes: the published one, our own round trip, and a table of what is wrong with bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.payments.emvco import Code, checksum, examine

PUBLISHED = (Path(__file__).parents[1] / "contract" / "emvco" / "sample.txt").read_text(encoding="utf-8").strip()
PLAIN = [
    ("00", "01"),
    ("01", "11"),
    ("15", "0000000100000001123456789012345"),
    ("26", [("00", "hejie.example"), ("01", "A1B2")]),
    ("52", "5812"),
    ("53", "156"),
    ("58", "CN"),
    ("59", "青荷面馆"),
    ("60", "HANGZHOU"),
    ("62", [("03", "0001"), ("07", "T0000042")]),
]


def sealed(text: str) -> str:
    """A text closed by the checksum it needs."""
    return f"{text}6304{checksum(text + '6304')}"


def write(fields) -> str:
    """A text from its fields; a template's value is a list of its own."""
    return sealed("".join(_written(tag, value) for tag, value in fields))


def _written(tag, value) -> str:
    plain = value if isinstance(value, str) else "".join(_written(*each) for each in value)
    return f"{tag}{len(plain):02}{plain}"


def read(text: str) -> Code:
    """A code with which nothing is wrong."""
    code = examine(text)
    assert code.faults == ()
    return code


GOOD = sealed("0002010102111506ABCDEF5204581253031565802CN5904SHOP6008HANGZHOU")


def test_the_published_code_reads_as_the_specification_says():
    code = read(PUBLISHED)
    assert code.dynamic
    assert (code.value("59"), code.value("60"), code.value("54"), code.value("63")) == (
        "BEST TRANSPORT",
        "BEIJING",
        "23.72",
        "A13A",
    )
    language, more = code.field("64"), code.field("62")
    assert language is not None
    assert (language.part("00"), language.part("01"), language.part("02")) == ("ZH", "最佳运输", "北京")
    assert more is not None
    assert (more.part("03"), more.part("07"), more.part("09")) == ("1234", "A6008667", "ME")
    assert [each.tag for each in code.accounts] == ["29", "31"]


def test_the_checksum_is_ccitt_false():
    assert checksum("123456789") == "29B1"


def test_what_is_written_reads_the_same():
    code = read(write(PLAIN))
    assert not code.dynamic
    for tag, value in PLAIN:
        found = code.field(tag)
        assert found is not None
        if isinstance(value, str):
            assert found.value == value
        else:
            assert [(each.tag, each.value) for each in found.inside] == value


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([(tag, value if tag != "59" else "x" * 26) for tag, value in PLAIN], "qr_value"),
        ([(tag, value) for tag, value in PLAIN if tag not in {"15", "26"}], "qr_no_account"),
        ([*PLAIN, ("59", "again")], "qr_twice"),
        ([(tag, value) for tag, value in PLAIN if tag != "58"], "qr_missing"),
    ],
)
def test_a_fault_in_a_whole_code_is_the_only_one(fields, code):
    assert [fault.code for fault in examine(write(fields)).faults] == [code]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [("qr_empty", "")]),
        ("https://qr.example/pay?id=1", [("qr_tag", "")]),
        ("０００２01", [("qr_tag", "")]),
        ("00", [("qr_length", "00")]),
        ("00x201", [("qr_length", "00")]),
        ("000001", [("qr_length", "00")]),
        ("0009" + "01", [("qr_cut_off", "00")]),
        (GOOD[:-4] + "0000", [("qr_crc_wrong", "63")]),
        (GOOD.replace("SHOP", "SHOW"), [("qr_crc_wrong", "63")]),
        (GOOD[:-4] + GOOD[-4:].lower(), [("qr_value", "63")]),
        (GOOD[:-8], [("qr_unchecked", "63")]),
        (GOOD + "6104" + "3100", [("qr_crc_not_last", "63")]),
        (sealed(GOOD[:-8].replace("000201", "", 1) + "000201"), [("qr_first", "01")]),
        (sealed(GOOD[:-8].replace("000201", "000202", 1)), [("qr_value", "00")]),
        (sealed(GOOD[:-8].replace("1506ABCDEF", "")), [("qr_no_account", "")]),
        (sealed(GOOD[:-8].replace("1506ABCDEF", "26100102030405")), [("qr_cut_off", "26.04"), ("qr_nobody", "26")]),
        (sealed(GOOD[:-8].replace("1506ABCDEF", "2606" + "0002AB")), []),
        (sealed(GOOD[:-8].replace("1506ABCDEF", "2612" + "0002AB0002CD")), [("qr_twice", "26.00")]),
        (sealed(GOOD[:-8].replace("5802CN", "5802cn")), [("qr_value", "58")]),
        (sealed(GOOD[:-8].replace("5802CN", "540612,300" + "5802CN")), [("qr_value", "54")]),
        (sealed(GOOD[:-8].replace("5802CN", "5405١٢٫٣٠" + "5802CN")), [("qr_value", "54")]),
        (sealed(GOOD[:-8].replace("5904SHOP", "5908SHOP")), [("qr_tag", ""), ("qr_missing", "60")]),
        # The length in bytes instead of in characters: the value eats what comes after it.
        (sealed(GOOD[:-8].replace("5904SHOP", "5912青荷面馆")), [("qr_missing", "60"), ("qr_tag", "")]),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(text, faults):
    code = examine(text)
    named = [(fault.code, fault.tag) for fault in code.faults]
    for each in faults:
        assert each in named
    assert bool(named) == bool(faults)
    assert all(0 <= fault.at <= len(text) for fault in code.faults)


def test_a_very_long_text_is_told_so():
    text = sealed("000201" + "".join(f"{tag:02}90{'x' * 90}" for tag in range(2, 14)))
    assert [fault.code for fault in examine(text).faults][:1] == ["qr_too_long"]
    assert examine("99" * 5000).faults


@given(st.text(max_size=700))
def test_no_text_breaks_the_reader(text):
    code = examine(text)
    assert code.faults or write([(each.tag, each.value) for each in code.fields[:-1]]) == text


@given(st.integers(0, len(PUBLISHED) - 1), st.characters())
def test_one_changed_character_is_always_noticed(place, other):
    text = PUBLISHED[:place] + other + PUBLISHED[place + 1 :]
    assert bool(examine(text).faults) == (text != PUBLISHED)


@given(st.lists(st.tuples(st.integers(2, 25), st.text(min_size=1, max_size=99)), max_size=2, unique_by=lambda t: t[0]))
def test_any_account_comes_back_as_it_was_written(accounts):
    shop = [each for each in PLAIN if each[0] not in {"15", "26"}]
    fields = [*shop[:2], ("15", "x"), *((f"{tag:02}", value) for tag, value in accounts if tag != 15), *shop[2:]]
    assert [(each.tag, each.value) for each in read(write(fields)).accounts][1:] == [
        (f"{tag:02}", value) for tag, value in accounts if tag != 15
    ]
