"""The connector and the sandbox over a real socket: enrolment, wallet-born cases, pushes, bills."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import pytest
from tests.connectors.alipay.alipay_lab import CODE, MERCHANT, USER, Lab
from tests.connectors.alipay.alipay_wall import APP_ID, Material, public_pem

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.connectors.alipay import Alipay
from hejie.connectors.wallet import RefundOrder

PICTURE = b"\x89PNG\r\n\x1a\n" + b"evidence"


@pytest.fixture
def post_box(lab: Lab, material: Material) -> Iterator[Queue[bytes]]:
    """Where the sandbox's pushes arrive, as they are."""
    arrived: Queue[bytes] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.put(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"success")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        register(lab, material, notify_url=f"http://127.0.0.1:{server.server_port}/", city="hangzhou")
        yield arrived
        register(lab, material)
        server.shutdown()
        thread.join()


def register(lab: Lab, material: Material, **fields: object) -> None:
    lab.post("load", apps=[{"app_id": APP_ID, "public_key": public_pem(material.own), **fields}])


def complain(lab: Lab, trade_no: str) -> str:
    words = {"reason": "商品质量问题", "demand": "退款", "content": "面里有“虫子”/\\", "phone": "13800001111"}
    return str(lab.post("cases", user_id=USER, trade_no=trade_no, **words)["complain_event_id"])


async def test_enrolment_opens_by_code_or_sample_payment_and_closes(lab: Lab, wallet: Alipay) -> None:
    (account,) = await wallet.enrol(CODE)
    assert (account.account, account.kind, account.credit_code) == (MERCHANT, "direct", CODE)
    assert (await wallet.enrol_by_trade(CODE, lab.pay())).account == MERCHANT
    assert (await wallet.enrolment(MERCHANT, "direct")).status == "OPENED"
    await wallet.close_enrolment(MERCHANT, "direct")
    assert (await wallet.enrolment(MERCHANT, "direct")).status == "CLOSED"
    with pytest.raises(Refused, match="wallet_merchant_missing"):
        await wallet.enrol("91330106MA2CFLDC99")
    with pytest.raises(Missing, match="trade_missing"):
        await wallet.enrol_by_trade(CODE, "2026")


async def test_a_case_is_answered_by_its_merchant_and_closed_by_the_city(lab: Lab, wallet: Alipay, token: str) -> None:
    await wallet.enrol(CODE)
    number = lab.pay("12.50")
    event_id = complain(lab, number)
    case = await wallet.case(event_id)
    assert (case.status, case.trade_no, case.amount_fen) == ("MERCHANT_PROCESSING", number, 1250)
    assert (case.content, case.merchant_account) == ("面里有“虫子”/\\", MERCHANT)
    assert case.answer_due == case.created_at + timedelta(hours=96)
    image = await wallet.upload(PICTURE, "png")
    await wallet.reply(event_id, "您好", (), token)
    await wallet.supplement(event_id, "小票", (image,), token)
    await wallet.feedback(event_id, "02", "已退款", (image,), "王", token)
    case = await wallet.case(event_id)
    assert (case.status, [reply.content for reply in case.replies]) == (
        "MERCHANT_FEEDBACKED",
        ["您好", "小票", "已退款"],
    )
    assert {reply.role for reply in case.replies} == {"merchant"}
    assert len(case.replies[1].images) == 1
    assert case.confirm_due is not None
    lab.post(f"cases/{event_id}/escalate")
    assert (await wallet.case(event_id)).escalated_at is not None
    await wallet.feedback(event_id, "194", "已受理", (), "")
    await wallet.finish(event_id, "双方和解", "西湖区市场监督管理局")
    done = await wallet.case(event_id)
    assert (done.status, done.finished_at is not None) == ("PLATFORM_FINISH", True)
    with pytest.raises(Refused, match="case_moved_on"):
        await wallet.finish(event_id, "再一次", "西湖区市场监督管理局")


async def test_what_no_push_told_the_list_tells(lab: Lab, wallet: Alipay) -> None:
    await wallet.enrol(CODE)
    events = {complain(lab, lab.pay()) for _ in range(21)}
    end = lab.now() + timedelta(seconds=2)
    pages = [await wallet.cases(end - timedelta(hours=1), end, page) for page in (1, 2)]
    assert events <= {event for page in pages for event in page.event_ids}
    assert pages[0].total == sum(len(page.event_ids) for page in pages)


@pytest.mark.parametrize("keep", [False, True])
async def test_pushes_verify_in_both_orders(
    lab: Lab, wallet: Alipay, material: Material, post_box: Queue[bytes], *, keep: bool
) -> None:
    await wallet.enrol(CODE)
    register(lab, material, notify_url=f"{lab.box.ledger.value('SELECT notify_url FROM apps')}", keep_sign_type=keep)
    event_id = complain(lab, lab.pay())
    pushed = iter(lambda: post_box.get(timeout=5), b"")
    raw = next(each for each in pushed if event_id.encode() in each)  # an earlier case's push may come late
    told = wallet.callback({}, raw)
    assert (told.kind, told.event_id) == ("case_changed", event_id)
    with pytest.raises(Refused, match="signature_wrong"):
        wallet.callback({}, raw.replace(b"complain_event_id", b"complain_event_ie"))


async def test_a_duplicate_push_has_one_delivery_and_a_stale_one_is_refused(
    lab: Lab, wallet: Alipay, post_box: Queue[bytes]
) -> None:
    await wallet.enrol(CODE)
    lab.knob("duplicate_callback")
    complain(lab, lab.pay())
    first, second = (wallet.callback({}, post_box.get(timeout=5)) for _ in range(2))
    assert first.delivery_id == second.delivery_id
    lab.knob("stale_timestamp")
    complain(lab, lab.pay())
    with pytest.raises(Refused, match="callback_stale"):
        wallet.callback({}, post_box.get(timeout=5))


async def test_a_withdrawn_authority_is_pushed_and_felt(
    lab: Lab, wallet: Alipay, token: str, post_box: Queue[bytes]
) -> None:
    lab.post("withdraw", app_id=APP_ID, merchant_id=MERCHANT)
    told = wallet.callback({}, post_box.get(timeout=5))
    assert (told.kind, told.account) == ("authority_withdrawn", MERCHANT)
    with pytest.raises(Refused, match="authority_invalid"):
        await wallet.trade(lab.pay(), token)


async def test_the_bill_of_yesterday_shows_refunds_of_both_roads(lab: Lab, wallet: Alipay, token: str) -> None:
    number, day = lab.pay("30.00"), lab.now().astimezone(SHANGHAI).date()
    await wallet.refund(RefundOrder(key="330100-BILL-1", trade_no=number, amount_fen=1000), token)
    by_hand = lab.post("hand-refunds", trade_no=number, amount="5.00")["out_request_no"]
    with pytest.raises(Missing, match="statement_not_ready"):
        await wallet.statement(day, token)
    assert await wallet.statement(day - timedelta(days=60), token) == []
    lab.post("clock", advance_seconds=36 * 3600)
    rows = [row for row in await wallet.statement(day, token) if row.trade_no == number]
    assert {(row.kind, row.amount_fen, row.refund_key) for row in rows} == {
        ("payment", 3000, ""),
        ("refund", 1000, "330100-BILL-1"),
        ("refund", 500, by_hand),
    }
