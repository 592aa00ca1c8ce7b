"""Splink on a table of somebody else's: a model made of a few words, fitted to the table itself without its truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from msgspec import Struct
from splink import DuckDBAPI, Linker

from hejie.merchants.linking import Pair

_PAIRS = 5e6
_SEED = 1


class Recipe(Struct, frozen=True, kw_only=True):
    """What is compared, which pairs are looked at, and by what the model is fitted."""

    comparisons: tuple[dict[str, Any], ...]
    looked_at: tuple[str, ...]
    sure: tuple[str, ...]
    """Pairs that agree so are nearly always one; `recall` is about how many of all they are."""
    recall: float
    blocks: tuple[str, ...]
    """Each gives expectation maximisation a set of pairs to learn from."""
    link_type: str = "dedupe_only"


def scored(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[pa.Table],
    recipe: Recipe,
    least: float,
    same: Iterable[tuple[str, str]] = (),
) -> list[Pair]:
    """Pairs of at least that probability, the likeliest first, by a model fitted to these tables.

    Pairs known to be the `same`, one of each table, are counted where there are any; otherwise
    expectation maximisation has to do.
    """
    api = DuckDBAPI(connection)
    registered = [api.register(table, table_name=f"table_{at}") for at, table in enumerate(tables)]
    settings = {
        "link_type": recipe.link_type,
        "comparisons": list(recipe.comparisons),
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in recipe.looked_at],
        "retain_matching_columns": False,
    }
    here = Linker(registered if len(registered) > 1 else registered[0], settings, log_level=None)
    here.training.estimate_probability_two_random_records_match(list(recipe.sure), recall=recipe.recall)
    here.training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=_SEED)
    known = [
        {"unique_id_l": one, "source_dataset_l": "table_0", "unique_id_r": other, "source_dataset_r": "table_1"}
        for one, other in same
    ]
    if known:
        labels = api.register(pa.Table.from_pylist(known), table_name="known")
        here.training.estimate_m_from_pairwise_labels(labels)  # type: ignore[no-untyped-call]  # Splink says no types
    for rule in recipe.blocks:
        here.training.estimate_parameters_using_expectation_maximisation(rule)
    found = here.inference.predict(threshold_match_probability=least, warning_mode="never").as_duckdbpyrelation()
    rows = found.select("unique_id_l", "unique_id_r", "match_probability").fetchall()
    pairs = [Pair(one=one, other=other, probability=probability) for one, other, probability in rows]
    return sorted(pairs, key=lambda pair: (-pair.probability, pair.one, pair.other))


def one_to_one(pairs: Sequence[Pair]) -> list[Pair]:
    """Of two sources without doubles, each record's likeliest partner that is still free."""
    taken: set[str] = set()
    kept = []
    for pair in pairs:
        if not {pair.one, pair.other} & taken:
            taken |= {pair.one, pair.other}
            kept.append(pair)
    return kept
