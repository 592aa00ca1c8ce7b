"""The report of a run: words for a terminal, or one HTML page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from hejie.base.errors import HejieError
from hejie_lab.conformance import honest, hostile, witness
from hejie_lab.conformance.caller import Caller
from hejie_lab.conformance.honest import Check, UnmetError

CHECKS = (*honest.CHECKS, *witness.CHECKS, *hostile.CHECKS)
Language = Literal["zh", "en"]
_TITLES = {"zh": "接口符合性检查", "en": "Conformance"}
_MARKS = {True: {"zh": "通过", "en": "holds"}, False: {"zh": "不符", "en": "does not hold"}}
_PARTS = {"H": {"zh": "诚实的一方可以依靠的", "en": "What an honest city may rely on"},
          "A": {"zh": "必须拒绝的消息", "en": "Messages that must be refused"},
          "B": {"zh": "必须拒绝的信件", "en": "Letters that must be refused"}}  # fmt: skip
_STYLE = """
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc}
.bad{color:#a40000;font-weight:600}
"""


class Line(Struct, frozen=True, kw_only=True):
    """What one check found."""

    id: str
    zh: str
    en: str
    holds: bool
    why_zh: str = ""
    why_en: str = ""

    def said(self, language: Language) -> str:
        """What was looked at."""
        return self.zh if language == "zh" else self.en

    def why(self, language: Language) -> str:
        """What was found instead."""
        return self.why_zh if language == "zh" else self.why_en


class Report(Struct, frozen=True, kw_only=True):
    """A whole run."""

    url: str
    city: str
    by: str
    at: datetime
    directory: int
    lines: tuple[Line, ...]

    @property
    def good(self) -> bool:
        """Whether everything holds."""
        return all(each.holds for each in self.lines)

    def summary(self, language: Language) -> str:
        """In one sentence."""
        bad = sum(not each.holds for each in self.lines)
        if language == "zh":
            return f"共{len(self.lines)}项，{'全部通过' if not bad else f'{bad}项不符'}。"
        return f"{len(self.lines)} checks, {'all hold' if not bad else f'{bad} do not hold'}."

    def words(self, language: Language) -> str:
        """For a terminal."""
        told = [f"{_TITLES[language]}: {self.city} {self.url}", ""]
        for part, lines in _parted(self.lines):
            told.append(_PARTS[part][language])
            told += [
                f"  {each.id:4} {_MARKS[each.holds][language]:14} {each.said(language)}"
                + (f" — {each.why(language)}" if not each.holds else "")
                for each in lines
            ]
        return "\n".join([*told, "", self.summary(language)])

    def page(self, language: Language) -> str:
        """One page that needs nothing beside it."""
        rows = []
        for part, lines in _parted(self.lines):
            rows.append(f'<tr><th colspan="4">{html.escape(_PARTS[part][language])}</th></tr>')
            rows += [
                f"<tr><td>{each.id}</td><td>{html.escape(each.said(language))}</td>"
                f'<td class="{"good" if each.holds else "bad"}">{_MARKS[each.holds][language]}</td>'
                f"<td>{html.escape(each.why(language))}</td></tr>"
                for each in lines
            ]
        title = html.escape(f"{_TITLES[language]} · {self.city}")
        about = html.escape(f"{self.url} · {self.at:%Y-%m-%d %H:%M} UTC · {self.by} · #{self.directory}")
        return (
            f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style>'
            f"<h1>{title}</h1><p>{about}</p><p><strong>{self.summary(language)}</strong></p>"
            f"<table>{''.join(rows)}</table></html>\n"
        )


def _parted(lines: Sequence[Line]) -> Iterable[tuple[str, list[Line]]]:
    for part in _PARTS:
        found = [each for each in lines if each.id.startswith(part)]
        if found:
            yield part, found


def looked(caller: Caller, now: datetime) -> Report:
    """Run every check, each by itself."""
    lines = tuple(_line(caller, each) for each in CHECKS)
    return Report(
        url=caller.target.base,
        city=caller.target.city,
        by=caller.me.city,
        at=now,
        directory=caller.directory.version,
        lines=lines,
    )


def _line(caller: Caller, check: Check) -> Line:
    try:
        check.look(caller)
    except UnmetError as unmet:
        return Line(id=check.id, zh=check.zh, en=check.en, holds=False, why_zh=unmet.zh, why_en=unmet.en)
    except HejieError as error:
        return Line(id=check.id, zh=check.zh, en=check.en, holds=False, why_zh=error.code, why_en=error.code)
    return Line(id=check.id, zh=check.zh, en=check.en, holds=True)
