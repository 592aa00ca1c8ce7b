"""A bank fetches the disputes on its payments and answers one for the merchant, as far as the merchant lets it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import anyio
import pytest
from tests.support.town import BANK, CITY, Town

from hejie.disputes import commands as d
from hejie.disputes.model import Remedy
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.queries.record import read_record
from hejie.store.pool import city_transaction

KEY = "answer-0123456789abcdef"


@pytest.fixture
async def dispute(here: Town) -> str:
    """One on a payment through the bank, whose merchant lets it answer up to ¥50."""
    await let(here)
    return await here.file(await here.pay_acquirer())


async def let(here: Town, most_fen: int = 5000, days: int = 30) -> None:
    until = here.app.clock.now() + timedelta(days=days)
    await here.tell(m.LetAnswer(acquirer=BANK, most_fen=most_fen, expires_at=until), here.as_merchant)


async def fetch(here: Town) -> list[dict[str, Any]]:
    """What the bank is told of, by its own wire code, which believes the answer."""

    def asked() -> Any:
        return here.wallet.post("acquirer/look", bank=BANK, what="disputes")

    answer = await anyio.to_thread.run_sync(asked)
    assert (answer["status"], answer["believed"]) == (200, True), answer
    found: list[dict[str, Any]] = json.loads(answer["text"])["disputes"]
    return found


async def give(here: Town, dispute: str, key: str = "", **body: Any) -> tuple[int, Any]:
    """The bank's answer; status and what the house said."""

    def told() -> Any:
        return here.wallet.post("acquirer/tell", bank=BANK, what=f"disputes/{dispute}/answers", body=body, key=key)

    answer = await anyio.to_thread.run_sync(told)
    assert answer["believed"] is (answer["status"] == 200)
    return answer["status"], json.loads(answer["text"])


async def story(here: Town, dispute: str) -> list[tuple[str, str, str]]:
    async with city_transaction(here.app.pool, CITY) as connection:
        record = await read_record(connection, here.app.tools.vaults(CITY), CITY, dispute)
    return [(line.kind, line.acquirer, line.words) for line in record.lines]


async def test_a_bank_fetches_a_dispute_and_agrees_to_it_in_the_merchants_name(here: Town, dispute: str):
    (seen,) = await fetch(here)
    assert (seen["dispute"], seen["may_answer"], seen["offer"], seen["offer_remedy"], seen["offer_fen"]) == (
        dispute, True, "claim", "refund_full", 5000,
    )  # fmt: skip
    before = await here.read(dispute)
    answer = {"version": seen["version"], "answer": "accept", "offer": seen["offer"]}
    first = await give(here, dispute, KEY, **answer)
    assert first == (200, {"dispute": dispute, "version": before.version + 1})
    assert await give(here, dispute, KEY, **answer) == first
    row = await here.read(dispute)
    assert (row.state, row.version) == (State.settling, before.version + 1)
    assert (await story(here, dispute))[-1] == ("Agreed", BANK, "")
    actors = await here.rows("select actor_role, actor from log where id = %s order by version", dispute)
    assert actors[-1] == ("merchant", f"acquirer:{BANK}")
    assert (await fetch(here))[0]["offer"] == ""


async def test_a_bank_talks_offers_and_declines_with_words_that_the_consumer_reads(here: Town, dispute: str):
    version = (await here.read(dispute)).version
    said = await give(here, dispute, version=version, answer="say", words="我们正在联系商户。")
    assert said == (200, {"dispute": dispute, "version": version + 1})
    offer = {"answer": "offer", "remedy": "refund_part", "amount_fen": 2000, "words": "先退一部分"}
    assert (await give(here, dispute, version=version + 1, **offer))[0] == 200
    made = (await here.read(dispute)).offers[-1]
    assert (made.remedy, made.amount_fen, made.road.value) == (Remedy.refund_part, 2000, "own_tool")
    counter = d.MakeOffer(id="counter", remedy=Remedy.refund_part, amount_fen=4000)
    row = await here.act(dispute, counter, here.as_consumer)
    assert (await fetch(here))[0]["offer"] == "counter"
    no = await give(here, dispute, version=row.version, answer="decline", offer="counter", words="太多了")
    assert no[0] == 200
    assert [each for each in await story(here, dispute) if each[1]] == [
        ("Said", BANK, "我们正在联系商户。"), ("Offered", BANK, "先退一部分"), ("OfferDeclined", BANK, "太多了"),
    ]  # fmt: skip


async def test_a_claim_that_is_declined_is_refused_with_a_reason_and_can_still_be_accepted(here: Town, dispute: str):
    version = (await here.read(dispute)).version
    assert (await give(here, dispute, version=version, answer="decline", offer="claim", words="不同意"))[0] == 200
    row = await here.read(dispute)
    assert row.state is State.awaiting_consumer
    assert (await story(here, dispute))[-1] == ("Answered", BANK, "不同意")
    assert (await give(here, dispute, version=row.version, answer="accept", offer="claim"))[0] == 200


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "stale": ({"version": 9, "answer": "accept", "offer": "claim"}, 409, "stale"),
    "fields": ({"answer": "accept"}, 422, "answer_fields"),
    "more fields": ({"answer": "say", "words": "好", "remedy": "apology"}, 422, "answer_fields"),
    "no words": ({"answer": "decline", "words": " "}, 422, "text_empty"),
    "no terms": ({"answer": "offer", "remedy": "other"}, 422, "text_empty"),
    "long": ({"answer": "say", "words": "长" * 1001}, 422, "text_too_long"),
    "no kind": ({"answer": "withdraw"}, 422, "body_invalid"),
    "more": ({"answer": "say", "words": "好", "by": "consumer"}, 422, "body_invalid"),
    "unknown offer": ({"answer": "accept", "offer": "x"}, 404, "offer_unknown"),
    "above": ({"answer": "offer", "remedy": "compensation", "amount_fen": 5001}, 403, "above_answer_leave"),
    "road": ({"answer": "offer", "remedy": "apology", "road": "api"}, 422, "road_not_for_remedy"),
    "authority": ({"answer": "offer", "remedy": "refund_full", "road": "api"}, 422, "authority_missing"),
}


async def test_what_is_refused_changes_nothing(here: Town, dispute: str):
    before = await here.read(dispute)
    for body, status, code in REFUSED.values():
        told = await give(here, dispute, **({"version": before.version} | body))
        assert (told[0], told[1]["code"]) == (status, code), body
        assert told[1]["detail"], "words of its own"
    for nobody in ("330100-nobody", "%00", "x" * 65):
        assert (await give(here, nobody, version=1, answer="say", words="好"))[1]["code"] == "dispute_unknown"
    assert (await give(here, dispute, KEY, version=before.version, answer="say", words="好"))[0] == 200
    again = await give(here, dispute, KEY, version=before.version, answer="say", words="不好")
    assert (again[0], again[1]["code"]) == (422, "key_reused")
    assert (await here.read(dispute)).version == before.version + 1


async def test_only_with_the_merchants_leave_and_only_on_ones_own_payments(here: Town):
    mine, other = await here.file(await here.pay_acquirer()), await here.file(await here.pay_unionpay())
    say = {"version": 1, "answer": "say", "words": "好"}
    assert (await give(here, mine, **say))[1]["code"] == "answer_leave_missing"
    assert [each["may_answer"] for each in await fetch(here)] == [False]
    await let(here)
    assert (await give(here, other, **say))[1]["code"] == "dispute_unknown"
    assert (await give(here, other, **(say | {"version": 7})))[1]["code"] == "dispute_unknown", "not even by a version"
    await here.tell(m.StopAnswers(acquirer=BANK), here.as_merchant)
    assert (await give(here, mine, **say))[1]["code"] == "answer_leave_missing"
    await let(here, days=1)
    here.advance(days=1)
    assert (await give(here, mine, **say))[1]["code"] == "answer_leave_missing"
    assert [(await here.read(each)).version for each in (mine, other)] == [1, 1]
