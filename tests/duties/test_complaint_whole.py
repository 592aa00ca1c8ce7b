"""A complaint brings all its payer gave: pictures, number, kind of problem; answers take pictures back."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tests.duties.complaint_lab import born, complain, complaining, history, pay, pushes_done, until
from tests.support.town import CITY, Town
from tests.web.consumer_lab import png

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Remedy
from hejie.queries.record import Record, read_record
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction

HOSTILE = b"\xff\xd8\xff" + b"\x00" * 400
"""It begins like a JPEG, and the wallet takes it."""


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with complaining(tmp_path, app_url) as place:
        yield place


def packed(*pictures: bytes) -> list[str]:
    return [base64.b64encode(each).decode() for each in pictures]


def jpeg_with_place() -> bytes:
    """A photograph that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def png_with_words() -> bytes:
    words = PngInfo()
    words.add_text("Comment", "secret place")
    out = BytesIO()
    Image.new("RGB", (40, 30), "blue").save(out, "PNG", pnginfo=words)
    return out.getvalue()


async def record(here: Town, dispute: str) -> Record:
    async with city_transaction(here.app.pool, CITY) as connection:
        return await read_record(connection, here.app.tools.vaults(CITY), CITY, dispute)


async def kept(here: Town, dispute: str) -> list[tuple[str, bytes]]:
    """Pictures of the dispute in plain, as (kind, bytes)."""
    names = [name for line in (await record(here, dispute)).lines for name in line.pictures]
    async with city_transaction(here.app.pool, CITY) as connection:
        vault = here.app.tools.vaults(CITY)
        found = await read_contents(connection, vault, CITY, f"dispute:{dispute}", names)
    return [found[name] for name in names]


def refused(told: Record) -> list[int]:
    return [getattr(line.event, "refused", 0) for line in told.lines if line.kind == "WalletPictures"]


async def test_the_payers_pictures_are_evidence_and_a_hostile_one_loses_nothing(here: Town):
    taken = jpeg_with_place()
    drawn = png_with_words()
    assert b"secret place" in taken
    assert b"secret place" in drawn
    number = complain(here, pay(here), pictures=packed(taken, HOSTILE, drawn))
    dispute = await born(here, number)
    told = await record(here, dispute)
    assert refused(told) == [1]
    assert "面是凉的" in next(line.words for line in told.lines if line.kind == "Filed")
    found = await kept(here, dispute)
    assert [kind for kind, _ in found] == ["jpg", "png"]
    assert all(b"secret place" not in raw for _, raw in found)
    sealed = await here.rows("select sealed from content where subject = %s", f"dispute:{dispute}")
    assert all(not bytes(raw).startswith((b"\xff\xd8", b"\x89PNG")) for (raw,) in sealed)


async def test_later_pictures_come_too_and_none_comes_twice(here: Town):
    number = complain(here, pay(here), pictures=packed(png()))
    dispute = await born(here, number)
    here.advance(seconds=2)  # the wallet tells instants in whole seconds
    more = {"content": "还有照片", "pictures": packed(jpeg_with_place())}
    here.wallet.post(f"wechatpay/complaints/{number}/say", **more)
    await until(here, pushes_done(here, 2))
    await here.work()
    assert [kind for kind, _ in await kept(here, dispute)] == ["png", "jpg"]
    assert len((await here.read(dispute)).wallet_seen) == 2
    await here.task("case_pictures", dispute, {"event": number})
    await here.work()
    assert len(await kept(here, dispute)) == 2


async def test_a_picture_that_cannot_be_had_now_holds_up_neither_complaint_nor_the_others(here: Town):
    here.wallet.knob("system_error", method="wechatpay.image")
    number = complain(here, pay(here), pictures=packed(png(), jpeg_with_place()))
    dispute = await born(here, number)
    await here.rows("update task set ready_at = clock_timestamp() where kind = 'case_pictures' returning 1")
    await here.work()
    assert sorted(kind for kind, _ in await kept(here, dispute)) == ["jpg", "png"]
    assert refused(await record(here, dispute)) == [0, 0]


async def test_the_payers_number_is_kept_sealed_and_not_in_place_of_their_own(here: Town):
    trade = pay(here)
    number = complain(here, trade, phone="13800001111")
    dispute = await born(here, number)
    person = (await here.read(dispute)).consumer
    rows = await here.rows("select kind, sealed from content where subject = %s", f"person:{person}")
    assert [kind for kind, _ in rows] == ["phone"]
    assert b"13800001111" not in bytes(rows[0][1])

    async def known() -> bytes:
        async with city_transaction(here.app.pool, CITY) as connection:
            vault = here.app.tools.vaults(CITY)
            return (await read_contents(connection, vault, CITY, f"person:{person}", ["phone"]))["phone"][1]

    assert await known() == b"+8613800001111"
    here.wallet.post(f"wechatpay/complaints/{number}/revoke", content="")
    await until(here, pushes_done(here, 2))
    second = complain(here, trade, phone="13900002222")
    await until(here, pushes_done(here, 3))
    await here.work()
    assert len(await here.rows("select 1 from dispute where wallet_event = %s", second)) == 1
    assert await known() == b"+8613800001111"


async def test_the_citys_own_list_says_what_a_kind_of_problem_is(here: Town):
    tomorrow = (here.app.clock.now().astimezone(SHANGHAI) + timedelta(days=1)).date()
    text = shipped(CITY).replace("version = 5", "version = 6").replace("2026-01-01", tomorrow.isoformat(), 1)
    line = '{ system = "wechatpay", code = "SERVICE_NOT_WORK" }'
    assert line in text
    given = text.replace(line, '{ system = "wechatpay", code = "LATE" }, { system = "wechatpay", code = "一直没发货" }')
    await here.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=read_city(given)), SYSTEM)
    here.advance(hours=24)
    found: list[tuple[str, str, Remedy]] = []
    for kind, title in (("LATE", "申请退款"), ("SERVICE_NOT_WORK", "一直没发货"), ("SERVICE_NOT_WORK", "新的事由")):
        number = complain(here, pay(here), problem_type=kind, description=title)
        await until(here, pushes_done(here, len(found) + 1))
        await here.work()
        (identifier,) = (await here.rows("select id from dispute where wallet_event = %s", number))[0]
        row = await here.read(identifier)
        found.append((row.problem, row.called, row.claim.remedy))
    assert found == [
        ("not_served", "", Remedy.other),
        ("not_served", "", Remedy.other),
        ("other", "新的事由 · SERVICE_NOT_WORK", Remedy.other),
    ]


@pytest.mark.parametrize(("words", "told"), [("面是热的", "面是热的"), ("", "请查看图片。")])
async def test_the_merchants_pictures_go_out_with_its_answer(here: Town, words: str, told: str):
    number = complain(here, pay(here), problem_type="OTHERS")
    dispute = await born(here, number)
    names = [here.app.desk.mint(CITY) for _ in range(6)]
    contents = [Content(id=name, kind="png", plain=png()) for name in names[1:]]
    contents += [Content(id=names[0], kind="text", plain=words.encode())] if words else []
    said = d.Say(words=names[0] if words else "", pictures=tuple(names[1:]))
    here.wallet.knob("drop_after_commit", method="wechatpay.response")
    await here.app.desk.act(DISPUTES, CITY, dispute, said, here.as_merchant, contents=contents)
    await until(here, lambda: len(history(here, number)) > 1)
    await here.work()
    assert history(here, number)[1:] == [("MERCHANT_RESPONSE", told)]
    lines = here.wallet.get("wechatpay/complaints")["history"]
    images = next(row["images"] for row in lines if row["operate_type"] == "MERCHANT_RESPONSE").split(",")
    assert len(images) == 4, "WeChat Pay takes four"
    stored = [here.wallet.box.ledger.value("SELECT content FROM wx_images WHERE media_id = ?", each) for each in images]
    assert stored == [png()] * 4
