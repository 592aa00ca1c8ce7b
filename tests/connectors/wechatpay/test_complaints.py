"""Complaints against the emulator over a socket: read, answered, judged, completed; what is unclear is unknown."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from tests.connectors.wechatpay.wechatpay_lab import MERCHANT, Lab

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.transport import http_client
from hejie.connectors.wallet import CaseHolder, Completer, Opener, RefundOrder, Tended
from hejie.connectors.wechatpay import Wechatpay

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
DAY = timedelta(days=1)


def test_it_holds_cases_and_completes_them_but_opens_no_accounts(wallet: Wechatpay):
    assert isinstance(wallet, CaseHolder)
    assert isinstance(wallet, Completer)
    assert isinstance(wallet, Tended)
    assert not isinstance(wallet, Opener)


async def test_a_complaint_is_told_whole(lab: Lab, wallet: Wechatpay):
    trade = lab.pay("50.00")
    number = lab.complain(
        trade=trade, apply_refund_amount=2000, phone="13800001111", pictures=[base64.b64encode(PNG).decode()]
    )
    case = await wallet.case(number)
    assert (case.event_id, case.status, case.trade_no, case.amount_fen) == (number, "MERCHANT_PROCESSING", trade, 5000)
    assert (case.asked_fen, case.demand, case.reason, case.merchant_account) == (2000, "REFUND", "REFUND", MERCHANT)
    assert case.phone == "13800001111"
    assert case.content == "申请退款\n面是凉的，要求退款"
    assert (case.answer_due, case.begun_at) == (None, case.created_at)
    assert case.payer == (await wallet.trade(trade, MERCHANT)).payer
    assert [(reply.role, reply.content) for reply in case.replies] == [("user", "面是凉的，要求退款")]
    assert await wallet.picture(case.images[0]) == PNG


async def test_the_list_is_paged_and_its_end_is_known(lab: Lab, wallet: Wechatpay):
    numbers = {lab.complain() for _ in range(53)}
    now, seen = lab.now(), set[str]()
    for page in range(1, 10):
        listed = await wallet.cases(now - DAY, now, page)
        seen |= set(listed.event_ids)
        if not listed.event_ids or (page - 1) * 50 + len(listed.event_ids) >= listed.total:
            break
    assert numbers <= seen
    with pytest.raises(Refused, match="wallet_parameter_refused"):
        await wallet.cases(now - 40 * DAY, now, 1)


async def test_an_answer_moves_it_and_is_read_again(lab: Lab, wallet: Wechatpay):
    number = lab.complain()
    image = await wallet.upload(PNG, "png")
    await wallet.reply(number, "我们马上处理", (image,))
    case = await wallet.case(number)
    assert (case.status, case.answer_due) == ("MERCHANT_FEEDBACKED", None)
    assert (case.replies[-1].role, case.replies[-1].content) == ("merchant", "我们马上处理")
    assert await wallet.picture(case.replies[-1].images[0]) == PNG
    with pytest.raises(Refused, match="feedback_too_long"):
        await wallet.reply(number, "长" * 501, ())


async def test_the_states_in_the_words_every_wallet_shares(lab: Lab, wallet: Wechatpay):
    async def status(number: str) -> str:
        return (await wallet.case(number)).status

    revoked, confirmed, silent, late = (lab.complain() for _ in range(4))
    lab.payer(revoked, "revoke")
    lab.payer(confirmed, "confirm")
    await wallet.complete(silent, "已送上新的一碗")
    assert [await status(each) for each in (revoked, confirmed, silent)] == ["CANCELLED", "FINISHED", "CLOSED"]
    lab.post("clock", advance_seconds=24 * 3600 + 1)
    case = await wallet.case(late)
    assert (case.status, case.begun_at) == ("MERCHANT_PROCESSING", case.created_at)
    assert lab.payer(silent, "continue", "还是凉的") == "PENDING"
    again = await wallet.case(silent)
    assert again.status == "MERCHANT_PROCESSING"
    assert again.begun_at is not None
    assert again.begun_at > again.created_at + timedelta(hours=23)


async def test_a_yes_moves_no_money_and_the_refund_ends_it(lab: Lab, wallet: Wechatpay):
    trade = lab.pay()
    number = lab.complain(trade=trade)
    await wallet.approve(number, 5000, "商家已同意：全额退款 50.00 元")
    await wallet.approve(number, 5000, "商家已同意：全额退款 50.00 元")
    assert lab.history(number)[1:] == [("MERCHANT_APPROVE_REFUND", "商家已同意：全额退款 50.00 元")]
    assert trade not in {row["transaction_id"] for row in lab.get("wechatpay/ledger")["refunds"]}
    await wallet.refund(RefundOrder(key=f"K-{number}", trade_no=trade, amount_fen=5000, paid_fen=5000), MERCHANT)
    lab.post("clock", advance_seconds=3)
    assert (await wallet.case(number)).status == "FINISHED"
    await wallet.complete(number, "已退款")
    assert "MERCHANT_RESPONSE" not in dict(lab.history(number)), "an ended complaint is told nothing"


async def test_less_than_was_asked_is_agreed_to_in_words(lab: Lab, wallet: Wechatpay):
    number = lab.complain()
    await wallet.approve(number, 1000, "商家已同意：部分退款 10.00 元")
    await wallet.approve(number, 1000, "商家已同意：部分退款 10.00 元")
    assert lab.history(number)[1:] == [("MERCHANT_RESPONSE", "商家已同意：部分退款 10.00 元")]


async def test_a_last_no_ends_it_there_with_its_reason(lab: Lab, wallet: Wechatpay):
    number = lab.complain()
    with pytest.raises(Refused, match="feedback_too_long"):
        await wallet.refuse(number, "长" * 201)
    await wallet.refuse(number, "面是热的")
    await wallet.refuse(number, "面是热的")
    assert lab.history(number)[1:] == [("MERCHANT_REFUSE_RERUND", "面是热的")]
    assert (await wallet.case(number)).status == "CLOSED", "nobody but the merchant has said that it is over"
    other = lab.complain(problem_type="OTHERS")
    with pytest.raises(Refused, match="case_moved_on"):
        await wallet.refuse(other, "不退")
    assert len(lab.history(other)) == 1


async def test_what_takes_no_more_words_says_so(lab: Lab, wallet: Wechatpay):
    number = lab.complain()
    lab.payer(number, "revoke")
    with pytest.raises(Refused, match="case_moved_on"):
        await wallet.reply(number, "好的", ())
    await wallet.complete(number, "好的")
    await wallet.finish(number, "双方未达成一致", "330106")
    assert len(lab.history(number)) == 2


FAULTS = ["drop_after_commit", "system_error_after_commit", "bad_signature", "system_error", "frequency_limited"]


@pytest.mark.parametrize("knob", [*FAULTS, "garbage"])
@pytest.mark.parametrize("method", ["response", "complete", "progress"])
async def test_a_telling_that_was_doubtful_is_repeated_and_stands_once(lab: Lab, wallet: Wechatpay, knob, method):
    number = lab.complain()
    lab.knob(knob, f"wechatpay.{method}")

    async def tell() -> None:
        if method == "progress":
            await wallet.refuse(number, "面是热的")
        else:
            await wallet.complete(number, "已换一碗")

    try:
        await tell()
    except Unknown:
        await tell()
    lines = lab.history(number)[1:]
    assert lines == list(dict.fromkeys(lines))
    assert lines[0] == (
        ("MERCHANT_REFUSE_RERUND", "面是热的") if method == "progress" else ("MERCHANT_RESPONSE", "已换一碗")
    )


@pytest.mark.parametrize("knob", ["bad_signature", "system_error", "frequency_limited", "garbage"])
@pytest.mark.parametrize("method", ["complaint", "history"])
async def test_nothing_unclear_is_taken_for_a_complaint(lab: Lab, wallet: Wechatpay, knob, method):
    number = lab.complain()
    lab.knob(knob, f"wechatpay.{method}")
    with pytest.raises(Unknown):
        await wallet.case(number)
    assert (await wallet.case(number)).event_id == number


@pytest.mark.parametrize("typed", ["../../certificates", "1?x=1", "1/2", "a b", "", "x" * 65, "１２３", "%2e%2e"])
async def test_nothing_that_came_from_outside_becomes_a_part_of_an_address(lab: Lab, typed):
    asked: list[str] = []

    async def noted(request: httpx.Request) -> None:
        asked.append(str(request.url))

    async with http_client() as client:
        client.event_hooks["request"].append(noted)
        wallet = Wechatpay(lab.keys(), lab, client)
        for call in (wallet.case(typed), wallet.reply(typed, "x", ()), wallet.complete(typed, "x")):
            with pytest.raises(Missing, match="case_missing"):
                await call
        images = "/v3/merchant-service/images"
        for address in (
            f"{images}/../{typed}",
            f"{images}/..",
            f"{images}/a/{typed}",
            "https://[x",
            "file:///x",
            typed,
        ):
            with pytest.raises(Unknown, match="reply_unreadable"):
                await wallet.picture(address)
    assert asked == []


async def test_a_picture_is_fetched_from_our_own_host_whatever_the_address_says(lab: Lab, wallet: Wechatpay):
    image = await wallet.upload(PNG, "png")
    assert await wallet.picture(f"https://evil.example/v3/merchant-service/images/{image}") == PNG
    with pytest.raises(Refused, match="picture_kind_unknown"):
        await wallet.upload(PNG, "gif")
    with pytest.raises(Refused, match="picture_too_large"):
        await wallet.upload(b"x" * (2 * 1024 * 1024 + 1), "png")


async def test_a_complaint_of_nobody_is_missing(wallet: Wechatpay):
    with pytest.raises(Missing, match="case_missing"):
        await wallet.case("200201820200101080076610000")


@pytest.fixture
async def liar(lab: Lab) -> AsyncIterator[Wechatpay]:
    """The connector before a gateway whose signed answers are about another complaint."""
    async with http_client() as client:
        yield Wechatpay(lab.keys(), lab, client)


async def test_an_answer_about_another_complaint_is_believed_for_none(lab: Lab, liar: Wechatpay, monkeypatch):
    asked, other = lab.complain(), lab.complain()
    real = liar._gateway.get

    async def swapped(path: str, query: dict[str, str], shape: type) -> object:
        return await real(path.replace(asked, other), query, shape)

    monkeypatch.setattr(liar._gateway, "get", swapped)
    with pytest.raises(Unknown, match="reply_mismatch"):
        await liar.case(asked)


async def test_a_picture_that_is_there_no_more_is_no_picture(lab: Lab, wallet: Wechatpay):
    with pytest.raises(Unknown, match="reply_unreadable"):
        await wallet.picture(f"{lab.url}/v3/merchant-service/images/ChsyMDAwgone")
