"""A city whose copy of the directory has expired gets a newer one from a peer, believed by its keepers alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import HERE, START, THERE, Alliance, Keys, alliance, dated, directory

from hejie.duties import items
from hejie.peers.directories import take_directory
from hejie.store import directories
from hejie.store.pool import city_transaction
from hejie.worker import LaterError, Work

OUT = "select state from letter_out where kind = 'probe'"
VERSION = "select max(version) from alliance_directory"
OPEN = "select kind, body->>'code' from work_item where done_at is null and kind <> 'letter_refused' order by kind, id"
THIRD = "350200"
SOON = START + timedelta(days=1)
EXPIRED = [("exchange_stands_still", "directory_expired")]


def told(two: Alliance, version: int, *, keeper: Ed25519PrivateKey | None = None, **more: Any) -> Any:
    return directory(keeper or two.keeper, two.members, version=version, **more)


async def keep(two: Alliance, city: str, file: Any) -> None:
    """Put a version where it lies, however it came there."""
    async with city_transaction(two.app.pool, city) as connection:
        await directories.keep(connection, city, file, two.clock.now())


async def expire(two: Alliance, theirs: Any) -> None:
    """Our second version ends; the peer goes by another one."""
    short = told(two, 2, expires_at=SOON.isoformat())
    await take_directory(two.app.pool, two.app.tools.exchange[HERE], short, two.clock.now())
    await keep(two, THERE, theirs)
    await two.work()
    two.clock.at = SOON + timedelta(hours=1)


async def tidy(two: Alliance) -> None:
    now = two.clock.now()
    with pytest.raises(LaterError):
        await items.tidy(Work(HERE, 0, "tidy", "city", HERE, {}, 1, now, now), two.app.tools)
    await two.work()


async def write(two: Alliance) -> None:
    await two.put(HERE, THERE, "probe-1", 1, {"words": "x"}, kind="probe")
    await two.work()


async def test_a_newer_one_is_taken_and_letters_flow_again(two: Alliance):
    await expire(two, told(two, 3))
    await write(two)
    assert await two.rows(HERE, VERSION) == [(3,)]
    await two.pass_time(minutes=1)
    assert await two.rows(HERE, OUT) == [("retrieved",)]
    assert await two.rows(HERE, OPEN) == []


async def test_also_while_no_letter_waits(two: Alliance):
    await expire(two, told(two, 3))
    assert await two.rows(HERE, VERSION) == [(2,)]
    await tidy(two)
    assert await two.rows(HERE, VERSION) == [(3,)]
    assert await two.rows(HERE, OPEN) == []


async def test_whatever_key_the_peer_has_by_now(two: Alliance):
    """The peer's key was changed and the old one revoked while we slept: nothing we know of it holds any more."""
    fresh, own = Keys(THERE), two.app.tools.exchange[THERE]
    changed = {**two.members[1], "signing": [dated(fresh.signing)]}
    file = directory(two.keeper, [two.members[0], changed], version=3)
    two.app.tools.exchange[THERE] = type(own)(
        city=THERE, signing={fresh.name: fresh.signing}, opening=own.opening, anchors=own.anchors
    )
    await expire(two, file)
    await write(two)
    await two.pass_time(minutes=1)
    assert await two.rows(HERE, VERSION) == [(3,)]
    assert await two.rows(HERE, OUT) == [("retrieved",)]


STRANGER = Ed25519PrivateKey.generate()
NAMES_ITSELF = [{"name": "stranger", "key": dated(STRANGER)}]


@pytest.mark.parametrize(
    ("version", "more", "items"),
    [
        (
            3,
            {"keeper": STRANGER, "keepers": NAMES_ITSELF},
            [("directory_not_believed", "directory_unsigned"), *EXPIRED],
        ),
        (1, {}, EXPIRED),
        (3, {"expires_at": (SOON + timedelta(minutes=30)).isoformat()}, EXPIRED),
        (3, {"issued_at": "2027-01-01T00:00:00Z"}, [("directory_not_believed", "directory_early"), *EXPIRED]),
    ],
    ids=["forged", "older", "expired too", "of the future"],
)
async def test_what_is_not_believed_changes_nothing(two: Alliance, version: int, more: dict[str, Any], items: Any):
    await expire(two, told(two, version, **more))
    await write(two)
    assert await two.rows(HERE, VERSION) == [(2,)]
    assert await two.rows(HERE, OUT) == [("submitted",)]
    assert await two.rows(HERE, OPEN) == items
    await keep(two, THERE, told(two, 4))
    await two.pass_time(hours=1)
    assert await two.rows(HERE, VERSION) == [(4,)]
    await two.pass_time(minutes=1)
    assert await two.rows(HERE, OUT) == [("retrieved",)]
    assert EXPIRED[0] not in await two.rows(HERE, OPEN)


async def test_a_forged_one_names_no_keeper_for_later(two: Alliance):
    """What the stranger signs is refused, and so is what its own keepers sign next."""
    await expire(two, told(two, 3, keeper=STRANGER, keepers=NAMES_ITSELF))
    await write(two)
    await keep(two, THERE, told(two, 4, keeper=STRANGER))
    await two.pass_time(hours=1)
    assert await two.rows(HERE, VERSION) == [(2,)]


async def test_once_it_is_renewed_all_that_waited_goes_on_at_once(tmp_path: Path, app_url: str):
    async with alliance(tmp_path, app_url, HERE, THERE, THIRD) as three:
        await three.join()
        await expire(three, told(three, 3))
        await three.put(HERE, THIRD, "probe-1", 1, {"words": "x"}, kind="probe")
        await three.work()
        assert (await three.rows(HERE, OUT), await three.rows(HERE, OPEN)) == ([("submitted",)], EXPIRED)
        await write(three)
        assert await three.rows(HERE, VERSION) == [(3,)]
        assert ("submitted",) not in await three.rows(HERE, OUT)
        assert await three.rows(HERE, OPEN) == []


async def test_the_same_one_again_is_no_trouble(two: Alliance):
    await two.work()
    await two.rows(HERE, "insert into task (city, kind, noun, subject, destination, due_at, payload) "
                         "values (%s, 'fetch_directory', 'peer', %s, '', %s, '{}') returning id",
                   HERE, THERE, two.clock.now())  # fmt: skip
    await two.work()
    assert await two.rows(HERE, OPEN) == []
