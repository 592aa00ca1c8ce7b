"""Another city as we ask and tell it: signed both ways, bounded in time and size, believed only when it fits."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import TypeVar

import httpx
import msgspec

from hejie.alliance.directory import Directory, SignedDirectory
from hejie.alliance.letter import Carried
from hejie.alliance.messages import (
    TAG,
    AskedAnswer,
    DirectoryAnswer,
    Letters,
    LettersAnswer,
    Receipts,
    ReceiptsAnswer,
)
from hejie.alliance.receipt import SignedReceipt
from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.base.identifiers import Chance
from hejie.base.strict_json import strict_json
from hejie.connectors.exchange_keys import Own, keys_of
from hejie.connectors.signed_calls import MOST_REPLY, SignedCalls, Told
from hejie.connectors.signing import Key
from hejie.connectors.suites import EDWARDS

_KEY_LETTERS = 40
Answer = TypeVar("Answer", LettersAnswer, ReceiptsAnswer, AskedAnswer, DirectoryAnswer)


class Peer(SignedCalls):
    """One peer by the directory of this moment."""

    def __init__(
        self,
        own: Own,
        directory: Directory,
        peer: str,
        clock: Clock,
        client: httpx.AsyncClient,
        chance: Chance = os.urandom,
    ) -> None:
        """`Missing("city_no_member")`, `Refused("own_key_unlisted")`."""
        now = clock.now()
        self.directory = directory
        self.member = directory.member(peer)
        self.key, self.private = own.signer(directory, now)
        mine = Key(self.key, EDWARDS, self.private)
        super().__init__(self.member.address, mine, keys_of(self.member.signing_keys(now)), clock, client, TAG, chance)

    async def bring(self, items: Sequence[Carried]) -> LettersAnswer:
        """Bring letters; a result for each. Errors of all: `Unknown`, whatever else than a good answer came."""
        body = Letters(directory=self.directory.version, letters=tuple(items))
        answer = await self._tell("/letters", body, LettersAnswer)
        if [each.id for each in answer.results] != [each.letter["id"] for each in items]:
            raise Unknown("reply_mismatch", field="results")
        return answer

    async def tell(self, receipts: Sequence[SignedReceipt]) -> ReceiptsAnswer:
        """Tell what became of the peer's letters."""
        body = Receipts(directory=self.directory.version, receipts=tuple(receipts))
        answer = await self._tell("/receipts", body, ReceiptsAnswer)
        if len(answer.results) != len(receipts):
            raise Unknown("reply_mismatch", field="results")
        return answer

    async def ask(self, letters: Sequence[str]) -> AskedAnswer:
        """How letters of ours stand there."""
        path = f"/receipts?letters={','.join(letters)}"
        answer = _read(await self.get(path), AskedAnswer, f"{self.member.address}{path}".encode())
        if [each.letter for each in answer.letters] != list(letters):
            raise Unknown("reply_mismatch", field="letters")
        return answer

    async def newest(self) -> SignedDirectory:
        """The directory as the peer has it; whether it may be believed is not asked here."""
        address = f"{self.member.address}/directory".encode()
        return _read(await self.get("/directory"), DirectoryAnswer, address).file

    async def _tell(self, path: str, body: object, kind: type[Answer]) -> Answer:
        raw = msgspec.json.encode(body)
        digest = hashlib.sha256(raw).hexdigest()
        return _read(await self.post(path, msgspec.Raw(raw), digest[:_KEY_LETTERS]), kind, raw)


async def any_directory(
    own: Own, known: Directory, peer: str, clock: Clock, client: httpx.AsyncClient, chance: Chance = os.urandom
) -> SignedDirectory:
    """The directory as a peer has it, for a city whose own has expired: keys in that one may be of yesterday.

    So the answer's signature is not looked at, only what the keepers put below the file counts; and each of our own
    keys is tried. `Missing("city_no_member")`, `Unknown` where none of them brings one.
    """
    last = Unknown("peer_refuses", status=0)
    for name, private in own.signing.items():
        calls = SignedCalls(known.member(peer).address, Key(name, EDWARDS, private), {}, clock, client, TAG, chance)
        try:
            raw = await calls.get_unproven("/directory")
            return msgspec.convert(strict_json(raw, MOST_REPLY), DirectoryAnswer).file
        except Unknown as error:
            last = error
        except (Refused, msgspec.ValidationError):
            last = Unknown("reply_unreadable")
    raise last


def _read(told: Told, kind: type[Answer], request: bytes) -> Answer:
    """An answer to this very request, read strictly; a refusal of the whole leaves everything open."""
    if not told.stands:
        raise Unknown("peer_refuses", status=told.status)
    try:
        answer = msgspec.convert(strict_json(told.body, MOST_REPLY), kind)
    except (Refused, msgspec.ValidationError):
        raise Unknown("reply_unreadable") from None
    if answer.request != hashlib.sha256(request).hexdigest():
        raise Unknown("reply_mismatch", field="request")
    return answer
