"""What is said of a file, by its digests and numbers."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from tests.support.papers import AGREEMENT, AT

from hejie.base.errors import Refused
from hejie.papers.agreement import Kind, attachment, digest
from hejie.papers.checking import Verdict, held, judge
from hejie.papers.paper import MOST_BYTES, Issue, Paper, decide, evolve, paper_of

RAW = b"%PDF- whatever"
SAID = json.loads(attachment(AGREEMENT))
FOUND = held(RAW, SAID)
KEY = paper_of("dispute", "330100-D", Kind.settlement, 4, "zh")
ISSUE = Issue(
    number=AGREEMENT.number, kind=Kind.settlement, noun="dispute", subject="330100-D", edition=4, language="zh",
    json_sha256=digest(attachment(AGREEMENT)), pdf_sha256=digest(RAW), made_at=AT, size=len(RAW),
)  # fmt: skip


def issued(row: Paper | None = None, command: Issue = ISSUE, agreed: int = 4):
    return decide(row, command, city="330100", key=KEY, agreed=agreed, now=AT)


ROW = evolve(None, issued()[0])
OTHER = "HJ-330100-2026-00000-00000"


@pytest.mark.parametrize(
    ("found", "recorded", "typed", "verdict"),
    [
        (FOUND, ROW, "", Verdict.unchanged),
        (FOUND, ROW, AGREEMENT.number, Verdict.unchanged),
        (FOUND, ROW, OTHER, Verdict.other_number),
        (FOUND, None, "", Verdict.unknown),
        (FOUND, replace(ROW, number=OTHER), "", Verdict.unknown),
        (held(RAW + b"\n", SAID), ROW, "", Verdict.resaved),
        (held(RAW, SAID | {"salt": "1"}), ROW, "", Verdict.altered),
        (held(RAW + b"\n", SAID | {"facts": []}), ROW, "", Verdict.altered),
        (FOUND, replace(ROW, pdf_sha256="0" * 64), "", Verdict.resaved),
        (FOUND, replace(ROW, json_sha256="0" * 64), "", Verdict.altered),
    ],
)
def test_only_both_digests_and_both_numbers_make_it_unchanged(found, recorded, typed, verdict):
    assert judge(found, recorded, typed) is verdict


def test_the_same_content_written_otherwise_has_the_same_digest():
    assert held(RAW, dict(reversed(SAID.items()))).json_sha256 == FOUND.json_sha256


@pytest.mark.parametrize(
    "said",
    [None, [], {}, SAID | {"schema": "x"}, SAID | {"number": 1}, SAID | {"number": "x"}, SAID | {"edition": 2**60}],
)
def test_what_is_no_agreement_of_ours_is_refused(said):
    with pytest.raises(Refused, match="paper_not_ours"):
        held(RAW, said)


def test_a_document_is_made_once_and_of_what_stands_agreed():
    assert issued(ROW) == []
    for agreed in (0, 3, 5):
        with pytest.raises(Refused, match="agreement_missing"):
            issued(agreed=agreed)
    with pytest.raises(Refused, match="paper_too_large"):
        issued(command=replace(ISSUE, size=MOST_BYTES + 1))
