"""Receipts are believed for exactly the bytes that were sent, from exactly the city they were sent to."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from tests.peers.test_hostile import Caller
from tests.support.alliance import HERE, THERE, Alliance, Keys

from hejie.alliance import receipt as receipts
from hejie.alliance.messages import LettersAnswer
from hejie.alliance.receipt import Event, Receipt
from hejie.base.errors import Unknown
from hejie.connectors.signed_calls import Told
from hejie.peers import client


async def test_a_receipt_for_other_bytes_changes_nothing(two: Alliance):
    name = await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    (digest,) = (await two.rows(HERE, "select digest from letter_out"))[0]
    caller = Caller(two, two.keys[THERE])
    caller.url = f"{two.url}/api/{HERE}/exchange/receipts"
    true = Receipt(letter=name, source=HERE, target=THERE, event=Event.retrieved, sha256=digest, at=two.clock.now())

    async def tell(told: Receipt, keys: Keys) -> str:
        proof = receipts.signed(told, keys.name, keys.signing)
        body = msgspec.json.encode({"protocol": 1, "directory": 1, "receipts": [proof]})
        return str((await caller.send(caller.signed(body), body)).json()["results"][0]["result"])

    there = two.keys[THERE]
    wrong: list[tuple[dict[str, Any], Keys, str]] = [
        ({"sha256": "0" * 64}, there, "refused"),
        ({"source": THERE}, there, "refused"),
        ({"target": "110000"}, there, "refused"),
        ({"letter": f"{HERE}-0123456789-0123456789AB"}, there, "unknown"),
        ({}, two.keys[HERE], "refused"),
        ({}, Keys(THERE), "refused"),
        ({"event": Event.relayed}, there, "refused"),
    ]
    for changes, keys, result in wrong:
        assert (changes, await tell(msgspec.structs.replace(true, **changes), keys)) == (changes, result)
        assert await two.rows(HERE, "select state from letter_out") == [("submitted",)]
        assert await two.rows(HERE, "select event from letter_evidence") == [("submitted",)]
    assert [await tell(true, there), await tell(true, there)] == ["taken", "again"]
    late = msgspec.structs.replace(true, event=Event.delivered)
    assert await tell(late, there) == "taken"
    assert await two.rows(HERE, "select state from letter_out") == [("retrieved",)]


async def test_how_letters_stand_is_told_to_their_sender_only(two: Alliance):
    name = await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    await two.work()
    own = two.app.tools.exchange
    known = (await two.directory_of(HERE), await two.directory_of(THERE))
    ours = client.Peer(own[HERE], known[0], THERE, two.clock, two.app.tools.cities)
    answer = await ours.ask([name, "nobody"])
    assert [(each.known, each.receipt is not None) for each in answer.letters] == [(True, True), (False, False)]
    theirs = client.Peer(own[THERE], known[1], HERE, two.clock, two.app.tools.cities)
    assert [each.known for each in (await theirs.ask([name])).letters] == [False]
    assert (await theirs.newest()).directory["version"] == 1


ANSWERS = [
    (b'{"protocol":1,"request":"%s","directory":1,"results":[]}' % hashlib.sha256(b"b").hexdigest().encode(), ""),
    (b'{"protocol":1,"request":"00","directory":1,"results":[]}', "reply_mismatch"),
    (b'{"protocol":1,"request":"00","request":"00","directory":1,"results":[]}', "reply_unreadable"),
    (b'{"protocol":1,"request":"00","directory":NaN,"results":[]}', "reply_unreadable"),
    (b'{"protocol":3,"request":"00","directory":1,"results":[]}', "reply_unreadable"),
    (b"\xff", "reply_unreadable"),
]


@pytest.mark.parametrize(("body", "code"), ANSWERS)
def test_an_answer_is_read_strictly_and_names_its_request(body: bytes, code: str):
    if not code:
        assert client._read(Told(200, body), LettersAnswer, b"b").directory == 1
        return
    with pytest.raises(Unknown, match=code):
        client._read(Told(200, body), LettersAnswer, b"b")


def test_a_refusal_of_the_whole_leaves_everything_open():
    with pytest.raises(Unknown, match="peer_refuses"):
        client._read(Told(422, b"{}"), LettersAnswer, b"b")
