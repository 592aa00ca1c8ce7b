"""What a witness does with a checkpoint it is shown, and when a log may sign one (C2SP tlog-witness)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from http import HTTPStatus

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.merkle import EMPTY, HASH_BYTES, verify_consistency
from hejie.transparency import lines
from hejie.transparency.checkpoints import Checkpoint, read, signed_by_log
from hejie.transparency.keys import Verifier
from hejie.transparency.notes import Note

MOST_PROOF = 63
MOST_BYTES = 64 * 1024
_OLD = "old "


class Shown(Struct, frozen=True, kw_only=True):
    """What a log sends to a witness."""

    old: int
    """The size that the log believes the witness saw last."""
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


class Known(Struct, frozen=True, kw_only=True):
    """What a witness keeps of a log when it is shown a checkpoint."""

    latest: Checkpoint
    """The largest it has cosigned; `nothing` before the first."""
    same_size: Checkpoint | None
    """The one it cosigned at the very size that is shown."""


class Word(Struct, frozen=True):
    """The witness's decision: a status, and for 409 the size it knows."""

    status: HTTPStatus
    size: int = 0
    split: bool = False
    """Two checkpoints of one size with different roots, both signed by the log: kept as evidence."""


class Signing(StrEnum):
    """Whether a log may sign its tree now."""

    may = "may"
    silent = "silent"
    """No cosigner has answered: nobody can say whether a larger tree was signed before."""
    behind = "behind"
    """A cosigner saw a larger tree: this database is older than what was signed."""
    two_views = "two_views"
    """A cosigner saw another tree of a size that this one has too."""


def read_shown(raw: bytes) -> Shown:
    """A request's body; `Refused("note_unreadable")` for anything that is not written exactly so."""
    head, middle, note = raw.partition(b"\n\n")
    try:
        first, *hashes = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Refused("note_unreadable") from None
    if not middle or not first.startswith(_OLD) or len(hashes) > MOST_PROOF or len(raw) > MOST_BYTES:
        raise Refused("note_unreadable")
    proof = tuple(lines.bytes_of(each, HASH_BYTES) for each in hashes)
    signed, checkpoint = read(note)
    return Shown(old=lines.number(first.removeprefix(_OLD)), proof=proof, note=signed, checkpoint=checkpoint)


def written(old: int, proof: Sequence[bytes], note: Note) -> bytes:
    """The body that `read_shown` reads."""
    told = "".join(f"{lines.base64_of(each)}\n" for each in proof)
    return f"{_OLD}{old}\n{told}\n{note}".encode()


def must_be_trusted(shown: Shown, trusted: Iterable[Verifier]) -> Word | None:
    """Why a checkpoint is refused before anything is looked up: 404 for an unknown log, 403 without its signature."""
    keys = [each for each in trusted if each.name == shown.checkpoint.origin]
    if not keys:
        return Word(HTTPStatus.NOT_FOUND)
    try:
        return None if signed_by_log(shown.note, keys) else Word(HTTPStatus.FORBIDDEN)
    except Refused:
        return Word(HTTPStatus.FORBIDDEN)


def judge(shown: Shown, known: Known) -> Word:
    """What is answered to a checkpoint that its log signed; 200 is to be kept and cosigned."""
    new, latest = shown.checkpoint, known.latest
    split = known.same_size is not None and known.same_size.root != new.root
    if shown.old > new.size:
        return Word(HTTPStatus.BAD_REQUEST, split=split)
    if split or shown.old != latest.size:
        return Word(HTTPStatus.CONFLICT, latest.size, split)
    if shown.old == 0:
        first = not shown.proof and (new.size > 0 or new.root == EMPTY)
        return Word(HTTPStatus.OK if first else HTTPStatus.UNPROCESSABLE_ENTITY)
    consistent = verify_consistency(shown.old, new.size, latest.root, new.root, shown.proof)
    return Word(HTTPStatus.OK if consistent else HTTPStatus.UNPROCESSABLE_ENTITY)


def may_sign(size: int, seen: Sequence[Checkpoint], root_at: Callable[[int], bytes]) -> Signing:
    """Whether a log of this size may sign, after what its cosigners say is the largest tree each has seen.

    `root_at` gives the log's own root at a size up to its own.
    """
    if not seen:
        return Signing.silent
    if max(each.size for each in seen) > size:
        return Signing.behind
    return Signing.two_views if any(root_at(each.size) != each.root for each in seen) else Signing.may
