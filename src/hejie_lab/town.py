"""A believable Hangzhou from a seed: legal entities with shops, payers, and what was paid in the last thirty days."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hejie.base.clock import SHANGHAI
from hejie_lab.errors import LabError
from hejie_lab.traders import Tool, Trader, make_traders, person

CITY = "330100"
MONTH = timedelta(days=30)


class Payer(Struct, frozen=True, kw_only=True):
    """Somebody with a wallet."""

    user: str
    name: str
    phone: str
    """E.164."""


Movement = Literal["purchase", "stall", "transfer", "red_packet", "wealth", "income"]


class Purchase(Struct, frozen=True, kw_only=True):
    """One movement on a payer's bill; a purchase where it has an account."""

    trade_no: str
    payer: Payer
    item: str
    amount_fen: int
    paid_at: datetime
    kind: Movement = "purchase"
    account: str = ""
    place: str = ""
    store: str = ""
    counterparty: str = ""


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A payment of the demo's consumer at another wallet."""

    wallet: Literal["wechatpay", "unionpay"]
    account: str
    item: str
    amount_fen: int
    paid_at: datetime
    number: str
    """WeChat Pay's number, or UnionPay's order number: the same twice is one payment."""


class Town(Struct, frozen=True, kw_only=True):
    """All of it."""

    founded: datetime
    traders: tuple[Trader, ...]
    payers: tuple[Payer, ...]
    purchases: tuple[Purchase, ...]
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def consumer(self) -> Payer:
        """The demo's consumer, who paid at each of the first six traders."""
        return self.payers[0]

    @property
    def merchant(self) -> Trader:
        """The demo's merchant."""
        return self.traders[0]

    def trader(self, account: str) -> Trader:
        """Who holds an account."""
        held = ((trader, {trader.account, *(tool.account for tool in trader.tools)}) for trader in self.traders)
        return next(trader for trader, accounts in held if account in accounts)

    def bill(self, payer: Payer) -> list[Purchase]:
        """One payer's movements, newest first."""
        return sorted((each for each in self.purchases if each.payer == payer), key=lambda p: p.paid_at, reverse=True)


def make_town(founded: datetime, *, seed: int = 12315, traders: int = 40, payers: int = 36, each: int = 16) -> Town:
    """The same for the same arguments, trade numbers included; `each` is how often a payer paid, on average."""
    chance = random.Random(seed)
    people = _people(chance, payers)
    entities = make_traders(chance, traders)
    purchases = _consumers_month(chance, founded, people[0], entities)
    for payer in people[1:]:
        purchases += [
            purchase(chance, payer, chance.choice(entities), founded - chance.random() * MONTH)
            for _ in range(chance.randint(each // 2, each * 3 // 2))
        ]
    elsewhere = tuple(_elsewhere(chance, founded, entities[0]))
    return Town(founded=founded, traders=entities, payers=people, purchases=tuple(purchases), elsewhere=elsewhere)


def kept_town(folder: Path, founded: datetime) -> Town:
    """The town that was made in a folder at first, whatever this edition's words would make of the seed.

    Errors: `LabError` where another edition made one that cannot be read any more.
    """
    file = folder / "town.json"
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(make_town(founded)))
        fresh.replace(file)
    try:
        return msgspec.json.decode(file.read_bytes(), type=Town)
    except msgspec.DecodeError:
        raise LabError(f"The town at {folder} is of another edition; `make demo-reset` forgets it.") from None


def purchase(
    chance: random.Random, payer: Payer, trader: Trader, paid_at: datetime, item: str = "", amount_fen: int = 0
) -> Purchase:
    """One purchase at one of a trader's places, of what it sells unless said."""
    good, low, high = chance.choice(trader.goods)
    place = chance.choice(trader.places)
    return Purchase(
        trade_no=_trade_no(chance, paid_at),
        payer=payer,
        item=item or good,
        amount_fen=amount_fen or chance.randint(low * 10, high * 10) * 10,
        paid_at=paid_at,
        kind="stall" if trader.stall else "purchase",
        account=trader.account,
        place=place.name,
        store=place.store,
    )


def account_at(tools: tuple[Tool, ...], wallet: str, hours: float) -> str:
    """The number in use so many hours before the founding, empty for none."""
    return next(
        (
            each.account
            for each in tools
            if each.wallet == wallet and each.since_hours > hours >= (each.until_hours or 0.0)
        ),
        "",
    )


def _elsewhere(chance: random.Random, founded: datetime, trader: Trader) -> list[Elsewhere]:
    made = []
    for wallet, item, fen, hours in _AT_OTHERS:
        at = founded - timedelta(hours=hours)
        day = f"{at.astimezone(SHANGHAI):%Y%m%d}"
        number = f"{day}4200{chance.randrange(10**16):016d}"
        number = number if wallet == "wechatpay" else f"U{number[:20]}"
        account = account_at(trader.tools, wallet, hours)
        made.append(Elsewhere(wallet=wallet, account=account, item=item, amount_fen=fen, paid_at=at, number=number))
    return made


def _people(chance: random.Random, count: int) -> tuple[Payer, ...]:
    others = [
        Payer(user=f"20889{number:011d}", name=person(chance), phone=f"+861390001{number:04d}")
        for number in range(2, count + 1)
    ]
    return (Payer(user="2088900000000001", name="林晓", phone="+8613900010001"), *others)


def _trade_no(chance: random.Random, paid_at: datetime) -> str:
    """As the wallet numbers them: the Shanghai day, `2200`, sixteen digits."""
    return f"{paid_at.astimezone(SHANGHAI):%Y%m%d}2200{chance.randrange(10**16):016d}"


_STORY = (
    (0, "片儿川", 28_000, 3), (1, "便当", 2_600, 20), (2, "油纸伞", 8_800, 27), (3, "羊毛大衣", 69_900, 52),
    (4, "储值卡", 100_000, 75), (5, "龙井奶茶", 1_900, 98), (0, "虾爆鳝面", 4_200, 148), (0, "虾爆鳝面", 4_200, 148),
    (1, "日用品", 4_580, 200), (3, "真丝围巾", 19_900, 260), (5, "水果茶", 2_400, 400), (4, "烫染套餐", 39_800, 640),
)  # fmt: skip
"""The consumer's purchases: which trader, what, fen, hours ago. A bowl of noodles for 280 yuan, one paid twice, ..."""
_AT_OTHERS: tuple[tuple[Literal["wechatpay", "unionpay"], str, int, float], ...] = (
    ("wechatpay", "片儿川", 3_600, 4), ("wechatpay", "三虾面", 12_800, 54), ("unionpay", "拌川", 4_800, 6),
    ("unionpay", "家宴定金", 60_000, 80),
)  # fmt: skip
"""The consumer's payments at the noodle shop by other wallets, before and after it moved."""
_OTHERS: tuple[tuple[Movement, str, str, int, int], ...] = (
    ("transfer", "转账", "王芳", 50_000, 30), ("red_packet", "红包", "李静", 8_800, 120),
    ("wealth", "余额宝-自动转入", "余额宝", 200_000, 170), ("income", "收款", "张敏", 3_500, 310),
)  # fmt: skip
"""What is on the bill and is no purchase."""


def _consumers_month(
    chance: random.Random, founded: datetime, consumer: Payer, traders: tuple[Trader, ...]
) -> list[Purchase]:
    made = []
    for number, (which, item, fen, hours) in enumerate(_STORY):
        at = founded - timedelta(hours=hours, minutes=number)
        trader = traders[which % len(traders)]
        paid = purchase(chance, consumer, trader, at, item, fen)
        made.append(replace(paid, account=account_at(trader.tools, "alipay", hours) or paid.account))
    for kind, item, other, fen, hours in _OTHERS:
        at = founded - timedelta(hours=hours)
        no_purchase = Purchase(
            trade_no=_trade_no(chance, at),
            payer=consumer,
            item=item,
            amount_fen=fen,
            paid_at=at,
            kind=kind,
            counterparty=other,
        )
        made.append(no_purchase)
    return made
