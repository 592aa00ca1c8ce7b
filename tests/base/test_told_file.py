"""Files of announcements: both encodings are read, whatever is damaged is refused as a whole or line by line."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.base.told_file import ToldLine, check, lines
from hejie.merchants.announced import COLUMNS, FORM, read_line

HEAD = ",".join(COLUMNS)
ROW = '48030001,89833015411{n:04d},,"杭州面馆, 一店",91330106MA2CFLDC09,2026-01-01,'
NUMBERS = frozenset({"48030001"})


def made(rows: list[str], encoding: str = "utf-8", head: str = HEAD, total: str | None = None) -> bytes:
    body = "".join(f"{row}\r\n" for row in [head, *rows]).encode(encoding)
    return body + (total or f"TOTAL,{len(rows)},{hashlib.sha256(body).hexdigest()}\r\n").encode()


GOOD = made([ROW.format(n=n) for n in range(5)])


def checked(raw: bytes, *manifest: object):
    return check(BytesIO(raw), FORM, *manifest)


def read(raw: bytes) -> list[ToldLine]:
    return list(lines(BytesIO(raw), FORM))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_both_encodings_say_the_same(encoding):
    raw = made([ROW.format(n=1)], encoding)
    assert checked(raw).lines == 1
    (line,) = read(raw)
    told = read_line(line.parts, NUMBERS)
    assert (told.name, told.merchant_number) == ("杭州面馆, 一店", "898330154110001")
    assert [each.number for each in read(raw)] == [2]


BODY = f"{HEAD}\r\n{ROW.format(n=1)}\r\n".encode()
WRONG = [
    (b"", "announcement_columns"),
    (b"a,b\n", "announcement_columns"),
    (made([], head=HEAD.replace("terminal", "shop")), "announcement_columns"),
    (b"\xff\xff\xff\n", "announcement_columns"),
    (BODY, "announcement_cut_off"),
    (BODY + b"TOTAL,x,\n", "announcement_cut_off"),
    (BODY + b"TOTAL,1\n", "announcement_cut_off"),
    (BODY + b"TOTAL,01,\n", "announcement_cut_off"),
    (GOOD + b"\n", "announcement_cut_off"),
    (BODY + b"TOTAL,2,\n", "announcement_count"),
    (BODY + b"TOTAL,1,\n", "announcement_undigested"),
    (BODY + b"TOTAL,1," + b"0" * 64 + b"\n", "announcement_changed"),
    (made([ROW.format(n=1), "x" * 5000]), "announcement_line_long"),
]


@pytest.mark.parametrize(("raw", "code"), WRONG)
def test_a_file_that_is_not_what_it_says_is_refused(raw, code):
    with pytest.raises(Refused, match=code):
        checked(raw)


def test_a_manifest_tells_what_the_last_line_does_not():
    raw = BODY + b"TOTAL,1,\n"
    digest = hashlib.sha256(raw).hexdigest()
    assert checked(raw, 1, digest.upper()).sha256 == digest
    for count, sha256, code in ((2, digest, "announcement_count"), (1, "0" * 64, "announcement_changed")):
        with pytest.raises(Refused, match=code):
            checked(raw, count, sha256)


def test_broken_lines_are_told_one_by_one():
    rows = [ROW.format(n=1), "a,b", 'x"y,"', "", ROW.format(n=2).replace("杭", "\u202e")]
    raw = made(rows)
    checked(raw)
    assert [(each.number, each.code) for each in read(raw)] == [
        (2, ""),
        (3, "announcement_columns"),
        (4, "announcement_text"),
        (5, "announcement_columns"),
        (6, "announcement_text"),
    ]


@st.composite
def damaged(draw) -> bytes:
    raw = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(raw) - 1))
        match draw(st.sampled_from(["set", "cut", "drop", "add"])):
            case "set":
                raw[at] = draw(st.integers(0, 255))
            case "cut":
                del raw[max(at, 1) :]
            case "drop":
                del raw[at : at + (len(raw) > 1)]
            case _:
                raw.insert(at, draw(st.integers(0, 255)))
    return bytes(raw) or b"\n"


@given(damaged())
@settings(max_examples=400, deadline=None)
def test_a_damaged_file_is_refused_or_says_the_same(raw):
    """What a digest stands over cannot change; only the end of the last line may."""
    with suppress(Refused):
        checked(raw)
        assert raw.rstrip(b"\r\n") == GOOD.rstrip(b"\r\n")


@given(st.lists(st.binary(max_size=80).filter(lambda raw: b"\n" not in raw), max_size=6))
@settings(max_examples=200, deadline=None)
def test_no_line_breaks_the_reader(rows):
    body = HEAD.encode() + b"\n" + b"".join(row + b"\n" for row in rows if not row.startswith(b"TOTAL,"))
    count = body.count(b"\n") - 1
    total = f"TOTAL,{count},{hashlib.sha256(body).hexdigest()}\n".encode()
    raw = body + total
    assert checked(raw).lines == len(read(raw))
    for line in read(raw):
        if line.parts is not None:
            with pytest.raises(Refused):
                read_line(line.parts, NUMBERS)
