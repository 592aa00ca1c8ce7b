"""Reads the bills that consumers export from their wallets: Alipay and WeChat Pay, CSV and XLSX."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from hejie.base.errors import Refused
from hejie.payments import bill_sheet, bill_text
from hejie.payments.bill import Bill, BillRow, Entry
from hejie.payments.bill_grid import MOST_BYTES
from hejie.payments.bill_kinds import judge, refunds_by_trade
from hejie.payments.bill_layouts import columns_of
from hejie.payments.bill_table import entries_of

__all__ = ["MOST_BYTES", "Bill", "BillRow", "read_bill"]


def read_bill(raw: bytes) -> Bill:
    """The bill in a file, its kind told by content alone; amounts in fen, times in UTC.

    Errors, all `Refused` and nothing partial: `bill_empty`, `bill_too_large` (10 MB, 20,000
    rows, 24 MB unpacked), `bill_zipped`, `bill_unknown_format`, `bill_cut_off`, `bill_damaged`,
    `bill_row_unreadable` (fact `row`). Source of the layouts: the wallets' own exports.
    """
    if len(raw) > MOST_BYTES:
        raise Refused("bill_too_large")
    if bill_sheet.is_packed(raw):
        container, grid = "xlsx", bill_sheet.grid_of(raw, known=_is_header)
    else:
        text, whole = bill_text.text_of(raw)
        container, grid = "csv", bill_text.grid_of(text, whole=whole, known=_is_header)
    columns = columns_of(grid.header)
    if columns is None:
        raise Refused("bill_unknown_format")
    entries, announced = entries_of(grid, columns)
    return Bill(
        wallet=columns.layout.wallet,
        layout=f"{columns.layout.name}_{container}",
        payments=_judged(entries),
        announced=announced,
    )


def _is_header(cells: Sequence[str]) -> bool:
    return columns_of(cells) is not None


def _judged(entries: Sequence[Entry]) -> tuple[BillRow, ...]:
    back = refunds_by_trade(entries)
    rows = []
    for entry in entries:
        refunded = min(max(entry.refunded_fen, back.get(entry.trade_no, 0)), entry.amount_fen)
        known = structs.replace(entry, refunded_fen=refunded)
        verdict = judge(known)
        printed = {name: value for name, value in structs.asdict(known).items() if name != "source"}
        rows.append(BillRow(**printed, disputable=verdict.disputable, why=verdict.why))
    return tuple(rows)
