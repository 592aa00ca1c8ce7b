"""A city with its ladder on, and a merchant on it: one step in effect, the next one announced."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from tests.e2e.world import World, aside

from hejie.app import build
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.cities.city import ApplySettings
from hejie.cities.ladder import Ladder, Rung
from hejie.desk.act import Content, Desk
from hejie.desk.cities import CITIES
from hejie.desk.measures import MEASURES
from hejie.merchants.measures import AnnounceMeasure, Step
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie_lab.town import CITY
from hejie_lab.traders import Trader

OFFICER = Actor(Role.officer, "measures", CITY)
STEPS = ((Step.warning, 8, "多次调解不到场。"), (Step.inspection, 0, "警告后仍不改正。"))


class At(Struct, frozen=True):
    """A clock that stands."""

    instant: datetime

    def now(self) -> datetime:
        """That instant."""
        return self.instant


def climb(world: World, at: Trader, dispute: str) -> None:
    """Announce a warning eight days ago, which is in effect, and an inspection now."""
    aside(_climb, world, at, dispute)


async def _climb(world: World, at: Trader, dispute: str) -> None:
    async with build(world.platform.settings) as app:
        async with city_transaction(app.pool, CITY) as connection:
            settings = await settings_at(connection, CITY, world.now)
        first = (world.now - timedelta(days=8)).astimezone(SHANGHAI).date()
        rungs = tuple(Rung(step=step.value, announce_days=3, appeal_days=10, lasts_days=90) for step, _, _ in STEPS)
        on = replace(
            settings, version=settings.version + 1, valid_from=first, ladder=Ladder(valid_from=first, steps=rungs)
        )
        for step, ago, why in STEPS:
            desk = Desk(app.pool, At(world.now - timedelta(days=ago)), app.desk.vaults, app.desk.chance)
            if ago:
                await desk.act(CITIES, CITY, CITY, ApplySettings(settings=on), SYSTEM)
            words = Content(id=desk.mint(CITY), kind="text", plain=why.encode())
            identifier, merchant = desk.mint(CITY), world.merchants[at.code].id
            command = AnnounceMeasure(id=identifier, merchant=merchant, step=step, reason=words.id, disputes=(dispute,))
            await desk.act(MEASURES, CITY, identifier, command, OFFICER, contents=[words])
