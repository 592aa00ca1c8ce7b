"""Paycodes around an acquirer's code: what goes in comes out, and what cannot be printed is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.payments.emvco import MOST, examine
from hejie.payments.emvco_writer import SCHEME, TEMPLATES, Link, Part, acquired, around, link_in, sealed, written

PUBLISHED = (Path(__file__).parents[1] / "contract" / "emvco" / "sample.txt").read_text(encoding="utf-8").strip()
PARTS: list[Part] = [
    ("00", "01"),
    ("01", "11"),
    ("15", "4802100048021000898330154110001"),
    ("52", "5812"),
    ("53", "156"),
    ("58", "CN"),
    ("59", "青荷面馆"),
    ("60", "HANGZHOU"),
    ("62", [("07", "01080209")]),
]
PAYLOAD = written(PARTS)
LINK = Link("7k2m9qwe4r", "https://hejie.example/330100")
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)


def changed(**values: str) -> str:
    """The same code with other values, `t01="12"`."""
    told = {tag.removeprefix("t"): value for tag, value in values.items()}
    return written([(tag, told.get(tag, value)) for tag, value in PARTS if told.get(tag) != ""])


def test_the_published_code_is_written_as_it_was_published():
    fields = examine(PUBLISHED).fields[:-1]
    parts = [(each.tag, [(i.tag, i.value) for i in each.inside] or each.value) for each in fields]
    assert written(parts) == PUBLISHED


def test_the_acquirers_code_is_read():
    told = acquired(PAYLOAD)
    assert (told.name, told.city, told.trade) == ("青荷面馆", "HANGZHOU", "5812")
    assert told.accounts == ("15 4802100048021000898330154110001",)


def test_the_acquirers_own_part_stays_as_it_is():
    code = around(PAYLOAD, LINK)
    assert code.startswith(PAYLOAD[:-8])
    assert examine(code).faults == ()
    assert link_in(examine(code)) == LINK
    assert examine(code).accounts == examine(PAYLOAD).accounts
    assert link_in(examine(PAYLOAD)) is None


def test_an_address_without_encryption_keeps_its_scheme():
    link = Link("7k2m9qwe4r", "http://127.0.0.1:8000/330100")
    assert link_in(examine(around(PAYLOAD, link))) == link


def test_the_first_free_template_is_taken():
    held = written([*PARTS, ("80", [("00", "cn.example")]), ("81", [("00", "cn.example")])])
    code = examine(around(held, LINK))
    assert code.faults == ()
    assert [each.tag for each in code.fields][-4:] == ["80", "81", "82", "63"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("", "paycode_payload"),
        ("https://qr.example/pay?id=1", "paycode_payload"),
        (PUBLISHED, "paycode_dynamic"),
        (PAYLOAD[:-4] + "0000", "paycode_checksum"),
        (PAYLOAD.replace("48021000898", "48021000899"), "paycode_checksum"),
        (PAYLOAD[:-8], "paycode_checksum"),
        (PAYLOAD + "610431000", "paycode_checksum"),
        (changed(t01="12"), "paycode_dynamic"),
        (changed(t53="840"), "paycode_currency"),
        (changed(t58="US"), "paycode_currency"),
        (changed(t15=""), "paycode_payload"),
        (changed(t59="青荷\u202e面馆"), "paycode_payload"),
        (changed(t59="青荷\n面馆"), "paycode_payload"),
        (around(PAYLOAD, LINK), "paycode_nested"),
        (written([*PARTS, ("26", [("00", SCHEME.upper()), ("01", "x")])]), "paycode_nested"),
        (written([*PARTS, *((f"{tag:02}", "x" * 99) for tag in range(2, 5))]), "paycode_no_room"),
        (written([*PARTS, *((tag, [("00", "c")]) for tag in TEMPLATES)]), "paycode_no_room"),
        ("99" * 50_000, "paycode_checksum"),
        (sealed("00020101021115" + "98" + "x" * 98 + "5204581253031565802CN5904SHOP6008HANGZHOU" + "8099" + "9" * 99),
         "paycode_payload"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_paycode(payload: str, code: str):
    with pytest.raises(Refused) as caught:
        around(payload, LINK)
    assert caught.value.code == code


@pytest.mark.parametrize("address", ["", "https://" + "a" * 31 + ".example/330100"])
def test_an_address_that_does_not_fit(address: str):
    with pytest.raises(Refused, match="paycode_address_long"):
        around(PAYLOAD, Link("7k2m9qwe4r", address))


@pytest.mark.parametrize("parts", [[("59", "")], [("59", "x" * 100)], [(f"{tag:02}", "x" * 99) for tag in range(2, 8)]])
def test_what_is_too_long_or_empty_is_not_written(parts: list[tuple[str, str]]):
    with pytest.raises(Refused, match="paycode_no_room"):
        written(parts)


@given(
    st.dictionaries(st.integers(2, 25), WORDS.filter(lambda text: len(text) <= 60), min_size=1, max_size=3),
    WORDS.filter(lambda text: len(text) <= 25),
    st.from_regex(r"[0-9a-hjkmnp-tv-z]{10}", fullmatch=True),
    st.from_regex(r"https?://[a-z]{1,22}\.example/[1-9][0-9]{5}", fullmatch=True),
)
def test_whatever_was_written_is_read_the_same(accounts: dict[int, str], name: str, number: str, address: str):
    held = [(f"{tag:02}", text) for tag, text in sorted(accounts.items())]
    payload = written([PARTS[0], *held, *((tag, name if tag == "59" else value) for tag, value in PARTS[3:])])
    code = examine(around(payload, Link(number, address)))
    assert code.faults == ()
    assert link_in(code) == (number, address)
    assert [(each.tag, each.value) for each in code.accounts] == held
    assert [each.value for each in code.fields[:-2]] == [each.value for each in examine(payload).fields[:-1]]


@given(st.text(max_size=MOST + 50))
def test_no_text_breaks_the_writer(payload: str):
    with pytest.raises(Refused):
        around(payload, LINK)


@given(st.data())
def test_a_forged_character_is_always_noticed(data: st.DataObject):
    place = data.draw(st.integers(0, len(PAYLOAD) - 1))
    forged = PAYLOAD[:place] + data.draw(st.characters()) + PAYLOAD[place + 1 :]
    if forged != PAYLOAD:
        with pytest.raises(Refused):
            acquired(forged)
