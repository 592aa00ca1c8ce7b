"""Legal entities of an invented town: chains, single shops, households and market stalls, with valid credit codes."""

from __future__ import annotations

import random
from typing import Literal, TypedDict, Unpack

from msgspec import Struct
from msgspec.structs import replace

from hejie.cities import divisions
from hejie.merchants.uscc import ALPHABET, check_character
from hejie_lab.town_words import Trade, town_words

Manner = Literal["accepts", "counters", "own_tool", "refuses", "silent"]
"""How a trader answers a dispute."""
_MANNERS: dict[Manner, int] = {"accepts": 5, "counters": 3, "own_tool": 2, "refuses": 1, "silent": 2}
HAS_RULES, ENROLS, AUTHORISES, IS_HOUSEHOLD = 0.5, 0.93, 0.5, 0.3
"""Shares: with a standing rule of those who accept, enrolled, authorising of those who refund in their own tool,
households among small shops."""
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class Place(Struct, frozen=True, kw_only=True):
    """One shop or stall; `store` is its number both at the wallet and here."""

    store: str = ""
    name: str
    district: str
    address: str
    category: str


class Tool(Struct, frozen=True, kw_only=True):
    """A number under which a trader takes payments, or took them, at one wallet; hours before the town's founding."""

    wallet: Literal["alipay", "wechatpay", "unionpay"]
    account: str
    since_hours: float = 24 * 365
    until_hours: float | None = None
    """None where it is in use."""


class Trader(Struct, frozen=True, kw_only=True):
    """One legal entity with its wallet account, and how it takes part."""

    code: str
    """Its unified social credit code."""
    name: str
    kind: Literal["enterprise", "individual"]
    places: tuple[Place, ...]
    goods: tuple[tuple[str, int, int], ...]
    account: str
    owner: str
    phone: str
    """E.164."""
    stall: bool
    """It takes money with a printed collection code, on an account held through an acquirer."""
    manner: Manner = "accepts"
    enrolled: bool = True
    authorised: bool = True
    """Whether it lets the city's application refund in its name."""
    standing_fen: int = 0
    """Claims up to this are refunded at once; 0 for no such rule."""
    link_limit_fen: int = 0
    tools: tuple[Tool, ...] = ()
    """Beside its account: one that moved to another acquirer has its former numbers here too."""


class _How(TypedDict, total=False):
    manner: Manner
    enrolled: bool
    authorised: bool
    standing_fen: int
    link_limit_fen: int


def make_traders(chance: random.Random, count: int) -> tuple[Trader, ...]:
    """The first six carry the demo's story; then chains, shops of one place and stalls as chance has it."""
    making, trades = _Making(chance), town_words().trades
    first = (
        lambda: moved(making.company(trades["noodles"], 1, manner="counters", link_limit_fen=20_000)),
        lambda: making.company(trades["convenience"], 9, standing_fen=5_000, link_limit_fen=10_000),
        lambda: making.stall(trades["fair"]),
        lambda: making.company(trades["clothes"], 2, manner="own_tool", authorised=False),
        lambda: making.company(trades["hair"], 1, manner="silent"),
        lambda: making.company(trades["tea"], 6, standing_fen=3_000),
    )
    return tuple(first[number]() if number < len(first) else making.another(number) for number in range(count))


MOVED_HOURS = 30.0
"""So long before the founding the demo's merchant moved to another acquirer, with all its numbers."""


def moved(trader: Trader) -> Trader:
    """The trader with a former and a present number at each wallet."""
    number = int(trader.account[4:])
    tools = (
        Tool(wallet="alipay", account=f"20881{number:011d}", until_hours=MOVED_HOURS),
        Tool(wallet="wechatpay", account=f"19000{number:05d}", until_hours=MOVED_HOURS),
        Tool(wallet="unionpay", account=f"8983301{number:08d}", until_hours=MOVED_HOURS),
        Tool(wallet="alipay", account=trader.account, since_hours=MOVED_HOURS),
        Tool(wallet="wechatpay", account=f"19001{number:05d}", since_hours=MOVED_HOURS),
        Tool(wallet="unionpay", account=f"8983302{number:08d}", since_hours=MOVED_HOURS),
    )
    return replace(trader, tools=tools)


def person(chance: random.Random) -> str:
    """Somebody's name."""
    return chance.choice(town_words().surnames.split()) + chance.choice(town_words().given.split())


def credit_code(chance: random.Random, district: str, *, individual: bool = False) -> str:
    """A unified social credit code (GB 32100) with its organisation code (GB 11714), the checks of both right."""
    body = "".join(chance.choice(ALPHABET[:20]) for _ in range(8))
    total = sum(int(letter, 36) * weight for letter, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    text = f"9{2 if individual else 1}{district}{body}{'0123456789X0'[11 - total % 11]}"
    return text + check_character(text)


class _Making:
    """Makes one after the other; no brand is used twice."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._words = chance, town_words()
        self._brands = self._words.brands.split()
        chance.shuffle(self._brands)
        self._made = 0

    def another(self, number: int) -> Trader:
        """A stall, a chain or a shop."""
        chance = self._chance
        manner = chance.choices(list(_MANNERS), list(_MANNERS.values()))[0]
        standing = 5_000 if manner == "accepts" and chance.random() < HAS_RULES else 0
        how: _How = {
            "manner": manner,
            "enrolled": chance.random() < ENROLS,
            "authorised": manner != "own_tool" or chance.random() < AUTHORISES,
            "standing_fen": standing,
        }
        if number % 4 == 0:
            return self.stall(chance.choice(self._words.of_form("stall")), **how)
        if number % 7 == 0:
            return self.company(chance.choice(self._words.of_form("chain")), chance.randint(3, 12), **how)
        return self.company(chance.choice(self._words.of_form("shop")), chance.choice((1, 1, 1, 2)), **how)

    def company(self, trade: Trade, places: int, **how: Unpack[_How]) -> Trader:
        """A company, or a household behind a small shop."""
        chance = self._chance
        brand, suffix = self._brands.pop(), chance.choice(trade.names.split())
        shops = [self._place(f"{brand}{suffix}", trade, many=places > 1) for _ in range(places)]
        unlike = tuple({place.name: place for place in shops}.values())
        if places == 1 and chance.random() < IS_HOUSEHOLD:
            name = f"杭州市{divisions.name(unlike[0].district)}{brand}{suffix}"
            return self._trader(name, unlike, trade, person(chance), individual=True, stall=False, **how)
        name = f"杭州{brand}{trade.company}有限公司"
        return self._trader(name, unlike, trade, person(chance), individual=False, stall=False, **how)

    def stall(self, trade: Trade, **how: Unpack[_How]) -> Trader:
        """A household with a stall at a market or fair."""
        chance = self._chance
        fitting = [name for name, market in self._words.markets.items() if self._words.trades[market.trade] is trade]
        market, owner, suffix = chance.choice(fitting), person(chance), chance.choice(trade.names.split())
        place = Place(
            name=f"{market}{owner[0]}记{suffix}",
            district=self._words.markets[market].district,
            address=f"{market} {chance.choice('ABCD')}{chance.randint(1, 60):02d}",
            category=trade.code,
        )
        name = f"杭州市{divisions.name(place.district)}{owner}{suffix}"
        return self._trader(name, (place,), trade, owner, individual=True, stall=True, **how)

    def _place(self, name: str, trade: Trade, *, many: bool) -> Place:
        districts = self._words.districts
        district = self._chance.choices(list(districts), [each.weight for each in districts.values()])[0]
        street = self._chance.choice(districts[district].streets.split())
        shown = f"{name}({street}店)" if many else name
        address = f"{street}{self._chance.randint(1, 688)}号"
        return Place(name=shown, district=district, address=address, category=trade.code)

    def _trader(
        self,
        name: str,
        places: tuple[Place, ...],
        trade: Trade,
        owner: str,
        *,
        individual: bool,
        stall: bool,
        **how: Unpack[_How],
    ) -> Trader:
        self._made += 1
        numbered = [
            replace(place, store=f"330100-S{self._made:04d}-{number:02d}") for number, place in enumerate(places, 1)
        ]
        return Trader(
            code=credit_code(self._chance, places[0].district, individual=individual),
            name=name,
            kind="individual" if individual else "enterprise",
            places=tuple(numbered),
            goods=trade.goods,
            account=f"2088{self._made:012d}",
            owner=owner,
            phone=f"+861380001{self._made:04d}",
            stall=stall,
            **how,
        )
