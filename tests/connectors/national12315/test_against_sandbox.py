"""The connector to 12315 against the emulated platform on a real socket: each answer, and what leaves things open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.connectors.alipay.alipay_wall import private_pem, public_pem
from tests.support.sandbox import SandboxServer

from hejie.base.errors import Refused, Unknown
from hejie.base.seals import canonical
from hejie.connectors.national12315.platform import Platform
from hejie.connectors.national12315.protocol import National, Standing
from hejie.connectors.signing import private_key, public_key
from hejie.connectors.transport import http_client

CITY = "330100"
OWN = rsa.generate_private_key(65537, 2048)
WHO = {"name": "林晓", "phone": "+8613900010001", "address": "杭州市上城区"}
PACKAGE = canonical({"format": "hejie-12315", "version": 1, "complainant": WHO, "z": [1, "“é”"]})


class Lab(SandboxServer):
    """The sandbox with a city known at 12315."""

    def platform(self, client: httpx.AsyncClient, *, holds: bool = False) -> Platform:
        told = self.post("national", id=CITY, key_id="city-1", public_key=public_pem(OWN), holds=holds)
        own = private_key("city-1", "rsa-pss-sha512", private_pem(OWN))
        keys = {told["key_id"]: public_key(told["key_id"], "rsa-pss-sha512", told["public_key"])}
        return Platform(f"{self.url}/national/{CITY}", own, keys, self, client)

    def had(self, key: str) -> int:
        return [row["key"] for row in self.get("national/ledger")].count(key)

    def decide(self, key: str, state: str, **more: object) -> None:
        self.post("national/decide", city=CITY, key=key, state=state, **more)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("national"))
    yield server
    server.stop()


@pytest.fixture
async def national(lab: Lab) -> AsyncIterator[Platform]:
    lab.post("knobs/off")
    async with http_client() as client:
        yield lab.platform(client)


def fresh() -> str:
    return f"330100-{uuid4().hex.upper()}"


async def test_a_receipt_carries_a_number_and_the_same_key_is_one_hand_off(lab: Lab, national: Platform):
    known: National = national
    key = fresh()
    assert (await known.ask(key)).standing is Standing.absent
    answers = await asyncio.gather(*(known.submit(key, PACKAGE) for _ in range(5)))
    assert {answer.standing for answer in answers} == {Standing.received}
    assert len({answer.number for answer in answers}) == 1
    assert answers[0].received_at is not None
    assert lab.had(key) == 1


async def test_the_same_key_with_another_package_leaves_things_open(lab: Lab, national: Platform):
    key = fresh()
    await national.submit(key, PACKAGE)
    with pytest.raises(Unknown, match="handoff_unsure"):
        await national.submit(key, PACKAGE.replace(b'"z":[1', b'"z":[2'))
    assert lab.had(key) == 1


@pytest.mark.parametrize(
    ("road", "more", "standing"),
    [
        (["accepted"], {}, Standing.accepted),
        (["refused"], {"code": "N3", "words": "不属于日常消费"}, Standing.refused),
        (["returned"], {"words": "请补充地址"}, Standing.returned),
        (["accepted", "concluded"], {"words": "已调解", "settled": True}, Standing.concluded),
    ],
)
async def test_what_the_desk_decides_is_told(lab: Lab, national: Platform, road, more, standing):
    key = fresh()
    await national.submit(key, PACKAGE)
    for step in road:
        lab.decide(key, step, **(more if step == road[-1] else {}))
    told = await national.ask(key)
    assert told.standing is standing
    assert (told.code, told.words, told.settled) == (
        more.get("code", ""),
        more.get("words", ""),
        more.get("settled", False),
    )
    assert (told.accepted_at is not None) is ("accepted" in road)


async def test_without_a_receipt_it_is_pending(lab: Lab, national: Platform):
    key = fresh()
    held = lab.platform(national._client, holds=True)
    assert (await held.submit(key, PACKAGE)).standing is Standing.pending
    lab.decide(key, "received")
    assert (await held.ask(key)).number


@pytest.mark.parametrize(
    ("knob", "came", "code"),
    [
        ("system_error", 0, "wallet_unavailable"),
        ("system_error_after_commit", 1, "wallet_unavailable"),
        ("drop_after_commit", 1, "wallet_silent"),
        ("garbage", 1, "reply_unreadable"),
        ("bad_signature", 1, "reply_signature_wrong"),
    ],
)
async def test_whatever_is_lost_is_unknown_and_found_by_its_key(lab: Lab, national: Platform, knob, came, code):
    key = fresh()
    lab.knob(knob, "national.submit")
    with pytest.raises(Unknown, match=code):
        await national.submit(key, PACKAGE)
    assert lab.had(key) == came
    assert (await national.ask(key)).standing is (Standing.received if came else Standing.absent)
    await national.submit(key, PACKAGE)
    assert lab.had(key) == 1


async def test_a_clear_no_is_told_as_one(lab: Lab, national: Platform):
    key = fresh()
    with pytest.raises(Refused, match="handoff_not_taken"):
        await national.submit(key, canonical({"format": "hejie-12315", "version": 2, "complainant": WHO}))
    assert lab.had(key) == 0


async def test_a_stranger_is_not_answered(lab: Lab, national: Platform):
    key = fresh()
    stranger = rsa.generate_private_key(65537, 2048)
    own = private_key("city-1", "rsa-pss-sha512", private_pem(stranger))
    other = Platform(f"{lab.url}/national/{CITY}", own, dict(national._keys), lab, national._client)
    with pytest.raises(Unknown):
        await other.submit(key, PACKAGE)
    assert lab.had(key) == 0


async def test_the_desks_page_decides_too(lab: Lab, national: Platform):
    key = fresh()
    await national.submit(key, PACKAGE)
    async with httpx.AsyncClient(base_url=lab.url, trust_env=False) as desk:
        assert key in (await desk.get("/12315", params={"lang": "en"})).text
        step = {"step": "refused", "code": "N5", "words": "材料不全"}
        assert (await desk.post(f"/12315/{CITY}/{key}", data=step)).status_code == 303
        assert (await desk.post(f"/12315/{CITY}/{key}", data=step)).status_code == 409
    assert (await national.ask(key)).code == "N5"
