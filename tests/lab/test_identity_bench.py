"""The identity benchmark, small: the goals on another seed than the one that figures are told from, and known sets."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from hejie.analysis.duck import in_memory
from hejie.analysis.model import comparison
from hejie.merchants.linking import Pair
from hejie_lab.bench import identity
from hejie_lab.cli.bench import as_table
from hejie_lab.errors import LabError
from hejie_lab.identity.fitted import Recipe, one_to_one, scored
from hejie_lab.identity.persons import febrl_file
from hejie_lab.identity.rates import rates
from hejie_lab.identity.restaurants import fodors_zagat, judged, read


def test_the_goals_hold_in_a_small_town():
    report = identity.measure(entities=300, seed=rates().seeds.develop, rounds=1, known=False)
    found = report.findings["simulator"]
    assert found["hejie"]["f1"] >= 0.98
    assert found["hejie"]["precision"] >= 0.999
    assert max(found[name]["f1"] for name in found if name.startswith("look-up")) < 0.80
    assert found["splink alone"]["f1"] < found["hejie"]["f1"]
    assert {run.what: run.size for run in report.runs} == dict.fromkeys(
        (identity.OURS, identity.ALONE), found["records"]
    )
    assert not report.settings["held_out"]
    assert "Splink 5" in as_table(report)
    assert "postgresql" not in report.versions


def test_sets_that_are_not_here_are_told_as_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("hejie_lab.identity.persons.metadata.files", lambda _: None)
    assert febrl_file("a") is None
    report = identity.measure(entities=20, seed=1, rounds=1, data=tmp_path)
    absent = ("historical 50k, clustered", "fodors-zagat, test pairs", "febrl 4")
    assert [report.findings[name] for name in absent] == ["absent"] * 3


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(identity, "NEEDED", ("splink", "no_such_module"))
    with pytest.raises(LabError, match="no_such_module"):
        identity.measure(entities=10, rounds=1)


def test_of_two_sources_each_has_one_partner():
    pairs = [Pair(one="a", other="x", probability=0.9), Pair(one="a", other="y", probability=0.8)]
    more = Pair(one="b", other="y", probability=0.7)
    assert one_to_one([*pairs, more]) == [pairs[0], more]


def test_a_model_is_fitted_to_a_table_without_its_truth():
    people = [(f"{name}{at}", f"{name}{at % 40}", str(1900 + at % 50)) for at in range(60) for name in ("ann", "bob")]
    rows = [(*person, copy) for person in people for copy in "12"]
    table = pa.table(
        {
            "unique_id": [f"{name}-{copy}" for name, _, _, copy in rows],
            "name": [name for name, _, _, _ in rows],
            "street": [street for _, street, _, _ in rows],
            "year": [year if copy == "1" or at % 7 else None for at, (_, _, year, copy) in enumerate(rows)],
        }
    )
    recipe = Recipe(
        comparisons=tuple(
            comparison(name, name, (("the same", f"{name}_l = {name}_r", name),)) for name in ("name", "street", "year")
        ),
        looked_at=("l.name = r.name", "l.street = r.street"),
        sure=("l.name = r.name",),
        recall=0.9,
        blocks=("l.name = r.name", "l.street = r.street"),
    )
    with in_memory() as connection:
        found = scored(connection, [table], recipe, 0.5)
    assert {(pair.one, pair.other) for pair in found} == {(f"{name}-1", f"{name}-2") for name, _, _ in people}


def _guides() -> tuple[list[str], list[str]]:
    """Twelve restaurants as two guides write them, each also beside its neighbour."""
    names = ["harbour light", "golden wok", "villa rosa", "old mill", "blue door", "casa verde"] * 2
    left = [
        f"COL name VAL {name} {at} COL addr VAL {10 + at} main st. COL city VAL dover"
        f" COL phone VAL 302/555 -{1000 + at} COL type VAL grill COL class VAL {at}"
        for at, name in enumerate(names)
    ]
    right = [
        f"COL name VAL ` {name} {at} ( dover ) ' COL addr VAL {10 + at} main street COL city VAL dover"
        f" COL phone VAL 302-555-{1000 + at} COL type VAL steak COL class VAL {at}"
        for at, name in enumerate(names)
    ]
    same = [f"{one}\t{other}\t1" for one, other in zip(left, right, strict=True)]
    apart = [f"{one}\t{other}\t0" for one, other in zip(left, [*right[1:], right[0]], strict=True)]
    return [*same[:8], *apart[:8]], [*same[8:], *apart[8:]]


def test_labelled_pairs_of_two_guides():
    known, asked = (read(lines) for lines in _guides())
    assert judged(known, asked).f1 == 1.0


def test_fodors_and_zagat(shared_data: Path):
    """The recipe was mended while looking at this very part: the figure shows that nothing is lost, no more."""
    assert fodors_zagat(shared_data / "identity").f1 == 1.0
