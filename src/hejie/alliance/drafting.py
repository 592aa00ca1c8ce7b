"""How the next version of the directory is drafted: begun, a member's card put in, agreements set, a key revoked."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from hejie.alliance.agreements import Agreement
from hejie.alliance.directory import (
    COSIGN,
    DatedKey,
    Directory,
    Keeper,
    LogKey,
    Member,
    SignedDirectory,
    read_directory,
)
from hejie.base import curves
from hejie.base.errors import Missing, Refused

CONTEXT = "hejie-card-v1"
K = TypeVar("K", bound=DatedKey)


class Card(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one file that a new member hands over; it shows that its maker holds the member's signing key."""

    member: dict[str, Any]
    signature: str


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    agreements: tuple[Agreement, ...]


def card(member: Member, key: Ed25519PrivateKey) -> Card:
    """A member's card, signed by its first signing key."""
    content = msgspec.to_builtins(member)
    return Card(member=content, signature=curves.sign(key, CONTEXT, content))


def member_of(found: Card) -> Member:
    """The member of a card; `Refused("card_wrong")` unless its own first key has signed it."""
    try:
        member = msgspec.convert(found.member, Member)
        curves.verify(member.signing[0].public, CONTEXT, found.member, found.signature)
    except (msgspec.ValidationError, Refused, IndexError):
        raise Refused("card_wrong") from None
    return member


def agreements_in(text: str) -> tuple[Agreement, ...]:
    """A table of agreements from TOML; `Refused("agreements_unreadable", why)`."""
    try:
        return msgspec.convert(tomllib.loads(text), _Table).agreements
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("agreements_unreadable", why=str(error)) from None


def begun(keepers: tuple[Keeper, ...], agreements: tuple[Agreement, ...], now: datetime, days: int) -> SignedDirectory:
    """A first version without members, unsigned."""
    return _file(
        Directory(
            version=1,
            issued_at=now,
            expires_at=now + timedelta(days=days),
            keepers=keepers,
            members=(),
            agreements=agreements,
        )
    )


def with_member(file: SignedDirectory, member: Member, rights: tuple[str, ...], now: datetime) -> SignedDirectory:
    """A member more, or one as its new card says; it keeps the rights it had, a new one has all, unless named.

    Who brings a log for the first time may cosign those of the others too. Keys of its log that the new card leaves out
    end now, and stay in the directory, for proofs made with them; a card without any leaves the log alone.
    """
    draft = _next(file, now)
    before = [each for each in draft.members if each.city == member.city]
    kinds = tuple(sorted({each.kind for each in draft.agreements}))
    if not rights:
        rights = before[0].rights if before else kinds
        if member.log_keys and not (before and before[0].log_keys):
            rights = tuple(dict.fromkeys((*rights, COSIGN)))
    log_keys = _succeeding(before[0].log_keys if before else (), member.log_keys, now)
    entered = msgspec.structs.replace(member, rights=rights, log_keys=log_keys)
    others = tuple(each for each in draft.members if each.city != member.city)
    return _file(msgspec.structs.replace(draft, members=(*others, entered)))


def _succeeding(before: tuple[LogKey, ...], fresh: tuple[LogKey, ...], now: datetime) -> tuple[LogKey, ...]:
    """The keys of a log as a new card names them, each since it was first named, before those that were replaced."""
    if not fresh:
        return before
    known = {(each.name, each.public): each for each in before}
    named = {(each.name, each.public) for each in fresh}
    kept = []
    for each in fresh:
        old = known.get((each.name, each.public))
        begins = min(each.begins, old.begins) if old else each.begins
        kept.append(msgspec.structs.replace(each, begins=begins, revoked_at=old.revoked_at if old else each.revoked_at))
    gone = [each for each in before if (each.name, each.public) not in named]
    return (*kept, *(msgspec.structs.replace(each, ends=min(each.ends, now)) for each in gone))


def without_member(file: SignedDirectory, city: str, now: datetime) -> SignedDirectory:
    """A member less; `Missing("city_no_member")`."""
    draft = _next(file, now)
    draft.member(city)
    others = tuple(each for each in draft.members if each.city != city)
    return _file(msgspec.structs.replace(draft, members=others))


def with_agreements(file: SignedDirectory, agreements: tuple[Agreement, ...], now: datetime) -> SignedDirectory:
    """Another table of agreements."""
    return _file(msgspec.structs.replace(_next(file, now), agreements=agreements))


def with_keeper(file: SignedDirectory, keeper: Keeper, now: datetime) -> SignedDirectory:
    """A keeper more."""
    draft = _next(file, now)
    return _file(msgspec.structs.replace(draft, keepers=(*draft.keepers, keeper)))


def without_key(file: SignedDirectory, key: str, now: datetime) -> SignedDirectory:
    """A member's or keeper's key, revoked from now on; `Missing("key_unknown")`."""
    draft = _next(file, now)
    hits: list[str] = []

    def ended(owner: str, dated: K) -> K:
        if curves.key_name(owner, dated.public) != key:
            return dated
        hits.append(owner)
        return msgspec.structs.replace(dated, revoked_at=now)

    members = tuple(
        msgspec.structs.replace(
            each,
            signing=tuple(ended(each.city, one) for one in each.signing),
            sealing=tuple(ended(each.city, one) for one in each.sealing),
            log_keys=tuple(ended(each.city, one) for one in each.log_keys),
        )
        for each in draft.members
    )
    keepers = tuple(msgspec.structs.replace(each, key=ended("keeper", each.key)) for each in draft.keepers)
    if not hits:
        raise Missing("key_unknown")
    return _file(msgspec.structs.replace(draft, members=members, keepers=keepers))


def _next(file: SignedDirectory, now: datetime) -> Directory:
    """The draft to change: what nobody has signed yet stays the same version, for as long as the last one held."""
    found = read_directory(file.directory)
    span = found.expires_at - found.issued_at
    version = found.version + 1 if file.signatures else found.version
    return msgspec.structs.replace(found, version=version, issued_at=now, expires_at=now + span)


def _file(draft: Directory) -> SignedDirectory:
    return SignedDirectory(directory=msgspec.to_builtins(draft))
