"""Whether a text names or points at somebody: numbers, plates, titles, days, exact sums, known names; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

_WINDOW = 4
"""So many characters of a known name in a row give it away; a shorter one as a whole."""
_LEAST_NAME = 2
_GENERAL = re.compile(
    r"有限责任公司|股份有限公司|有限公司|分公司|集团|公司|个体工商户|经营部|商行|[（(].*?[)）]|省|市|区|县|\W"
)


class Trace(StrEnum):
    """What gives somebody away."""

    name = "name"
    phone = "phone"
    identity = "identity"
    plate = "plate"
    address_form = "address_form"
    """A family name with a title."""
    mail = "mail"
    number = "number"
    """A long number: of an order, an account, a card."""
    day = "day"
    amount = "amount"


class Leak(Struct, frozen=True):
    """One of them, as it stands in the text."""

    trace: Trace
    found: str


_PATTERNS: Mapping[Trace, re.Pattern[str]] = {
    Trace.identity: re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<![0-9A-Z])[0-9A-HJ-NP-RTUW-Y]{18}(?![0-9A-Z])"),
    Trace.phone: re.compile(
        r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
        r"|(?<!\d)400[- ]?\d{3}[- ]?\d{4}(?!\d)"
    ),
    Trace.plate: re.compile(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·• ]?[0-9A-Za-z]{5,6}(?![0-9A-Za-z])"
    ),
    Trace.address_form: re.compile(
        r"[\u4e00-\u9fff](?:先生|女士|小姐|阿姨|大爷|师傅|老师)|\b(?:Mr|Mrs|Ms|Miss)\b\.? ?\w+"
    ),
    Trace.mail: re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    Trace.day: re.compile(r"\d{1,2} ?月 ?\d{1,2} ?[日号]|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"),
    Trace.amount: re.compile(r"[¥￥] ?\d[\d,.]*|\d[\d,.]* ?(?:元|块钱|块|万元|yuan|CNY|RMB)"),
    Trace.number: re.compile(r"(?<!\d)\d{7,}(?!\d)"),
}


def leaks(text: str, known: Iterable[str] = ()) -> list[Leak]:
    """What of a text gives somebody away, each once; `known` are the names of a case's parties and places."""
    plain = unicodedata.normalize("NFKC", text)
    found = [Leak(Trace.name, name) for each in known for name in _named(plain, each)]
    taken = plain
    for trace, pattern in _PATTERNS.items():
        found += [Leak(trace, match.strip()) for match in pattern.findall(taken)]
        taken = pattern.sub("\n", taken)
    return list(dict.fromkeys(found))


def _named(text: str, name: str) -> list[str]:
    """The first piece of a name that stands in the text, signs and general words apart."""
    core = _GENERAL.sub("", unicodedata.normalize("NFKC", name)).casefold()
    if len(core) < _LEAST_NAME:
        return []
    bare = "".join(sign for sign in text.casefold() if sign.isalnum())
    size = min(_WINDOW, len(core))
    pieces = [core[place : place + size] for place in range(len(core) - size + 1)]
    return [each for each in pieces if each in bare][:1]
