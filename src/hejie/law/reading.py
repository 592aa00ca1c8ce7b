"""The law's files: TOML text in, rules, packs and calendars out, and every fault with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from hejie.base.errors import Refused
from hejie.law.book import Book, seams
from hejie.law.calendar import Year, faults_of
from hejie.law.rules import RANKS, Cite, Law, Pack, Rank, Roll, Rule, Source, Unit, Written

T = TypeVar("T")
_ENUMS = {"unit", "roll", "actor", "rank", "kinds", "competent"}
_DATES = {"valid_from", "valid_to", "issued", "first", "last", "read"}
_LINE = re.compile(r"at line (\d+)")
_ID = re.compile(r'^\s*id\s*=\s*"([^"]*)"')


class Fault(NamedTuple):
    """What is wrong with a file, and where."""

    file: str
    rule: str
    """The rule's id, or whatever names the part: `pack`, `holiday 2`; empty for the whole file."""
    field: str
    why: str
    """A code: `gap`, `overlap`, `unit_unknown`, `source_missing`, `date_impossible`, ..."""
    said: str = ""
    """What the file says there."""


class Found(NamedTuple):
    """What stands in files, as far as it could be read, and all their faults."""

    book: Book
    years: tuple[Year, ...]
    faults: tuple[Fault, ...]


def examine(files: Mapping[str, str]) -> Found:
    """Read files by name; a file with `notice` in it is a calendar, every other one holds rules."""
    faults: list[Fault] = []
    rules: list[tuple[str, Rule]] = []
    packs: list[Pack] = []
    years: dict[int, Year] = {}
    for name, text in files.items():
        table = _table(name, text, faults)
        if table is None:
            continue
        if "notice" in table:
            year = _year(name, table, faults)
            if year and year.year in years:
                faults.append(Fault(name, "", "year", "repeated", str(year.year)))
            elif year:
                years[year.year] = year
        else:
            rules += [(name, rule) for rule in _rules(name, table, packs, faults)]
    faults += _seam_faults(rules)
    return Found(Book((rule for _, rule in rules), packs), tuple(years[key] for key in sorted(years)), tuple(faults))


def load(files: Mapping[str, str]) -> Found:
    """The same, where nothing may be wrong.

    Errors: `Refused("law_file_wrong", file=..., rule=..., field=..., why=...)` for the first fault.
    """
    found = examine(files)
    for fault in found.faults:
        raise Refused("law_file_wrong", **fault._asdict())
    return found


def _table(name: str, text: str, faults: list[Fault]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        faults.append(_unreadable(name, text, str(problem)))
        return None


def _unreadable(name: str, text: str, problem: str) -> Fault:
    """TOML itself knows no 30 February: the line tells whose date it is."""
    where = _LINE.search(problem)
    lines = text.splitlines()
    number = int(where[1]) if where else len(lines)
    above = lines[:number]
    ids = [match[1] for line in above if (match := _ID.match(line))]
    field = above[-1].partition("=")[0].strip() if above else ""
    why = "date_impossible" if "date" in problem else "unreadable"
    return Fault(name, ids[-1] if ids else "", field, why, problem)


def _year(name: str, table: dict[str, Any], faults: list[Fault]) -> Year | None:
    year = _convert(table, Year, name, "", faults)
    if year is None:
        return None
    wrong = [Fault(name, *each) for each in faults_of(year)]
    faults += wrong
    return None if wrong else year


def _rules(name: str, table: dict[str, Any], packs: list[Pack], faults: list[Fault]) -> list[Rule]:
    faults += [Fault(name, "", key, "field_unknown") for key in table.keys() - {"law", "rule", "pack"}]
    laws: dict[str, Law] = {}
    for key, written in _tables(table, "law").items():
        law = _convert(written, Law, name, f"law.{key}", faults)
        if law:
            laws[key] = law
    pack = _convert(table["pack"], Pack, name, "pack", faults) if "pack" in table else None
    if pack:
        packs.append(pack)
    found = []
    rows = table.get("rule", [])
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        own = str(row.get("id", f"rule {number}")) if isinstance(row, dict) else f"rule {number}"
        written = _convert(row, Written, name, own, faults)
        if written:
            wrong = [Fault(name, own, *each) for each in _faults(written, laws)]
            faults += wrong
            if not wrong:
                sources = tuple(Source(laws[cite.law], cite.at or "") for cite in written.source)
                rank = min((source.law.rank for source in sources), key=RANKS.index)
                found.append(Rule(text=written, sources=sources, rank=rank, province=pack.province if pack else ""))
    return found


def _tables(table: dict[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key, {})
    return found if isinstance(found, dict) else {}


def _convert(written: Any, kind: type[T], file: str, own: str, faults: list[Fault]) -> T | None:
    try:
        return msgspec.convert(written, kind)
    except msgspec.ValidationError as problem:
        faults.append(_told(file, own, str(problem)))
        return None


def _told(file: str, own: str, problem: str) -> Fault:
    """The library's sentence as a place and a code."""
    said, _, place = problem.partition(" - at `$")
    field = place.strip("`.").removeprefix(".")
    named = re.search(r"field `(\w+)`", said)
    top = re.split(r"[.\[]", field)[0]
    if "missing required field" in said and named:
        why = "source_missing" if named[1] == "source" else "field_missing"
        return Fault(file, own, ".".join(filter(None, (field, named[1]))), why, said)
    if "unknown field" in said and named:
        return Fault(file, own, ".".join(filter(None, (field, named[1]))), "field_unknown", said)
    if top == "source" and "length" in said and field == "source":
        return Fault(file, own, field, "source_missing", said)
    last = re.sub(r"\[.*?\]", "", field).rpartition(".")[2]
    if "enum" in said and last in _ENUMS:
        return Fault(file, own, field, f"{last}_unknown", said)
    if last in _DATES:
        return Fault(file, own, field, "date_impossible", said)
    return Fault(file, own, field, "value_wrong", said)


def _faults(rule: Written, laws: Mapping[str, Law]) -> list[tuple[str, str]]:
    """(field, why) of what the kinds of values cannot tell."""
    found = [("source", "source_missing") for cite in rule.source if not _sourced(cite, laws)]
    if rule.valid_to and rule.valid_to < rule.valid_from:
        found.append(("valid_to", "dates_reversed"))
    counted = rule.unit is not Unit.none
    if counted and rule.amount is None:
        found.append(("amount", "amount_missing"))
    if not counted and (rule.amount or rule.extension):
        found.append(("amount", "amount_without_unit"))
    if rule.as_promised and counted:
        found.append(("as_promised", "amount_twice"))
    if rule.before and (rule.unit is not Unit.calendar_days or rule.roll is not Roll.none or rule.stopped_by):
        found.append(("before", "before_in_plain_days"))
    if rule.roll is not Roll.none and rule.unit in {Unit.hours, Unit.working_days}:
        found.append(("roll", "roll_without_days"))
    if rule.stopped_by and rule.unit in {Unit.hours, Unit.none}:
        found.append(("stopped_by", "stop_without_days"))
    return found


def _sourced(cite: Cite, laws: Mapping[str, Law]) -> bool:
    """Whether a text and a place in it are named; only guidance has no articles."""
    law = laws.get(cite.law)
    return law is not None and (cite.at is not None or law.rank is Rank.guidance)


def _seam_faults(rules: list[tuple[str, Rule]]) -> list[Fault]:
    found: list[Fault] = []
    ids = {rule.id for _, rule in rules}
    for name in sorted(ids):
        own = [(file, rule) for file, rule in rules if rule.id == name]
        for why, rule in seams(rule for _, rule in own):
            found.append(Fault(next(file for file, each in own if each is rule), name, "valid_from", why))
        if len({rule.province for _, rule in own}) > 1:
            found.append(Fault(own[-1][0], name, "id", "repeated"))
    for file, rule in rules:
        found += [Fault(file, rule.id, "stopped_by", "stop_unknown", stop) for stop in _lost(rule, ids)]
        if rule.text.also in ids:
            found.append(Fault(file, rule.id, "also", "repeated", rule.text.also))
    return found


def _lost(rule: Rule, ids: set[str]) -> list[str]:
    return [stop for stop in rule.text.stopped_by if stop not in ids]
