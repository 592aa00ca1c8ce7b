"""The model of links: which comparisons have which levels, and which pairs are looked at; its figures lie in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

ID = "unique_id"
_INSIDE = (
    "least(length(core_l), length(core_r)) >= 2 and ("
    "starts_with(core_l, core_r) or starts_with(core_r, core_l) or "
    "suffix(core_l, core_r) or suffix(core_r, core_l))"
)
_ALIKE = (
    "len(list_intersect(grams_l, grams_r)) * 2 >= len(list_distinct(list_concat(grams_l, grams_r))) "
    "or jaro_winkler_similarity(sound_l, sound_r) >= 0.93"
)
_FRAMES: tuple[tuple[str, str, Sequence[tuple[str, str, str]]], ...] = (
    (
        "name",
        "core",
        (
            ("the same core", "core_l = core_r", "core"),
            ("sounds the same", "sound_l = sound_r", ""),
            ("one begins or ends with the other", _INSIDE, ""),
            ("half of the letters, or nearly the same sound", _ALIKE, ""),
        ),
    ),
    (
        "trade",
        "trade",
        (
            ("the same trade", "trade_l = trade_r", "trade"),
            ("shares a word of trade", "len(list_intersect(trade_grams_l, trade_grams_r)) > 0", ""),
        ),
    ),
    (
        "place",
        "house",
        (
            ("the same house and unit", "house_l = house_r and unit_l = unit_r", ""),
            ("the same house, another unit", "house_l = house_r and unit_l <> unit_r", ""),
            ("the same house", "house_l = house_r", "house"),
            ("the same street", "street_l = street_r", "street"),
        ),
    ),
    ("phone", "phone", (("the same telephone", "phone_l = phone_r", "phone"),)),
    ("account", "account", (("the same account", "account_l = account_r", "account"),)),
    ("code", "code", (("the same credit code", "code_l = code_r", ""),)),
    ("merchant", "merchant", (("the same merchant number", "merchant_l = merchant_r", "merchant"),)),
    ("terminal", "terminal", (("the same terminal", "terminal_l = terminal_r", "terminal"),)),
)
LOOKED_AT = (
    "l.code = r.code",
    "l.account = r.account",
    "l.phone = r.phone",
    "l.merchant = r.merchant",
    "l.terminal = r.terminal",
    "l.sound = r.sound",
    "l.house = r.house and l.unit = r.unit",
    "l.house = r.house and substr(l.core, 1, 1) = substr(r.core, 1, 1)",
    "l.house = r.house and substr(l.core, -1, 1) = substr(r.core, -1, 1)",
)
"""Pairs that agree in one of these are scored, all others are not."""


def settings() -> dict[str, Any]:
    """The model without figures, as Splink reads it."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": ID,
        "comparisons": [comparison(*frame) for frame in _FRAMES],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in LOOKED_AT],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def shipped() -> dict[str, Any]:
    """The model with the figures that travel with the house."""
    text = files("hejie.analysis").joinpath("data", "links.json").read_text(encoding="utf-8")
    model: dict[str, Any] = json.loads(text)
    return model


def labels(model: dict[str, Any]) -> dict[str, list[str]]:
    """For each comparison what its levels are called, by the number that Splink gives them (its `gamma`)."""
    named = {}
    for comparison in model["comparisons"]:
        told = [
            level["label_for_charts"] for level in comparison["comparison_levels"] if not level.get("is_null_level")
        ]
        named[comparison["output_column_name"]] = told[::-1]
    return named


def comparison(name: str, column: str, levels: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """A comparison as Splink reads it: null where `column` is, then each (label, condition, frequent column)."""
    told: list[dict[str, Any]] = [
        {
            "sql_condition": f"{column}_l is null or {column}_r is null",
            "label_for_charts": "not said",
            "is_null_level": True,
        }
    ]
    for label, condition, frequent in levels:
        level = {"sql_condition": condition, "label_for_charts": label}
        told.append({**level, "tf_adjustment_column": frequent, "tf_adjustment_weight": 1.0} if frequent else level)
    told.append({"sql_condition": "ELSE", "label_for_charts": "different"})
    return {"output_column_name": name, "comparison_levels": told}
