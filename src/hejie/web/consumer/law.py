"""The law for everybody: the rules of a day, each rule with its wordings, and when its limit ends in one's case."""

from __future__ import annotations

from datetime import date
from typing import Any

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Missing
from hejie.edge.forms import Checks, Form, a_day, plain
from hejie.edge.words import mark
from hejie.law.asked import Question, answered, weaker
from hejie.law.clock import Deadline
from hejie.law.rules import Rule
from hejie.law.shipped import book, calendar
from hejie.web import law_asked
from hejie.web.law_lines import deadline_lines, province_lines, source_words
from hejie.web.law_lists import entry, in_force
from hejie.web.shell import Answer, Visit, page

LIST, ONE = "consumer/law.html", "consumer/law_rule.html"
_MOST_SOUGHT = 60
_WEAKER = mark("Also in force that day, and giving way: {source}.")
_WEAKER_DUE = mark("Also in force that day, and giving way: {source}. By it the limit would end on {day}.")


@page("/law", role=Role.consumer, anyone=True)
async def listed(visit: Visit) -> Answer:
    """The rules in force on a day, today where none is asked for."""
    form, checks, today = _asked(visit), Checks(), _today(visit)
    day = checks("on", a_day, form.text("on"), default=today) if form.has("on") else today
    word = checks("q", plain, form.text("q"), _MOST_SOUGHT, default="")
    context = _list(visit, form, day, word)
    return visit.refuse(LIST, checks, **context) if checks else visit.render(LIST, **context)


@page("/law/{id:str}", role=Role.consumer, anyone=True)
async def one(visit: Visit) -> Answer:
    """One rule; with a start in the address, when its limit ends."""
    name, form, province = visit.path("id"), _asked(visit), _province(visit)
    try:
        versions = book().versions(name, province)
    except Missing as unknown:
        raise Missing("law_rule_unlisted", rule=name[:20]) from unknown
    context = _rule(visit, form, name, versions)
    if not _is_asked(visit) or form.has("more"):
        return visit.render(ONE, **context)
    checks = Checks()
    question = law_asked.question(form, name, province, checks)
    if question is None:
        return visit.refuse(ONE, checks, **context)
    try:
        found = answered(question, book(), calendar())
    except HejieError as why:
        return visit.refuse(ONE, why, _shown(law_asked.field_of(why), context), **context)
    return visit.render(ONE, **context | _answer(visit, question, found))


def _asked(visit: Visit) -> Form:
    return Form(list(visit.request.query_params.multi_items()))


def _is_asked(visit: Visit) -> bool:
    return "start" in visit.request.query_params


def _today(visit: Visit) -> date:
    return visit.house.clock.now().astimezone(SHANGHAI).date()


def _province(visit: Visit) -> str:
    return f"{visit.city[:2]}0000"


def _list(visit: Visit, form: Form, day: date, word: str) -> dict[str, Any]:
    province = _province(visit)
    return {
        "typed": form.text,
        "day": day,
        "word": word,
        "groups": in_force(visit.language, book(), province, day, word),
        "about_province": province_lines(visit.language, book(), province),
    }


def _rule(visit: Visit, form: Form, name: str, versions: tuple[Rule, ...]) -> dict[str, Any]:
    """The page of a rule without an answer: its wordings, the newest first, and the form where there is a limit."""
    today = _today(visit)
    newest = sorted(versions, key=lambda rule: rule.text.valid_from, reverse=True)
    texts = [rule.text for rule in versions]
    return {
        "typed": form.text,
        "name": name,
        "title": newest[0].text.title.said(visit.language),
        "trigger": getattr(newest[0].text.trigger, visit.language),
        "wordings": [(entry(visit.language, rule), _when(rule, today)) for rule in newest],
        "has_limit": any(text.amount or text.as_promised for text in texts),
        "stops": any(text.stopped_by for text in texts),
        "extends": any(text.extension for text in texts),
        "promised": any(text.as_promised for text in texts),
        "rows": law_asked.rows(form),
        "most_pauses": law_asked.MOST_PAUSES,
        "zones": [(zone, visit.say(words)) for zone, words in law_asked.ZONES],
        "lengths": [(unit, visit.say(words)) for unit, words in law_asked.LENGTHS],
        "answer": None,
    }


def _when(rule: Rule, today: date) -> str:
    if rule.holds(today):
        return "now"
    return "later" if rule.text.valid_from > today else "earlier"


def _shown(field: str, context: dict[str, Any]) -> str:
    """The field of a fault, or none where this rule's form has no such field."""
    there = {"length": context["promised"], "extended": context["extends"], "from-1": context["stops"]}
    return field if context["has_limit"] and there.get(field, True) else ""


def _answer(visit: Visit, question: Question, found: Deadline) -> dict[str, Any]:
    language = visit.language
    _, due, *why = deadline_lines(language, found)
    for each in weaker(question, book(), calendar()):
        source = source_words(language, each.rule)
        why.append(
            visit.say(_WEAKER_DUE, source=source, day=each.due.day) if each.due else visit.say(_WEAKER, source=source)
        )
    return {
        "answer": due,
        "provisional": found.provisional,
        "why": [*why, *province_lines(language, book(), question.province)],
        "today": _today(visit),
    }


ROUTES = (listed, one)
