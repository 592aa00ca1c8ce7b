"""`hejie entitlement FACTS.json`: what a consumer may be owed, by which article, and what must be shown first."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import msgspec

from hejie.base.errors import Refused
from hejie.cli import LANGUAGES
from hejie.law.entitlement_answers import Answer
from hejie.law.entitlement_facts import MOST_BYTES, read_facts
from hejie.law.entitlement_rules import Words
from hejie.law.entitlements import Entitlements, entitlements
from hejie.web import entitled_words

NAME = "entitlement"
HELP = "work out for reference what a consumer may be owed"
_MUST = {"zh": "尚须认定：", "en": "To be established: "}


def arguments(parser: ArgumentParser) -> None:
    """`entitlement FACTS.json [--json] [--lang zh|en]`."""
    parser.add_argument("file", help="the facts as JSON, amounts in fen; - for standard input")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of the words")


def run(args: Namespace) -> int:
    """Print the answers; exit 1 where the facts give none."""
    found = entitlements(read_facts(_content(args.file)))
    if args.json:
        print(json.dumps(_told(found), ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(_lines(found, args.lang)))
    return 0 if found.answers else 1


def _content(name: str) -> bytes:
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        raise Refused("file_unreadable") from None


def _told(found: Entitlements) -> dict[str, object]:
    unknown = msgspec.to_builtins(found.unknown)
    answers = [{**msgspec.to_builtins(each), "amount_fen": each.amount_fen} for each in found.answers]
    return {"label": msgspec.to_builtins(found.label), "answers": answers, "unknown": unknown}


def _lines(found: Entitlements, language: str) -> list[str]:
    parts = [found.label.said(language)]
    parts += ["\n".join(_of(each, language)) for each in found.answers]
    return [*parts, *([found.unknown.said(language)] if found.unknown else [])]


def _of(answer: Answer, language: str) -> list[str]:
    head = [answer.rule, entitled_words.kind(language, answer), entitled_words.amount(language, answer),
            entitled_words.payer(language, answer)]  # fmt: skip
    return [
        " · ".join(part for part in head if part),
        f"  {answer.article.said(language)}",
        *(f"  {step.said(language)}" for step in answer.steps),
        *([f"  {_MUST[language]}{_listed(answer.establish, language)}"] if answer.establish else []),
    ]


def _listed(words: tuple[Words, ...], language: str) -> str:
    return ("；" if language == "zh" else "; ").join(each.said(language) for each in words)
