"""Facts of a purchase as the form has them, each fault told at its field, and what follows from them, for reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.money import fen
from hejie.edge.forms import Checks, Form, a_day
from hejie.edge.words import mark, money, say
from hejie.law.entitlement_facts import read_facts
from hejie.law.entitlements import Entitlements, entitlements
from hejie.web.entitled import Line, line
from hejie.web.entitlement_fields import CASES, MORE, Case, Field, Kind
from hejie.web.shell import Answer, Visit

OPENED = "opened_by_officer"
YES_NO = (("", mark("Not known")), ("yes", mark("It is so")), ("no", mark("It is not so")))
_MOST_COUNT = 1_000_000
_MOST_RATE = 10_000
_MOST_THINGS = 100
_FEW_THINGS = 2
_DIGITS = re.compile(r"[0-9]{1,7}", re.ASCII)
_BETWEEN = re.compile(r"[,，、;；\s]+")


class Shown(Struct, frozen=True, kw_only=True):
    """An answer as the page has it."""

    label: str
    given: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    unknown: str
    today: date


def answer(visit: Visit, template: str, *, officer: bool) -> Answer:
    """The cases to choose from, one case's form, or what follows from what was typed into it."""
    form = Form(list(visit.request.query_params.multi_items()))
    cases = (*CASES, MORE) if officer else CASES
    case = next((each for each in cases if each.name == form.text("case")), None)
    today = visit.house.clock.now().astimezone(SHANGHAI).date()
    context: dict[str, Any] = {
        "cases": cases, "case": case, "typed": form.text, "found": None, "today": today, "yes_no": _said(visit, YES_NO),
        "choices": {} if case is None else {each.name: _said(visit, each.choices) for each in case.fields},
        "opening": OPENED if case is MORE else "",
    }  # fmt: skip
    if case is None or "event_on" not in visit.request.query_params:
        return visit.render(template, **context)
    checks = Checks()
    facts = _facts(form, case, checks) | {"city": visit.city}
    if case is MORE:
        checks(OPENED, _opened, form, default=None)
        facts[OPENED] = True
    found = None if checks else _worked_out(visit, facts, case, checks)
    if found is None:
        return visit.refuse(template, checks, **context)
    given = tuple((visit.say(each.label), _told(visit.language, each, form)) for each in _filled(form, case))
    shown = Shown(
        label=found.label.said(visit.language),
        given=given,
        lines=tuple(line(visit.language, each) for each in found.answers),
        unknown=found.unknown.said(visit.language) if found.unknown else "",
        today=today,
    )
    return visit.render(template, **context | {"found": shown})


def _worked_out(visit: Visit, facts: dict[str, Any], case: Case, checks: Checks) -> Entitlements | None:
    """By the same reading as a file of facts; two facts that disagree are named by their labels."""
    try:
        return entitlements(read_facts(msgspec.json.encode(facts)))
    except Refused as refusal:
        paths = [_whole(path, case) for path in str(refusal.facts.get("where", "")).split(", ")]
        fields = [each for path in paths for each in case.fields if each.path == path]
        if refusal.code == "facts_disagree" and fields:
            named = ", ".join(visit.say(each.label) for each in fields)
            refusal = Refused("facts_disagree", where=named)
        checks.add(fields[0].name if fields else "", refusal)
        return None


def _whole(path: str, case: Case) -> str:
    """A path as the fields have it; beside another of its part it comes without the part's name."""
    inside = f"{case.part}.{path}"
    return inside if any(each.path == inside for each in case.fields) else path


def _opened(form: Form) -> None:
    if not form.has(OPENED):
        raise Refused("facts_not_opened")


def _facts(form: Form, case: Case, checks: Checks) -> dict[str, Any]:
    """As `read_facts` wants them: only what was typed."""
    facts: dict[str, Any] = {case.part: {}} if case.part else {"refund": True}
    for field in case.fields:
        value = checks(field.name, _value, form, field, default=None)
        if value is None:
            continue
        part, _, name = field.path.rpartition(".")
        where = facts.setdefault(part, {}) if part else facts
        where.update({"zh": value, "en": value} if field.kind is Kind.words else {name: value})
    return facts


def _filled(form: Form, case: Case) -> list[Field]:
    return [each for each in case.fields if form.text(each.name).strip()]


def _value(form: Form, field: Field) -> Any:
    """What was typed as the facts have it; None where nothing was."""
    word = form.word(field.name)
    if not word and not field.needed:
        return None
    match field.kind:
        case Kind.day:
            return a_day(word).isoformat()
        case Kind.money:
            return fen(word)
        case Kind.number:
            return _count(word)
        case Kind.rate:
            return _rate(word)
        case Kind.yes_no:
            return _choice(word, YES_NO) == "yes"
        case Kind.choice:
            return _choice(word, field.choices)
        case Kind.moneys:
            return _moneys(word)
        case Kind.places:
            return _places(word)
        case Kind.words:
            return _words(word)


def _count(word: str) -> int:
    if _DIGITS.fullmatch(word) is None or int(word) > _MOST_COUNT:
        raise Refused("number_unusable")
    return int(word)


def _rate(word: str) -> int:
    """Hundredths of a percent: 3.45 → 345."""
    try:
        points = fen(word)
    except Refused:
        raise Refused("facts_rate_unreadable") from None
    if points > _MOST_RATE:
        raise Refused("facts_rate_unreadable")
    return points


def _choice(word: str, choices: Sequence[tuple[str, str]]) -> str:
    if word not in dict(choices):
        raise Refused("choice_missing")
    return word


def _moneys(word: str) -> list[int]:
    parts = [part for part in _BETWEEN.split(word) if part]
    if not _FEW_THINGS <= len(parts) <= _MOST_THINGS:
        raise Refused("facts_prices_few", most=_MOST_THINGS)
    return [fen(part) for part in parts]


def _places(word: str) -> list[int]:
    parts = [part for part in _BETWEEN.split(word) if part]
    if not parts or not all(_DIGITS.fullmatch(part) and int(part) for part in parts):
        raise Refused("facts_places_unreadable")
    return [_count(part) - 1 for part in parts[: _MOST_THINGS + 1]]


def _words(word: str) -> str:
    if not word:
        raise Refused("facts_promise_missing")
    return word


def _told(language: str, field: Field, form: Form) -> str:
    """What was typed, as it is read back."""
    word = form.word(field.name)
    if field.kind is Kind.money:
        return money(fen(word))
    if field.kind is Kind.rate:
        return f"{word} %"
    choices = dict(YES_NO if field.kind is Kind.yes_no else field.choices)
    return say(language, choices[word]) if word in choices else word


def _said(visit: Visit, choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, visit.say(label)) for value, label in choices]
