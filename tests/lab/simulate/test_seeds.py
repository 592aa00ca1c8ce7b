"""Fifty seeds of six cities hold, a seed is the same twice, and those that ever failed are run again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest

from hejie_lab.cli import simulate
from hejie_lab.errors import LabError
from hejie_lab.simulate import many, report
from hejie_lab.simulate.ground import Ground, make_pattern
from hejie_lab.simulate.run import Outcome
from hejie_lab.simulate.seeds import each

DAYS = 1.0
FAILED = msgspec.json.decode((Path(__file__).parent / "failed_seeds.json").read_bytes(), type=dict[str, list[int]])
"""Days → seeds that have found something."""


@pytest.fixture
def ground(cluster) -> Iterator[Ground]:
    make_pattern(cluster)
    made = Ground(cluster, f"simulated_{id(cluster)}")
    yield made
    made.forget()


def test_fifty_seeds_hold_and_one_with_a_log_is_the_same_again(ground: Ground):
    found = list(each(ground, DAYS, [*range(1, 51), 5]))
    assert {outcome.seed: outcome.wrong for outcome in found if outcome.wrong} == {}
    assert found[4].digest == found[-1].digest
    told = report.figures(found)
    assert told.counts["hand-overs taken"] > 0
    assert (told.logs, told.counts["checkpoints cosigned"] > 0, told.counts["refunds booked"] > 0) == (11, True, True)
    assert {"restart", "died before commit"} <= told.faults.keys()
    assert len(told.faults) > 8  # kinds


@pytest.mark.parametrize(("days", "seeds"), sorted(FAILED.items()))
def test_seeds_that_failed_once_hold_now(ground: Ground, days: str, seeds: list[int]):
    assert [(outcome.seed, outcome.wrong) for outcome in each(ground, float(days), seeds) if outcome.wrong] == []


def _outcome(seed: int) -> Outcome:
    return Outcome(seed=seed, days=2, digest="d", steps=1, seconds=0.5, counts={}, faults={})


def test_what_a_file_holds_is_not_run_again(tmp_path, monkeypatch):
    ran: list[int] = []
    monkeypatch.setattr(many, "server", nullcontext)

    def each_of(_ground, _days, seeds):
        ran.extend(seeds)
        return map(_outcome, seeds)

    monkeypatch.setattr(many, "each", each_of)
    monkeypatch.setattr(many, "Ground", lambda *_: None)
    out = tmp_path / "seeds.jsonl"
    many.run(tmp_path, range(1, 3), 2, out, 1, str)
    out.write_bytes(out.read_bytes() + b'{"seed": 9, "cut o')
    found = many.run(tmp_path, range(1, 5), 2, out, 1, str)
    assert (ran, [each.seed for each in found]) == ([1, 2, 3, 4], [1, 2, 3, 4])


def test_a_report_runs_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(many, "run", None)
    out = tmp_path / "seeds.jsonl"
    out.write_bytes(b"".join(msgspec.json.encode(_outcome(seed)) + b"\n" for seed in (3, 4, 5)))
    args = argparse.Namespace(seeds=range(4, 10), days=2, out=out, report=True)
    assert simulate.run(args) == 0
    assert "| seeds | 2 (4 to 5) |" in capsys.readouterr().out
    with pytest.raises(LabError):
        simulate.run(argparse.Namespace(seeds=range(90, 91), days=2, out=out, report=True))


def test_a_seed_that_fails_is_told():
    wrong = msgspec.structs.replace(_outcome(7), wrong=("lost",))
    told = report.figures([_outcome(6), wrong])
    assert (told.good, told.failed) == (False, (7,))
    assert "| seeds that fail | 7 |" in report.page(told)
    assert "seeds that fail: 7" in report.words(told)


def test_seeds_are_named_as_a_span_or_alone():
    assert (list(many.seeds_in("3-5")), list(many.seeds_in("4"))) == ([3, 4, 5], [4])
    assert many.shelf().is_dir()
