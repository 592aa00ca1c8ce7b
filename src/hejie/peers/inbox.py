"""What another city brings, after its message was believed: each letter and receipt by itself, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from hejie.alliance import receipt as receipts
from hejie.alliance.agreements import must_be_agreed
from hejie.alliance.directory import Directory
from hejie.alliance.letter import Carried, Letter, must_be_from, read_letter
from hejie.alliance.messages import Asked, LetterResult, ReceiptResult
from hejie.alliance.order import Place
from hejie.alliance.receipt import Receipt, SignedReceipt, read_receipt
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Refused
from hejie.connectors.exchange_keys import Own
from hejie.store import letters, letters_in
from hejie.store.letters_in import Brought, Standing
from hejie.store.pool import Pool, city_transaction


class Desk(NamedTuple):
    """Where a city takes what one peer brings."""

    pool: Pool
    own: Own
    directory: Directory
    peer: str
    now: datetime

    @property
    def city(self) -> str:
        """Whose it is."""
        return self.own.city

    def receipt(self, standing: Standing) -> SignedReceipt:
        """Our signed word on how a letter of the peer's stands."""
        key, private = self.own.signer(self.directory, self.now)
        told = Receipt(
            letter=standing.id,
            source=self.peer,
            target=self.city,
            event=standing.event,
            code=standing.code,
            sha256=standing.digest,
            at=standing.over_at or standing.received_at,
        )
        return receipts.signed(told, key, private)


_RESULTS: Mapping[Place, Literal["taken", "held", "again"]] = {
    Place.next: "taken",
    Place.held: "held",
    Place.again: "again",
}


async def take_letters(desk: Desk, items: Sequence[Any], directory: int) -> tuple[LetterResult, ...]:
    """One result for each; `directory` is the version that the sender goes by."""
    read = [_read(desk, each, directory) for each in items]
    brought = [each for each in read if isinstance(each, Brought)]
    async with city_transaction(desk.pool, desk.city) as connection:
        places = iter(await letters_in.take(connection, desk.city, desk.peer, brought, desk.now))
        names = [each.letter.id for each in brought]
        found = await letters_in.standings(connection, desk.city, desk.peer, names)
    return tuple(_result(desk, each, next(places), found) if isinstance(each, Brought) else each for each in read)


def _read(desk: Desk, raw: object, directory: int) -> Brought | LetterResult:
    """A letter to keep, or why not."""
    try:
        item, letter = _believed(desk, raw)
    except HejieError as error:
        return LetterResult(id=_named(raw), result="refused", code=error.code)
    refusal = _agreed(desk, letter)
    if refusal and directory > desk.directory.version:
        return LetterResult(id=letter.id, result="later", code="directory_behind")
    return Brought(letter, item, refusal)


def _result(desk: Desk, brought: Brought, place: Place | Refused, found: Mapping[str, Standing]) -> LetterResult:
    name = brought.letter.id
    if isinstance(place, Refused):
        return LetterResult(id=name, result="refused", code=place.code)
    if place is Place.conflict:
        return LetterResult(id=name, result="refused", code="letter_conflict")
    standing = found[name]
    if standing.state == "refused":
        return LetterResult(id=name, result="refused", code=standing.code, receipt=desk.receipt(standing))
    return LetterResult(id=name, result=_RESULTS[place], receipt=desk.receipt(standing))


def _named(raw: object) -> str:
    """What an item calls its letter, to name it in its refusal."""
    letter = raw.get("letter") if isinstance(raw, dict) else None
    name = letter.get("id") if isinstance(letter, dict) else None
    return name[:64] if isinstance(name, str) else ""


def _believed(desk: Desk, raw: object) -> tuple[Carried, Letter]:
    """An item that is this peer's own letter to us; `Refused`."""
    try:
        item = msgspec.convert(raw, Carried)
    except msgspec.ValidationError:
        raise Refused("letter_unreadable") from None
    letter = read_letter(item.letter, desk.now)
    if letter.source != desk.peer or letter.target != desk.city:
        raise Refused("letter_misdirected")
    public = desk.directory.member(desk.peer).signing_keys(desk.now).get(item.key)
    if public is None:
        raise Refused("exchange_key_wrong")
    must_be_from(item, public)
    return item, letter


def _agreed(desk: Desk, letter: Letter) -> str:
    """Why a letter may not be sent to us; empty where it may."""
    if letter.kind not in desk.directory.member(desk.peer).rights:
        return "kind_not_theirs"
    day = min(letter.time, desk.now).astimezone(SHANGHAI).date()
    closed = letter.sealed.fields if letter.sealed else ()
    parties = (desk.peer, desk.city)
    try:
        must_be_agreed(desk.directory.agreements, letter.kind, parties, day, fields=letter.data, sealed=closed)
    except Refused as error:
        return error.code
    return ""


async def take_receipts(desk: Desk, items: Sequence[Any]) -> tuple[ReceiptResult, ...]:
    """One result for each."""
    read = [_read_receipt(desk, each) for each in items]
    told = [each for each in read if each is not None]
    async with city_transaction(desk.pool, desk.city) as connection:
        done = iter(await letters.take_receipts(connection, desk.city, desk.peer, told, desk.now))
    return tuple(
        ReceiptResult(letter="", result="refused")
        if each is None
        else ReceiptResult(letter=each[0].letter, result=next(done))
        for each in read
    )


def _read_receipt(desk: Desk, raw: object) -> tuple[Receipt, SignedReceipt] | None:
    """A receipt that this peer has signed; None where it is none."""
    try:
        proof = msgspec.convert(raw, SignedReceipt)
        return read_receipt(proof, desk.directory.member(desk.peer).signing_keys(desk.now)), proof
    except (msgspec.ValidationError, HejieError):
        return None


async def how_they_stand(desk: Desk, identifiers: Sequence[str]) -> tuple[Asked, ...]:
    """The receipts of letters of the peer's; unknown is an answer."""
    async with city_transaction(desk.pool, desk.city) as connection:
        found = await letters_in.standings(connection, desk.city, desk.peer, identifiers)
    return tuple(
        Asked(letter=each, known=each in found, receipt=desk.receipt(found[each]) if each in found else None)
        for each in identifiers
    )
