"""The identity simulator: the same for the same seed, hard enough, and true to its own words."""

from __future__ import annotations

from hejie.merchants.linking import Lineages, valid_code
from hejie.merchants.uscc import credit_code
from hejie_lab.identity.rates import rates
from hejie_lab.identity.score import exact, of_groups, of_pairs
from hejie_lab.identity.world import world
from hejie_lab.identity.writing import records

RATES = rates()
SEED = RATES.seeds.develop


def test_one_seed_one_world():
    first, second = (records(RATES, world(RATES, SEED, 50), SEED) for _ in range(2))
    assert first == second
    assert first != records(RATES, world(RATES, SEED + 1, 50), SEED + 1)
    assert len({RATES.seeds.train, RATES.seeds.develop, RATES.seeds.held_out}) == 3


def test_a_life_may_change_on_its_last_day():
    for seed in range(40):
        made = world(RATES, seed, 200)
        days = [[first for first, _ in entity.faces] for entity in made.entities]
        assert all(each == sorted(each) for each in days)


def test_every_code_is_valid_and_belongs_to_one_entity():
    made = world(RATES, SEED, 300)
    owners: dict[str, set[int]] = {}
    lineages = Lineages(made.successions)
    for entity in made.entities:
        for _, face in entity.faces:
            assert credit_code(face.code) == face.code
            owners.setdefault(lineages.of(face.code), set()).add(entity.name)
    assert all(len(names) == 1 for names in owners.values())
    assert made.successions


def test_every_record_tells_its_day_and_something():
    made = world(RATES, SEED, 200)
    rows, truth = records(RATES, made, SEED)
    assert {row.id for row in rows} == truth.keys()
    assert all(row.name and row.number and 0 <= row.day <= RATES.world.days for row in rows)
    missing = sum(not row.code for row in rows) / len(rows)
    assert abs(missing - RATES.record.code_missing) < 0.05
    assert any(row.code and not valid_code(row.code) for row in rows)


def test_a_look_up_is_not_enough():
    made = world(RATES, SEED, 1000)
    found = exact(*records(RATES, made, SEED))
    assert max(score.f1 for score in found.values()) < 0.80


def test_counting():
    truth = {"a": 1, "b": 1, "c": 1, "d": 2}
    score = of_groups([["a", "b"], ["c", "d"]], truth)
    assert (score.precision, score.recall, score.f1, score.true_pairs) == (0.5, 0.3333, 0.4, 3)
    assert of_pairs([("a", "b"), ("b", "a"), ("c", "d")], truth) == score
    nothing = of_groups([["a"], ["b"], ["c"], ["d"]], truth)
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)
