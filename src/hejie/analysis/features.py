"""What of an identity is compared: its name's parts, how they sound, its house, and its numbers, as columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import asdict
from pypinyin import lazy_pinyin

from hejie.merchants.linking import Lineages, Sighting, shared_accounts
from hejie.merchants.names import bigrams, plain, strip_division, take_apart
from hejie.merchants.words import Places

_HOUSE = re.compile(r"^(?P<street>.*?)(?P<number>\d+)号?(?P<rest>.*)$")
_UNIT = re.compile(r"[a-z]?-?\d+[0-9a-z-]*(?:室|号|铺|档)?$")
_JOINS = re.compile(r"[\s,，.。;；()()]+")
_MANY = 1 << 16


class Features(Struct, frozen=True, kw_only=True):
    """One row for the model; what is not known is None, so that it counts neither for nor against."""

    unique_id: str
    core: str | None
    sound: str | None
    """The core in pinyin, without tones."""
    grams: list[str] | None
    trade: str | None
    trade_grams: list[str] | None
    branch: str | None
    street: str | None
    house: str | None
    """Street and number."""
    unit: str | None
    phone: str | None
    account: str | None
    code: str | None
    """What stands for the code and all that a succession joins with it."""
    merchant: str | None
    """Acquirer and merchant number."""
    terminal: str | None


def features(rows: Iterable[Sighting], places: Places, lineages: Lineages) -> list[Features]:
    """Rows in their order. Accounts that two different codes use say nothing here either."""
    known = list(rows)
    shared = shared_accounts(known, lineages)
    return [_features(row, places, lineages, row.account not in shared) for row in known]


def columns(found: Sequence[Features]) -> dict[str, list[object]]:
    """The same by column, as a table takes it."""
    table: dict[str, list[object]] = {name: [] for name in Features.__struct_fields__}
    for row in found:
        for name, value in asdict(row).items():
            table[name].append(value)
    return table


@lru_cache(maxsize=_MANY)
def sound(text: str) -> str:
    """Pinyin without tones, one syllable after the other; other letters as they are."""
    return " ".join(lazy_pinyin(text))


def house(address: str, places: Places) -> tuple[str, str, str]:
    """Street, street with number, and what is said of the unit; each empty where it is not said."""
    text = strip_division(_JOINS.sub("", plain(address)), places)
    found = _HOUSE.match(text)
    if found is None:
        return text, "", ""
    unit = _UNIT.search(found["rest"])
    return found["street"], found["street"] + found["number"], unit[0] if unit else ""


def _features(row: Sighting, places: Places, lineages: Lineages, own_account: bool) -> Features:  # noqa: FBT001
    parts = take_apart(row.name, places)
    street, at, unit = house(row.address, places)
    return Features(
        unique_id=row.id,
        core=parts.known or None,
        sound=sound(parts.known) or None,
        grams=sorted(bigrams(parts.known)) or None,
        trade=parts.trade or None,
        trade_grams=sorted(bigrams(parts.trade)) or None,
        branch=parts.branch or None,
        street=street or None,
        house=at or None,
        unit=unit or None,
        phone=row.phone or None,
        account=row.account if row.account and own_account else None,
        code=lineages.of(row.code) or None,
        merchant=f"{row.acquirer} {row.number}" if row.number else None,
        terminal=row.terminal or None,
    )
