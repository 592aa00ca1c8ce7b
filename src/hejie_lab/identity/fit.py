"""The links' model fitted to the simulator's training seed: how often records agree by accident, and in truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log2
from pathlib import Path
from typing import Any

from hejie.analysis import model
from hejie.analysis.duck import in_memory
from hejie.analysis.features import features
from hejie.analysis.links import linker, table
from hejie.cities.divisions import NAMES
from hejie.merchants.linking import Lineages, Sighting
from hejie.merchants.words import places

SHIPPED = Path(model.__file__).parent / "data" / "links.json"
_PAIRS = 2e7
_SEED = 1
_BLOCKS = ("l.code = r.code", "l.account = r.account", "l.phone = r.phone", "l.sound = r.sound")


def fit(rows: Sequence[Sighting], truth: Mapping[str, int], lineages: Lineages) -> dict[str, Any]:
    """A model: agreement by accident is counted between entities, agreement in truth is estimated without the truth.

    One record of each entity, compared with all others, says how often two merchants agree by
    accident (`u`); a random sample of all records would count each merchant's own records too.
    How often one merchant's records agree (`m`) comes from expectation maximisation.
    """
    every = table(features(rows, places(NAMES), lineages))
    first = {entity: at for at, entity in reversed(list(enumerate(truth[row.id] for row in rows)))}
    with in_memory() as connection:
        apart = linker(connection, every.take(sorted(first.values())), model.settings())
        apart.training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=_SEED, min_count_per_level=None)
        accident = _never_seen(apart.misc.save_model_to_json(), len(first))
    accident["probability_two_random_records_match"] = _prior(truth)
    with in_memory() as connection:
        here = linker(connection, every, accident)
        for rule in _BLOCKS:
            here.training.estimate_parameters_using_expectation_maximisation(rule)
        return {**here.misc.save_model_to_json(), "linker_uid": "hejie_links"}


def _never_seen(found: dict[str, Any], entities: int) -> dict[str, Any]:
    """An agreement that no two entities had by accident is given half a pair, for nothing is impossible."""
    for comparison in found["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level") and not level.get("u_probability"):
                level["u_probability"] = 1 / (entities * (entities - 1))
    return found


def _prior(truth: Mapping[str, int]) -> float:
    """How probable it is that two records taken by chance are one entity's."""
    same = sum(count * (count - 1) for count in Counter(truth.values()).values())
    return same / (len(truth) * (len(truth) - 1))


def save(found: dict[str, Any], path: Path = SHIPPED) -> None:
    """Write a model as it is committed, to six digits: the last ones differ with the order in which threads add up."""
    path.write_text(json.dumps(_rounded(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def told(found: dict[str, Any]) -> list[str]:
    """A line for each level: what it is and how many bits it adds."""
    return [
        f"{comparison['output_column_name']}: {level['label_for_charts']}: "
        f"{log2(level['m_probability'] / level['u_probability']):+.1f}"
        for comparison in found["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]
