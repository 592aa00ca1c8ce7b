"""One reading of a JSON text, or a refusal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.base.strict_json import strict_json


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json_broken"),
        (b"{", "json_broken"),
        (b"{} {}", "json_broken"),
        (b"{'a':1}", "json_broken"),
        (b'{"a":1,}', "json_broken"),
        (b'["\n"]', "json_broken"),
        (b'["\\u12"]', "json_broken"),
        (b"[1] // remark", "json_broken"),
        (b"[01]", "json_broken"),
        (b'{"amount":1,"amount":2}', "json_duplicate_key"),
        (b'{"a":{"b":1,"\\u0062":2}}', "json_duplicate_key"),
        (b"[NaN]", "json_number"),
        (b"[-Infinity]", "json_number"),
        (b"[1e999]", "json_number"),
        (b"[" + b"9" * 5000 + b"]", "json_number"),
        (b'"\\ud83d"', "json_bad_text"),
        (b'{"a\\u0000":1}', "json_bad_text"),
        (b'"\xff"', "json_not_utf8"),
        (b"\xef\xbb\xbf{}", "json_not_utf8"),
        ('{"a":1}'.encode("utf-16"), "json_not_utf8"),
        (b"[" * 17 + b"]" * 17, "json_too_deep"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a":' * 100_000, "json_too_large"),
        (b" " * 300_000, "json_too_large"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(raw: bytes, code: str):
    with pytest.raises(Refused) as caught:
        strict_json(raw)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 16 + b"]" * 16,
        b'"[[[[[[[[[[[[[[[[[[[["',
        b'{"a":"\\ud83d\\ude00 \\" \\\\","b":[1,-2.5,true,null]}',
        b' "\\\\u0000" ',
    ],
)
def test_what_has_one_reading_is_read(raw: bytes):
    assert strict_json(raw) == json.loads(raw)


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
PLAIN = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    PLAIN | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def outcome(raw: bytes) -> tuple[str, object]:
    try:
        return "read", strict_json(raw, 10**6, 100)
    except Refused as refused:
        return refused.code, None


@given(value=VALUES, ascii_only=st.booleans())
def test_it_agrees_with_the_standard_reader(value: object, *, ascii_only: bool):
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert outcome(raw) == ("read", value)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(raw: bytes):
    code, value = outcome(raw)
    assert code.startswith("json_") or value == json.loads(raw)
