"""A city as a witness of other cities' logs: what it answers to a checkpoint, what it has seen (C2SP tlog-witness)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from msgspec import Struct

from hejie.base.errors import Missing, Refused
from hejie.store.log_checkpoints import (
    alone_with,
    keep_split,
    keep_witnessed,
    known_of,
    largest_seen_note,
    open_log_item,
)
from hejie.store.pool import Connection, Pool, city_transaction
from hejie.transparency.checkpoints import cosign, nothing, read_checkpoint
from hejie.transparency.notes import Note
from hejie.transparency.parties import OwnLog
from hejie.transparency.witnessing import Shown, Word, judge, must_be_trusted, read_shown

PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


class Answer(Struct, frozen=True):
    """What goes back over HTTP."""

    status: HTTPStatus
    body: str = ""
    media: str = PLAIN


async def take(pool: Pool, city: str, own: OwnLog, raw: bytes, now: datetime, fresh_id: str) -> Answer:
    """Look at a checkpoint and cosign it, or say why not; it is kept before it is cosigned.

    `fresh_id` names the work item, should the log turn out to show two faces.
    """
    try:
        shown = read_shown(raw)
    except Refused:
        return Answer(HTTPStatus.BAD_REQUEST)
    refused = must_be_trusted(shown, own.watched)
    if refused is not None:
        return Answer(refused.status)
    async with city_transaction(pool, city) as connection:
        word = await _judged(connection, city, shown, now, fresh_id)
    match word.status:
        case HTTPStatus.OK:
            return Answer(HTTPStatus.OK, "".join(str(cosign(shown.checkpoint, each, now)) for each in own.signers))
        case HTTPStatus.CONFLICT:
            return Answer(HTTPStatus.CONFLICT, f"{word.size}\n", SIZE)
        case _:
            return Answer(word.status)


async def seen(connection: Connection, city: str, own: OwnLog, origin: str, now: datetime) -> Note:
    """The largest tree of a log that this city has cosigned, with a signature of this moment.

    Of a log that is known and has shown nothing yet, that is the empty tree. Errors: `Missing("log_unknown")`.
    """
    if origin not in {each.name for each in own.watched}:
        raise Missing("log_unknown")
    note = await largest_seen_note(connection, city, origin) or Note(nothing(origin).text, ())
    return note.with_more([cosign(read_checkpoint(note), each, now) for each in own.signers])


async def _judged(connection: Connection, city: str, shown: Shown, now: datetime, fresh_id: str) -> Word:
    origin = shown.checkpoint.origin
    await alone_with(connection, city, origin)
    known, same = await known_of(connection, city, shown.checkpoint)
    word = judge(shown, known)
    if word.status is HTTPStatus.OK:
        await keep_witnessed(connection, city, shown.note, now)
    if word.split and same is not None:
        await keep_split(connection, city, same, shown.note, now)
        body: dict[str, object] = {"name": origin, "count": shown.checkpoint.size}
        await open_log_item(connection, city, fresh_id, "log_split", origin, body, now)
    return word
