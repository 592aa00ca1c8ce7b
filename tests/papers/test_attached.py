"""The file inside a PDF: found in good ones, refused in hostile ones, always at once."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.papers import pdf_with

from hejie.base.errors import Refused
from hejie.papers.attached import MOST_ATTACHED, MOST_PDF, attached

BOMB = zlib.compress(bytes(50_000_000), 9)
INDIRECT = b"%PDF-1.7\n1 0 obj\n<</Length 7 0 R/Type/EmbeddedFile>>\nstream\n{}\nendstream\nendobj\n"
HOSTILE = {
    "nothing": (b"", "paper_not_pdf"),
    "a picture": (b"\x89PNG\r\n", "paper_not_pdf"),
    "text before it": (pdf_with(b"{}", head=b"x%PDF-1.7\n"), "paper_not_pdf"),
    "beyond the limit": (pdf_with(b"{}") + bytes(MOST_PDF), "paper_too_large"),
    "no file": (b"%PDF-1.7\n1 0 obj\n<</Names[]/EmbeddedFiles 2 0 R>>\nendobj\n", "paper_nothing_attached"),
    "two files": (pdf_with(b"{}", b"{}"), "paper_attachments_many"),
    "too much inside": (pdf_with(bytes(MOST_ATTACHED + 1)), "paper_attachment_large"),
    "a bomb": (pdf_with(b"").replace(b"/Length 0 ", b"/Length %d /Filter/FlateDecode" % len(BOMB)).replace(
        b"stream\n\nend", b"stream\n" + BOMB + b"\nend"), "paper_attachment_large"),
    "a length that lies": (pdf_with(b"{}").replace(b"/Length 2", b"/Length 9"), "paper_attachment_broken"),
    "a huge length": (pdf_with(b"{}").replace(b"/Length 2", b"/Length 999999999"), "paper_attachment_broken"),
    "cut off": (pdf_with(b"{}")[:60], "paper_attachment_broken"),
    "a cut packing": (pdf_with(b"x" * 99, packed=True).replace(b"/Length 1", b"/Length 0"), "paper_attachment_broken"),
    "no packing at all": (pdf_with(b"{}", more=b"/Filter/FlateDecode"), "paper_attachment_broken"),
    "packed otherwise": (pdf_with(b"{}", more=b"/Filter/LZWDecode"), "paper_attachment_broken"),
    "packed twice": (pdf_with(b"{}", more=b"/Filter[/FlateDecode/FlateDecode]"), "paper_attachment_broken"),
    "packed with a key": (pdf_with(b"{}", more=b"/Filter/FlateDecode/DecodeParms<<>>"), "paper_attachment_broken"),
    "a mark alone": (b"%PDF-1.7\n/EmbeddedFile", "paper_attachment_broken"),
    "marks without end": (b"%PDF-1.7\n" + b"/EmbeddedFile" * 100_000, "paper_attachments_many"),
    "brackets without end": (b"%PDF-1.7\n/EmbeddedFile" + b">> " * 500_000, "paper_attachment_broken"),
}  # fmt: skip


@pytest.mark.parametrize("which", HOSTILE)
def test_a_hostile_file_is_refused(which):
    raw, code = HOSTILE[which]
    with pytest.raises(Refused) as refused:
        attached(raw)
    assert refused.value.code == code


@given(st.binary(max_size=300), st.booleans())
def test_what_was_put_in_comes_out(held, packed):
    assume(packed or b"/EmbeddedFile" not in held)
    assert attached(pdf_with(held, packed=packed)) == held


def test_a_length_told_elsewhere_is_found_by_the_end():
    assert attached(INDIRECT).strip() == b"{}"


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(noise):
    try:
        attached(b"%PDF-1.7\n1 0 obj <</Type/EmbeddedFile " + noise)
    except Refused:
        return
