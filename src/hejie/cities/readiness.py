"""Whether a city, or a part of it, may go live: everything it needs from outside, whose it is, how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from hejie.cities.papers import Kind, Paper, State, paper_of, state_of

OPERATOR = "运维单位 the operator"
BUREAU = "市局 the bureau"
KEEPER = "名录管理方 the directory's keeper"


class Thing(StrEnum):
    """What is no paper: settings, keys and connections that the house can look at itself."""

    settings = "settings"
    city_keys = "city_keys"
    address = "address"
    wallet = "wallet"
    acquirer = "acquirer"
    sms = "sms"
    national12315 = "national12315"
    exchange_keys = "exchange_keys"
    directory = "directory"
    log_key = "log_key"


class Standing(StrEnum):
    """How a need stands."""

    found = "found"
    ending = "ending"
    """It is there, and ends sooner than another one can be had."""
    missing = "missing"
    over = "over"


class Need(Struct, frozen=True, kw_only=True):
    """One line of the list."""

    name: str
    """A paper's kind or a thing."""
    of: str = ""
    """Of which wallet or acquirer."""
    owner: str
    lead_days: int
    standing: Standing
    until: date | None = None

    @property
    def is_met(self) -> bool:
        """Whether nothing has to be waited for."""
        return self.standing in {Standing.found, Standing.ending}


class Seen(Struct, frozen=True, kw_only=True):
    """What was found of a city today."""

    day: date
    papers: tuple[Paper, ...] = ()
    things: frozenset[tuple[Thing, str]] = frozenset()
    """What is there, with the wallet or acquirer it belongs to."""
    acquirers: tuple[str, ...] = ()
    directory_until: date | None = None
    """The last day of the directory in which the city stands."""


class Part(Struct, frozen=True, kw_only=True):
    """Something that can go live by itself."""

    name: str
    """`door_12315`, `wallet`, `acquirer` or `alliance`."""
    of: str = ""
    needs: tuple[Need, ...]

    @property
    def key(self) -> str:
        """What a person calls it at the command line: `wallet:alipay`."""
        return f"{self.name}:{self.of}" if self.of else self.name

    @property
    def lacks(self) -> tuple[Need, ...]:
        """What is still waited for."""
        return tuple(each for each in self.needs if not each.is_met)

    @property
    def days(self) -> int:
        """Days until the last of it can be there, if all is asked for today."""
        return max((each.lead_days for each in self.lacks), default=0)


_OWNERS: dict[Thing, tuple[str, int]] = {
    Thing.settings: (BUREAU, 1),
    Thing.city_keys: (OPERATOR, 0),
    Thing.address: (OPERATOR, 1),
    Thing.wallet: (OPERATOR, 5),
    Thing.acquirer: (OPERATOR, 5),
    Thing.sms: (OPERATOR, 2),
    Thing.national12315: (OPERATOR, 10),
    Thing.exchange_keys: (OPERATOR, 0),
    Thing.directory: (KEEPER, 5),
    Thing.log_key: (OPERATOR, 0),
}
"""Whose it is, and the days it usually takes: our own guess."""
_BASE = (Thing.settings, Thing.city_keys, Thing.address)
_BASE_PAPERS = (Kind.tls_certificate, Kind.impact_assessment, Kind.classified_protection)
_USUAL_WALLET = "alipay"


def parts(seen: Seen) -> tuple[Part, ...]:
    """The parts a city can go live in: the door to 12315, each wallet, each acquirer, the alliance.

    A wallet or acquirer is listed where it is connected or a contract is written down; with neither, the usual wallet.
    """
    base = (*(_thing(seen, each) for each in _BASE), *(_paper(seen, each) for each in _BASE_PAPERS))
    messages = (_thing(seen, Thing.sms), _paper(seen, Kind.sms_signature), _paper(seen, Kind.sms_template))
    wallets = _named(seen, Thing.wallet, Kind.wallet_contract) or (_USUAL_WALLET,)
    banks = tuple(dict.fromkeys((*seen.acquirers, *_named(seen, Thing.acquirer, Kind.acquirer_contract))))
    door = (*base, _paper(seen, Kind.link_12315), _thing(seen, Thing.national12315))
    between = (Thing.exchange_keys, Thing.directory, Thing.log_key)
    return (
        Part(name="door_12315", needs=door),
        *(_paying(seen, "wallet", each, (*base, *messages)) for each in wallets),
        *(_paying(seen, "acquirer", each, (*base, *messages)) for each in banks),
        Part(
            name="alliance",
            needs=(*base, *(_thing(seen, each) for each in between), _paper(seen, Kind.sharing_agreement)),
        ),
    )


def needs(found: Iterable[Part]) -> tuple[Need, ...]:
    """Every need of some parts once, in their order."""
    return tuple(dict.fromkeys(need for part in found for need in part.needs))


def _named(seen: Seen, thing: Thing, kind: Kind) -> tuple[str, ...]:
    connected = sorted(of for each, of in seen.things if each is thing)
    contracts = (each.of for each in seen.papers if each.kind is kind and each.of)
    return tuple(dict.fromkeys((*connected, *contracts)))


def _paying(seen: Seen, name: str, of: str, others: tuple[Need, ...]) -> Part:
    thing, kind = Thing(name), Kind(f"{name}_contract")
    return Part(name=name, of=of, needs=(*others, _paper(seen, kind, of), _thing(seen, thing, of)))


def _paper(seen: Seen, kind: Kind, of: str = "") -> Need:
    paper = paper_of(seen.papers, kind, of)
    state = state_of(paper, seen.day)
    return Need(
        name=kind.value,
        of=of,
        owner=paper.owner,
        lead_days=paper.lead_days,
        standing=_standing(Standing(state.value), paper.expires, seen.day, paper.lead_days),
        until=paper.expires if state is not State.missing else None,
    )


def _thing(seen: Seen, thing: Thing, of: str = "") -> Need:
    owner, days = _OWNERS[thing]
    until = seen.directory_until if thing is Thing.directory else None
    there = Standing.found if (thing, of) in seen.things else Standing.missing
    if there is Standing.found and until is not None and until < seen.day:
        there = Standing.over
    return Need(
        name=thing.value,
        of=of,
        owner=owner,
        lead_days=days,
        standing=_standing(there, until, seen.day, days),
        until=until,
    )


def _standing(there: Standing, until: date | None, day: date, lead_days: int) -> Standing:
    soon = until is not None and until - timedelta(days=lead_days) < day
    return Standing.ending if there is Standing.found and soon else there
