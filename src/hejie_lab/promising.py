"""The demo's merchant gets a payment code with the city's promises, by the road that every merchant takes."""

from __future__ import annotations

from hejie.app import App
from hejie.base.actor import Actor, Role
from hejie.desk.paycodes import PAYCODES
from hejie.edge.links import letters
from hejie.merchants.model import Merchant
from hejie.payments.emvco_writer import written
from hejie.payments.paycode import NUMBER_LETTERS, Apply, Grant
from hejie.queries.paycodes import paycode_in_force
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie_lab.errors import LabError
from hejie_lab.town import CITY


async def promise(app: App, merchant: Merchant) -> str:
    """The number of the first shop's payment code, asked for and granted unless it is there."""
    shop, desk, now = merchant.shops[0], app.desk, app.clock.now()
    async with city_transaction(app.pool, CITY) as connection:
        found = await paycode_in_force(connection, CITY, shop.id)
        offered = (await settings_at(connection, CITY, now)).promises_on(now)
    if found is not None:
        return found.paycode.number
    if not merchant.staff:
        raise LabError(f"{merchant.name} has nobody who could ask for a payment code.")
    ask = Apply(
        id=desk.mint(CITY),
        number=letters(app.house.chance, NUMBER_LETTERS),
        merchant=merchant.id,
        shop=shop.id,
        payload=_acquirers(merchant, shop.name),
        promises=tuple(each.id for each in offered),
    )
    owner = Actor(Role.merchant, merchant.staff[0].person, merchant.id)
    await desk.act(PAYCODES, CITY, ask.id, ask, owner)
    await desk.act(PAYCODES, CITY, ask.id, Grant(), Actor(Role.officer, "demo", CITY))
    return ask.number


def _acquirers(merchant: Merchant, name: str) -> str:
    """A code as an acquirer makes one, with an invented account."""
    account = f"4802100048021000898330{int(merchant.credit_code[2:8]) % 10**9:09}"
    return written(
        [
            ("00", "01"),
            ("01", "11"),
            ("15", account),
            ("52", "5812"),
            ("53", "156"),
            ("58", "CN"),
            ("59", name[:25]),
            ("60", "HANGZHOU"),
        ]
    )
