"""A list of merchants as a CSV file: read whole, held line by line against the merchants' own rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from hejie.base.errors import HejieError, Refused
from hejie.merchants import commands as m
from hejie.merchants.decide import decide
from hejie.merchants.fold import evolve
from hejie.merchants.model import Kind, Merchant, Shop
from hejie.merchants.trades import trade_code
from hejie.merchants.uscc import credit_code

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "credit_code": ("统一社会信用代码", "信用代码", "credit_code"),
        "name": ("商户名称", "企业名称", "name"),
        "shop": ("店铺名称", "门店名称", "shop"),
        "district": ("区县", "所属区县", "district"),
        "address": ("地址", "经营地址", "address"),
        "trade": ("行业", "行业代码", "trade"),
        "phone": ("手机号", "联系电话", "phone"),
    }
)
"""Column → the words that may stand at its head; the first is the one we ask for."""


class Entry(Struct, frozen=True, kw_only=True, array_like=True):
    """One line that is good."""

    line: int
    """As a person counts the lines of the file, its head included."""
    credit_code: str
    name: str
    shop: str
    district: str
    address: str
    trade: str
    phone: str
    """E.164."""
    first: bool
    """The first line of this merchant in the file."""
    own_phone: bool
    """The shop's number differs from that of the merchant's first line."""

    @property
    def kind(self) -> Kind:
        """What the code says of the legal entity (GB 32100: authority 9, class 2 is 个体工商户)."""
        return Kind.individual if self.credit_code.startswith("92") else Kind.enterprise


class Fault(Struct, frozen=True, kw_only=True):
    """One line that is not, and why."""

    line: int
    credit_code: str
    """Empty where it is itself what is wrong."""
    why: HejieError


class Listing(Struct, frozen=True):
    """A whole file."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def read_list(
    raw: bytes, city: str, districts: Mapping[str, str], mobile: Callable[[str], str], now: datetime
) -> Listing:
    """Read a file in UTF-8 or GB18030; `districts` maps code → Chinese name, `mobile` reads a phone number.

    Errors: `Refused` with `list_too_large`, `list_unreadable`, `list_columns`, `list_too_long`, `list_empty`.
    """
    if len(raw) > MOST_BYTES:
        raise Refused("list_too_large")
    rows = _rows(_text(raw))
    _, head = next(rows, (0, []))
    places = _places(head)
    reader = _Reader(city, districts, mobile, now)
    for count, (line, cells) in enumerate(rows):
        if count >= MOST_ROWS:
            raise Refused("list_too_long", most=MOST_ROWS)
        reader.take(line, {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()})
    if not (reader.entries or reader.faults):
        raise Refused("list_empty")
    return Listing(tuple(reader.entries), tuple(reader.faults))


def _text(raw: bytes) -> str:
    if b"\x00" not in raw:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Refused("list_unreadable")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, each with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Refused("list_unreadable") from None


def _places(head: Sequence[str]) -> dict[str, int]:
    heads = [cell.strip().casefold() for cell in head]
    places = {name: next((at for at, cell in enumerate(heads) if cell in words), -1) for name, words in COLUMNS.items()}
    missing = [COLUMNS[name][0] for name, at in places.items() if at < 0 and name != "trade"]
    if missing:
        raise Refused("list_columns", columns="、".join(missing))
    return {name: at for name, at in places.items() if at >= 0}


class _Reader:
    """Holds each line against the rules and against the lines before it."""

    def __init__(self, city: str, districts: Mapping[str, str], mobile: Callable[[str], str], now: datetime) -> None:
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self._city, self._mobile, self._now = city, mobile, now
        self._codes = {**{name: code for code, name in districts.items()}, **{code: code for code in districts}}
        self._merchants: dict[str, Entry] = {}
        self._shops: set[tuple[str, str, str]] = set()

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        code = ""
        try:
            code = credit_code(cells["credit_code"])
            entry = self._entry(line, code, cells)
        except HejieError as why:
            self.faults.append(Fault(line=line, credit_code=code, why=why))
            return
        self.entries.append(entry)
        self._merchants.setdefault(code, entry)
        self._shops.add((code, entry.shop, entry.address))

    def _entry(self, line: int, code: str, cells: Mapping[str, str]) -> Entry:
        first = self._merchants.get(code)
        phone = self._mobile(cells["phone"])
        entry = Entry(
            line=line,
            credit_code=code,
            name=cells["name"],
            shop=cells["shop"] or cells["name"],
            district=self._codes.get(cells["district"], cells["district"]),
            address=cells["address"],
            trade=trade_code(cells.get("trade", "")),
            phone=phone,
            first=first is None,
            own_phone=first is not None and first.phone != phone,
        )
        if first is not None and first.name != entry.name:
            raise Refused("line_name_differs", line=first.line)
        if (code, entry.shop, entry.address) in self._shops:
            raise Refused("line_repeated")
        _check(self._city, entry, self._codes, self._now)
        return entry


def _check(city: str, entry: Entry, districts: Mapping[str, str], now: datetime) -> None:
    """By the rules that hold where an officer types them."""
    if entry.district not in districts.values():
        raise Refused("shop_outside_city")
    register = m.RegisterMerchant(city=city, id="", credit_code=entry.credit_code, name=entry.name)
    merchant: Merchant | None = None
    for event in decide(None, register, now):
        merchant = evolve(merchant, event)
    decide(merchant, m.AddShop(shop=shop_of(entry, "")), now)


def shop_of(entry: Entry, identifier: str) -> Shop:
    """The shop that a line tells of."""
    return Shop(id=identifier, name=entry.shop, district=entry.district, address=entry.address, category=entry.trade)
