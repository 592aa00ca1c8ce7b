"""The worked dates and entitlements, for the rules, the command line and the pages alike."""

from __future__ import annotations

from typing import Any, NamedTuple


class Dated(NamedTuple):
    """A limit with its end; `others` are the days of other readings."""

    rule: str
    start: str
    due: str
    others: tuple[str, ...] = ()
    pauses: tuple[tuple[str, str], ...] = ()
    span: str = ""
    city: str = ""
    extended: bool = False


APPRAISAL = ("2026-06-20", "2026-07-09")
DATES = (
    Dated("A1", "2026-04-30T16:20", "2026-05-13"),
    Dated("A1", "2026-06-06", "2026-06-16"),
    Dated("A1", "2026-06-08T15:30+00:00", "2026-06-17"),
    Dated("A1", "2026-06-08T16:30+00:00", "2026-06-18"),
    Dated("M1", "2026-08-04", "2026-10-08"),
    Dated("M1", "2026-04-28", "2026-06-27", ("2026-06-29",)),
    Dated("M1", "2026-06-01", "2026-08-20", pauses=(APPRAISAL,)),
    Dated("M1", "2026-06-01", "2026-08-20", pauses=((APPRAISAL[0], "2026-06-30"), ("2026-07-01", APPRAISAL[1]))),
    Dated("M1-old", "2026-04-14", "2026-06-18"),
    Dated("M1", "2026-04-14", "2026-06-13", ("2026-06-15",)),
    Dated("M1", "2026-04-15", "2026-06-14", ("2026-06-15",)),
    Dated("R1", "2026-09-25", "2026-10-08"),
    Dated("R5", "2025-08-31", "2026-02-28"),
    Dated("R8", "2026-09-30T18:00", "2026-10-02", span="48h"),
    Dated("V1", "2026-11-02", "2026-11-23"),
    Dated("V1", "2026-11-02", "2026-12-14", extended=True),
    Dated("P3", "2026-12-31", "2026-12-01"),
    Dated("ZJ1", "2026-09-28", "2026-10-08", city="330100"),
)
PROVISIONAL = ("M4", "2026-12-25", 2027)
"""A rule, its start, and the year whose notice is not there."""

DAY = "2026-11-20"


def facts(**said: Any) -> dict[str, Any]:
    return {"city": "330100", "event_on": DAY, **said}


def more(ground: str, **said: Any) -> dict[str, Any]:
    return {"opened_by_officer": True, "more": {"ground": ground, "label_flaw_only": False, **said}}


def prepaid(**said: Any) -> dict[str, Any]:
    return facts(prepaid={"paid_fen": 80_000, "units": 10, "used": 3, "list_unit_fen": 10_000, **said})


BUNDLE = {"prices_fen": [30_000, 20_000], "less_fen": 10_000, "returned": [1]}
WORKED = {
    # case, its facts, the rule, amount, and the amount with the price (or freight)
    "1 fraud, 100": (facts(price_fen=10_000, **more("fraud")), "D1", 50_000, 60_000),
    "fraud, 1000": (facts(price_fen=100_000, **more("fraud")), "D1", 300_000, 400_000),
    "3 food, 28": (facts(price_fen=2_800, **more("food", knowing_buyer=False)), "D3", 100_000, 102_800),
    "5 food, font size only": (facts(price_fen=2_800, **more("food", label_flaw_only=True)), "D3", 0, 2_800),
    "8 prepaid, merchant's cause": (prepaid(cause="merchant"), "P2", 56_000, None),
    "8 prepaid, nobody's cause": (prepaid(cause="neutral"), "P2", 56_000, None),
    "8 prepaid, consumer's cause": (prepaid(cause="consumer"), "P2", 50_000, None),
    "12 promotion, one of two back": (facts(promotion=BUNDLE), "OR17", 10_000, None),
    "14 no reason": (facts(price_fen=20_000, freight_fen=1_500, returns={"remote": True}), "R1", 20_000, None),
    "14 defect": (facts(price_fen=20_000, freight_fen=1_500, defect={}), "R3", 20_000, 21_500),
    "15 proven": (facts(price_fen=50_000, proven_paid_fen=45_000, refund=True), "R6", 45_000, None),
    "15 unproven": (facts(price_fen=50_000, refund=True), "R6", 50_000, None),
    "food by loss": (
        facts(price_fen=2_800, **more("food", knowing_buyer=False, loss_fen=90_000)), "D3", 270_000, 272_800,
    ),
    "drugs": (facts(price_fen=20_000, **more("drug", knowing_buyer=False)), "D4", 200_000, 220_000),
    "a household's share": (
        facts(price_fen=100_000, **more("food", knowing_buyer=True, bought=10, household=2)), "D3", 200_000, 300_000,
    ),
    "a household needs none": (
        facts(price_fen=100_000, **more("food", knowing_buyer=True, bought=10, household=0)), "D3", 0, 100_000,
    ),
    "courier": (facts(courier={"fee_fen": 1_200, "declared": False}), "ZJ-courier", 12_000, None),
    "courier, capped": (facts(courier={"fee_fen": 9_000, "declared": False}), "ZJ-courier", 80_000, None),
    "promotion that stays": (facts(promotion={**BUNDLE, "from_fen": 30_000}), "OR17", 20_000, None),
    "used up at the full price": (
        prepaid(used=9, paid_fen=50_000, cause="consumer"), "P2", 0, None,
    ),
    "three repairs": (
        facts(price_fen=9_900, defect={"guaranteed": True, "repaired": 2}), "ZJ-three", 9_900, None,
    ),
}  # fmt: skip
