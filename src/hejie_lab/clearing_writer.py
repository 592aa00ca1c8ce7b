"""Clearing files as an acquirer writes them, from a seed: our CSV, ZM, and ISO 8583 dumps; by code of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct

SHANGHAI = ZoneInfo("Asia/Shanghai")
ACQUIRER = "48021000"
_NAMES = ("奎元馆解放路店", "知味观湖滨店", "新白鹿餐厅", "楼外楼菜馆", "外婆家西湖店")
_ZM_WIDTHS = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15),
    *(32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98),
)
_CSV = (
    "movement,at,settles,amount_fen,acquirer,trace,rrn,query_id,order_no,merchant,merchant_name,terminal,category,card,"
    "of_query_id,of_trace,of_at"
)


class Movement(Struct, frozen=True, kw_only=True):
    """One movement, whatever the form it is written in."""

    back: bool
    at: datetime
    """Shanghai."""
    fen: int
    trace: str
    rrn: str
    query_id: str
    order_no: str
    merchant: str
    name: str
    terminal: str
    card: str
    of: Movement | None = None


def movement(number: int, day: date, chance: random.Random, *, of: Movement | None = None) -> Movement:
    """The movement of a number on a day; with `of`, its refund, in whole."""
    at = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(seconds=chance.randrange(22 * 3600))
    trace = f"{number % 1_000_000:06d}"
    shop = chance.randrange(2000)
    return Movement(
        back=of is not None,
        at=at,
        fen=of.fen if of else chance.randrange(100, 50_000),
        trace=trace,
        rrn=f"{chance.randrange(10**12):012d}",
        query_id=f"{number // 1_000_000 % 90 + 10:02d}{at:%y%m%d%H%M%S}{trace}8",
        order_no=f"{'R' if of else 'P'}{at:%y%m%d}{number:012d}",
        merchant=of.merchant if of else f"898330154{shop:06d}",
        name=of.name if of else _NAMES[shop % len(_NAMES)],
        terminal=of.terminal if of else f"{shop:08d}",
        card=of.card if of else f"6228480{chance.randrange(10**12):012d}",
        of=of,
    )


def movements(count: int, day: date, seed: int, *, refunds: float = 0.02) -> Iterator[Movement]:
    """So many movements of one day; a share of them gives back one that came before."""
    chance = random.Random(seed)
    first = chance.randrange(10**8)
    last: Movement | None = None
    for number in range(first, first + count):
        of = last if last and not last.back and chance.random() < refunds else None
        last = movement(number, day, chance, of=of)
        yield last


def csv_line(each: Movement) -> bytes:
    """One line of our CSV."""
    of = each.of
    before = (of.query_id, of.trace, of.at.isoformat()) if of else ("", "", "")
    cells = (
        *(
            "refund" if of else "payment",
            each.at.isoformat(),
            f"{each.at:%Y-%m-%d}",
            str(each.fen),
            ACQUIRER,
            each.trace,
        ),
        *(each.rrn, each.query_id, each.order_no, each.merchant, each.name, each.terminal, "5812", each.card, *before),
    )
    return (",".join(cells) + "\n").encode()


def zm_line(each: Movement) -> bytes:
    """One line of a ZM file: 607 bytes and the end of the line."""
    of = each.of
    cells = (
        *("S30" if of else "S22", ACQUIRER, ACQUIRER, each.trace, f"{each.at:%m%d%H%M%S}", each.card),
        *(f"{each.fen:012d}", "5812", "08", each.query_id, "", each.order_no, "01"),
        *((of.trace, f"{of.at:%m%d%H%M%S}") if of else ("000000", "0" * 10)),
        *(f"D{0:012d}", f"C{each.fen:012d}", "", "", "04" if of else "01", "00", "000201", "01", "", "", "0"),
        *(of.query_id if of else "0" * 21, each.merchant, "", "", each.name, "", "", each.terminal),
        *("", "", "", "", "", "", "", ""),
    )
    raw = (cell.encode("gbk").ljust(width) for cell, width in zip(cells, _ZM_WIDTHS, strict=True))
    return b" ".join(raw) + b"\r\n"


def iso_message(each: Movement) -> bytes:
    """One message of a dump: header of 46 bytes, type, bitmap, fields."""
    of = each.of
    fields = {
        2: f"{len(each.card):02d}{each.card}",
        3: "200000" if of else "000000",
        4: f"{each.fen:012d}",
        7: f"{each.at:%m%d%H%M%S}",
        11: each.trace,
        15: f"{each.at:%m%d}",
        18: "5812",
        32: f"{len(ACQUIRER):02d}{ACQUIRER}",
        37: each.rrn,
        39: "00",
        41: each.terminal,
        42: each.merchant,
        49: "156",
    }
    name = each.name.encode("gb18030").ljust(40)
    told = {number: text.encode() for number, text in fields.items()} | {43: name}
    if of:
        told[90] = f"0200{of.trace}{of.at:%m%d%H%M%S}{ACQUIRER:0>11}{0:011d}".encode()
    bits = sum(1 << (128 - number) for number in told) | (1 << 127 if of else 0)
    bitmap = bits.to_bytes(16, "big")[: 16 if of else 8]
    body = (b"0220" if of else b"0200") + bitmap + b"".join(told[number] for number in sorted(told))
    header = b"\x2e\x02" + f"{46 + len(body):04d}".encode() + b"00010000   00010000   ".ljust(40, b"0")
    return header + body


_LINES = {"csv": csv_line, "zm": zm_line, "iso8583": iso_message}


def write(file: Path, form: str, found: Iterator[Movement]) -> dict[str, int]:
    """Write them all; what a manifest says of the file."""
    told = {"records": 0, "payments_fen": 0, "refunds_fen": 0}
    with file.open("wb") as out:
        if form == "csv":
            out.write(f"{_CSV}\n".encode())
        for each in found:
            out.write(_LINES[form](each))
            told["records"] += 1
            told["refunds_fen" if each.back else "payments_fen"] += each.fen
        if form == "csv":
            out.write("TOTAL,{records},{payments_fen},{refunds_fen}\n".format(**told).encode())
    return told
