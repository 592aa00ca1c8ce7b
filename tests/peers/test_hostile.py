"""What no honest city sends: refused over a real socket, and nothing has changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import HERE, THERE, Alliance, Keys, directory, member

from hejie.alliance.letter import Carried, Letter, carried, written
from hejie.alliance.messages import TAG
from hejie.base import curves
from hejie.connectors import signing
from hejie.connectors.signing import Answered, Asked, Key
from hejie.connectors.suites import EDWARDS
from hejie.peers.directories import take_directory


class Caller:
    """Somebody with a member's key, or another one, who may do all wrong that can be done."""

    def __init__(self, two: Alliance, keys: Keys) -> None:
        self.two, self.keys = two, keys
        self.key = Key(keys.name, EDWARDS, keys.signing)
        self.url = f"{two.url}/api/{THERE}/exchange/letters"

    def letter(self, **changes: Any) -> Letter:
        same: dict[str, Any] = {
            "id": f"{HERE}-0123456789-{uuid4().hex[:12].upper().replace('I', 'J')}",
            "source": HERE, "target": THERE, "kind": "greeting", "time": self.two.clock.now(),
            "about": "case-1", "number": 1, "data": {"words": "x"},
        }  # fmt: skip
        return Letter(**(same | changes))

    def item(self, letter: Letter, key: Ed25519PrivateKey | None = None) -> Carried:
        return carried(written(letter), self.keys.name, key or self.keys.signing)

    def body(self, *items: Any) -> bytes:
        return msgspec.json.encode({"protocol": 1, "directory": 1, "letters": items or (self.item(self.letter()),)})

    def signed(self, body: bytes, *, tag: str = TAG, late: float = 0, nonce: str = "", **headers: str) -> Asked:
        asked = Asked("POST", self.url, {"content-type": "application/json", "idempotency-key": "k" * 20, **headers})
        at = self.two.clock.now() + timedelta(seconds=late)
        signing.sign_request(self.key, asked, body, at, nonce or uuid4().hex, tag=tag)
        return asked

    async def send(self, asked: Asked, body: bytes, *more: tuple[str, str], url: str = "") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = [*asked.headers.items(), *more]
            return await client.post(url or self.url, content=body, headers=headers)


def resigned(asked: Asked, old: str, new: str) -> Asked:
    asked.headers["signature-input"] = asked.headers["signature-input"].replace(old, new)
    return asked


def without_digest(caller: Caller, body: bytes) -> Asked:
    """Signed, with a digest beside it that no signature covers."""
    from http_message_signatures import HTTPMessageSigner

    asked = caller.signed(body)
    digest = asked.headers["content-digest"]
    for name in ("signature", "signature-input", "content-digest"):
        del asked.headers[name]
    HTTPMessageSigner(signature_algorithm=EDWARDS.algorithm, key_resolver=signing._One(caller.key)).sign(
        asked, key_id=caller.key.id, created=caller.two.clock.now(), nonce=uuid4().hex, label="hejie", tag=TAG,
        covered_component_ids=("@method", "@target-uri", "content-type", "idempotency-key"),
    )  # fmt: skip
    asked.headers["content-digest"] = digest
    return asked


BODY_OF = Callable[[Caller], tuple[Asked, bytes, tuple[tuple[str, str], ...]]]


def plain(make: Callable[[Caller, bytes], Asked], *more: tuple[str, str]) -> BODY_OF:
    def made(caller: Caller) -> tuple[Asked, bytes, tuple[tuple[str, str], ...]]:
        body = caller.body()
        return make(caller, body), body, more

    return made


def of_body(raw: bytes) -> BODY_OF:
    return lambda caller: (caller.signed(raw), raw, ())


def twice(caller: Caller) -> tuple[Asked, bytes, tuple[tuple[str, str], ...]]:
    body = caller.body()
    asked = caller.signed(body)
    return asked, body, (("signature", asked.headers["signature"]),)


def two_in_one(caller: Caller) -> tuple[Asked, bytes, tuple[tuple[str, str], ...]]:
    body = caller.body()
    asked, other = caller.signed(body), caller.signed(body)
    for name in ("signature", "signature-input"):
        asked.headers[name] += ", " + re.sub("^hejie", "other", other.headers[name])
    return asked, body, ()


HOSTILE: list[tuple[str, BODY_OF, int, str]] = [
    ("a changed body", lambda c: (c.signed(c.body()), c.body() + b" ", ()), 401, "digest_wrong"),
    ("a digest nobody signed", plain(without_digest), 401, "signature_wrong"),
    ("stale", plain(lambda c, b: c.signed(b, late=-301)), 401, "request_stale"),
    ("from the future", plain(lambda c, b: c.signed(b, late=301)), 401, "request_stale"),
    ("another tag", plain(lambda c, b: c.signed(b, tag="hejie-acquirer")), 401, "signature_wrong"),
    ("another algorithm", plain(lambda c, b: resigned(c.signed(b), ";tag", ';alg="hmac-sha256";tag')), 401,
     "signature_wrong"),
    ("no algorithm at all", plain(lambda c, b: resigned(c.signed(b), ";tag", ';alg="none";tag')), 401,
     "signature_wrong"),
    ("another key's name", plain(lambda c, b: resigned(c.signed(b), c.key.id, f"{HERE}-0000000000000000")), 401,
     "exchange_key_wrong"),
    ("a short nonce", plain(lambda c, b: c.signed(b, nonce="short")), 401, "nonce_wrong"),
    ("two signature lines", twice, 401, "signature_wrong"),
    ("two signatures", two_in_one, 401, "signature_wrong"),
    ("two digests", plain(lambda c, b: c.signed(b), ("content-digest", "sha-256=:AAAA:")), 401, "signature_wrong"),
    ("two keys", plain(lambda c, b: c.signed(b), ("idempotency-key", "z" * 20)), 401, "signature_wrong"),
    ("a member twice", of_body(b'{"protocol":1,"directory":1,"directory":2,"letters":[{}]}'), 400,
     "json_duplicate_key"),
    ("no number", of_body(b'{"protocol":1,"directory":NaN,"letters":[{}]}'), 400, "json_number"),
    ("half a text", of_body(b'{"protocol":1,'), 400, "json_broken"),
    ("another protocol", of_body(b'{"protocol":2,"directory":1,"letters":[{}]}'), 422, "body_invalid"),
    ("no letters", of_body(b'{"protocol":1,"directory":1,"letters":[]}'), 422, "body_invalid"),
    ("too many letters", of_body(json.dumps({"protocol": 1, "directory": 1, "letters": [{}] * 51}).encode()), 422,
     "body_invalid"),
]  # fmt: skip


async def untouched(two: Alliance) -> bool:
    letters = await two.rows(THERE, "select * from letter_in")
    return not letters and not await two.rows(THERE, "select * from task where kind = 'take_letter'")


async def test_messages_no_member_sends_change_nothing(two: Alliance):
    caller = Caller(two, two.keys[HERE])
    for name, make, status, code in HOSTILE:
        asked, body, more = make(caller)
        answer = await caller.send(asked, body, *more)
        assert (name, answer.status_code, answer.json()["code"]) == (name, status, code)
        assert await untouched(two), name
    stranger = Caller(two, Keys(HERE))
    body = stranger.body()
    answer = await stranger.send(stranger.signed(body), body)
    assert (answer.status_code, answer.json()["code"]) == (401, "exchange_key_wrong")
    unsigned = Asked("POST", caller.url, {"content-type": "application/json"})
    answer = await caller.send(unsigned, caller.body())
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing")
    assert await untouched(two)


async def test_a_message_is_believed_once_and_its_answer_names_it(two: Alliance):
    caller = Caller(two, two.keys[HERE])
    body = caller.body()
    asked = caller.signed(body)
    first = await caller.send(asked, body)
    assert first.status_code == 200
    there = two.keys[THERE]
    keys = {there.name: Key(there.name, EDWARDS, there.signing.public_key())}
    told = Answered(200, asked, signing.single(first.headers.multi_items()))
    signing.verify_answer(keys, told, first.content, two.clock.now(), tag=TAG)
    again = await caller.send(asked, body)
    assert (again.status_code, again.json()["code"]) == (401, "request_replayed")
    fresh = await caller.send(caller.signed(body), body)
    assert fresh.json()["results"][0]["result"] == "again"
    assert await two.rows(THERE, "select count(*) from letter_in") == [(1,)]


async def test_one_bad_letter_spoils_no_other(two: Alliance):
    caller = Caller(two, two.keys[HERE])
    good = caller.letter()
    forged = Ed25519PrivateKey.generate()
    bad: list[tuple[Any, str]] = [
        (None, "letter_unreadable"),
        ({"letter": {"id": "x"}, "key": caller.keys.name, "signature": ""}, "letter_unreadable"),
        (caller.item(caller.letter(about="../x")), "letter_unreadable"),
        (caller.item(caller.letter(number=0)), "letter_unreadable"),
        (caller.item(caller.letter(data={"Not a name": 1})), "letter_unreadable"),
        (caller.item(caller.letter(data={"words": "x" * 300_000})), "letter_too_large"),
        (caller.item(caller.letter(target="110000")), "letter_misdirected"),
        (caller.item(caller.letter(id=f"{THERE}-0123456789-0123456789AB")), "letter_unreadable"),
        (caller.item(caller.letter(time=two.clock.now() + timedelta(minutes=6))), "letter_early"),
        (caller.item(caller.letter(about="case-9"), forged), "letter_proof_wrong"),
        (caller.item(caller.letter(about="case-8", number=5000)), "letter_too_far"),
    ]
    body = caller.body(*(item for item, _ in bad), caller.item(good))
    answer = (await caller.send(caller.signed(body), body)).json()["results"]
    assert [(each["result"], each["code"]) for each in answer[:-1]] == [("refused", code) for _, code in bad]
    assert answer[-1]["result"] == "taken"
    assert await two.rows(THERE, "select id from letter_in") == [(good.id,)]


async def test_what_was_never_agreed_keeps_its_place_and_not_its_content(two: Alliance):
    caller = Caller(two, two.keys[HERE])
    body = caller.body(caller.item(caller.letter(data={"phone": "13800000000"})), caller.item(caller.letter(number=2)))
    answer = (await caller.send(caller.signed(body), body)).json()["results"]
    assert [(each["result"], each["code"]) for each in answer] == [("refused", "field_not_agreed"), ("taken", "")]
    assert await two.rows(THERE, "select state, bytes = '' from letter_in order by number") == [
        ("refused", True), ("received", False),
    ]  # fmt: skip


async def test_event_three_before_two_is_held_and_another_under_its_number_is_evidence(two: Alliance):
    caller = Caller(two, two.keys[HERE])
    letters = [caller.letter(number=number) for number in (1, 3, 2)]
    other = caller.letter(number=3, data={"words": "another"})
    for letter, result in [*zip(letters[:2], ("taken", "held"), strict=True), (other, "refused")]:
        body = caller.body(caller.item(letter))
        answer = (await caller.send(caller.signed(body), body)).json()["results"]
        assert answer[0]["result"] == result
    await two.work()
    assert await two.rows(THERE, "select count(*) from work_item where kind = 'letter_conflict'") == [(1,)]
    assert await two.rows(THERE, "select number, digest <> '' from letter_conflict") == [(3, True)]
    await two.pass_time(hours=2)
    assert await two.rows(THERE, "select body->>'number' from work_item where kind = 'letter_gap'") == [("2",)]
    body = caller.body(caller.item(letters[2]))
    assert (await caller.send(caller.signed(body), body)).json()["results"][0]["result"] == "taken"
    await two.work()
    await two.pass_time(hours=7)
    assert await two.rows(THERE, "select number, state from letter_in order by number") == [
        (1, "refused"), (2, "refused"), (3, "refused"),
    ]  # fmt: skip
    assert await two.rows(THERE, "select done_at is not null from work_item where kind = 'letter_gap'") == [(True,)]


async def test_a_revoked_key_is_out_at_once_and_its_heir_is_in(two: Alliance):
    old, heir = two.keys[HERE], Keys(HERE)
    now = two.clock.now().isoformat()
    signing_keys = [
        {**member(old, two.url)["signing"][0], "revoked_at": now}, member(heir, two.url)["signing"][0],
    ]  # fmt: skip
    members = [{**two.members[0], "signing": signing_keys}, two.members[1]]
    file = directory(two.keeper, members, version=2)
    await take_directory(two.app.pool, two.app.tools.exchange[THERE], file, two.clock.now())
    for keys, status in ((old, 401), (heir, 200)):
        caller = Caller(two, keys)
        body = caller.body()
        assert (await caller.send(caller.signed(body), body)).status_code == status
    assert curves.key_name(HERE, curves.public_text(old.signing)) == old.name


async def test_an_expired_directory_lets_nothing_in_and_tells_a_person(two: Alliance):
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    two.clock.at += timedelta(days=400)
    caller = Caller(two, two.keys[HERE])
    body = caller.body()
    answer = await caller.send(caller.signed(body), body)
    assert (answer.status_code, answer.json()["code"]) == (503, "directory_expired")
    await two.work()
    items = await two.rows(HERE, "select kind, body->>'code' from work_item where kind = 'exchange_stands_still'")
    assert items == [("exchange_stands_still", "directory_expired")]
    assert await two.rows(HERE, "select state from letter_out") == [("submitted",)]
    assert await untouched(two)
