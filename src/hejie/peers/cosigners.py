"""A log's words to its cosigners: what have you seen of me, and please cosign this (C2SP tlog-witness)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from hejie.base.errors import Refused, Unknown
from hejie.connectors.transport import Answer, send
from hejie.transparency import lines
from hejie.transparency.checkpoints import cosigners, read, read_checkpoint, signed_by_log
from hejie.transparency.notes import MOST_BYTES, Note, Signature, read_signatures
from hejie.transparency.parties import OwnLog, Peer
from hejie.transparency.witnessing import written

MOST_SECONDS = 10.0
"""For one answer."""
FRESH = timedelta(minutes=5)
"""How far a cosigner's clock may be from ours."""


async def ask_largest(client: httpx.AsyncClient, own: OwnLog, peer: Peer, now: datetime) -> Note | None:
    """The largest tree of our log that a cosigner has seen; None where it does not answer, or not believably.

    Believable is what it signed just now, and, of a tree that has entries, what we signed ourselves.
    """
    if peer.plain:
        return None
    address = f"{peer.url}/seen?{urlencode({'origin': own.origin})}"
    answer = await _sent(client, httpx.Request("GET", address))
    if answer is None or answer.status != httpx.codes.OK:
        return None
    try:
        note, told = read(answer.body)
        at = [each.at for each in cosigners(note, peer.witness)]
        ours = told.size == 0 or signed_by_log(note, own.ours)
    except Refused:
        return None
    return note if told.origin == own.origin and ours and at and abs(at[0] - now) <= FRESH else None


async def ask_cosigning(
    client: httpx.AsyncClient, peer: Peer, note: Note, old: int, proof: Sequence[bytes]
) -> tuple[Signature, ...] | int | None:
    """A cosigner's signatures below our checkpoint; or the size it knows instead; or None."""
    body = written(old, proof, note)
    answer = await _sent(client, httpx.Request("POST", f"{peer.url}/add-checkpoint", content=body))
    if answer is None:
        return None
    try:
        if answer.status == httpx.codes.CONFLICT:
            return lines.number(answer.body.decode("ascii").removesuffix("\n"))
        if answer.status != httpx.codes.OK:
            return None
        return _own(peer, note, read_signatures(answer.body.decode()))
    except (Refused, UnicodeDecodeError):
        return None


def _own(peer: Peer, note: Note, given: Sequence[Signature]) -> tuple[Signature, ...] | None:
    """Those of the signatures which are the cosigner's, and right."""
    keys = {(each.name, each.id) for each in peer.witness}
    below = Note(read_checkpoint(note).text, tuple(each for each in given if (each.name, each.id) in keys))
    return below.signatures if cosigners(below, peer.witness) else None


async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> Answer | None:
    request.headers.setdefault("user-agent", "hejie")
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await send(client, request, MOST_BYTES)
    except (Unknown, TimeoutError):
        return None
