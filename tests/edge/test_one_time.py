"""One-time codes: one use, five tries that no roll-back gives back, the same for nobody."""

from __future__ import annotations

import pytest

from hejie.base.errors import Refused
from hejie.edge import one_time
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction

CITY, SUBJECT = "330100", b"handle of a phone"


@pytest.fixture
async def code(house) -> str:
    async with city_transaction(house.pool, CITY) as connection:
        return await one_time.issue(connection, house.vaults(CITY), house.chance, CITY, "contact", SUBJECT)


async def fits(house, code: str, purpose: str = "contact", subject: bytes = SUBJECT) -> bool:
    try:
        await one_time.check(house.pool, house.vaults(CITY), CITY, purpose=purpose, subject=subject, code=code)
    except Refused as refused:
        return refused.code != "code_wrong"
    return True


async def test_a_code_fits_once_for_its_own_purpose_and_subject(house, code):
    assert len(code) == 6
    assert code.isdecimal()
    assert not await fits(house, code, purpose="answer")
    assert not await fits(house, code, subject=b"another")
    assert await fits(house, f" {code} ")
    assert not await fits(house, code)


async def test_after_five_wrong_tries_the_right_code_is_wrong_too(house, code):
    for n in range(one_time.MOST_TRIES):
        assert not await fits(house, f"{(int(code) + n + 1) % 1_000_000:06d}")
    assert not await fits(house, code)


async def test_a_code_ends_after_ten_minutes_and_a_new_one_replaces_it(house, code):
    async with city_transaction(house.pool, CITY) as connection:
        await connection.execute("update one_time_code set ends_at = ends_at - interval '10 minutes'")
    assert not await fits(house, code)
    async with city_transaction(house.pool, CITY) as connection:
        fresh = await one_time.issue(connection, house.vaults(CITY), house.chance, CITY, "contact", SUBJECT)
    assert fresh == code or not await fits(house, code)
    assert await fits(house, fresh)


async def ask(house, phone: str, subject: bytes) -> None:
    await one_time.ask(house, CITY, purpose="contact", subject=subject, phone=phone, language="zh", address="10.0.0.1")


async def sent(house) -> list[dict[str, str]]:
    """What the duty would find, in the order asked."""
    async with city_transaction(house.pool, CITY) as connection:
        tasks = await (await connection.execute("select kind, noun, subject from task order by id")).fetchall()
        found = []
        for kind, noun, subject in tasks:
            assert (kind, noun) == ("notify_code", "code")
            kept = await read_contents(connection, house.vaults(CITY), CITY, f"code:{subject}", ["phone", "code"])
            found.append({name: value.decode() for name, (_, value) in kept.items()})
    return found


async def test_a_code_asked_for_is_sent_and_nobody_gets_none_by_the_same_work(house):
    await ask(house, "+8613800000000", SUBJECT)
    await ask(house, "", b"nobody")
    known, unknown = await sent(house)
    assert known["phone"] == "+8613800000000"
    assert unknown == {}
    assert await fits(house, known["code"])
    async with city_transaction(house.pool, CITY) as connection:
        cursor = await connection.execute("select count(*), count(distinct subject) from content")
        assert await cursor.fetchone() == (4, 2)


async def test_codes_for_one_number_are_limited(house):
    for _ in range(one_time.EACH.most):
        await ask(house, "+8613800000000", SUBJECT)
    with pytest.raises(Refused) as caught:
        await ask(house, "+8613800000000", SUBJECT)
    assert caught.value.code == "rate_limited"
    assert len(await sent(house)) == one_time.EACH.most
