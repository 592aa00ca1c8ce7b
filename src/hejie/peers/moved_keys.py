"""Whether the key files at a city's new installation are the ones its rows were made with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import psycopg

from hejie.alliance.directory import SignedDirectory, read_directory
from hejie.base import curves
from hejie.base.errors import Missing, Refused
from hejie.base.seals import Vault
from hejie.connectors.exchange_keys import Own
from hejie.transparency.checkpoints import read_checkpoint, signed_by_log
from hejie.transparency.keys import Kind
from hejie.transparency.notes import read_note
from hejie.transparency.parties import OwnLog

Connection = psycopg.Connection[Any]

_WRAPPED = """
select distinct on (substring(wrapped for 1 + get_byte(wrapped, 0))) wrapped from data_key
where city = %s and length(wrapped) > 0
"""
"""One data key by each name of a master."""
_CHECKPOINT = "select note from log_checkpoint where city = %s order by size desc limit 1"
_DIRECTORY = "select body::text from alliance_directory where city = %s order by version desc limit 1"


def must_open(connection: Connection, city: str, vault: Vault) -> None:
    """Every master key that content lies under is there; `Refused("city_key_wrong")`."""
    for (wrapped,) in connection.execute(_WRAPPED, [city]).fetchall():
        try:
            vault.unwrap(bytes(wrapped))
        except Refused:
            raise Refused("city_key_wrong", city=city) from None


def must_sign_log(connection: Connection, city: str, log: OwnLog | None) -> None:
    """The log's newest checkpoint is by this key; `Refused("moved_log_key_wrong", name)`."""
    row = connection.execute(_CHECKPOINT, [city]).fetchone()
    if row is None:
        return
    note = read_note(row[0].encode())
    origin = read_checkpoint(note).origin
    try:
        fits = log is not None and log.origin == origin and signed_by_log(note, [log.signer.verifier(Kind.log)])
    except Refused:
        fits = False
    if not fits:
        raise Refused("moved_log_key_wrong", name=origin)


def must_be_listed(connection: Connection, city: str, own: Own | None, now: datetime) -> None:
    """A member has the keys that the directory lists for it; `Refused("moved_exchange_key_wrong")`.

    A city that is in no directory, or in none any more, needs no keys.
    """
    row = connection.execute(_DIRECTORY, [city]).fetchone()
    if row is None:
        return
    directory = read_directory(msgspec.json.decode(row[0], type=SignedDirectory).directory)
    try:
        member = directory.member(city)
    except Missing:
        return
    signs = {*(own.signing if own else ())} & member.signing_keys(now).keys()
    sealed = {curves.key_name(city, each.public) for each in member.sealing if each.holds(now)}
    if not signs or sealed - {*(own.opening if own else ())}:
        raise Refused("moved_exchange_key_wrong", city=city)
