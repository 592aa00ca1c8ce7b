"""Clearing records as rows for COPY, and the references by which each is found again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hejie.base.seals import Vault
from hejie.payments.clearing import ClearingRecord
from hejie.store.references import both_of, trace_of

_NAMES = (
    *("city", "day", "file", "line", "movement", "at", "amount_fen", "acquirer", "forwarder", "trace", "rrn"),
    *("query_id", "order_no", "merchant", "merchant_name", "terminal", "category", "of_query_id", "of_trace", "of_at"),
    "card",
)
COLUMNS = ", ".join(_NAMES)
CREATE = """
create temporary table clearing_incoming on commit drop as
select c.*, null::bigint[] as hashes from clearing_record c with no data
"""
"""COPY does not write to a table that is closed by row, so a batch lands in one of the session's own first."""
INTO = f"insert into clearing_record ({COLUMNS}) select {COLUMNS} from clearing_incoming"
REFERENCES = """
insert into clearing_reference (city, hash, day, file, line)
select city, unnest(hashes), day, file, line from clearing_incoming
"""
_BLOCK = 500


def references(record: ClearingRecord) -> list[tuple[str, str]]:
    """Kind and value of everything a record can be found by; a refund also by its payment."""
    numbers = {record.query_id, record.order_no, record.of_query_id, record.rrn} - {""}
    found = [("number", each) for each in numbers]
    trace, terminal = both_of(record.trace, record.terminal, record.at, record.acquirer)
    if trace:
        found.append(("trace", trace))
    if record.of_trace and record.of_at:
        found.append(("trace", trace_of(record.of_trace, record.of_at, record.acquirer)))
    if terminal:
        found.append(("terminal", terminal))
    return found


class Rows:
    """Writes records of one file as lines of COPY's text form."""

    def __init__(self, vault: Vault, city: str, number: int) -> None:
        self._vault = vault
        self._begin = f"{city}\t"
        self._number = f"\t{number}\t"

    def blocks(self, records: Sequence[tuple[int, ClearingRecord]]) -> Iterator[bytes]:
        """The lines, some hundred at once."""
        for begin in range(0, len(records), _BLOCK):
            lines = [self._line(place, record) for place, record in records[begin : begin + _BLOCK]]
            yield "".join(lines).encode()

    def _line(self, place: int, record: ClearingRecord) -> str:
        """One line. All text is printable (the readers see to that), so only the backslash has to be escaped."""
        texts = (
            *(record.acquirer, record.forwarder, record.trace, record.rrn, record.query_id, record.order_no),
            *(record.merchant, record.merchant_name, record.terminal, record.category),
            *(record.of_query_id, record.of_trace),
        )
        told = "\t".join(texts).replace("\\", "\\\\")
        before = record.of_at.isoformat() if record.of_at else "\\N"
        card = "\\\\x" + self._vault.handle("card", record.card).hex() if record.card else "\\N"
        hashes = ",".join(str(self._vault.place(*each)) for each in references(record))
        return (
            f"{self._begin}{record.settles}{self._number}{place}\t{record.movement.value}\t{record.at.isoformat()}\t"
            f"{record.amount_fen}\t{told}\t{before}\t{card}\t{{{hashes}}}\n"
        )
