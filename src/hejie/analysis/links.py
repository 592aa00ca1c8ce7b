"""Soft links between payment identities: Fellegi–Sunter scores by Splink on DuckDB, each with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from hejie.analysis.duck import in_memory
from hejie.analysis.features import Features, columns, features
from hejie.analysis.model import labels, shipped
from hejie.merchants.grouping import Merchants, merchants
from hejie.merchants.linking import ASKS, Lineages, Pair, Reason, Sighting
from hejie.merchants.names import shortens
from hejie.merchants.words import Places

_TEXTS = pa.list_(pa.string())
FEW = 10_000
"""A value counts as frequent as among so many rows, at least: two rows that agree are no reason to think it common."""
_WANTED = ("unique_id_", "match_probability", "gamma_", "mw_")
_LISTS = {"grams", "trade_grams"}
SCHEMA = pa.schema([(name, _TEXTS if name in _LISTS else pa.string()) for name in Features.__struct_fields__])


def link(
    rows: Sequence[Sighting], places: Places, lineages: Lineages, model: Mapping[str, Any] | None = None
) -> tuple[Merchants, list[Pair]]:
    """The whole way: rows are scored, then joined by the rules of `merchants.grouping`."""
    found = features(rows, places, lineages)
    pairs = _score(found, model or shipped(), ASKS)
    known = {row.unique_id: row for row in found}
    return merchants(rows, pairs, lineages, lambda one, other: akin(known[one], known[other])), pairs


def akin(one: Features, other: Features) -> bool:
    """Whether two that settle to one account have anything of name, house or number in common besides."""
    return bool(
        set(one.grams or ()) & set(other.grams or ())
        or (one.sound and one.sound == other.sound)
        or shortens(one.core or "", other.core or "")
        or shortens(other.core or "", one.core or "")
        or (one.house and one.house == other.house)
        or (one.merchant and one.merchant == other.merchant)
        or (one.code and one.code == other.code)
    )


def score(
    rows: Sequence[Sighting],
    places: Places,
    lineages: Lineages,
    model: Mapping[str, Any] | None = None,
    least: float = ASKS,
) -> list[Pair]:
    """Pairs of at least that probability, the likeliest first; each names what spoke for it and against it."""
    return _score(features(rows, places, lineages), model or shipped(), least)


def _score(found: Sequence[Features], model: Mapping[str, Any], least: float) -> list[Pair]:
    if len(found) < 2:  # noqa: PLR2004  # one identity has nobody to be compared with
        return []
    with in_memory() as connection:
        return score_table(connection, table(found), model, least)


def table(found: Sequence[Features]) -> pa.Table:
    """Features as Splink takes them."""
    return pa.table(columns(found), schema=SCHEMA)


def linker(connection: duckdb.DuckDBPyConnection, rows: pa.Table, model: Mapping[str, Any]) -> Linker:
    """Splink over these rows, quiet."""
    return Linker(DuckDBAPI(connection).register(rows), dict(model), log_level=None)


def score_table(
    connection: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    model: Mapping[str, Any],
    least: float = ASKS,
    few: int = FEW,
) -> list[Pair]:
    """The same for rows that are features already; a value is as frequent as among `few` rows at least."""
    api = DuckDBAPI(connection)
    here = Linker(api.register(rows, table_name="identities"), dict(model), log_level=None)
    for name in frequent(model):
        connection.execute(
            f"create or replace table frequency_{name} as select {name}, "
            f"count(*)::float8 / greatest((select count({name}) from identities), {few}) as tf_{name} "
            f"from identities where {name} is not null group by {name}"
        )
        lookup = api.register(f"frequency_{name}", table_name=f"lookup_{name}")
        here.table_management.register_term_frequency_lookup(lookup, name)
    found = here.inference.predict(threshold_match_probability=least).as_duckdbpyrelation()
    wanted = [name for name in found.columns if name.startswith(_WANTED)]
    taken = found.select(*wanted).fetchall()
    return pairs_of([dict(zip(wanted, values, strict=True)) for values in taken], model)


def frequent(model: Mapping[str, Any]) -> list[str]:
    """Columns whose values count the more the rarer they are."""
    levels = (level for comparison in model["comparisons"] for level in comparison["comparison_levels"])
    return sorted({level["tf_adjustment_column"] for level in levels if level.get("tf_adjustment_column")})


def pairs_of(records: Sequence[Mapping[str, Any]], model: Mapping[str, Any]) -> list[Pair]:
    """Splink's rows as pairs, the likeliest first."""
    named = labels(dict(model))
    found = [
        Pair(
            one=record["unique_id_l"],
            other=record["unique_id_r"],
            probability=record["match_probability"],
            reasons=tuple(
                _reason(record, name, levels) for name, levels in named.items() if record[f"gamma_{name}"] >= 0
            ),
        )
        for record in records
    ]
    return sorted(found, key=lambda pair: (-pair.probability, pair.one, pair.other))


def _reason(record: Mapping[str, Any], name: str, levels: Sequence[str]) -> Reason:
    bits = record[f"mw_{name}"] + record.get(f"mw_tf_adj_{name}", 0.0)
    return Reason(comparison=name, level=levels[record[f"gamma_{name}"]], bits=round(bits, 2))
