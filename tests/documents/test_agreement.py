"""The document itself: what its face says, what is inside, and that no change goes unseen."""

from __future__ import annotations

import io
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PdfReader, PdfWriter
from tests.support.papers import AGREEMENT, AT

from hejie.base.errors import Refused
from hejie.base.strict_json import strict_json
from hejie.documents import agreement as documents
from hejie.documents import paper as papers
from hejie.documents.agreement import Made, agreement_paper
from hejie.documents.paper import can_print
from hejie.edge.paper_words import face
from hejie.papers.agreement import Agreement, Kind, attachment, digest
from hejie.papers.attached import attached
from hejie.papers.checking import Verdict, held, judge
from hejie.papers.paper import Paper, paper_of

ADDRESS = "http://hejie.test/330100/verify?number=HJ-330100-2026-7K3FM-92QDA"
MEDIATED = replace(AGREEMENT, kind=Kind.mediation, agency="上城区市场监督管理局", mediator="李调解", sealed_copies=3)


@pytest.fixture(autouse=True)
def _typesetter(lacking):
    if not can_print():
        lacking("typst and a Chinese font (make documents brings them)")


def made(agreement: Agreement = AGREEMENT) -> Made:
    return agreement_paper(agreement, face(agreement), ADDRESS, AT)


@cache
def _one() -> Made:
    return made()


def _row(found: Made, agreement: Agreement = AGREEMENT) -> Paper:
    return Paper(
        city="330100", version=1, id=paper_of("dispute", "330100-D", agreement.kind, 4, "zh"), number=agreement.number,
        kind=agreement.kind, noun="dispute", subject="330100-D", edition=4, language="zh",
        json_sha256=found.json_sha256, pdf_sha256=found.pdf_sha256, made_at=AT,
    )  # fmt: skip


def _verdict(raw: bytes, row: Paper) -> Verdict | str:
    try:
        return judge(held(raw, strict_json(attached(raw))), row)
    except Refused as refused:
        return refused.code


SAYS = {
    "zh": ("和解协议", AGREEMENT.number, "陈先生", "138****0000", "¥12.00", "退回原支付账户", "面是凉的", "12:05"),
    "en": ("Settlement agreement", AGREEMENT.number, "Chinese document governs", "¥12.00", "30 Nov 2026"),
    "mediation": ("调解协议书", "上城区市场监督管理局", "李调解", "（盖章）", "份数"),
}
WHAT = {"zh": AGREEMENT, "en": replace(AGREEMENT, language="en"), "mediation": MEDIATED}


@pytest.mark.parametrize("which", SAYS)
def test_the_face_says_it_all_and_what_is_inside_is_the_same(which):
    found = made(WHAT[which])
    read = PdfReader(io.BytesIO(found.raw))
    text = "".join(page.extract_text() for page in read.pages)
    first = read.pages[0].extract_text()
    for said in (*SAYS[which], AGREEMENT.number):
        assert said in text, said
    assert AGREEMENT.number in first
    assert found.json_sha256 in first.replace(" ", "").replace("\n", "")
    assert read.root_object["/MarkInfo"]["/Marked"], "tagged for screen readers"
    assert {name: raw for name, [raw] in read.attachments.items()} == {"agreement.json": attachment(WHAT[which])}
    assert attached(found.raw) == attachment(WHAT[which])
    assert (found.json_sha256, found.pdf_sha256) == (digest(attachment(WHAT[which])), digest(found.raw))
    assert _verdict(found.raw, _row(found, WHAT[which])) is Verdict.unchanged


def test_the_same_agreement_gives_the_same_bytes():
    assert made().raw == _one().raw


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@example(0.0, 1)
@example(0.9999999, 255)
def test_a_changed_byte_is_never_unchanged(where, by):
    raw = bytearray(_one().raw)
    raw[int(where * len(raw))] ^= by
    assert _verdict(bytes(raw), _row(_one())) != Verdict.unchanged


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_of_what_is_inside_is_never_the_same_content(where, by):
    raw, inside = bytearray(_one().raw), b"stream"
    start = _one().raw.index(inside, _one().raw.index(b"/EmbeddedFile")) + len(inside) + 1
    raw[start + where % 200] ^= by
    assert _verdict(bytes(raw), _row(_one())) not in {Verdict.unchanged, Verdict.resaved}


def test_a_file_saved_again_is_told_apart_from_one_that_was_altered():
    row = _row(_one())
    writer = PdfWriter(clone_from=io.BytesIO(_one().raw))
    out = io.BytesIO()
    writer.write(out)
    assert _verdict(out.getvalue(), row) is Verdict.resaved
    assert _verdict(_one().raw + b"\n% more\n", row) is Verdict.resaved
    forged = replace(AGREEMENT, terms=(replace(AGREEMENT.terms[0], amount_fen=120_000),))
    assert _verdict(made(forged).raw, row) is Verdict.altered
    writer.add_attachment("more.json", b"{}")
    writer.write(out := io.BytesIO())
    assert _verdict(out.getvalue(), row) == "paper_attachments_many"


def test_a_character_without_a_font_stops_the_document_and_is_named():
    term = replace(AGREEMENT.terms[0], what="退款 \U000e0041")
    with pytest.raises(Refused) as refused:
        made(replace(AGREEMENT, terms=(term,)))
    assert refused.value.code == "paper_character"
    assert "U+E0041" in str(refused.value.facts["characters"])


def test_where_there_are_no_fonts_it_is_said(monkeypatch):
    monkeypatch.setattr(documents, "can_print", lambda: False)
    with pytest.raises(Refused, match="paper_missing"):
        made()
    monkeypatch.undo()
    monkeypatch.setattr(papers, "chain", lambda: type("None_", (), {"files": ()}))
    with pytest.raises(Refused, match="paper_missing"):
        made()


def test_an_agreement_that_lacks_a_part_is_not_printed():
    with pytest.raises(Refused, match="agreement_term_missing"):
        made(replace(AGREEMENT, terms=()))
