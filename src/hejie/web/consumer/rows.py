"""The rows of a bill file as a consumer chooses among them, each with the reason why it can or cannot be disputed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from hejie.cities.dues import Rule, due
from hejie.cities.settings import CitySettings
from hejie.edge.words import mark, say
from hejie.payments.bill import Bill, BillRow
from hejie.web.consumer.box import BoxRow

MOST_SHOWN = 100
"""Of each sort; a longer bill is narrowed by name or number."""
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_WHY: Mapping[str, str] = {
    "purchase": mark("A purchase."),
    "partly_refunded": mark("A purchase, refunded in part."),
    "collection_code": mark("Paid by a collection code: please name the stall, shop or market."),
    "direction_unclear": mark("The bill does not say clearly that it went out: please name whom you paid."),
    "family_card": mark("Paid for or by somebody else: please name the merchant."),
    "status_unclear": mark("The bill does not say clearly that it was paid: please name the merchant."),
    "refund_unclear": mark("Something was refunded, the bill does not say how much: please name the merchant."),
    "kind_unclear": mark("We do not know this sort of payment: please name the merchant."),
    "trade_number_missing": mark("The file has lost its number: please export the bill again, unedited."),
    "refund": mark("Money that came back, not a payment."),
    "income": mark("Money that came in, not a payment."),
    "already_refunded": mark("It was refunded in full."),
    "trade_closed": mark("It was closed and not paid."),
    "not_paid": mark("It was not paid."),
    "nothing_paid": mark("Nothing was paid."),
    "transfer_between_people": mark("A transfer between people, not a purchase."),
    "red_packet": mark("A red packet, not a purchase."),
    "wealth_product": mark("Savings or investment, not a purchase."),
    "card_repayment": mark("Repayment of a credit, not a purchase."),
    "withdrawal": mark("A withdrawal, not a purchase."),
    "top_up": mark("A top-up of your own account, not a purchase."),
    "late": mark("The time for settling it here is over; 12315 is still open."),
}
_OTHER = mark("Not a purchase.")


class Choice(Struct, frozen=True, kw_only=True):
    """One row on the page."""

    row: BoxRow
    choosable: bool
    why: str

    @classmethod
    def again(cls, row: BoxRow, language: str, settings: CitySettings, now: datetime) -> Choice:
        """A row that was choosable before, for showing the page again."""
        late = due(Rule.filing_window, row.time, settings).passed(now)
        return cls(row=row, choosable=not late, why=_told(language, "late" if late else row.why))


def choices(language: str, bill: Bill, find: str, settings: CitySettings, now: datetime) -> list[Choice]:
    """Newest first, those that match `find` in name, item or number; `MOST_SHOWN` of each sort."""
    found: list[Choice] = []
    counts = {True: 0, False: 0}
    for row in sorted(bill.payments, key=lambda each: each.time, reverse=True):
        if find and not any(find.casefold() in text.casefold() for text in (row.counterparty, row.item, row.trade_no)):
            continue
        choice = _choice(language, row, settings, now)
        counts[choice.choosable] += 1
        if counts[choice.choosable] <= MOST_SHOWN:
            found.append(choice)
    return found


def _choice(language: str, row: BillRow, settings: CitySettings, now: datetime) -> Choice:
    numbered = _NUMBER.fullmatch(row.trade_no) is not None
    possible = row.disputable != "no" and numbered
    late = due(Rule.filing_window, row.time, settings).passed(now)
    why = row.why if row.disputable == "no" or not possible else "late" if late else row.why
    if row.disputable != "no" and not numbered:
        why = "trade_number_missing"
    return Choice(
        row=BoxRow(
            time=row.time,
            counterparty=row.counterparty[:80],
            item=row.item[:80],
            amount_fen=row.amount_fen,
            refunded_fen=row.refunded_fen,
            trade_no=row.trade_no,
            order_no=row.order_no if _NUMBER.fullmatch(row.order_no) else "",
            why=row.why,
            asks=row.disputable == "ask",
        ),
        choosable=possible and not late,
        why=_told(language, why),
    )


def _told(language: str, why: str) -> str:
    return say(language, _WHY.get(why, _OTHER))
