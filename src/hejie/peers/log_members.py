"""The members of the directory as peers of a city's log: whose logs it cosigns, and who cosigns its own."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime

from hejie.alliance.directory import COSIGN, Directory, LogKey, Member
from hejie.store import directories
from hejie.store.pool import Connection
from hejie.transparency.keys import Kind, Verifier
from hejie.transparency.parties import OwnLog, Peer


async def among_members(connection: Connection, city: str, own: OwnLog, now: datetime) -> OwnLog:
    """A city's log with the members of its directory as peers, beside those that its connections name.

    A directory that has expired still counts: what it names are public keys, and a log must not fall silent over it.
    """
    known = await directories.present(connection, city)
    return own if known is None else with_members(own, known, city, now)


def with_members(own: OwnLog, known: Directory, city: str, now: datetime) -> OwnLog:
    """The same, by a directory; of a name that a member has, the connections' word no longer counts."""
    mine = [key for each in known.members if each.city == city for key in each.log_keys if key.name == own.origin]
    signing = {each.verifier(kind) for each in own.signers for kind in Kind}
    earlier = [each for each in _verifiers(key for key in mine if not key.revoked_at) if each not in signing]
    revoked = [each for each in _verifiers(key for key in mine if key.revoked_at) if each not in signing]
    peers = [_peer(each, now) for each in known.members if each.city != city and own.origin not in each.log_names]
    named = {name for each in known.members for name in each.log_names}
    outside = [each for each in own.peers if each.name not in named]
    return OwnLog(
        signer=own.signer,
        following=own.following,
        former=tuple(earlier),
        revoked=tuple(revoked),
        peers=(*outside, *(each for each in peers if each.name or each.former)),
    )


def _peer(member: Member, now: datetime) -> Peer:
    """A member as a peer: it is asked to cosign, and believed as a cosigner, where it has the right."""
    held = [key for key in member.log_keys if key.holds(now)]
    past = [key for key in member.log_keys if not key.holds(now) and not key.revoked_at and key.begins <= now]
    may = COSIGN in member.rights
    return Peer(
        log=tuple(_verifiers(held, Kind.log)),
        witness=tuple(_verifiers(held, Kind.witness)) if may else (),
        former=tuple(_verifiers(past, *(Kind if may else (Kind.log,)))),
        url=f"{member.base}/api/{member.city}/witness" if may else "",
    )


def _verifiers(keys: Iterable[LogKey], *kinds: Kind) -> list[Verifier]:
    found = [(key.name, base64.b64decode(key.public)) for key in keys]
    return [Verifier(name, kind, public) for name, public in found for kind in kinds or Kind]
