"""Files of announcements: both encodings are read, whatever is damaged is refused as a whole or line by line."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.merchants.announced import COLUMNS, read_line
from hejie.merchants.announced_csv import Lines, check

HEAD = ",".join(COLUMNS)
ROW = '48030001,89833015411{n:04d},,"杭州面馆, 一店",91330106MA2CFLDC09,2026-01-01,'
NUMBERS = frozenset({"48030001"})


def made(rows: list[str], encoding: str = "utf-8", head: str = HEAD, total: str | None = None) -> bytes:
    body = "".join(f"{row}\r\n" for row in [head, *rows]).encode(encoding)
    return body + (total or f"TOTAL,{len(rows)},{hashlib.sha256(body).hexdigest()}\r\n").encode()


GOOD = made([ROW.format(n=n) for n in range(5)])


def put(folder: Path, raw: bytes) -> Path:
    file = folder / "a.csv"
    file.write_bytes(raw)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_both_encodings_say_the_same(tmp_path, encoding):
    file = put(tmp_path, made([ROW.format(n=1)], encoding))
    assert check(file).lines == 1
    (line,) = Lines(file)
    read = read_line(line.parts, NUMBERS)
    assert (read.name, read.merchant_number) == ("杭州面馆, 一店", "898330154110001")
    assert [each.number for each in Lines(file)] == [2]


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
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path, raw, code):
    with pytest.raises(Refused, match=code):
        check(put(tmp_path, raw))


def test_a_manifest_tells_what_the_last_line_does_not(tmp_path):
    raw = BODY + b"TOTAL,1,\n"
    file, digest = put(tmp_path, raw), hashlib.sha256(raw).hexdigest()
    assert check(file, 1, digest.upper()).sha256 == digest
    for lines, sha256, code in ((2, digest, "announcement_count"), (1, "0" * 64, "announcement_changed")):
        with pytest.raises(Refused, match=code):
            check(file, lines, sha256)


def test_broken_lines_are_told_one_by_one(tmp_path):
    rows = [ROW.format(n=1), "a,b", 'x"y,"', "", ROW.format(n=2).replace("杭", "\u202e")]
    file = put(tmp_path, made(rows))
    check(file)
    assert [(each.number, each.code) for each in Lines(file)] == [
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
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_refused_or_says_the_same(tmp_path, raw):
    """What a digest stands over cannot change; only the end of the last line may."""
    file = put(tmp_path, raw)
    with suppress(Refused):
        check(file)
        assert raw.rstrip(b"\r\n") == GOOD.rstrip(b"\r\n")


@given(st.lists(st.binary(max_size=80).filter(lambda raw: b"\n" not in raw), max_size=6))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_breaks_the_reader(tmp_path, rows):
    body = HEAD.encode() + b"\n" + b"".join(row + b"\n" for row in rows if not row.startswith(b"TOTAL,"))
    count = body.count(b"\n") - 1
    total = f"TOTAL,{count},{hashlib.sha256(body).hexdigest()}\n".encode()
    file = put(tmp_path, body + total)
    assert check(file).lines == len(list(Lines(file)))
    for line in Lines(file):
        if line.parts is not None:
            with pytest.raises(Refused):
                read_line(line.parts, NUMBERS)
