"""Who is competent: the worked routings, the day's rule, unknown divisions, and the first receiver."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hejie.base.errors import Refused
from hejie.cities import divisions
from hejie.law.jurisdiction import Respondent, competent, keeper
from hejie.law.rules import Basis, Kind
from hejie.law.shipped import book

NOW, BEFORE = date(2026, 11, 23), date(2026, 4, 14)
JINJIANG, QINGYANG, XIHU, SIMING = "510104", "510105", "330106", "350203"


def _codes(respondent: Respondent, day: date = NOW) -> tuple[str, ...]:
    return tuple(each.division for each in competent(respondent, day, book(), divisions))


def test_a_shop_is_answered_for_where_it_trades_and_where_it_is_registered_never_at_the_consumers_home():
    found = competent(Respondent(Kind.shop, place=JINJIANG, domicile=QINGYANG), NOW, book(), divisions)
    assert {each.division: each.bases for each in found} == {JINJIANG: (Basis.place,), QINGYANG: (Basis.domicile,)}
    assert {(each.rule.id, each.rule.sources[0].at) for each in found} == {("J1", "13.1")}
    assert XIHU not in {each.division for each in found}
    assert not [name for name in Respondent._fields if "consumer" in name or "home" in name]


@pytest.mark.parametrize(
    ("respondent", "day", "codes"),
    [
        (Respondent(Kind.platform_seller, place=JINJIANG, platform_domicile=XIHU), NOW, (XIHU,)),
        (Respondent(Kind.platform_seller, shown=JINJIANG, platform_domicile=XIHU), NOW, (XIHU, JINJIANG)),
        (Respondent(Kind.platform_seller, shown=JINJIANG, reachable=False, platform_domicile=XIHU), NOW, (XIHU,)),
        (
            Respondent(Kind.platform_seller, place=SIMING, shown=JINJIANG, platform_domicile=XIHU),
            BEFORE,
            (XIHU, SIMING),
        ),
        (Respondent(Kind.platform, place=JINJIANG, domicile=XIHU), NOW, (XIHU,)),
        (Respondent(Kind.own_site, place=JINJIANG, domicile=XIHU, shown=SIMING), NOW, (XIHU,)),
        (Respondent(Kind.shop, place=JINJIANG, domicile=JINJIANG), NOW, (JINJIANG,)),
        (Respondent(Kind.shop, place=JINJIANG), BEFORE, (JINJIANG,)),
        (Respondent(Kind.shop, place="330103"), date(2021, 4, 8), ("330103",)),
    ],
)
def test_who_is_competent(respondent, day, codes):
    assert _codes(respondent, day) == codes


@pytest.mark.parametrize(
    ("respondent", "day", "code"),
    [
        (Respondent(Kind.shop, place="999999"), NOW, "law_division_unknown"),
        (Respondent(Kind.shop, place=JINJIANG, domicile="140171"), NOW, "law_division_unknown"),
        (Respondent(Kind.shop, place="510100"), NOW, "law_division_unknown"),
        (Respondent(Kind.shop, place="510000"), NOW, "law_division_unknown"),
        (Respondent(Kind.shop, place="330103"), NOW, "law_division_unknown"),
        (Respondent(Kind.shop, place="330113"), date(2021, 4, 8), "law_division_unknown"),
        (Respondent(Kind.shop), NOW, "law_place_missing"),
        (Respondent(Kind.platform_seller, shown=JINJIANG, reachable=False), NOW, "law_place_missing"),
        (Respondent(Kind.shop, place=JINJIANG), date(2019, 12, 31), "law_rule_not_in_force"),
    ],
)
def test_what_cannot_be_routed_is_refused(respondent, day, code):
    with pytest.raises(Refused) as caught:
        _codes(respondent, day)
    assert caught.value.code == code


def test_the_first_competent_receiver_keeps_it():
    authorities = competent(Respondent(Kind.shop, place=JINJIANG, domicile=QINGYANG), NOW, book(), divisions)
    received = [
        (QINGYANG, datetime(2026, 11, 23, 9, tzinfo=UTC)),
        (XIHU, datetime(2026, 11, 23, 7, tzinfo=UTC)),
        (JINJIANG, datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ]
    kept = keeper(authorities, received, book())
    assert kept is not None
    assert (kept[0], kept[1].id) == (JINJIANG, "J4")
    assert keeper(authorities, received[1:2], book()) is None
