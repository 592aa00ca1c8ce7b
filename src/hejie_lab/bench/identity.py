"""`identity`: merchants linked over changes of tool, name, place and owner, beside a look-up and Splink alone."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from hejie.cities.divisions import NAMES
from hejie.merchants.linking import LINKS, Lineages
from hejie.merchants.words import places
from hejie_lab.bench.measure import Report, Run, load_now, report, run_of
from hejie_lab.errors import LabError
from hejie_lab.identity.rates import rates
from hejie_lab.identity.score import Score, exact, of_groups
from hejie_lab.identity.world import world
from hejie_lab.identity.writing import records

if TYPE_CHECKING:
    import pyarrow as pa

HELP = "which payment identities are one merchant's, on the held-out seed and on known sets"
NEEDED = ("splink", "duckdb", "pyarrow", "pypinyin")
OURS, ALONE = "hejie: features, scores, reasons, groups", "splink alone: scores, clusters"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--entities", type=int, help="merchants to simulate (default: as the rates say)")
    parser.add_argument("--seed", type=int, help="another seed than the held-out one, while something is being mended")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both in turn (default: 3)")
    parser.add_argument("--data", type=Path, help="a folder with the known sets; without it they are told as absent")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(entities=args.entities, seed=args.seed, rounds=args.rounds, data=args.data, tell=tell)


def measure(
    *,
    entities: int | None = None,
    seed: int | None = None,
    rounds: int = 3,
    data: Path | None = None,
    known: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """The simulator in rounds, then each known set once."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise LabError(f"The extra `analysis` is not installed: {', '.join(missing)} cannot be found.")
    given = rates()
    seed = given.seeds.held_out if seed is None else seed
    runs, findings = _simulated(entities or given.world.entities, seed, rounds, tell)
    if known:
        findings |= _known(data, tell)
    settings = {"seed": seed, "held_out": seed == given.seeds.held_out, "rounds": rounds, "links_from": LINKS}
    return report("identity", "", settings, runs, findings)


def _simulated(entities: int, seed: int, rounds: int, tell: Callable[[str], None]) -> tuple[list[Run], dict[str, Any]]:
    from hejie.analysis.features import features
    from hejie.analysis.links import link, table

    made = world(rates(), seed, entities)
    rows, truth = records(rates(), made, seed)
    lineages, where = Lineages(made.successions), places(NAMES)
    given = table(features(rows, where, lineages))
    runs: list[Run] = []
    ours = alone = Score(precision=0.0, recall=0.0, f1=0.0, true_pairs=0)
    asked = refused = 0
    for number in range(1, rounds + 1):
        load, began = load_now(), time.perf_counter()
        found, _ = link(rows, where, lineages)
        runs.append(_timed(OURS, len(rows), number, began, load))
        ours, asked, refused = of_groups(found.groups, truth), len(found.asked), len(found.refused)
        load, began = load_now(), time.perf_counter()
        clusters = _splink_alone(given)
        runs.append(_timed(ALONE, len(rows), number, began, load))
        alone = of_groups(clusters, truth)
        tell(f"round {number}: F1 {ours.f1} in {runs[-2].seconds} s, Splink alone {alone.f1} in {runs[-1].seconds} s")
    looked_up = {f"look-up, {name}": asdict(score) for name, score in exact(rows, truth).items()}
    scores = {"hejie": asdict(ours), "splink alone": asdict(alone), **looked_up}
    counts = {"entities": len(made.entities), "records": len(rows), "asked": asked, "refused": refused}
    return runs, {"simulator": {**counts, **scores}}


def _splink_alone(given: pa.Table) -> list[list[str]]:
    from hejie.analysis.duck import in_memory
    from hejie.analysis.links import linker
    from hejie.analysis.model import shipped

    with in_memory() as connection:
        here = linker(connection, given, shipped())
        scored = here.inference.predict(threshold_match_probability=0.5)
        joined = here.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=LINKS)
        groups: dict[str, list[str]] = {}
        for cluster, name in joined.as_duckdbpyrelation().select("cluster_id", "unique_id").fetchall():
            groups.setdefault(cluster, []).append(name)
        return list(groups.values())


def _timed(what: str, size: int, number: int, began: float, load: float) -> Run:
    seconds = time.perf_counter() - began
    return run_of(what, size, number, seconds, [seconds * 1000], load=load)


def _known(data: Path | None, tell: Callable[[str], None]) -> dict[str, Any]:
    """Sets with a known truth; those whose files are not here are told as absent."""
    from hejie_lab.identity.persons import febrl, febrl_file, historical
    from hejie_lab.identity.restaurants import fodors_zagat

    folder = (data or Path("absent")) / "identity"
    persons = folder / "splink_historical_50k.parquet"
    found: dict[str, Any] = {}
    for name, here, count in (
        ("historical 50k, clustered", persons.exists(), lambda: asdict(historical(persons))),
        (
            "fodors-zagat, test pairs",
            (folder / "fodors_zagats_test.txt").exists(),
            lambda: asdict(fodors_zagat(folder)),
        ),
        (
            "febrl 4",
            febrl_file("a") is not None,
            lambda: {way: asdict(score) for way, score in febrl().items()},
        ),
    ):
        began = time.perf_counter()
        found[name] = {**count(), "seconds": round(time.perf_counter() - began, 1)} if here else "absent"
        tell(f"{name}: {found[name]}")
    return found
