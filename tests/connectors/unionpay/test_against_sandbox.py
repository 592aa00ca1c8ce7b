"""The connector against the emulator over a socket: money moves once, and what is unclear is unknown."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

import pytest
from tests.connectors.unionpay.unionpay_lab import ACQUIRER, MERCHANT, Lab

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.transport import http_client
from hejie.connectors.unionpay import Unionpay
from hejie.connectors.unionpay.files import lines_of
from hejie.connectors.unionpay.reply import read_reply
from hejie.connectors.wallet import RefundOrder, RefundStatus
from hejie_sandbox.unionpay import files, wire

_keys = iter(range(1, 100))


def order(lab: Lab, paid: dict[str, str], fen: int = 1200, *, key: str = "", whole: int = 5000) -> RefundOrder:
    key = key or f"330100-01M8D6NMZZ-N5VDV1N9NJXX-{next(_keys)}"
    return RefundOrder(key=key, trade_no=paid["query_id"], amount_fen=fen, paid_fen=whole, ordered_at=lab.now())


def later(lab: Lab, seconds: float) -> None:
    lab.post("clock", advance_seconds=seconds)


def noon(lab: Lab) -> date:
    """Go on to noon, so that no clearing day ends while a test runs; that day."""
    now = lab.now().astimezone(SHANGHAI)
    next_noon = datetime.combine(now.date() + timedelta(days=now.hour >= 12), time(12), SHANGHAI)
    later(lab, (next_noon - now).total_seconds())
    return next_noon.date()


@pytest.mark.parametrize("method", ["01", "11", "12"])
async def test_a_payment_as_unionpay_tells_it_by_every_way_of_signing(lab: Lab, method: str):
    paid = lab.pay("28.00")
    async with http_client() as client:
        wallet = Unionpay(lab.keys(sign_method=method), lab, client)
        told = await wallet.trade(paid["query_id"], MERCHANT, paid["order_id"])
    assert (told.trade_no, told.order_no, told.paid_fen) == (paid["query_id"], paid["order_id"], 2800)
    assert (told.status, told.refundable) == ("00", True)
    assert told.paid_at is not None
    assert abs(told.paid_at - lab.now()) < timedelta(seconds=30)


async def test_a_payment_of_nobody_or_without_its_order_number_is_missing(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    other = lab.pay()
    for number, order_no in (
        (paid["query_id"], ""),
        (paid["query_id"], other["order_id"]),
        ("8" * 21, paid["order_id"]),
        ("1&merId=2", paid["order_id"]),
    ):
        with pytest.raises(Missing, match="trade_missing"):
            await wallet.trade(number, MERCHANT, order_no)


async def test_a_refund_is_accepted_then_seen(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    wanted = order(lab, paid)
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.absent
    assert (await wallet.refund(wanted, MERCHANT)).status is RefundStatus.accepted
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.accepted
    later(lab, 3)
    seen = await wallet.refund_status(wanted, MERCHANT)
    assert (seen.status, seen.amount_fen, seen.key) == (RefundStatus.succeeded, 1200, wanted.key)
    assert lab.refunds(paid["query_id"]) == [("04", wanted.key.replace("-", ""), 1200)]


async def test_one_key_is_one_refund_however_often_it_is_sent(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    wanted = order(lab, paid)
    answers = await asyncio.gather(*(wallet.refund(wanted, MERCHANT) for _ in range(6)), return_exceptions=True)
    unsure = [answer for answer in answers if isinstance(answer, Unknown)]
    assert len(unsure) == 5, "12, sent twice, says nothing of the first"
    assert len(lab.refunds(paid["query_id"])) == 1


@pytest.mark.parametrize("knob", ["drop_after_commit", "system_error_after_commit", "bad_signature"])
async def test_what_came_to_no_believable_answer_is_unknown_and_found_by_its_key(lab: Lab, wallet: Unionpay, knob):
    paid = lab.pay()
    wanted = order(lab, paid)
    lab.knob(knob, "unionpay.refund")
    with pytest.raises(Unknown):
        await wallet.refund(wanted, MERCHANT)
    later(lab, 3)
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.succeeded
    assert len(lab.refunds(paid["query_id"])) == 1


async def test_an_error_before_anything_happened_leaves_nothing(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    wanted = order(lab, paid)
    lab.knob("system_error", "unionpay.refund")
    with pytest.raises(Unknown, match="wallet_unavailable"):
        await wallet.refund(wanted, MERCHANT)
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.absent
    assert (await wallet.refund(wanted, MERCHANT)).status is RefundStatus.accepted


@pytest.mark.parametrize(
    ("knob", "code", "retryable"), [("balance_short", "66", True), ("window_expired", "35", False)]
)
async def test_a_signed_no_is_a_failure_with_its_reason(lab: Lab, wallet: Unionpay, knob, code, retryable):
    paid = lab.pay()
    lab.knob(knob, "unionpay.refund")
    answer = await wallet.refund(order(lab, paid), MERCHANT)
    assert (answer.status, answer.code, answer.retryable) == (RefundStatus.failed, code, retryable)
    assert lab.refunds(paid["query_id"]) == []


async def test_more_than_was_paid_never_moves(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    assert (await wallet.refund(order(lab, paid, 3000), MERCHANT)).status is RefundStatus.accepted
    answer = await wallet.refund(order(lab, paid, 2001), MERCHANT)
    assert (answer.status, answer.code) == (RefundStatus.failed, "36")
    assert [amount for _, _, amount in lab.refunds(paid["query_id"])] == [3000]


async def test_a_merchant_that_went_to_another_acquirer_is_not_ours_to_refund(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    lab.post("unionpay", members=[{"member": "48029999", "secret": "other"}])
    lab.merchant(member="48029999")
    answer = await wallet.refund(order(lab, paid), MERCHANT)
    lab.merchant()
    assert (answer.status, answer.code, answer.retryable) == (RefundStatus.failed, "31", True)


async def test_the_whole_of_a_payment_is_voided_on_its_day_where_that_is_wanted(lab: Lab):
    noon(lab)
    async with http_client() as client:
        wallet = Unionpay(lab.keys(voids=True), lab, client)
        whole, part, old = (lab.pay() for _ in range(3))
        wanted = order(lab, whole, 5000)
        assert (await wallet.refund(wanted, MERCHANT)).status is RefundStatus.accepted
        assert (await wallet.refund(order(lab, part, 4999), MERCHANT)).status is RefundStatus.accepted
        later(lab, 12 * 3600)
        assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.succeeded
        assert (await wallet.refund(order(lab, old, 5000), MERCHANT)).status is RefundStatus.accepted
    assert [lab.refunds(each["query_id"])[0][0] for each in (whole, part, old)] == ["31", "04", "04"]


async def test_a_refund_whose_time_nobody_stored_is_neither_sent_nor_found(lab: Lab, wallet: Unionpay):
    paid = lab.pay()
    undated = RefundOrder(key="330100-01M8D6NMZZ-N5VDV1N9NJXX-99", trade_no=paid["query_id"], amount_fen=1)
    assert (await wallet.refund_status(undated, MERCHANT)).status is RefundStatus.absent
    with pytest.raises(Refused, match="refund_undated"):
        await wallet.refund(undated, MERCHANT)
    assert lab.refunds(paid["query_id"]) == []


async def test_an_answer_under_another_chain_or_at_a_wrong_time_is_not_believed(lab: Lab):
    class FarAhead:
        def now(self) -> datetime:
            return datetime(2050, 1, 1, tzinfo=UTC)

    paid = lab.pay()
    async with http_client() as client:
        for wallet in (
            Unionpay(lab.keys(root=lab.certificate), lab, client),
            Unionpay(lab.keys(), FarAhead(), client),
            Unionpay(lab.keys(sign_method="11", secret="another"), lab, client),
        ):
            with pytest.raises(Unknown, match="reply_"):
                await wallet.trade(paid["query_id"], MERCHANT, paid["order_id"])


async def test_the_settlement_file_of_a_day_tells_payments_and_refunds(lab: Lab, wallet: Unionpay):
    day = noon(lab)
    paid = lab.pay("31.00")
    wanted = order(lab, paid, 500)
    await wallet.refund(wanted, MERCHANT)
    with pytest.raises(Missing, match="statement_not_ready"):
        await wallet.statement(day, MERCHANT)
    later(lab, 24 * 3600)
    rows = await wallet.statement(day, MERCHANT)
    bought = [row for row in rows if row.kind == "payment" and row.trade_no == paid["query_id"]]
    back = [row for row in rows if row.kind == "refund" and row.refund_key == wanted.key]
    assert [(row.amount_fen, row.order_no) for row in bought] == [(3100, paid["order_id"])]
    assert [(row.amount_fen, row.trade_no) for row in back] == [(500, paid["query_id"])]
    assert back[0].finished_at is not None
    assert abs(back[0].finished_at - datetime.combine(day, time(12), SHANGHAI)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    "packed",
    ["", "!!", "AAAA", files.packed({"INN26112788ZM_898330154110001": b"x" * 607})[:-8]],
)
def test_a_file_that_cannot_be_unpacked_is_refused(packed: str):
    with pytest.raises(Refused, match="clearing_packed"):
        list(lines_of(packed))


def test_other_members_of_the_packet_are_left_alone():
    packed = files.packed({"../../etc/passwd": b"x", "INN26112788ZM_898330154110001": b"a\r\nb\r\n"})
    assert [line for _, line in lines_of(packed)] == [b"a", b"b"]


def test_a_push_is_a_hint_that_is_verified(lab: Lab, wallet: Unionpay):
    told = {"version": "5.1.0", "txnType": "04", "origQryId": "1" * 21, "queryId": "2" * 21, "respCode": "00"}

    def pushed(*, forged: bool = False) -> bytes:
        written = wire.signed(lab.box, "01", "", told, forged=forged).decode()
        return urlencode(read_reply(written)).encode()

    found = wallet.callback({}, pushed())
    assert (found.application, found.kind, found.trade_no) == (ACQUIRER, "trade_changed", "1" * 21)
    assert wallet.callback({}, pushed()).delivery_id == found.delivery_id
    for raw, code in (
        (pushed(forged=True), "signature_wrong"),
        (pushed().replace(b"respCode=00", b"respCode=01"), "signature_wrong"),
        (pushed() + b"&respCode=00", "callback_unreadable"),
        (b"\xff", "callback_unreadable"),
        (b"x" * 70_000, "callback_unreadable"),
        (b"", "callback_unreadable"),
    ):
        with pytest.raises(Refused, match=code):
            wallet.callback({}, raw)


async def test_authority_is_the_number_that_the_merchant_names(lab: Lab, wallet: Unionpay):
    given = await wallet.authorise(MERCHANT)
    assert (given.token, given.account) == (MERCHANT, MERCHANT)
    assert given.expires_at > lab.now()
    with pytest.raises(Refused, match="authority_code_invalid"):
        await wallet.authorise("8983301541100")
