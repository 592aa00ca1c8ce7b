"""Division codes: names, parents and children, with Hangzhou's districts of 2021."""

from __future__ import annotations

from datetime import date

import pytest

from hejie.base.errors import Missing
from hejie.cities import divisions


def test_hangzhou_has_the_districts_of_2021() -> None:
    below = {code: divisions.name(code) for code in divisions.children("330100")}
    assert below == {
        "330102": "上城区",
        "330105": "拱墅区",
        "330106": "西湖区",
        "330108": "滨江区",
        "330109": "萧山区",
        "330110": "余杭区",
        "330111": "富阳区",
        "330112": "临安区",
        "330113": "临平区",
        "330114": "钱塘区",
        "330122": "桐庐县",
        "330127": "淳安县",
        "330182": "建德市",
    }


@pytest.mark.parametrize(
    ("city", "name", "districts"),
    [
        ("510100", "成都市", 20),
        ("350200", "厦门市", 6),
        ("450100", "南宁市", 12),
        ("140100", "太原市", 10),
        ("620100", "兰州市", 8),
    ],
)
def test_partner_cities(city: str, name: str, districts: int) -> None:
    assert divisions.name(city) == name
    assert len(divisions.children(city)) == districts


@pytest.mark.parametrize(
    ("code", "above"),
    [("330106", "330100"), ("330100", "330000"), ("330000", ""), ("110105", "110000"), ("429004", "420000")],
)
def test_parent(code: str, above: str) -> None:
    assert divisions.parent(code) == above


def test_every_division_hangs_on_a_province_and_is_a_child_of_its_parent() -> None:
    provinces = [code for code in divisions.NAMES if not divisions.parent(code)]
    assert all(code.endswith("0000") for code in provinces)
    assert "330106" in divisions.children("330100")
    assert "330100" in divisions.children("330000")
    assert "330106" not in divisions.children("330000")
    assert "110105" in divisions.children("110000")
    assert divisions.children("330106") == ()


def test_full_name() -> None:
    assert divisions.full_name("330114") == "浙江省杭州市钱塘区"


@pytest.mark.parametrize("code", ["330103", "330104", "140171", "", "33010\uff16", "999999"])
def test_unknown_divisions_are_missing(code: str) -> None:
    assert not divisions.exists(code)
    with pytest.raises(Missing) as caught:
        divisions.name(code)
    assert caught.value.code == "division_unknown"


@pytest.mark.parametrize(
    ("code", "day", "stood"),
    [
        ("330106", date(2026, 1, 1), True),
        ("330113", date(2021, 4, 8), False),
        ("330113", date(2021, 4, 9), True),
        ("330103", date(2021, 4, 8), True),
        ("330103", date(2021, 4, 9), False),
        ("330100", date(2026, 1, 1), False),
        ("330000", date(2026, 1, 1), False),
        ("441900", date(2026, 1, 1), True),
        ("140171", date(2026, 1, 1), False),
        ("", date(2026, 1, 1), False),
    ],
)
def test_a_county_stands_between_its_days(code: str, day: date, *, stood: bool) -> None:
    assert divisions.county(code, day) is stood
