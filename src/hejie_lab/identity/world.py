"""The simulator's merchants: who they truly are, and how their names, numbers, addresses and owners change."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from hejie.merchants.uscc import check_character
from hejie_lab.identity.rates import Rates, TradeWords

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Address(Struct, frozen=True):
    """Where a shop is; `unit` is empty on a street."""

    division: str
    street: str
    number: int
    mall: str
    unit: str


class Face(Struct, frozen=True, kw_only=True):
    """What an entity is called and reached by, between two changes."""

    code: str
    company: bool
    core: str
    trade: TradeWords
    sign: str
    division: str
    telephone: str
    account: str


class Tool(Struct, frozen=True, kw_only=True):
    """One payment identity: an acquirer's merchant number with its terminal, at a shop, for some days."""

    acquirer: str
    number: str
    terminal: str
    address: Address
    branch: str
    first: int
    last: int


class Entity(Struct, kw_only=True):
    """One true merchant: its faces by the day they begin, and its tools."""

    name: int
    faces: list[tuple[int, Face]]
    tools: list[Tool]

    def face(self, day: int) -> Face:
        """How it is called and reached on a day."""
        return next(face for first, face in reversed(self.faces) if first <= day)


class World(Struct, kw_only=True):
    """Everybody, and the successions that the register knows: former code → later code."""

    entities: list[Entity]
    successions: list[tuple[str, str]]


def world(rates: Rates, seed: int, entities: int | None = None) -> World:
    """The same merchants for the same rates and seed."""
    return _Maker(rates, Random(seed), entities or rates.world.entities).made()


class _Maker:
    """One world in the making."""

    def __init__(self, rates: Rates, chance: Random, count: int) -> None:
        self._rates, self._chance, self._count = rates, chance, count
        words = rates.words
        self._letters = sorted(set("".join(words.letters.split())))
        self._common, self._streets = words.common.split(), words.streets.split()
        self._malls, self._divisions = words.malls.split(), words.divisions.split()
        self._acquirers = words.acquirers.split()
        brands = max(1, round(count * rates.world.franchised / rates.world.members))
        self._brands = [(self._core(), chance.choice(rates.trades)) for _ in range(brands)]
        self._bookkeepers = [self._telephone() for _ in range(max(1, count // 200))]
        self._numbers: list[tuple[str, str]] = []
        self._successions: list[tuple[str, str]] = []

    def made(self) -> World:
        """Everybody: those who begin, the sisters of some, and those who took over from others."""
        entities: list[Entity] = []
        while len(entities) < self._count:
            entity = self._entity(len(entities), self._first_face())
            entities.append(entity)
            if self._happens(self._rates.world.sister):
                entities.append(self._entity(len(entities), self._sister(entity.faces[0][1])))
            if self._happens(self._rates.world.sold):
                entities.append(self._buyer(len(entities), entity))
        return World(entities=entities, successions=self._successions)

    def _happens(self, rate: float) -> bool:
        return self._chance.random() < rate

    def _count_of(self, chances: Sequence[float]) -> int:
        return self._chance.choices(range(1, len(chances) + 1), chances)[0]

    # Single facts. -------------------------------------------------------------------------------

    def _core(self) -> str:
        if self._happens(self._rates.world.common_core):
            return self._chance.choice(self._common)
        return "".join(self._chance.choices(self._letters, k=self._chance.choice((2, 2, 3))))

    def _telephone(self) -> str:
        return f"1{self._chance.randrange(30, 100)}{self._chance.randrange(10**8):08}"

    def _account(self) -> str:
        return f"62{self._chance.randrange(10**14):014}"

    def _code(self, *, company: bool) -> str:
        place = self._rates.world.city[:4] + f"{self._chance.randrange(2, 15):02}"
        body = ("91" if company else "92") + place + "".join(self._chance.choices(ALPHABET, k=9))
        return body + check_character(body)

    def _address(self) -> Address:
        chance, inside = self._chance, self._happens(self._rates.world.malls)
        mall = chance.choice(self._malls) if inside else ""
        street = self._streets[self._malls.index(mall)] if mall else chance.choice(self._streets)
        number = 100 + self._malls.index(mall) if mall else chance.randrange(1, 400)
        unit = f"{chance.choice('ABCDEF')}{chance.randrange(1, 6)}{chance.randrange(1, 40):02}" if mall else ""
        return Address(self._divisions[self._streets.index(street) % len(self._divisions)], street, number, mall, unit)

    def _first_face(self) -> Face:
        rates, chance = self._rates.world, self._chance
        company = self._happens(rates.companies)
        core, trade = self._core(), chance.choice(self._rates.trades)
        if self._happens(rates.franchised):
            core, trade = chance.choice(self._brands)
        return Face(
            code=self._code(company=company),
            company=company,
            core=core,
            trade=trade,
            sign=chance.choice(trade.signs.split()),
            division=chance.choice(self._divisions),
            telephone=chance.choice(self._bookkeepers) if self._happens(rates.bookkeepers) else self._telephone(),
            account=self._account(),
        )

    def _sister(self, face: Face) -> Face:
        """Another business of the same owner."""
        account = face.account if self._happens(self._rates.world.sister_account) else self._account()
        return replace(self._first_face(), telephone=face.telephone, account=account, division=face.division)

    # Lives. --------------------------------------------------------------------------------------

    def _entity(self, name: int, face: Face, shops: list[Address] | None = None, born: int = 0) -> Entity:
        born = born or self._chance.randrange(self._rates.world.days // 3)
        places = shops or [self._address() for _ in range(self._count_of(self._rates.life.shops))]
        tools = [tool for at, place in enumerate(places) for tool in self._shop(place, at, born)]
        return Entity(name=name, faces=self._faces(face, born), tools=tools)

    def _faces(self, face: Face, born: int) -> list[tuple[int, Face]]:
        life, chance, faces = self._rates.life, self._chance, [(0, face)]
        for rate, change in (
            (life.renamed, self._renamed),
            (life.owner, self._new_owner),
            (life.telephone, lambda face: replace(face, telephone=self._telephone())),
            (life.account, lambda face: replace(face, account=self._account())),
            (0.0 if face.company else life.converted, self._converted),
        ):
            first, end = max(born, faces[-1][0]) + 1, self._rates.world.days + 2
            if self._happens(rate) and first < end:
                day = chance.randrange(first, end)
                faces.append((day, change(faces[-1][1])))
        return faces

    def _renamed(self, face: Face) -> Face:
        return replace(face, core=self._core(), sign=self._chance.choice(face.trade.signs.split()))

    def _new_owner(self, face: Face) -> Face:
        return replace(face, telephone=self._telephone(), account=self._account())

    def _converted(self, face: Face) -> Face:
        later = self._code(company=True)
        self._successions.append((face.code, later))
        return replace(face, code=later, company=True)

    def _shop(self, place: Address, at: int, born: int) -> list[Tool]:
        days, life = self._rates.world.days, self._rates.life
        branch = f"{place.mall or place.street}店" if at or self._happens(0.5) else ""
        tools: list[Tool] = []
        for _ in range(self._count_of(life.tools)):
            tool = self._tool(place, branch, born, days)
            for rate, change in (
                (life.replaced, lambda old, day: self._tool(old.address, old.branch, day, days)),
                (life.terminal, lambda old, day: replace(old, terminal=self._terminal(), first=day)),
                (life.moved, lambda old, day: replace(old, address=self._address(), first=day)),
            ):
                if self._happens(rate) and days - tool.first > 1:
                    day = self._chance.randrange(tool.first + 1, days)
                    tools.append(replace(tool, last=day - 1))
                    tool = change(tool, day)
            tools.append(tool)
        return tools

    def _tool(self, place: Address, branch: str, first: int, last: int) -> Tool:
        acquirer, number = self._chance.choice(self._acquirers), f"{self._chance.randrange(10**11):011}"
        if self._numbers and self._happens(self._rates.life.recycled):
            acquirer, number = self._chance.choice(self._numbers)
        self._numbers.append((acquirer, number))
        return Tool(
            acquirer=acquirer,
            number=number,
            terminal=self._terminal(),
            address=place,
            branch=branch,
            first=first,
            last=last,
        )

    def _terminal(self) -> str:
        return f"{self._chance.randrange(10**8):08}"

    def _buyer(self, name: int, seller: Entity) -> Entity:
        """Somebody else at one of the seller's places, perhaps under the old sign; the seller is gone from there."""
        day = self._chance.randrange(self._rates.world.days // 2, self._rates.world.days - 1)
        place = self._chance.choice(seller.tools).address
        kept = [replace(tool, last=min(tool.last, day)) for tool in seller.tools if tool.first < day]
        seller.tools = kept or seller.tools[:1]
        face, old = self._first_face(), seller.faces[-1][1]
        if self._happens(self._rates.world.sold_keeps_sign):
            face = replace(face, core=old.core, trade=old.trade, sign=old.sign)
        return self._entity(name, replace(face, division=old.division), [place], day)
