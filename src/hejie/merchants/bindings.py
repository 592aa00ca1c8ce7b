"""A binding: which merchant, and which of its shops, stood behind a payment identity, from when to when, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused

MOST_WORDS = 200
"""Characters that say why."""
SURE = 10_000
"""Confidence in basis points: 1."""
_NUMBER = re.compile(r"[0-9A-Za-z._-]{1,64}", re.ASCII)
_ISSUER = re.compile(r"[0-9A-Za-z._-]{0,32}", re.ASCII)


class Scheme(StrEnum):
    """What kind of number a payment identity is."""

    alipay = "alipay"
    """An account at the wallet; these three need no issuer."""
    wechatpay = "wechatpay"
    unionpay = "unionpay"
    acquirer = "acquirer"
    """A merchant's number at an acquirer, which is the issuer."""
    terminal = "terminal"
    """A terminal of an acquirer."""
    paycode = "paycode"


ACQUIRER = "acquirer"
"""The wallet under whose name payments through acquirers stand; its accounts begin with the acquirer's number."""
WALLETS = frozenset({Scheme.alipay, Scheme.wechatpay, Scheme.unionpay})


class Identity(Struct, frozen=True, order=True):
    """A payment identity (收款标识)."""

    scheme: Scheme
    number: str
    issuer: str = ""

    @property
    def key(self) -> str:
        """How it is stored and compared."""
        return f"{self.scheme.value}/{self.issuer}/{self.number}"

    @property
    def account(self) -> tuple[str, str] | None:
        """Wallet and account under which payments name it; None for a terminal or a code."""
        if self.scheme in WALLETS:
            return self.scheme.value, self.number
        return (ACQUIRER, f"{self.issuer}-{self.number}") if self.scheme is Scheme.acquirer else None


def identity_of(wallet: str, account: str) -> Identity:
    """The payment identity behind a wallet's account; ValueError for a wallet that has none."""
    if wallet != ACQUIRER:
        return Identity(Scheme(wallet), account)
    issuer, _, number = account.partition("-")
    return Identity(Scheme.acquirer, number, issuer)


class Basis(StrEnum):
    """Why a binding is believed."""

    registered = "registered"
    """The merchant has said so and an officer has seen a proof."""
    announced = "announced"
    """The acquirer or wallet has said so."""
    credit_code = "credit_code"
    """Both carry the same credit code."""
    settlement_account = "settlement_account"
    """Both settle to the same bank account (hashed)."""
    scored = "scored"
    """Name, address, terminal and telephone speak for it."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What a binding rests on."""

    basis: Basis
    note: str = ""
    """In a person's words, or the reasons of a score."""
    source: str = ""
    """Which file, acquirer or comparison."""


class Binding(Struct, frozen=True, kw_only=True):
    """A binding's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    identity: Identity
    merchant: str
    shop: str
    """Empty for the merchant as a whole."""
    begins: datetime
    """From this instant on."""
    ends: datetime | None
    """Up to, and not with, this instant; None where it holds still."""
    evidence: Evidence
    confidence: int
    """Basis points."""
    undone: bool
    """It never held."""
    changed_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it stood at an instant."""
        return not self.undone and self.begins <= at and (self.ends is None or at < self.ends)


class Stood(Struct, frozen=True, kw_only=True):
    """Who stood behind an identity at an instant; no merchant where nobody is known."""

    merchant: str = ""
    shop: str = ""
    binding: Binding | None = None
    """What tells so; None where it is the account's opener, or nobody."""


class Register(Struct, frozen=True, kw_only=True):
    """What is known of some identities: every binding that was not undone, and who has opened which account here."""

    bindings: tuple[Binding, ...] = ()
    openers: Mapping[Identity, str] = {}
    """Identity → merchant."""

    def at(self, identities: Iterable[Identity], instant: datetime) -> Stood:
        """Who stood behind the first of these identities that tells.

        Where bindings have begun to tell whose an account is, they alone tell; before that, whoever opened it here.
        """
        wanted = tuple(identities)
        for identity in wanted:
            for each in self.bindings:
                if each.identity == identity and each.holds(instant):
                    return Stood(merchant=each.merchant, shop=each.shop, binding=each)
        for identity in wanted:
            begun = any(each.identity == identity and each.begins <= instant for each in self.bindings)
            if identity in self.openers and not begun:
                return Stood(merchant=self.openers[identity])
        return Stood()


class Bind(Struct, frozen=True, kw_only=True):
    """Say who stands behind an identity."""

    id: str
    identity: Identity
    merchant: str
    shop: str = ""
    begins: datetime
    ends: datetime | None = None
    evidence: Evidence
    confidence: int = SURE


class End(Struct, frozen=True, kw_only=True):
    """The identity passes to somebody else, or is given up."""

    at: datetime
    note: str


class Undo(Struct, frozen=True, kw_only=True):
    """It was wrong from the begin."""

    note: str


Command = Bind | End | Undo


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class Bound(Event, frozen=True, kw_only=True, tag=True):
    """Somebody stands behind an identity."""

    city: str
    id: str
    identity: Identity
    merchant: str
    shop: str
    begins: datetime
    ends: datetime | None
    evidence: Evidence
    confidence: int


class BindingEnded(Event, frozen=True, kw_only=True, tag=True):
    """It holds no longer than this."""

    ends: datetime
    note: str


class BindingUndone(Event, frozen=True, kw_only=True, tag=True):
    """It never held."""

    note: str


AnyEvent = Bound | BindingEnded | BindingUndone


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    known: bool = False
    """The named merchant is registered here, and the named shop is its own."""


def decide(binding: Binding | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Two bindings of one identity never hold at once: that the table itself refuses (`binding_overlaps`).
    Errors: `Missing("binding_unknown" | "party_unknown")`, `Refused` with `identity_unreadable`, `binding_days`,
    `binding_undone`, `text_empty`.
    """
    if isinstance(command, Bind):
        return [] if binding is not None else [_bind(command, ground)]
    if binding is None:
        raise Missing("binding_unknown")
    if not command.note:
        raise Refused("text_empty")
    match command:
        case End(at=at, note=note):
            if binding.undone:
                raise Refused("binding_undone")
            if at <= binding.begins or (binding.ends is not None and at > binding.ends):
                raise Refused("binding_days")
            return [] if binding.ends == at else [BindingEnded(at=ground.now, ends=at, note=note)]
        case Undo(note=note):
            return [] if binding.undone else [BindingUndone(at=ground.now, note=note)]
        case _:
            assert_never(command)


def _bind(command: Bind, ground: Ground) -> Bound:
    identity = command.identity
    needs_issuer = identity.scheme not in WALLETS | {Scheme.paycode}
    if _NUMBER.fullmatch(identity.number) is None or _ISSUER.fullmatch(identity.issuer) is None:
        raise Refused("identity_unreadable")
    if bool(identity.issuer) != needs_issuer:
        raise Refused("identity_unreadable")
    if not ground.known:
        raise Missing("party_unknown")
    if command.ends is not None and command.ends <= command.begins:
        raise Refused("binding_days")
    if not 0 < command.confidence <= SURE:
        raise AssertionError(f"confidence is given in basis points, not {command.confidence}")
    return Bound(
        at=ground.now,
        city=ground.city,
        id=command.id,
        identity=identity,
        merchant=command.merchant,
        shop=command.shop,
        begins=command.begins,
        ends=command.ends,
        evidence=command.evidence,
        confidence=command.confidence,
    )


def evolve(binding: Binding | None, event: AnyEvent) -> Binding:
    """The row after one more event."""
    if binding is None:
        if not isinstance(event, Bound):
            raise AssertionError(f"a binding begins with Bound, not {type(event).__name__}")
        return Binding(
            city=event.city,
            id=event.id,
            version=1,
            identity=event.identity,
            merchant=event.merchant,
            shop=event.shop,
            begins=event.begins,
            ends=event.ends,
            evidence=event.evidence,
            confidence=event.confidence,
            undone=False,
            changed_at=event.at,
        )
    version = binding.version + 1
    match event:
        case BindingEnded(ends=ends):
            return replace(binding, ends=ends, version=version, changed_at=event.at)
        case BindingUndone():
            return replace(binding, undone=True, version=version, changed_at=event.at)
        case Bound():
            raise AssertionError("a binding is made once")
        case _:
            assert_never(event)
