"""`hejie law list|show|check|competent`: the rules of law as sentences with article and dates, and their files."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path

from hejie.base.errors import Refused
from hejie.cities import divisions
from hejie.cities.divisions import province_of
from hejie.cli.deadline import rule_told
from hejie.edge.words import LANGUAGES, say
from hejie.law.clock import Span
from hejie.law.jurisdiction import Respondent, competent
from hejie.law.reading import examine
from hejie.law.rules import Kind, Rule
from hejie.law.shipped import book
from hejie.web.law_lines import BASES, fault_line, force_words, rule_lines, source_words, span_words

NAME = "law"
HELP = "rules of law as sentences with article and dates; check files of rules; say which authority is competent"
_PLACES = {
    "place": "where business is really done",
    "domicile": "where the merchant is registered",
    "shown": "the address shown on the platform",
    "platform-domicile": "where the platform's operator is registered",
}


def arguments(parser: ArgumentParser) -> None:
    """`law list`, `law show ID`, `law check PATH`, `law competent`."""
    acts = parser.add_subparsers(dest="act", required=True)
    listed = acts.add_parser("list", help="all rules, one line for each wording")
    shown = acts.add_parser("show", help="one rule, all its wordings")
    shown.add_argument("id", help="the rule's id, such as M1")
    for each in (listed, shown):
        each.add_argument("--city", default="", help="six-digit code of the city whose province's rules count too")
        each.add_argument("--json", action="store_true", help="print JSON instead of words")
    checked = acts.add_parser("check", help="read files of rules or calendars and say what is wrong where")
    checked.add_argument("path", type=Path, help="a TOML file, or a folder of them")
    asked = acts.add_parser("competent", help="the county-level authorities that may act on a complaint")
    asked.add_argument("--kind", required=True, choices=[kind.value for kind in Kind], help="how the merchant sells")
    for name, told in _PLACES.items():
        asked.add_argument(f"--{name}", default="", metavar="CODE", help=told)
    asked.add_argument("--unreachable", action="store_true", help="nobody is reached at the address shown")
    asked.add_argument("--on", required=True, type=_day, help="the day on which the complaint is received")
    asked.add_argument("--json", action="store_true", help="print JSON instead of words")
    for each in (listed, shown, asked):
        each.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of the words (default: zh)")


def run(args: Namespace) -> int:
    """Do it; 1 where a checked file has faults."""
    act = {"list": _list, "show": _show, "check": _check, "competent": _competent}[args.act]
    return act(args)


def _list(args: Namespace) -> int:
    province = province_of(args.city) if args.city else ""
    rules = [rule for rule in book().rules if not args.city or rule.province in {"", province}]
    if args.json:
        print(json.dumps([rule_told(rule) for rule in rules], ensure_ascii=False, indent=1))
    else:
        print("\n".join(_line(args.lang, rule) for rule in rules))
    return 0


def _line(language: str, rule: Rule) -> str:
    text = rule.text
    limit = f" [{span_words(language, Span(text.amount, text.unit))}]" if text.amount else ""
    return "  ".join(
        (f"{rule.id:<4}", text.title.said(language) + limit, source_words(language, rule), force_words(language, rule))
    )


def _show(args: Namespace) -> int:
    name = args.id
    home = next((rule.province for rule in book().rules if rule.id == name), "")
    province = province_of(args.city) if args.city else home
    versions = sorted(book().versions(name, province), key=lambda rule: rule.text.valid_from)
    if args.json:
        print(json.dumps([rule_told(rule) for rule in versions], ensure_ascii=False, indent=1))
    else:
        print("\n\n".join("\n".join(rule_lines(args.lang, rule)) for rule in versions))
    return 0


def _check(args: Namespace) -> int:
    path: Path = args.path
    files = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise Refused("law_files_none", place=str(path))
    found = examine({str(file): file.read_text(encoding="utf-8") for file in files})
    for fault in found.faults:
        for language in LANGUAGES:
            print(fault_line(language, fault))
    counts = {"files": files, "rules": found.book.rules, "calendars": found.years, "faults": found.faults}
    print(", ".join(f"{name}: {len(each)}" for name, each in counts.items()))
    return 1 if found.faults else 0


def _competent(args: Namespace) -> int:
    respondent = Respondent(
        kind=Kind(args.kind),
        place=args.place,
        domicile=args.domicile,
        shown=args.shown,
        reachable=not args.unreachable,
        platform_domicile=args.platform_domicile,
    )
    found = competent(respondent, args.on, book(), divisions)
    if args.json:
        told = [{"division": each.division, "rule": each.rule.id, "by": list(each.bases)} for each in found]
        print(json.dumps(told, indent=1))
        return 0
    for each in found:
        bases = ", ".join(say(args.lang, BASES[basis]) for basis in each.bases)
        where = divisions.full_name(each.division) if divisions.exists(each.division) else ""
        print(f"{each.division} {where}  {bases}  ({each.rule.id}, {source_words(args.lang, each.rule)})")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("law_start_unreadable", said=text[:40]) from None
