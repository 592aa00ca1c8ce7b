"""The signed, expiring, versioned list of members: where they stand, their keys, their rights, what is agreed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from hejie.alliance.agreements import Agreement
from hejie.base import curves
from hejie.base.errors import Missing, Refused

CONTEXT = "hejie-directory-v1"
EARLY = timedelta(minutes=5)
"""How far ahead of the reader's clock a directory's time may lie."""
COSIGN = "cosign"
"""The right to cosign the logs of the others, beside the kinds of letters that a member may send."""
MEMBER = re.compile(r"[0-9A-Za-z]{2,32}", re.ASCII)
_BASE = re.compile(r"https?://[0-9A-Za-z.:\[\]-]{1,253}(/[0-9A-Za-z._/-]{0,200})?", re.ASCII)
_LOG_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:/_~-]{0,254}", re.ASCII)


class DatedKey(Struct, frozen=True, kw_only=True):
    """A public key and the span in which it is believed."""

    public: str
    """Base64 of 32 bytes: Ed25519 to sign, X25519 to seal."""
    begins: datetime
    ends: datetime
    revoked_at: datetime | None = None
    """From then on, whatever its span says."""

    def holds(self, at: datetime) -> bool:
        """Whether it is believed at an instant."""
        return self.begins <= at < self.ends and (self.revoked_at is None or at < self.revoked_at)


class LogKey(DatedKey, frozen=True, kw_only=True):
    """An Ed25519 key of a member's log: it signs the log's checkpoints, and cosigns those of others."""

    name: str
    """The log's name, the origin of its checkpoints."""


class Person(Struct, frozen=True, kw_only=True):
    """Whom to reach at a member: an office, never a private number."""

    duty: str
    phone: str


class Member(Struct, frozen=True, kw_only=True):
    """One city, or an institution that takes part."""

    city: str
    name_zh: str
    name_en: str
    base: str
    """Its public address, without a slash at the end."""
    signing: tuple[DatedKey, ...]
    sealing: tuple[DatedKey, ...]
    log_keys: tuple[LogKey, ...] = ()
    """The keys of its log, those that were replaced too: what they signed is still checked by them."""
    rights: tuple[str, ...] = ()
    """The kinds of letters it may send, and `COSIGN`."""
    reached: tuple[Person, ...] = ()

    @property
    def address(self) -> str:
        """Where its exchange stands."""
        return f"{self.base}/api/{self.city}/exchange"

    @property
    def log_names(self) -> frozenset[str]:
        """What its log is and was called."""
        return frozenset(each.name for each in self.log_keys)

    def signing_keys(self, at: datetime) -> Mapping[str, str]:
        """Its keys that are believed at an instant: name → public."""
        return {curves.key_name(self.city, each.public): each.public for each in self.signing if each.holds(at)}

    def sealing_key(self, at: datetime) -> tuple[str, str]:
        """The key to seal to, the latest begun: (name, public); `Refused("peer_without_key")`."""
        found = [each for each in self.sealing if each.holds(at)]
        if not found:
            raise Refused("peer_without_key", peer=self.city)
        newest = max(found, key=lambda each: each.begins)
        return curves.key_name(self.city, newest.public), newest.public


class Keeper(Struct, frozen=True, kw_only=True):
    """Who may sign the next version."""

    name: str
    key: DatedKey


class Directory(Struct, frozen=True, kw_only=True):
    """One version."""

    version: int
    issued_at: datetime
    expires_at: datetime
    keepers: tuple[Keeper, ...]
    members: tuple[Member, ...]
    agreements: tuple[Agreement, ...] = ()

    def member(self, city: str) -> Member:
        """One member; `Missing("city_no_member")`."""
        for each in self.members:
            if each.city == city:
                return each
        raise Missing("city_no_member")

    def signer(self, key: str, at: datetime) -> tuple[Member, str]:
        """Whose key it is, and its public half; `Refused("exchange_key_wrong")` for one that is not believed then."""
        for each in self.members:
            public = each.signing_keys(at).get(key)
            if public is not None:
                return each, public
        raise Refused("exchange_key_wrong")

    def must_hold(self, at: datetime) -> None:
        """`Refused("directory_expired")`."""
        if at >= self.expires_at:
            raise Refused("directory_expired")


class Signature(Struct, frozen=True, kw_only=True):
    """One keeper's."""

    key: str
    value: str


class SignedDirectory(Struct, frozen=True, kw_only=True):
    """The file that goes round."""

    directory: dict[str, Any]
    signatures: tuple[Signature, ...] = ()


def signed(file: SignedDirectory, key: Ed25519PrivateKey) -> SignedDirectory:
    """The same with one keeper's signature more, or renewed."""
    public = curves.public_text(key)
    name = curves.key_name("keeper", public)
    mine = Signature(key=name, value=curves.sign(key, CONTEXT, file.directory))
    return SignedDirectory(
        directory=file.directory, signatures=(*(each for each in file.signatures if each.key != name), mine)
    )


def read_directory(content: Mapping[str, Any]) -> Directory:
    """What a directory says, whole and by itself consistent; `Refused("directory_unreadable", why)`."""
    try:
        found = msgspec.convert(content, Directory)
    except msgspec.ValidationError as error:
        raise Refused("directory_unreadable", why=str(error)) from None
    cities = [each.city for each in found.members]
    if found.version < 1 or len(set(cities)) != len(cities) or not found.keepers:
        raise Refused("directory_unreadable", why="version, members or keepers")
    instants = [found.issued_at, found.expires_at]
    for member in found.members:
        if MEMBER.fullmatch(member.city) is None or _BASE.fullmatch(member.base) is None or member.base.endswith("/"):
            raise Refused("directory_unreadable", why=member.city)
        if any(_LOG_NAME.fullmatch(name) is None for name in member.log_names):
            raise Refused("directory_unreadable", why=member.city)
        instants += _instants((*member.signing, *member.sealing, *member.log_keys))
    names = [name for member in found.members for name in member.log_names]
    if len(set(names)) != len(names):
        raise Refused("directory_unreadable", why="a log of two members")
    instants += _instants(keeper.key for keeper in found.keepers)
    if any(each.tzinfo is None for each in instants):
        raise Refused("directory_unreadable", why="an instant without its zone")
    return found


def _instants(keys: Iterable[DatedKey]) -> list[datetime]:
    found = []
    for key in keys:
        try:
            whole = len(base64.b64decode(key.public, validate=True)) == curves.RAW
        except (binascii.Error, ValueError):
            whole = False
        if not whole:
            raise Refused("directory_unreadable", why="a key")
        found += [key.begins, key.ends, *([key.revoked_at] if key.revoked_at else [])]
    return found


def successor(present: Directory | None, anchors: Iterable[str], file: SignedDirectory, now: datetime) -> Directory:
    """The directory of a file, where it may take the present one's place.

    A keeper of the present version must have signed it, for the very first one a holder of an anchor key. Errors:
    `Refused` with `directory_unreadable`, `directory_unsigned`, `directory_older`, `directory_early`,
    `directory_expired`.
    """
    fresh = read_directory(file.directory)
    if present is None:
        trusted = {curves.key_name("keeper", public): public for public in anchors}
    else:
        keys = [each.key.public for each in present.keepers if each.key.holds(now)]
        trusted = {curves.key_name("keeper", public): public for public in keys}
    if not any(_stands(trusted, each, file.directory) for each in file.signatures):
        raise Refused("directory_unsigned")
    if present is not None and fresh.version <= present.version:
        raise Refused("directory_older", version=fresh.version, present=present.version)
    if fresh.issued_at > now + EARLY:
        raise Refused("directory_early")
    fresh.must_hold(now)
    return fresh


def _stands(trusted: Mapping[str, str], signature: Signature, content: Mapping[str, Any]) -> bool:
    public = trusted.get(signature.key)
    if public is None:
        return False
    try:
        curves.verify(public, CONTEXT, content, signature.value)
    except Refused:
        return False
    return True
