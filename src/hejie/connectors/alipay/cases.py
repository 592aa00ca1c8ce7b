"""One-click reconciliation: enrolment by credit code, wallet-born cases, their talk, pictures and closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.alipay.fields import Fields
from hejie.connectors.alipay.gateway import Gateway
from hejie.connectors.alipay.moments import beijing
from hejie.connectors.alipay.trade import absent
from hejie.connectors.wallet import Account, CasePage, EnrolmentStatus, Reply, WalletCase

_RECONCILIATION = "alipay.merchant.complain.reconciliation."
_GOVERNMENT = "alipay.merchant.complain.government."
_COMPLAINT = "alipay.merchant.tradecomplain."
_MOST_CONTENT = 200
_MOST_OPERATOR = 6
_MOST_PICTURE = 5 * 1024 * 1024
_PAGE = 20
_ROLES = {"USER": "user", "MERCHANT": "merchant", "GOVERNMENT": "government"}


async def enrol(gateway: Gateway, credit_code: str) -> list[Account]:
    """`reconciliation.create`: open the function for all accounts of a credit code."""
    answer = await gateway.call(_RECONCILIATION + "create", {"merchant_cert_no": credit_code})
    return [_account(one, credit_code) for one in answer.parts("merchant_infos")]


async def enrol_by_trade(gateway: Gateway, credit_code: str, trade_no: str) -> Account:
    """`reconciliation.submit`: add the merchant that a sample payment leads to; `Missing("trade_missing")`."""
    biz = {"merchant_cert_no": credit_code, "trade_no": trade_no}
    try:
        answer = await gateway.call(_RECONCILIATION + "submit", biz)
    except Refused as error:
        if absent(error):
            raise Missing("trade_missing") from None
        raise
    return _account(answer, credit_code)


def _account(told: Fields, credit_code: str) -> Account:
    return Account(
        account=told.need("merchant_id"),
        kind=told.need("merchant_type").lower(),
        credit_code=told.text("merchant_credit_no") or credit_code,
        name=told.text("merchant_name"),
        notice=told.text("notice"),
    )


async def enrolment(gateway: Gateway, account: str, kind: str, trade_no: str) -> EnrolmentStatus:
    """`reconciliation.query`: how far the opening is."""
    biz = {"merchant_id": account, "merchant_type": kind, "trade_no": trade_no}
    answer = await gateway.call(_RECONCILIATION + "query", biz)
    return EnrolmentStatus(answer.need("status"), answer.text("notice"))


async def close_enrolment(gateway: Gateway, account: str, kind: str) -> None:
    """`reconciliation.close`: switch the function off."""
    await gateway.call(_RECONCILIATION + "close", {"merchant_id": account, "merchant_type": kind})


async def case(gateway: Gateway, event_id: str) -> WalletCase:
    """`government.query`, the only view with both deadlines; `Missing("case_missing")`."""
    try:
        told = await gateway.call(_GOVERNMENT + "query", {"complain_event_id": event_id})
    except Refused as error:
        if absent(error):
            raise Missing("case_missing") from None
        raise
    if told.text("complain_event_id") not in {"", event_id}:
        raise Unknown("reply_mismatch", field="complain_event_id")
    return WalletCase(
        event_id=event_id,
        status=told.need("status"),
        reason=told.text("complain_reason"),
        demand=told.text("leaf_category_name"),
        content=told.text("content"),
        images=told.texts("images"),
        phone=told.text("phone_no"),
        merchant_account=told.text("merchant_pid"),
        trade_no=told.text("trade_no"),
        amount_fen=told.fen("trade_amount"),
        product=told.text("trade_product_name"),
        paid_at=told.moment("trade_succeed_time"),
        created_at=told.need_moment("gmt_create"),
        modified_at=told.need_moment("gmt_modified"),
        finished_at=told.moment("gmt_finished"),
        answer_due=told.moment("gmt_handle_deadline"),
        confirm_due=told.moment("gmt_confirm_deadline"),
        escalated_at=told.moment("gmt_intervene_platform"),
        replies=tuple(_reply(one) for one in told.parts("reply_detail_infos")),
    )


def _reply(told: Fields) -> Reply:
    return Reply(
        role=_ROLES.get(told.need("replier_role"), "platform"),
        name=told.text("replier_name"),
        content=told.text("content"),
        images=told.texts("images"),
        at=told.need_moment("gmt_create"),
    )


async def cases(gateway: Gateway, begin: datetime, end: datetime, page: int) -> CasePage:
    """`tradecomplain.batchquery`: event ids of twenty cases opened in a span of a year at most."""
    biz = {"begin_time": beijing(begin), "end_time": beijing(end), "page_num": page, "page_size": _PAGE}
    answer = await gateway.call(_COMPLAINT + "batchquery", biz)
    events = tuple(one.need("complain_event_id") for one in answer.parts("trade_complain_infos"))
    return CasePage(events, answer.count("total_num"))


async def feedback(
    gateway: Gateway, event_id: str, code: str, content: str, images: Sequence[str], operator: str, authority: str
) -> None:
    """`government.submit`, or with a merchant's authority `tradecomplain.feedback.submit`.

    Errors: `Refused("feedback_too_long" | "operator_too_long")` before anything is sent; the wallet's
    `case_moved_on`, `case_waits_for_refund`, `case_already_refunded`, `content_violation`.
    """
    _fits("feedback_too_long", content, _MOST_CONTENT)
    _fits("operator_too_long", operator, _MOST_OPERATOR)
    biz = {
        "complain_event_id": event_id,
        "feedback_code": code,
        "feedback_content": content,
        "feedback_images": ",".join(images),
        "operator": operator,
    }
    method = _COMPLAINT + "feedback.submit" if authority else _GOVERNMENT + "submit"
    await gateway.call(method, biz, authority)


async def reply(gateway: Gateway, event_id: str, content: str, images: Sequence[str], authority: str) -> None:
    """`tradecomplain.reply.submit`: a message into the talk."""
    _fits("feedback_too_long", content, _MOST_CONTENT)
    biz = {"complain_event_id": event_id, "reply_content": content, "reply_images": ",".join(images)}
    await gateway.call(_COMPLAINT + "reply.submit", biz, authority)


async def supplement(gateway: Gateway, event_id: str, content: str, images: Sequence[str], authority: str) -> None:
    """`tradecomplain.supplement.submit`: further evidence of the merchant."""
    _fits("feedback_too_long", content, _MOST_CONTENT)
    biz = {"complain_event_id": event_id, "supplement_content": content, "supplement_images": ",".join(images)}
    await gateway.call(_COMPLAINT + "supplement.submit", biz, authority)


async def finish(gateway: Gateway, event_id: str, memo: str, agency: str) -> None:
    """`government.finish`: the regulator closes the case."""
    biz = {"complain_event_id": event_id, "finish_memo": memo, "government_agency": agency}
    await gateway.call(_GOVERNMENT + "finish", biz)


async def upload(gateway: Gateway, picture: bytes, kind: str) -> str:
    """`alipay.merchant.image.upload`; `Refused("picture_too_large" | "picture_kind_unknown")` before sending."""
    if kind not in {"jpg", "jpeg", "png"}:
        raise Refused("picture_kind_unknown")
    if len(picture) > _MOST_PICTURE:
        raise Refused("picture_too_large", most=_MOST_PICTURE)
    file = ("image_content", f"picture.{kind}", picture)
    return (await gateway.upload("alipay.merchant.image.upload", {"image_type": kind}, file)).need("image_id")


def _fits(code: str, text: str, most: int) -> None:
    if len(text) > most:
        raise Refused(code, most=most)
