"""One line of a CSV file as partners bring it: in UTF-8 or GB18030, every cell printable."""

from __future__ import annotations

import csv

MOST_CELL = 200
_WIDE_SPACE = "\u3000"


def cells(raw: bytes, most: int = MOST_CELL) -> list[str]:
    """The cells of one line without its end; a wide space counts as a space. ValueError for anything unreadable.

    UTF-8 is tried first: what is valid in it is next to never GB18030 by chance.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    try:
        found = next(csv.reader([text.replace(_WIDE_SPACE, " ")], strict=True), [])
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if not "".join(found).isprintable() or any(len(each) > most for each in found):
        raise ValueError("a cell is too long, or holds signs that cannot stand there")
    return found
