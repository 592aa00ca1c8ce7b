"""Two installations with databases of their own write to each other exactly as two tenants of one do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.alliance import HERE, THERE, Alliance, alliance, directory

from hejie.alliance.directory import SignedDirectory
from hejie.peers.directories import take_directory


async def joined(house: Alliance, city: str, file: SignedDirectory) -> None:
    own = house.app.tools.exchange[city]
    object.__setattr__(own, "anchors", tuple(each["key"]["public"] for each in file.directory["keepers"]))
    await take_directory(house.app.pool, own, file, house.clock.now())


async def test_letters_between_two_installations(tmp_path: Path, database: Any, module_database: Any):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with (
        alliance(tmp_path / "a", database.app_url, HERE) as here,
        alliance(tmp_path / "b", module_database.app_url, THERE) as there,
    ):
        file = directory(here.keeper, [*here.members, *there.members])
        await joined(here, HERE, file)
        await joined(there, THERE, file)
        await here.put(HERE, THERE, "case-1", 1, {"words": "你好"}, sealed={"name": "王女士"})
        await there.put(THERE, HERE, "case-1", 1, {"words": "好"})
        for house in (here, there, here, there):
            await house.work()
        for house, city, peer in ((here, HERE, THERE), (there, THERE, HERE)):
            assert await house.rows(city, "select peer, state, code from letter_out") == [
                (peer, "refused", "kind_unknown")
            ]
            assert await house.rows(city, "select peer, told from letter_in") == [(peer, True)]
            assert await house.rows(peer, "select * from letter_in") == []
