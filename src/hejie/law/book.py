"""The book of all rules: which wording decides on a day, and whether the wordings of a rule follow without a break."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise

from hejie.base.errors import Missing, Refused
from hejie.law.rules import RANKS, Pack, Rule


class Book:
    """All rules, looked up by id, day and province."""

    def __init__(self, rules: Iterable[Rule], packs: Iterable[Pack] = ()) -> None:
        self.rules = tuple(sorted(rules, key=_order))
        self.packs: Mapping[str, Pack] = {pack.province: pack for pack in packs}
        self._named: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for name in {rule.id, rule.text.also} - {""}:
                self._named.setdefault(name, []).append(rule)
        self._chosen = {name: _timeline(versions) for name, versions in self._named.items()}

    def versions(self, name: str, province: str = "") -> tuple[Rule, ...]:
        """All wordings of a rule, the strongest and oldest first.

        Errors: `Missing("law_rule_unknown")`, and `Refused("law_rule_elsewhere")` for a rule of another province.
        """
        found = self._named.get(name)
        if not found:
            raise Missing("law_rule_unknown", rule=name[:20])
        if found[0].province not in {"", province}:
            raise Refused("law_rule_elsewhere", rule=name, province=self.packs[found[0].province].name.zh)
        return tuple(found)

    def chosen(self, name: str, day: date, province: str = "") -> Rule:
        """The wording that decides on a day: of those in force, the one of the strongest source.

        Errors: those of `versions`, and `Refused("law_rule_not_in_force")`.
        """
        versions = self.versions(name, province)
        days, rules = self._chosen[name]
        place = bisect_right(days, day) - 1
        rule = rules[place] if place >= 0 else None
        if rule is None:
            raise Refused("law_rule_not_in_force", rule=name, day=day, first=min(r.text.valid_from for r in versions))
        return rule

    def outranked(self, name: str, day: date, province: str = "") -> tuple[Rule, ...]:
        """Wordings also in force that day, which give way to the chosen one."""
        first = self.chosen(name, day, province)
        return tuple(rule for rule in self.versions(name, province) if rule.holds(day) and rule is not first)


def _order(rule: Rule) -> tuple[str, str, int, int, date]:
    letters = rule.id.rstrip("0123456789abcdefghijklmnopqrstuvwxyz")
    number = "".join(filter(str.isdigit, rule.id))
    return rule.province, letters, int(number), RANKS.index(rule.rank), rule.text.valid_from


def _timeline(versions: list[Rule]) -> tuple[list[date], list[Rule | None]]:
    """Days on which another wording begins to decide, and which (none where none is in force)."""
    marks = {rule.text.valid_from for rule in versions}
    marks |= {date.fromordinal(rule.text.valid_to.toordinal() + 1) for rule in versions if rule.text.valid_to}
    days = sorted(marks)
    rules = [
        min((rule for rule in versions if rule.holds(day)), key=lambda rule: RANKS.index(rule.rank), default=None)
        for day in days
    ]
    return days, rules


def seams(versions: Iterable[Rule]) -> list[tuple[str, Rule]]:
    """Where the wordings of one rule do not follow each other without a break: (`overlap` or `gap`, the later one).

    Two of one rank overlap where a day has both; there is a gap where a day between them has none of any rank.
    """
    found: list[tuple[str, Rule]] = []
    versions = list(versions)
    for rank in RANKS:
        of_rank = sorted((rule for rule in versions if rule.rank == rank), key=lambda rule: rule.text.valid_from)
        for before, after in pairwise(of_rank):
            end = before.text.valid_to
            if end is None or end >= after.text.valid_from:
                found.append(("overlap", after))
            elif (after.text.valid_from - end).days > 1:
                found.append(("gap", after))
    reached: date | None = None
    for rule in sorted(versions, key=lambda rule: rule.text.valid_from):
        if reached and (rule.text.valid_from - reached).days > 1 and ("gap", rule) not in found:
            found.append(("gap", rule))
        end = rule.text.valid_to or date.max
        reached = max(reached or end, end)
    return found
