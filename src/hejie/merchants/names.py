"""A Chinese merchant's name taken apart: its core, its branch, the division before it, its legal form and its trade."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from msgspec import Struct

from hejie.merchants.words import Places, Words, words

_BRACKETS = re.compile(r"[(\[【〔<《〈]([^()\[\]【】〔〕<>《》〈〉]*)[)\]】〕>》〉]")
_DROPPED = re.compile(r"[\s\"'`·•.,，。、:：;；!！?？*_/\\|~@#&+\-–—“”‘’「」『』()\[\]【】〔〕<>《》〈〉]+")
_ZONES = "开发区|新区|高新区|保税区|工业园区|工业园"
_STREET = re.compile(rf"^(?:[一-鿿]{{2,4}}(?:街道|镇|乡)|(?:经济|技术|经济技术|高新|高新技术)?(?:{_ZONES}))")
_ROAD = re.compile(r"[东南西北中]?(?:路|街|大道|大街|巷|弄|桥)")
_HAN = "一二三四五六七八九十百"
_NUMBERED = re.compile(
    rf"(?:第[0-9{_HAN}]+(?:分店|店|分公司|号店|部|分)|[0-9]+(?:号店|分店|店)|[{_HAN}]+(?:号店|分店))$"
)
_SECTIONS = 6
"""Names of divisions that may stand one behind the other."""
_LEAST = 2
_WIDEST_BRANCH = 10
"""Characters of a branch's own name, at most."""
_WIDEST_WORD = 8
_SIGN = 4
"""A core longer than this may still hold trade words inside."""


class NameParts(Struct, frozen=True, kw_only=True):
    """What a name is made of; each part simplified, without blanks, Latin letters small, empty if not there."""

    core: str = ""
    """What tells it from others of its trade and place."""
    branch: str = ""
    division: str = ""
    legal: str = ""
    trade: str = ""

    @property
    def known(self) -> str:
        """What to compare by: the core, or, of a name that has none, its trade."""
        return self.core or self.trade


def plain(text: str) -> str:
    """One spelling for all: NFKC, simplified characters, small letters; brackets and everything else stay."""
    return unicodedata.normalize("NFKC", text).translate(words().simplified).casefold()


def take_apart(text: str, places: Places) -> NameParts:
    """The parts of a name as it is registered, on a sign, or in an acquirer's record.

    Whatever the lists do not know stays in the core; a name that is all place, form and trade
    has none.
    """
    lists = words()
    name, inside = _unbracketed(plain(text))
    named, branch, legal = _bracketed(inside, places, lists)
    name, division = _front(name, places)
    name, form, behind = _form(name, lists)
    if not form and (found := _NUMBERED.search(name)) and found.start() >= _LEAST:
        name, behind = name[: found.start()], found[0]
    name, kind = (name, "") if form else _ending(name, lists.place)
    core, trade = _trade(name, lists)
    if core and not form and not behind and kind == "店":
        core, behind = _sign(core, kind, places)
    if not division and len(core) > _LEAST + 1:
        core, division = _county(core, places)
    branch = branch or behind
    return NameParts(core=core, branch=branch, division=division + named, legal=legal or form, trade=trade + kind)


def bigrams(text: str) -> frozenset[str]:
    """Neighbouring characters; a single character stands for itself."""
    if len(text) < _LEAST:
        return frozenset({text} - {""})
    return frozenset(one + two for one, two in pairwise(text))


def shortens(short: str, long: str) -> bool:
    """Whether one may stand for the other: at least two characters, all of them in the longer, in its order."""
    if not _LEAST <= len(short) < len(long):
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def strip_division(text: str, places: Places) -> str:
    """A name or an address without the divisions in front of it."""
    return _front(text, places)[0]


# What stands around the core. -----------------------------------------------------------------------


def _unbracketed(text: str) -> tuple[str, list[str]]:
    """The text without brackets, and what stood in them."""
    inside: list[str] = []

    def note(found: re.Match[str]) -> str:
        inside.append(_DROPPED.sub("", found[1]))
        return " "

    return _DROPPED.sub("", _BRACKETS.sub(note, text)), [each for each in inside if each]


def _bracketed(inside: list[str], places: Places, lists: Words) -> tuple[str, str, str]:
    """What brackets say: a division, a branch, a legal form."""
    division = branch = legal = ""
    for each in inside:
        rest, found = _front(each, places)
        if each in lists.bracketed:
            legal = each
        elif found and not rest:
            division += found
        else:
            branch = branch + each
    return division, branch, legal


def _front(name: str, places: Places) -> tuple[str, str]:
    """The rest of a name, and the divisions in front of it, widest first."""
    taken, above = "", frozenset[str]()
    for _ in range(_SECTIONS):
        found, codes = _place(name, places, above)
        if not found:
            break
        taken, name, above = taken + found, name[len(found) :], codes
    if taken and (street := _STREET.match(name)) and len(name) - street.end() >= _LEAST:
        taken, name = taken + street[0], name[street.end() :]
    return name, taken


def _place(name: str, places: Places, above: frozenset[str]) -> tuple[str, frozenset[str]]:
    """The longest division at the front that lies below one of those before it, and its codes."""
    for size in range(min(places.longest, len(name)), _LEAST - 1, -1):
        head = name[:size]
        codes = places.full.get(head, frozenset()) | {
            code
            for code in places.short.get(head, frozenset())
            if above or code.endswith("00") or head + "市" in places.full
        }
        if above:
            codes = frozenset(code for code in codes if any(_below(code, upper) for upper in above))
        if codes and not (head in places.short and _ROAD.match(name, size)):
            return head, codes
    return "", frozenset()


def _below(code: str, upper: str) -> bool:
    stem = upper.removesuffix("00").removesuffix("00")
    return code != upper and len(stem) < len(code) and code.startswith(stem)


def _form(name: str, lists: Words) -> tuple[str, str, str]:
    """The name before its legal form, the form, and the branch behind it."""
    for size in range(lists.longest, _LEAST - 1, -1):
        for at in range(len(name) - size, -1, -1):
            form, behind = name[at : at + size], name[at + size :]
            if form in lists.legal and _is_branch(behind, form, lists):
                return name[:at], form, behind
    return name, "", ""


def _is_branch(behind: str, form: str, lists: Words) -> bool:
    """Nothing, or the name of a part; `分公司` behind a place is a part and no company."""
    if not behind:
        return form != "企业"
    ends = any(behind.endswith(end) for end in (*lists.branch, *lists.place))
    return ends and form.endswith("公司") and len(behind) <= 2 * _WIDEST_BRANCH


def _ending(name: str, known: frozenset[str]) -> tuple[str, str]:
    """A name without the longest known word at its end, and that word."""
    for size in range(min(len(name), _WIDEST_WORD), 0, -1):
        if name[-size:] in known:
            return name[:-size], name[-size:]
    return name, ""


def _trade(name: str, lists: Words) -> tuple[str, str]:
    """The core in front and the words of trade behind it: as many as leave it two characters, or none at all."""
    covered = {len(name)}
    for at in range(len(name) - 1, -1, -1):
        if any(at + size in covered and name[at : at + size] in lists.trade for size in range(1, _WIDEST_WORD + 1)):
            covered.add(at)
    at = min(each for each in covered if each == 0 or each >= min(_LEAST, len(name)))
    core, trade = name[:at], name[at:]
    if len(core) > _SIGN:
        core, more = _inside(core, lists)
        trade = more + trade
    return core, trade


def _inside(core: str, lists: Words) -> tuple[str, str]:
    """A long core cut before the first word of trade that leaves it two characters or more."""
    for at in range(_LEAST, len(core) - 1):
        if any(core[at : at + size] in lists.trade for size in range(_WIDEST_WORD, 1, -1)):
            return core[:at], core[at:]
    return core, ""


def _sign(core: str, kind: str, places: Places) -> tuple[str, str]:
    """A sign's core and the branch behind it: `知味观萧山` + 店 is 知味观, the shop at Xiaoshan."""
    for size in range(min(len(core) - _LEAST, places.longest), 1, -1):
        if core[-size:] in places.full or core[-size:] in places.short:
            return core[:-size], core[-size:] + kind
    return core, ""


def _county(core: str, places: Places) -> tuple[str, str]:
    """A core without the county's short name in front, where two characters are left."""
    for size in range(min(len(core) - _LEAST, places.longest), 1, -1):
        if core[:size] in places.short:
            return core[size:], core[:size]
    return core, ""
