"""A city's first dispute, rehearsed: its own settings, an invented shop, an emulated wallet; from bill to refund."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import date

from msgspec.structs import replace

from hejie.app import App, build
from hejie.base.money import yuan
from hejie.cities import divisions
from hejie.cities.settings import OTHER, CitySettings
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute, Road
from hejie.disputes.states import State
from hejie_lab.errors import LabError
from hejie_lab.filing import file_by_pages
from hejie_lab.hands import Hands
from hejie_lab.platform import Platform
from hejie_lab.settling import settle
from hejie_lab.traders import Place, Trader, credit_code

PATIENCE = 60.0
PAYER, FEN = "2088900000000001", 8_800


def begun(settings: CitySettings, today: date) -> CitySettings:
    """The settings as they will be once they hold: a rehearsal does not wait for their first day."""
    promises = tuple(replace(each, valid_from=min(each.valid_from, today)) for each in settings.promises)
    return replace(settings, valid_from=min(settings.valid_from, today), promises=promises)


async def rehearse(platform: Platform, settings: CitySettings, tell: Callable[[str], None]) -> Dispute:
    """One dispute from the bill to the refund; the settled one. `LabError` names the step that did not come."""
    trader = shop_in(settings)
    async with build(platform.settings) as app:
        await asyncio.to_thread(_bring, platform, trader)
        merchant = (await settle(app, platform, [trader]))[trader.code]
        tell(f"商户已入驻 a shop has moved in: {trader.name}")
        return await _through(app, platform, settings, trader, merchant.id, tell)


async def _through(
    app: App, platform: Platform, settings: CitySettings, trader: Trader, merchant: str, tell: Callable[[str], None]
) -> Dispute:
    box, hands = platform.sandbox, Hands(app, settings.code)
    trade = await asyncio.to_thread(_pay, platform, trader)
    link = await asyncio.to_thread(box.entry_link, trade)
    problem = next((each.id for each in settings.problems if each.id == "price"), OTHER)
    answers = {"problem": problem, "words": "演练：多收了钱。Rehearsal: I was charged too much."}
    number = await asyncio.to_thread(file_by_pages, link, settings.code, answers)
    tell(f"消费者从账单发起 filed from the bill: {number}")
    message = await asyncio.to_thread(box.await_sms, trader.phone, "", PATIENCE)
    tell(f"商户收到短信 the merchant's message came: {message['text'][:60]}")
    dispute = await hands.read(number)
    if dispute.merchant != merchant:
        raise LabError(f"{number} did not find its merchant.")
    await hands.merchant(dispute, d.AcceptOffer(offer="claim", road=Road.api))
    tell("商户同意 the merchant agrees")
    settled = await _until_settled(hands, number)
    back = await asyncio.to_thread(box.refunded_fen, trade)
    if back != FEN:
        raise LabError(f"The wallet gave back {yuan(back)}, not {yuan(FEN)}.")
    tell(f"原路退款到账，已和解 {yuan(back)} yuan came back on the way they were paid: settled")
    return settled


async def _until_settled(hands: Hands, number: str) -> Dispute:
    try:
        async with asyncio.timeout(PATIENCE):
            while (found := await hands.read(number)).state is not State.settled:  # noqa: ASYNC110  another process does it
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise LabError(f"{number} was not settled within {PATIENCE:.0f} seconds.") from None
    return found


def shop_in(settings: CitySettings) -> Trader:
    """An invented shop in the city's first district."""
    code = settings.code
    district = next(iter(divisions.children(code)), code)
    name = f"{settings.name.zh.removesuffix('市')}演练小吃店"
    place = Place(store=f"{code}-S0001-01", name=name, district=district, address="演练路1号", category="6210")
    return Trader(
        code=credit_code(random.Random(code), district),
        name=name,
        kind="individual",
        places=(place,),
        goods=(("小吃", 20, 90),),
        account=f"2088{code}000001",
        owner="陈静",
        phone=f"+86138{code}01",
        stall=False,
        link_limit_fen=20_000,
    )


def _bring(platform: Platform, trader: Trader) -> None:
    account = {
        "merchant_id": trader.account,
        "cert_no": trader.code,
        "name": trader.name,
        "merchant_type": "DIRECT",
        "city": platform.city,
        "balance": "20000.00",
    }
    person = {"user_id": PAYER, "name": "林晓", "phone": "13900010001"}
    platform.sandbox.load(users=[person], merchants=[account])


def _pay(platform: Platform, trader: Trader) -> str:
    paid = {"user_id": PAYER, "merchant_id": trader.account, "amount": yuan(FEN), "subject": "小吃"}
    return platform.sandbox.pay(**paid, store_id=trader.places[0].store, store_name=trader.places[0].name)
