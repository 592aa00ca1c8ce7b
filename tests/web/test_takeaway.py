"""The whole record to take away: what each side gets, on paper and as an archive, and that a change is found."""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.support.town import OFFICER, Town
from tests.web.consumer_lab import EN, Browser, filed, png, signed_in

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused
from hejie.cli import record
from hejie.disputes import commands as d
from hejie.documents import paper as documents

WORDS = "面是凉的\n#strong[*不*] 😡 \\ 𠮷"


async def talked(here: Town, browser: Browser) -> str:
    """A dispute with words, a picture, an offer and a rating at its end."""
    dispute = await filed(here, browser)
    picture = {"pictures": ("a.png", png(), "image/png")}
    await browser.send("say", picture, words=WORDS)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    await here.act(dispute, d.Rate(solved=True, mood=5), Actor(Role.consumer, (await here.read(dispute)).consumer))
    return dispute


def opened(raw: bytes) -> tuple[zipfile.ZipFile, dict, list[dict]]:
    kept = zipfile.ZipFile(io.BytesIO(raw))
    return (
        kept,
        json.loads(kept.read("record.json")),
        [json.loads(line) for line in kept.read("log.jsonl").splitlines()],
    )


async def test_the_consumers_archive_holds_every_step_picture_and_seal(here: Town, browser: Browser, tmp_path, capsys):
    dispute = await talked(here, browser)
    await browser.open(f"disputes/{dispute}/record.zip")
    assert browser.page.headers["content-type"] == "application/zip"
    assert browser.page.headers["cache-control"] == "no-store"
    kept, told, log = opened(browser.page.content)
    assert (told["schema"], told["id"], told["taken_by"]) == ("hejie-record/1", dispute, "consumer")
    assert [line["version"] for line in log] == list(range(1, told["version"] + 1))
    assert WORDS in [line["words"] for line in told["story"]]
    assert log[-1]["event"] == "Rated"
    (name,) = told["pictures"]
    assert kept.read(f"pictures/{name}")[1:4] == b"PNG"
    assert _check(tmp_path, browser.page.content, capsys) == 0


async def test_what_is_not_for_the_merchant_is_only_a_seal(here: Town, browser: Browser):
    dispute = await talked(here, browser)
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    _, told, log = opened((await merchant.open(f"merchant/disputes/{dispute}/record.zip")).content)
    assert set(log[-1]) == {"version", "digest"}
    assert (await here.read(dispute)).consumer not in json.dumps([told, log]), (
        "who complains twice is not the merchant's"
    )
    assert "Rated" not in json.dumps(told)
    assert not [line for line in told["story"] if line["kind"] == "Rated"]
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    _, _, whole = opened((await officer.open(f"officer/disputes/{dispute}/record.zip")).content)
    assert (whole[-1]["event"], whole[-1]["digest"]) == ("Rated", log[-1]["digest"])


async def test_the_paper_prints_whatever_was_written_and_spells_out_what_no_font_has(here: Town, browser: Browser):
    dispute = await talked(here, browser)
    await browser.open(f"disputes/{dispute}/record.pdf")
    assert browser.page.headers["content-type"] == "application/pdf"
    read = PdfReader(io.BytesIO(browser.page.content))
    text = "".join(page.extract_text() for page in read.pages)
    for printed in ("消费纠纷全记录", "面是凉的", "#strong[*不*]", dispute, "奎元馆解放路店", "¥50.00"):
        assert printed in text
    assert sum(len(page.images) for page in read.pages) == 1
    assert read.root_object["/MarkInfo"]["/Marked"], "tagged for screen readers"
    english = Browser(here, EN)
    english.http.cookies = browser.http.cookies
    page = PdfReader(io.BytesIO((await english.open(f"disputes/{dispute}/record.pdf?lang=en")).content)).pages[0]
    assert "Record of a consumer dispute" in page.extract_text()


async def test_where_no_paper_can_be_made_the_archive_is_offered(here: Town, browser: Browser, monkeypatch):
    dispute = await filed(here, browser)
    monkeypatch.setattr(documents, "chain", _Empty)
    await browser.open(f"disputes/{dispute}/record.pdf")
    assert browser.page.status_code == 422
    assert "ZIP" in browser.text
    kept, *_ = opened((await browser.open(f"disputes/{dispute}/record.zip")).content)
    assert "record.pdf" not in kept.namelist()


class _OnlyAscii:
    characters = frozenset(range(128))


class _Empty:
    files = families = ()
    characters = frozenset[int]()


CHANGES = {
    "a step": ("log.jsonl", lambda raw: raw.replace(b'"amount_fen": 5000', b'"amount_fen": 4000'), "step 1"),
    "a step left out": ("log.jsonl", lambda raw: raw.partition(b"\n")[2], "missing"),
    "a picture": (".png", lambda raw: raw + b"x", "another one"),
    "cut off": ("record.json", lambda raw: raw[:-9], "no whole record"),
}


@pytest.mark.parametrize("which", CHANGES)
async def test_a_change_is_found(here: Town, browser: Browser, tmp_path, capsys, which):
    where, change, said = CHANGES[which]
    dispute = await talked(here, browser)
    raw = (await browser.open(f"disputes/{dispute}/record.zip")).content
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as kept, zipfile.ZipFile(out, "w") as forged:
        for name in kept.namelist():
            raw = kept.read(name)
            forged.writestr(name, change(raw) if name.endswith(where) else raw)
    assert _check(tmp_path, out.getvalue(), capsys, said) == 1


async def test_no_archive_at_all_is_said_in_words(tmp_path, capsys):
    assert _check(tmp_path, b"PK\x03\x04 nothing", capsys, "no whole record") == 1


async def test_a_record_is_not_taken_without_end(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    answers = [(await browser.open(f"disputes/{dispute}/record.zip")).status_code for _ in range(21)]
    assert (answers[0], answers[-1]) == (200, 429)


def test_a_character_that_no_font_has_is_spelled_out_wherever_it_stands(monkeypatch):
    monkeypatch.setattr(documents, "chain", _OnlyAscii)
    assert documents.spelled({"a": ["x 𠮷\n", 1, None], "b": "和"}) == {
        "a": ["x [U+20BB7]\n", 1, None],
        "b": "[U+548C]",
    }


def test_paper_that_cannot_be_made_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "chain", _Empty)
    with pytest.raises(Refused, match="paper_missing"):
        documents.paper("record", {}, {}, None)


def _check(folder: Path, raw: bytes, capsys, said: str = "each agrees with its seal") -> int:
    file = folder / "taken.zip"
    file.write_bytes(raw)
    status = record.run(argparse.Namespace(action="check", file=file))
    assert said in capsys.readouterr().out
    return status
