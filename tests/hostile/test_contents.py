"""Pictures that are bombs or none, and words that are markup, formulas, control characters or far too many."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

import pytest
from PIL import Image
from tests.hostile.stage import CITY, EN, JSON, Stage

from hejie.base import strict_json
from hejie.base.errors import Refused

SCRIPT = "<script>alert(1)</script>"
MARKUP = (
    f"{SCRIPT}<img src=x onerror=alert(1)>'\"><svg/onload=alert(1)>{{{{7*7}}}}${{7*7}}</textarea>"
    "<a href=javascript:alert(1)>x</a>&lt;b&gt;"
)
FORMULA = '=HYPERLINK("http://evil.example","x")\n+1\n-1\n@SUM(A1)'
CONTROLS = "a\x00b\x07c\x1b[31md\x7fe\u202ef\u200bg\ufeffh\u0085i\u2028j"


def bomb(side: int) -> bytes:
    """A real PNG of that many pixels squared, a few kilobytes long."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    rows = b"".join(packed.compress(row * 100) for _ in range(side // 100)) + packed.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.sh", "rm -rf /")
    return out.getvalue()


def small(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()


PICTURES = (
    ("a.jpg", zipped(), 422, "not a JPEG, PNG or WebP"),
    ("a.png", b"", 422, "not a JPEG"),
    ("a.png", bomb(20_000), 422, "too many pixels"),
    ("a.svg", f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>".encode(), 422, "not a JPEG"),
    ("a.gif", small("GIF"), 422, "not a JPEG"),
    ("a.jpg", b"\xff\xd8\xff" + b"\0" * 2000, 422, "damaged"),
    ("a.png", small()[:40], 422, "damaged"),
    ("a.jpg", b"\xff\xd8\xff" + b"\0" * (15 * 1024 * 1024), 413, "too large"),
    ("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 100, 422, "HEIC"),
    ("../../etc/passwd\x00.jpg", zipped(), 422, "not a JPEG"),
)


async def test_pictures_that_are_none_are_refused_in_words_and_nothing_is_stored(stage: Stage):
    dispute, consumer = await stage.file(), await stage.hand("x")
    before = stage.everything()
    for name, raw, status, told in PICTURES:
        files = {"pictures": (name, raw, "image/jpeg")}
        answer = await consumer.post(f"/{CITY}/disputes/{dispute}/say", files=files)
        assert answer.status_code == status, (name, answer.status_code)
        assert told in answer.text, name
    many = [("pictures", ("a.png", small(), "image/png"))] * 7
    answer = await consumer.post(f"/{CITY}/disputes/{dispute}/say", files=many)
    assert answer.status_code == 422
    assert "At most 6 pictures" in answer.text
    assert stage.everything() == before


async def test_a_bomb_in_a_filing_files_nothing(stage: Stage):
    trade, consumer = await stage.pay(), await stage.hand("x")
    before = stage.everything()
    fields = {"trade": trade, "problem": "quality", "remedy": "refund_full", "words": "w"}
    for raw in (bomb(20_000), zipped()):
        answer = await consumer.post(f"/{CITY}/disputes", fields, files={"pictures": ("a.jpg", raw, "image/jpeg")})
        assert answer.status_code == 422
    assert stage.everything() == before


async def test_a_picture_comes_back_as_a_picture_and_nothing_else(stage: Stage):
    dispute, consumer = await stage.file(), await stage.hand("x")
    polyglot = small() + SCRIPT.encode() + zipped()
    files = {"pictures": ("a.html", polyglot, "text/html")}
    assert (await consumer.post(f"/{CITY}/disputes/{dispute}/say", files=files)).status_code == 303
    (name,) = stage.sql("select id from content where kind = 'png'")[0]
    answer = await consumer.get(f"/{CITY}/disputes/{dispute}/pictures/{name}")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert SCRIPT.encode() not in answer.content
    assert b"PK\x03\x04" not in answer.content
    (words,) = stage.sql("select id from content where kind = 'text'")[0]
    assert (await consumer.get(f"/{CITY}/disputes/{dispute}/pictures/{words}")).status_code == 404, (
        "words are no picture"
    )


@pytest.mark.parametrize("said", [MARKUP, FORMULA])
async def test_words_are_shown_as_words_to_everybody(stage: Stage, said: str):
    dispute = await stage.mediated(said)
    ways = {"x": f"/{CITY}/disputes/{dispute}", "officer-1": f"/{CITY}/officer/disputes/{dispute}"}
    merchants = f"/{CITY}/merchant/disputes/{dispute}"
    if (await (await stage.hand("a")).get(merchants)).status_code == 200:
        ways["a"] = merchants
    for who, path in ways.items():
        hand = await stage.hand(who)
        for language in ({"accept-language": "zh"}, EN):
            page = await hand.http.get(path, headers=language)
            assert page.status_code == 200
            no_live_markup(page.text)
            assert ("&lt;script&gt;alert(1)" in page.text) == (said is MARKUP), who


async def test_words_in_names_items_and_addresses_are_escaped_too(stage: Stage):
    dispute = await stage.file(item=MARKUP[:60])
    trade = await stage.pay(item=MARKUP[:60])
    consumer, officer = await stage.hand("x"), await stage.hand("officer-1")
    for path in ("/bill", "/disputes", f"/disputes/{dispute}", f"/disputes/new?trade={trade}", f"/12315?trade={trade}"):
        page = await consumer.get(f"/{CITY}{path}")
        assert page.status_code == 200, path
        no_live_markup(page.text)
    for path in ("", f"/disputes/{dispute}", f"/merchants?words={MARKUP[:40]}", "/items"):
        no_live_markup((await officer.get(f"/{CITY}/officer{path}")).text)
    for path in (
        f"/12315?why={SCRIPT}",
        f"/start?done={SCRIPT}",
        f"/nothing/{SCRIPT}?a={SCRIPT}",
        f"/disputes/{SCRIPT}",
        f"/bill?lang={SCRIPT}",
        f"/disputes?after={SCRIPT}",
    ):
        no_live_markup((await consumer.get(f"/{CITY}{path}", referer=f"http://hejie.test/{SCRIPT}")).text)
    typed = {
        "trade": trade,
        "problem": SCRIPT,
        "remedy": SCRIPT,
        "amount": f'">{SCRIPT}',
        "words": f"</textarea>{SCRIPT}",
        "phone": f'">{SCRIPT}',
    }
    refused = await consumer.post(f"/{CITY}/disputes", typed)
    assert refused.status_code == 422
    no_live_markup(refused.text)


def no_live_markup(html: str) -> None:
    """No script, handler or address of the typed kind is part of the page's own markup."""
    assert SCRIPT not in html
    assert not re.search(r"<(?:img|svg|a)[^>]*(?:onerror|onload|javascript:)", html)
    assert "49" not in re.findall(r"\{\{7\*7\}\}|\$\{7\*7\}", html)
    for script in re.findall(r"<script([^>]*)>", html):
        assert "nonce=" in script


async def test_control_characters_do_not_survive_and_nul_is_no_error(stage: Stage):
    dispute, consumer = await stage.file(), await stage.hand("x")
    assert (await consumer.post(f"/{CITY}/disputes/{dispute}/say", {"words": CONTROLS})).status_code == 303
    page = (await consumer.get(f"/{CITY}/disputes/{dispute}")).text
    assert "abc[31mdefgh" in page
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e\u200b\ufeff\u0085\u2028]", page)
    before = stage.everything()
    only = await consumer.post(f"/{CITY}/disputes/{dispute}/say", {"words": "\x00\u200b \u202e"})
    assert only.status_code == 422
    for field in ("problem", "trade"):
        fields = {
            "trade": f"20260101220011{stage.payments + 1000:014d}",
            "problem": "quality",
            "remedy": "refund_full",
        } | {field: "a\x00b"}
        assert (await consumer.post(f"/{CITY}/disputes", fields)).status_code in {400, 404, 422}
    assert stage.everything() == before


async def test_a_hundred_thousand_characters_are_too_many(stage: Stage):
    dispute, trade, consumer = await stage.file(), await stage.pay(), await stage.hand("x")
    before = stage.everything()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
    for words in ("x" * 100_000, "字" * 100_000, "é́" * 50_000, "x" * 2001, "👨‍👩‍👧" * 500):
        forms = [
            await consumer.post(f"/{CITY}/disputes/{dispute}/say", {"words": words}),
            await consumer.post(f"/{CITY}/disputes", {"trade": trade, "problem": "quality", "words": words}),
            await consumer.api(f"/api/{CITY}/disputes", body | {"words": words}),
        ]
        assert {each.status_code for each in forms} <= {413, 422}, words[:3]
    assert stage.everything() == before


JSON_BODIES = (
    (b"", 400, "json_broken"),
    (b"{", 400, "json_broken"),
    (b"\xff", 400, "json_not_utf8"),
    (b"\xef\xbb\xbf{}", 400, "json_not_utf8"),
    (b'{"words":"a","words":"b"}', 400, "json_duplicate_key"),
    (b'{"words":"a","\\u0077ords":"b"}', 400, "json_duplicate_key"),
    (b'{"a":' * 50 + b"1" + b"}" * 50, 400, "json_too_deep"),
    (b"[" * 60_000, 400, "json_too_deep"),
    (b'{"mood":NaN}', 400, "json_number"),
    (b'{"mood":1e999}', 400, "json_number"),
    (b'{"words":"\\u0000"}', 400, "json_bad_text"),
    (b'{"words":"\\ud800"}', 400, "json_bad_text"),
    (b'{"words":"' + b'\\"' * 30_000, 400, "json_broken"),
    (b"[]", 422, "body_invalid"),
    (b'"words"', 422, "body_invalid"),
    (b'{"words":1}', 422, "body_invalid"),
    (b'{"words":"x","state":"settled"}', 422, "body_invalid"),
    (b'{"words":"x","__proto__":{}}', 422, "body_invalid"),
    (b" " * 70_000 + b"{}", 413, "body_too_large"),
)


async def test_json_that_two_readers_could_read_differently_is_refused(stage: Stage):
    dispute, consumer = await stage.file(), await stage.hand("x")
    before = stage.everything()
    for raw, status, code in JSON_BODIES:
        answer = await consumer.api(f"/api/{CITY}/disputes/{dispute}/say", raw=raw)
        assert (answer.status_code, answer.json()["code"]) == (status, code), raw[:40]
    assert stage.everything() == before


def test_a_string_without_end_is_looked_through_once():
    text = '"' + '\\"' * 4_000
    with pytest.raises(Refused, match="json_broken"):
        strict_json.strict_json(text.encode())
    token = strict_json._TOKENS.match(text)
    assert token is not None
    assert token[0] == text, "one token to the end, so that no part of it is begun again"


async def test_forms_that_are_no_forms(stage: Stage):
    dispute, consumer = await stage.file(), await stage.hand("x", **JSON)
    before = stage.everything()
    part = b'--x\r\ncontent-disposition: form-data; name="csrf"'
    for kind, body, statuses in (
        ("application/json", b'{"csrf":1}', {403}),
        ("text/plain", b"csrf=1", {403}),
        ("multipart/form-data", b"x", {400}),
        ("multipart/form-data; boundary=", b"x", {400}),
        ("multipart/form-data; boundary=" + "x" * 500, b"x", {400}),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--", {400}),
        (
            "multipart/form-data; boundary=x",
            part + b"\r\ncontent-type: text/plain; charset=utf-16\r\n\r\nabc\r\n--x--",
            {400},
        ),
        (
            "multipart/form-data; boundary=x",
            part + b"\r\ncontent-type: text/plain; charset=nonsense\r\n\r\na\r\n--x--",
            {400},
        ),
        ("multipart/form-data; boundary=x", part + b"\r\nx: " + b"y" * 100_000 + b"\r\n\r\na\r\n--x--", {400}),
        ("multipart/form-data; boundary=x", (part + b'; filename="a"\r\n\r\na\r\n') * 1500 + b"--x--", {400, 413}),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(20_000)), {403}),
        ("application/x-www-form-urlencoded", b"csrf=%ff%fe&words=%00", {403}),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * (41 * 1024 * 1024), {413}),
    ):
        answer = await consumer.http.post(
            f"/{CITY}/disputes/{dispute}/say", content=body, headers={"content-type": kind}
        )
        assert answer.status_code in statuses, (kind, body[:60], answer.status_code)
        assert answer.json()["status"] == answer.status_code
    assert stage.everything() == before
