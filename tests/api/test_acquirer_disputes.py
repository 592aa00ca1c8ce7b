"""A bank sees the disputes on its own payments, page by page, and nobody's words."""

from __future__ import annotations

import pytest
from tests.api.acquirer_lab import Caller, look
from tests.support.town import BANK, BANK_MERCHANT

from hejie.disputes import commands as d
from hejie.queries import acquirer as queries


async def test_the_bank_sees_the_disputes_on_its_payments_and_nobodys_words(caller: Caller):
    here = caller.here
    trade_no, other = await here.pay_acquirer(), await here.pay_unionpay()
    dispute = await here.file(trade_no)
    await here.file(other)
    answer = await look(caller)
    assert answer.status_code == 200, answer.text
    (seen,) = answer.json()["disputes"]
    assert (seen["dispute"], seen["state"], seen["asked_fen"], seen["paid_fen"]) == (
        dispute, "awaiting_merchant", 5000, 5000,
    )  # fmt: skip
    assert (seen["merchant"], f"{BANK}-{seen['payment']}") == (BANK_MERCHANT, trade_no)
    assert answer.json()["next"] == ""
    assert "signature" in answer.headers
    assert (await look(caller, f"?after={dispute}")).json()["disputes"] == []
    here.advance(days=40)
    assert [each["dispute"] for each in (await look(caller)).json()["disputes"]] == [dispute]
    await here.act(dispute, d.Withdraw(), here.as_consumer)
    assert [each["state"] for each in (await look(caller)).json()["disputes"]] == ["withdrawn"]
    here.advance(days=31)
    assert (await look(caller)).json()["disputes"] == []


async def test_many_disputes_come_page_by_page(caller: Caller, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queries, "MOST", 2)
    filed = [await caller.here.file(await caller.here.pay_acquirer()) for _ in range(5)]
    seen, after = [], ""
    for _ in range(3):
        told = (await look(caller, f"?after={after}" if after else "")).json()
        seen += [each["dispute"] for each in told["disputes"]]
        after = told["next"]
    assert (seen, after) == (sorted(filed), "")


async def test_a_look_is_signed_over_its_query_and_made_once(caller: Caller):
    url = caller.url.replace("announcements", "disputes")
    assert (await look(caller, "?after=x", url=url)).json()["code"] == "signature_wrong"
    assert (await look(caller, nonce="nonce-0123456789abcdef")).status_code == 200
    assert (await look(caller, nonce="nonce-0123456789abcdef")).json()["code"] == "request_replayed"
