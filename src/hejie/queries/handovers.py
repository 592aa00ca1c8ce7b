"""Hand-overs between cities, as this city has them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import Struct

from hejie.alliance.letter import Letter
from hejie.alliance.sealing import unseal
from hejie.base.errors import Missing, Refused
from hejie.handovers.model import Handover
from hejie.queries.keys import read_instant
from hejie.store import letters_in
from hejie.store.handover_letters import OFFER, PIECE, Line, joined
from hejie.store.pool import Connection

PAGE = 25
_ONE = "select body::text from handover where city = %s and id = %s"
_OF_DISPUTE = "select body::text from handover where city = %s and dispute = %s order by id"
PLACE = """
coalesce(nullif(d.authority, ''), nullif(d.district, ''),
  case when starts_with(h.body->'payee'->>'place', left(h.city, 4)) then h.body->'payee'->>'place' end, '')
"""
"""Where it lies: with the dispute where that is here, else at the place of the shop if that is in this city."""
_PAGE = f"""
select h.body::text from handover h left join dispute d on d.city = h.city and d.id = h.dispute
where h.city = %(city)s and (%(at)s::timestamptz is null or (h.offered_at, h.id) < (%(at)s, %(id)s))
  and (%(within)s = '' or starts_with({PLACE}, %(within)s))
order by h.offered_at desc, h.id desc limit %(most)s
"""
_WAITING = f"""
select h.body::text from handover h left join dispute d on d.city = h.city and d.id = h.dispute
where h.city = %(city)s and h.state in ('offered', 'accepted')
  and (%(within)s = '' or starts_with({PLACE}, %(within)s))
order by h.answer_by, h.id limit %(most)s
"""


class Page(Struct, frozen=True):
    """One page, and the key after which the next begins; empty on the last."""

    rows: tuple[Handover, ...]
    after: str = ""


class Came(Struct, frozen=True):
    """What came with an offer: the record, and the texts of what was written."""

    steps: tuple[Line, ...] = ()
    texts: dict[str, str] = {}


async def read_handover(connection: Connection, city: str, identifier: str) -> Handover:
    """One hand-over; `Missing("handover_unknown")`."""
    row = await (await connection.execute(_ONE, [city, identifier])).fetchone()
    if row is None:
        raise Missing("handover_unknown")
    return msgspec.json.decode(row[0], type=Handover)


async def handovers_of(connection: Connection, city: str, dispute: str) -> list[Handover]:
    """All of a dispute's that this city had a part in, the oldest first."""
    rows = await (await connection.execute(_OF_DISPUTE, [city, dispute])).fetchall()
    return [msgspec.json.decode(body, type=Handover) for (body,) in rows]


async def handover_page(
    connection: Connection, city: str, after: str = "", size: int = PAGE, *, within: str = ""
) -> Page:
    """The newest first, of one place and below or of all; `Refused("page_key_wrong")`."""
    instant, _, identifier = after.partition("~")
    asked = {
        "city": city,
        "at": read_instant(instant) if after else None,
        "id": identifier,
        "within": within,
        "most": size + 1,
    }
    rows = await (await connection.execute(_PAGE, asked)).fetchall()
    found = [msgspec.json.decode(body, type=Handover) for (body,) in rows]
    last = found[size - 1] if len(found) > size else None
    return Page(tuple(found[:size]), f"{last.offered_at.isoformat()}~{last.id}" if last else "")


async def waiting(connection: Connection, city: str, most: int = PAGE, *, within: str = "") -> tuple[Handover, ...]:
    """Those without an answer, by when it is due."""
    rows = await (await connection.execute(_WAITING, {"city": city, "within": within, "most": most})).fetchall()
    return tuple(msgspec.json.decode(body, type=Handover) for (body,) in rows)


async def came_with(connection: Connection, row: Handover, keys: Mapping[str, X25519PrivateKey]) -> Came:
    """What the other city sent with its offer, the sealed texts opened with this city's keys; empty where it is ours.

    What cannot be read is left out.
    """
    if row.ours:
        return Came()
    kept = await letters_in.of_subject(connection, row.city, row.sender, row.id)
    letters = [msgspec.json.decode(raw, type=Letter) for raw in kept]
    offer = next((each for each in letters if each.kind == OFFER), None)
    steps = msgspec.convert(offer.data.get("record", []), tuple[Line, ...]) if offer else ()
    names = {str(each.data.get("name")): each for each in letters if each.kind == PIECE}
    pieces = {name: _opened(each, keys) for name, each in names.items() if ":text:" in name}
    try:
        whole = list(joined(tuple(pieces), pieces))
    except Refused:
        whole = []
    return Came(steps, {content: plain.decode(errors="replace") for content, _, plain in whole})


def _opened(letter: Letter, keys: Mapping[str, X25519PrivateKey]) -> str:
    try:
        return str(unseal(letter.sealed, keys, letter.id).get("part", "")) if letter.sealed else ""
    except Refused:
        return ""
