"""Fodors–Zagat: restaurants of two guides as labelled pairs, of which one part chooses the threshold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from msgspec import Struct

from hejie.analysis.duck import in_memory
from hejie.analysis.model import comparison
from hejie_lab.identity.fitted import Recipe, scored
from hejie_lab.identity.score import Score, of_counts

_FIELD = re.compile(r"COL (\w+) VAL (.*?)(?= COL |$)")
_USED = ("name", "addr", "city", "phone", "type")
"""The sixth, `class`, is the answer."""
_SHARED = "len(list_intersect(words_l, words_r))"
_WORDS = re.compile(r"[^a-z0-9]+")


class Labelled(Struct, frozen=True):
    """Two records, each by its own text, and whether they are one."""

    left: str
    right: str
    same: bool


RECIPE = Recipe(
    comparisons=(
        comparison(
            "name",
            "name",
            (
                ("the same letters", "letters_l = letters_r", ""),
                (
                    "the same words, or nearly the same letters",
                    "(len(words_l) > 0 and words_l = words_r) or jaro_winkler_similarity(letters_l, letters_r) >= 0.95",
                    "",
                ),
                ("one inside the other", f"{_SHARED} > 0 and {_SHARED} = least(len(words_l), len(words_r))", ""),
                ("a word", f"{_SHARED} > 0", ""),
            ),
        ),
        comparison(
            "phone",
            "phone",
            (
                ("the same", "phone_l = phone_r", ""),
                ("a slip", "damerau_levenshtein(phone_l, phone_r) <= 1", ""),
                ("one area", "substr(phone_l, 1, 3) = substr(phone_r, 1, 3)", ""),
            ),
        ),
        comparison(
            "address",
            "addr",
            (
                ("nearly the same", "jaro_winkler_similarity(addr_l, addr_r) >= 0.9", ""),
                ("the same number", "number_l = number_r", ""),
                ("a word", "len(list_intersect(street_l, street_r)) >= 1", ""),
            ),
        ),
        comparison("city", "city", (("the same", "city_l = city_r", ""),)),
    ),
    looked_at=("1 = 1",),
    sure=("l.phone = r.phone", "l.name = r.name and l.number = r.number"),
    recall=0.95,
    blocks=(),
    link_type="link_only",
)


def fodors_zagat(folder: Path) -> Score:
    """F1 on the test pairs, with the threshold that is best on the other two parts."""
    parts = {
        name: read((folder / f"fodors_zagats_{name}.txt").read_text(encoding="utf-8").splitlines()) for name in _PARTS
    }
    return judged([*parts["train"], *parts["valid"]], parts["test"])


_PARTS = ("train", "valid", "test")


def judged(known: Sequence[Labelled], asked: Sequence[Labelled]) -> Score:
    """The score on `asked`; the model sees all records, but the labels of `known` only, and so does the threshold."""
    every = [*known, *asked]
    tables = [_table({pair.left for pair in every}, "l"), _table({pair.right for pair in every}, "r")]
    names = [dict(zip(table["text"].to_pylist(), table["unique_id"].to_pylist(), strict=True)) for table in tables]
    same = [(names[0][pair.left], names[1][pair.right]) for pair in known if pair.same]
    with in_memory() as connection:
        pairs = scored(connection, tables, RECIPE, 0.0, same)
    weights = {frozenset((pair.one, pair.other)): pair.bits for pair in pairs}
    learnt, told = (_weighed(pairs, names, weights) for pairs in (known, asked))
    best = max((_at(learnt, weight).f1, -weight) for weight, _ in learnt)
    return _at(told, -best[1])


def read(lines: Iterable[str]) -> list[Labelled]:
    """Pairs from lines of `left TAB right TAB 0|1`."""
    parted = (line.split("\t") for line in lines if line.strip())
    return [Labelled(left.strip(), right.strip(), same.strip() == "1") for left, right, same in parted]


def _weighed(
    pairs: Sequence[Labelled], names: Sequence[Mapping[str, str]], weights: Mapping[frozenset[str], float]
) -> list[tuple[float, bool]]:
    left, right = names
    return [(weights[frozenset((left[pair.left], right[pair.right]))], pair.same) for pair in pairs]


def _at(told: Sequence[tuple[float, bool]], least: float) -> Score:
    found = [same for weight, same in told if weight >= least]
    return of_counts(len(found), sum(found), sum(same for _, same in told))


def _table(texts: set[str], side: str) -> pa.Table:
    rows = [_fields(text) for text in sorted(texts)]
    columns = {name: [row.get(name) or None for row in rows] for name in _USED}
    return pa.table(
        {
            "unique_id": [f"{side}{at}" for at in range(len(rows))],
            "text": sorted(texts),
            **columns,
            "words": [sorted(set(_telling(row))) for row in rows],
            "letters": ["".join(_telling(row)) or None for row in rows],
            "street": [[word for word in (row.get("addr") or "").split() if not word.isdigit()] for row in rows],
            "number": [(row.get("addr") or "").partition(" ")[0] or None for row in rows],
        }
    )


def _telling(row: Mapping[str, str]) -> list[str]:
    """A name's words in order, without single letters, what every second name has, and the city's."""
    common = {"the", "restaurant", "of", "and", *row.get("city", "").split(), "los", "angeles", "new", "york"}
    return [word for word in row.get("name", "").split() if len(word) > 1 and word not in common]


def _fields(text: str) -> dict[str, str]:
    found = {name: _WORDS.sub(" ", value.lower()).strip() for name, value in _FIELD.findall(text)}
    return {**found, "phone": found.get("phone", "").replace(" ", "")}
