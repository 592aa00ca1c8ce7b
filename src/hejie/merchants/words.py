"""The word lists by which merchants' names are taken apart, read once from `data/names.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from msgspec import Struct


class Words(Struct, frozen=True):
    """Every list."""

    legal: frozenset[str]
    branch: frozenset[str]
    place: frozenset[str]
    trade: frozenset[str]
    bracketed: frozenset[str]
    peoples: tuple[str, ...]
    """The longer before what they end in."""
    simplified: Mapping[int, str]
    """A table for `str.translate`: traditional character → simplified one."""
    longest: int
    """Characters of the longest form of organisation."""


@cache
def words() -> Words:
    """The lists that travel with the house."""
    table = tomllib.loads(files("hejie.merchants").joinpath("data", "names.toml").read_text(encoding="utf-8"))
    return Words(
        **{name: frozenset(table[name].split()) for name in ("legal", "branch", "place", "trade", "bracketed")},
        longest=max(map(len, table["legal"].split())),
        peoples=tuple(sorted(table["peoples"].split(), key=len, reverse=True)),
        simplified={ord(pair[0]): pair[1] for pair in table["simplified"].split()},
    )


class Places(Struct, frozen=True):
    """Administrative divisions by which a merchant's name may begin: written form → their six-digit codes."""

    full: Mapping[str, frozenset[str]]
    """As they are registered: 浙江省, 杭州市, 西湖区."""
    short: Mapping[str, frozenset[str]]
    """Without the last word: 浙江, 杭州, 西湖. Of districts and counties it counts only behind the division above."""
    longest: int
    """Characters of the longest registered name."""


_TAILS = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区",
    "新区", "省", "市", "县", "盟", "旗", "区",
)  # fmt: skip
_LEAST = 2


def places(divisions: Mapping[str, str]) -> Places:
    """What to look for, from six-digit codes and the divisions' registered names."""
    full: dict[str, frozenset[str]] = {}
    short: dict[str, frozenset[str]] = {}
    for code, name in divisions.items():
        if len(name) > _LEAST or name.endswith("县"):
            full[name] = full.get(name, frozenset()) | {code}
        stem = _stem(name)
        if len(stem) >= _LEAST and stem != name:
            short[stem] = short.get(stem, frozenset()) | {code}
    return Places(full=full, short=short, longest=max(map(len, full), default=0))


def _stem(name: str) -> str:
    tail = next((tail for tail in _TAILS if name.endswith(tail)), "")
    stem = name.removesuffix(tail)
    while tail.startswith("自治"):
        shorter = next((stem.removesuffix(people) for people in words().peoples if stem.endswith(people)), "")
        if len(shorter) < _LEAST:
            break
        stem = shorter
    return stem
