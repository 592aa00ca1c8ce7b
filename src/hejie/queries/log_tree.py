"""What the log for everybody shows: size and root, proofs, tiles, bundles of entries, and one case with its proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

import msgspec

from hejie.base.errors import Missing, Refused
from hejie.base.merkle import HASH_BYTES, Range, consistency_ranges, inclusion_ranges
from hejie.queries.record import Sealed, read_log
from hejie.store.log_checkpoints import latest_cosigned, latest_signed
from hejie.store.log_numbers import read_tiles
from hejie.store.pool import Connection
from hejie.transparency.checkpoints import read_checkpoint
from hejie.transparency.entries import entry_salt, instant
from hejie.transparency.proof_file import EntryProof
from hejie.transparency.receipt import Closed, Receipt, Shown
from hejie.transparency.tiles import WIDTH, Wanted, bundle, hashes_over, tiles_for

_SIZE = "select coalesce(max(number) + 1, 0) from log_number where city = %s"
_ENTRIES = "select entry from log_number where city = %s and number >= %s and number < %s order by number"
_NUMBERS = "select version, number from log_number where city = %s and noun = %s and id = %s and number < %s"
DISPUTE = "dispute"


async def tree_size(connection: Connection, city: str) -> int:
    """How many entries the city's log has."""
    row: Any = await (await connection.execute(_SIZE, [city])).fetchone()
    return int(row[0])


async def hashes(connection: Connection, city: str, parts: list[Range]) -> list[bytes]:
    """The hash over each range of entries, from a handful of tiles whatever the size."""
    return hashes_over(parts, await read_tiles(connection, city, tiles_for(parts)))


async def root_at(connection: Connection, city: str, size: int) -> bytes:
    """The root of the first `size` entries."""
    return (await hashes(connection, city, [(0, size)]))[0]


async def consistency(connection: Connection, city: str, old: int, new: int) -> list[bytes]:
    """The proof from one size to another; from nothing, nothing is to be proved."""
    return await hashes(connection, city, consistency_ranges(old, new)) if old else []


async def inclusion(connection: Connection, city: str, indexes: Sequence[int], size: int) -> list[list[bytes]]:
    """The proof for each of these entries in the tree of a size, all from tiles that are read at once."""
    parts = [inclusion_ranges(index, size) for index in indexes]
    tiles = await read_tiles(connection, city, tiles_for(part for each in parts for part in each))
    return [hashes_over(each, tiles) for each in parts]


async def tile(connection: Connection, city: str, level: int, wanted: Wanted) -> bytes:
    """A tile or the asked part of it; `Missing("tile_unknown")` where a signed tree has no such one."""
    size = await _signed_size(connection, city)
    if (wanted.tile * WIDTH + wanted.width) * WIDTH**level > size:
        raise Missing("tile_unknown")
    place = (level, wanted.tile)
    found = await read_tiles(connection, city, [place])
    return found[place][: wanted.width * HASH_BYTES]


async def entries(connection: Connection, city: str, wanted: Wanted) -> bytes:
    """A bundle of entries or the asked part of it; `Missing("tile_unknown")`."""
    first = wanted.tile * WIDTH
    if first + wanted.width > await _signed_size(connection, city):
        raise Missing("tile_unknown")
    rows = await (await connection.execute(_ENTRIES, [city, first, first + wanted.width])).fetchall()
    return bundle(bytes(entry) for (entry,) in rows)


async def receipt_of(connection: Connection, city: str, dispute: str, shown: Iterable[int]) -> Receipt:
    """A dispute's steps with their proofs, as far as the newest cosigned checkpoint reaches; `shown` are the reader's.

    Errors: `Refused("proof_not_yet")` where no cosigned checkpoint holds its first step.
    """
    note, may = await latest_cosigned(connection, city), set(shown)
    if note is None:
        raise Refused("proof_not_yet")
    checkpoint = read_checkpoint(note)
    cursor = await connection.execute(_NUMBERS, [city, DISPUTE, dispute, checkpoint.size])
    numbers: dict[int, int] = dict(await cursor.fetchall())
    log = await read_log(connection, city, dispute)
    lines = list(takewhile(lambda line: line.version in numbers, log))
    if not lines:
        raise Refused("proof_not_yet")
    paths = await inclusion(connection, city, [numbers[line.version] for line in lines], checkpoint.size)
    steps = [
        _step(line, str(EntryProof(numbers[line.version], tuple(path), str(note))), may=line.version in may)
        for line, path in zip(lines, paths, strict=True)
    ]
    return Receipt(city=city, noun=DISPUTE, id=dispute, steps=tuple(steps))


def _step(line: Sealed, proof: str, *, may: bool) -> Shown | Closed:
    version, at, by, event = line.version, instant(line.at), line.actor_role, line.event
    if may:
        body, salt = msgspec.json.decode(line.body), line.salt.hex()
        return Shown(version=version, at=at, by=by, event=event, salt=salt, body=body, proof=proof)
    salt, digest = entry_salt(line.salt).hex(), line.digest.hex()
    return Closed(version=version, at=at, by=by, event=event, entry_salt=salt, digest=digest, proof=proof)


async def _signed_size(connection: Connection, city: str) -> int:
    note = await latest_signed(connection, city)
    return read_checkpoint(note).size if note else 0
