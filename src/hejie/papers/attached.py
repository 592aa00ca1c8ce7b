"""The one file inside a PDF, found without understanding the rest of it: the PDF may come from anybody."""

from __future__ import annotations

import re
import zlib

from hejie.base.errors import Refused

MOST_PDF = 2_500_000
MOST_ATTACHED = 256 * 1024
_MARK = re.compile(rb"/EmbeddedFile(?![A-Za-z0-9])")
_MOST_DICTIONARY = 2_000
_STREAM = re.compile(rb">>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length\s+([0-9]{1,9})(?!\s+[0-9]+\s+R)(?![0-9])")
_FILTER = re.compile(rb"/Filter\s*(\[?)\s*(/[A-Za-z0-9#]+)\s*(\]?)")
_END = re.compile(rb"\s{0,2}endstream")


def attached(raw: bytes) -> bytes:
    """The bytes of the file inside, unpacked.

    A stream is never packed into another object (ISO 32000-1, 7.5.7), so the one that holds a file is found by its
    mark, in one pass, whoever saved the PDF.
    Errors, all `Refused`: `paper_too_large`, `paper_not_pdf`, `paper_nothing_attached`, `paper_attachments_many`,
    `paper_attachment_broken`, `paper_attachment_large`.
    """
    if len(raw) > MOST_PDF:
        raise Refused("paper_too_large", most=MOST_PDF // 1_000_000)
    if not raw.startswith(b"%PDF-"):
        raise Refused("paper_not_pdf")
    marks = [found.start() for found in _MARK.finditer(raw)]
    if not marks:
        raise Refused("paper_nothing_attached")
    if len(marks) > 1:
        raise Refused("paper_attachments_many")
    return _unpacked(*_stream_at(raw, marks[0]))


def _stream_at(raw: bytes, mark: int) -> tuple[bytes, bytes]:
    """The dictionary around a mark, and what its stream holds."""
    begun = raw.rfind(b"obj", max(0, mark - _MOST_DICTIONARY), mark)
    opened = _STREAM.search(raw, mark, mark + _MOST_DICTIONARY)
    if begun < 0 or opened is None:
        raise Refused("paper_attachment_broken")
    dictionary, start = raw[begun : opened.start()], opened.end()
    told = _LENGTH.search(dictionary)
    end = start + int(told[1]) if told else raw.find(b"endstream", start)
    if end < start or _END.match(raw, end) is None:
        raise Refused("paper_attachment_broken")
    return dictionary, raw[start:end]


def _unpacked(dictionary: bytes, held: bytes) -> bytes:
    packing = _FILTER.search(dictionary)
    if packing is None and b"/Filter" not in dictionary:
        return _not_large(held)
    if packing is None or packing[2] != b"/FlateDecode" or b"/DecodeParms" in dictionary:
        raise Refused("paper_attachment_broken")
    opened = zlib.decompressobj()
    try:
        found = opened.decompress(held, MOST_ATTACHED + 1)
    except zlib.error:
        raise Refused("paper_attachment_broken") from None
    _not_large(found)
    if not opened.eof:
        raise Refused("paper_attachment_broken")
    return found


def _not_large(found: bytes) -> bytes:
    if len(found) > MOST_ATTACHED:
        raise Refused("paper_attachment_large", most=MOST_ATTACHED // 1024)
    return found
