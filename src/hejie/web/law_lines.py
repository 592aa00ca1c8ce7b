"""A rule of law, and the end of a limit with all that explains it, in lines for people."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hejie.base.clock import SHANGHAI
from hejie.edge.words import mark, say, say_many
from hejie.law.calendar import Why
from hejie.law.clock import Deadline, Skipped, Span
from hejie.law.rules import Actor, Basis, Rank, Roll, Rule, Unit

if TYPE_CHECKING:
    from hejie.law.book import Book
    from hejie.law.reading import Fault

_UNITS = {
    Unit.working_days: (mark("{n} working day"), "{n} working days"),
    Unit.calendar_days: (mark("{n} day"), "{n} days"),
    Unit.hours: (mark("{n} hour"), "{n} hours"),
    Unit.months: (mark("{n} month"), "{n} months"),
    Unit.years: (mark("{n} year"), "{n} years"),
}
ACTORS = {
    Actor.authority: mark("the authority"),
    Actor.consumer: mark("the consumer"),
    Actor.merchant: mark("the merchant"),
    Actor.platform: mark("the platform"),
    Actor.parties: mark("both sides"),
    Actor.mediation_body: mark("the mediation body"),
}
RANKS = {
    Rank.law: mark("law"),
    Rank.interpretation: mark("judicial interpretation"),
    Rank.regulation: mark("State Council regulation"),
    Rank.ministry_rule: mark("ministry rule"),
    Rank.provincial: mark("provincial regulation"),
    Rank.guidance: mark("guidance"),
}
_ROLLS = {
    Roll.R121: mark("An end that falls on a holiday moves to the day after it; a plain weekend does not move it."),
    Roll.R203: mark("An end that falls on a day of rest, a weekend too, moves to the next working day."),
}
_READ = {
    Roll.R121: mark("read by Order 121, art. 45"),
    Roll.R203: mark("read by the Civil Code, art. 203"),
    Roll.none: mark("read as it stands"),
}
_WHYS = {Why.weekend: mark("weekend"), Why.holiday: mark("holiday"), Why.pause: mark("the clock stood still")}
BASES = {
    Basis.place: mark("place of business"),
    Basis.domicile: mark("registered address"),
    Basis.shown: mark("address shown on the platform"),
    Basis.platform_domicile: mark("registered address of the platform"),
}
WRONG = {
    "unreadable": mark("the file is no TOML here"),
    "date_impossible": mark("there is no such day"),
    "dates_reversed": mark("it ends before it begins"),
    "overlap": mark("it begins before the one before it has ended"),
    "gap": mark("between it and the one before it there are days without a rule"),
    "repeated": mark("it stands there twice"),
    "field_missing": mark("it is missing"),
    "field_unknown": mark("there is no such field"),
    "value_wrong": mark("the value is of the wrong kind"),
    "source_missing": mark("the source is missing: a text of law named in this file, and the article"),
    "unit_unknown": mark("there is no such unit"),
    "roll_unknown": mark("there is no such way to read the end"),
    "actor_unknown": mark("nobody is called so"),
    "rank_unknown": mark("there is no such rank"),
    "kinds_unknown": mark("there is no such kind of merchant"),
    "competent_unknown": mark("there is no such place"),
    "amount_missing": mark("a limit needs an amount"),
    "amount_without_unit": mark("an amount needs a unit"),
    "amount_twice": mark("a limit is either set or promised, not both"),
    "roll_without_days": mark("hours and working days have no end that moves"),
    "stop_without_days": mark("only a limit in days can stand still"),
    "before_in_plain_days": mark("a limit that runs back is in plain days, and nothing moves or stops it"),
    "stop_unknown": mark("there is no such rule to stop it"),
    "outside_year": mark("the day is not of this year"),
    "outside_block": mark("the day is not within the days off"),
    "no_weekend": mark("a working day by swap is a Saturday or Sunday outside the days off"),
}
"""Code of a fault in a file of the law → what is wrong."""


def span_words(language: str, span: Span) -> str:
    """`7 个工作日`, `7 working days`."""
    one, many = _UNITS[span.unit]
    return say_many(language, one, many, span.amount)


def force_words(language: str, rule: Rule) -> str:
    """From when to when a wording is in force."""
    first, last = rule.text.valid_from, rule.text.valid_to
    if last:
        return say(language, mark("in force from {first} to {last}"), first=first, last=last)
    return say(language, mark("in force from {first}"), first=first)


def source_words(language: str, rule: Rule) -> str:
    """The articles it stands on."""
    return ("；" if language == "zh" else "; ").join(source.cited(language) for source in rule.sources)


def rule_lines(language: str, rule: Rule) -> list[str]:
    """One wording of a rule: name, sentence, article, days, and what else is known of it."""
    text = rule.text
    lines = [
        f"{rule.id}  {text.title.said(language)}",
        text.sentence.said(language),
        _source_line(language, rule),
        say(language, mark("Whose: {actor}"), actor=say(language, ACTORS[text.actor])),
        say(language, mark("From: {event}"), event=text.trigger.zh if language == "zh" else text.trigger.en),
        *_limit_lines(language, rule),
        say(language, mark("Then: {effect}"), effect=text.effect.said(language)),
    ]
    if not text.confirmed:
        lines.append(say(language, mark("Not confirmed: the text itself has not been read in full.")))
    return [*lines, text.note.said(language)] if text.note else lines


def _limit_lines(language: str, rule: Rule) -> list[str]:
    text, lines = rule.text, []
    if text.amount:
        lines.append(say(language, mark("Limit: {span}"), span=span_words(language, Span(text.amount, text.unit))))
    if text.extension:
        longer = span_words(language, Span(text.extension, text.unit))
        lines.append(say(language, mark("It may be extended by {span}."), span=longer))
    if text.before:
        lines.append(say(language, mark("The limit runs back from that day.")))
    if text.roll in _ROLLS:
        lines.append(say(language, _ROLLS[text.roll]))
    if text.stopped_by:
        lines.append(say(language, mark("The clock stands still under {rules}."), rules=", ".join(text.stopped_by)))
    return lines


def _source_line(language: str, rule: Rule) -> str:
    return say(
        language,
        mark("Source: {source} ({rank}), {force}"),
        source=source_words(language, rule),
        rank=say(language, RANKS[rule.rank]),
        force=force_words(language, rule),
    )


def deadline_lines(language: str, found: Deadline) -> list[str]:
    """When a limit ends, and why then."""
    in_hours = found.span.unit is Unit.hours
    begun = mark("Begun: {at}; hours run from then") if in_hours else mark("Begun: {at}; that day does not count")
    return [
        f"{found.rule.id}  {found.rule.text.title.said(language)}",
        say(language, mark("Due: {at}"), at=_end(language, found)),
        say(language, begun, at=f"{found.start.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"),
        say(language, mark("Limit: {span}"), span=span_words(language, found.span)),
        _source_line(language, found.rule),
        *(_reading_lines(language, found) if len(found.readings) > 1 else ()),
        *(
            say(language, mark("Passed over: {days} ({why})"), days=days, why=why)
            for days, why in _runs(language, found)
        ),
        *(say(language, mark("Counted, worked by swap: {day}"), day=day) for day in found.swapped),
        *(missing_words(language, year) for year in found.missing_years),
    ]


def province_lines(language: str, rules: Book, province: str) -> list[str]:
    """What is not known of a province's own rules; nothing where nobody has looked."""
    pack = rules.packs.get(province)
    return [f"{pack.name.said(language)}: {pack.unknown.said(language)}"] if pack else []


def _reading_lines(language: str, found: Deadline) -> list[str]:
    kept = (
        mark("The later one holds, in favour of whoever has the right.")
        if found.rule.is_right
        else mark("The earlier one is kept to: nobody with a duty should rely on the later.")
    )
    read = [f"{each.day}: {say(language, _READ[each.roll])}" for each in found.readings]
    return [*read, say(language, kept)]


def _runs(language: str, found: Deadline) -> list[tuple[str, str]]:
    """Days passed over, those that follow each other for one reason together."""
    runs: list[tuple[date, date, str]] = []
    for each in found.skipped:
        why = _why(language, each)
        if runs and runs[-1][2] == why and (each.day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], each.day, why)
        else:
            runs.append((each.day, each.day, why))
    return [(f"{first}" if first == last else f"{first} – {last}", why) for first, last, why in runs]


def missing_words(language: str, year: int) -> str:
    """Why an answer is provisional."""
    sentence = mark(
        "Provisional: the State Council's notice on the holidays of {year} is not in the data yet. Saturdays and "
        "Sundays only are counted as rest there; the day will be counted again."
    )
    return say(language, sentence, year=year)


def fault_line(language: str, fault: Fault) -> str:
    """One fault of a file of the law: where, and what."""
    where = " ".join(filter(None, (fault.file, fault.rule, fault.field)))
    said = f" ({fault.said})" if fault.said else ""
    return f"{where}: {say(language, WRONG[fault.why])}{said}"


def _end(language: str, found: Deadline) -> str:
    if found.span.unit is Unit.hours:
        return f"{found.due.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return say(language, mark("{day}, end of the day (24:00)"), day=found.due.day)


def _why(language: str, skipped: Skipped) -> str:
    return skipped.holiday.name.said(language) if skipped.holiday else say(language, _WHYS[skipped.why])
