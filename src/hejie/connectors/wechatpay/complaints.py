"""Complaints 2.0 (/v3/merchant-service/complaints-v2): which there are, one of them whole, and their pictures."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1
from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.wallet import CasePage, Reply, WalletCase
from hejie.connectors.wechatpay.gateway import Gateway, Upload
from hejie.connectors.wechatpay.told_complaint import Complaint, Line, Number, begun, role, standing

SERVICE = "/v3/merchant-service"
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_PICTURE = re.compile(SERVICE + r"/images/[0-9A-Za-z][0-9A-Za-z_=+.-]{0,511}", re.ASCII)
_ABSENT = "RESOURCE_NOT_EXISTS"
_PAGE, _HISTORY_PAGE, _MOST_PAGES = 50, 300, 10
_MOST_PICTURE = 2 * 1024 * 1024
_MOST_TITLE = 80
_KINDS = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM")


class Listed(Struct, frozen=True):
    """One complaint of a list; what it says is asked for by its number."""

    complaint_id: Number


class Page(Struct, frozen=True):
    """A page of complaints; the count is told at the beginning only."""

    data: tuple[Listed, ...] = ()
    total_count: int = 0


class History(Struct, frozen=True):
    """A page of a history."""

    data: tuple[Line, ...] = ()
    total_count: int = 0


class Kept(Struct, frozen=True):
    """A picture that was put up."""

    media_id: str


def path_of(event_id: str, after: str = "") -> str:
    """The path of a complaint; `Missing("case_missing")` for what can be none of its numbers."""
    if _NUMBER.fullmatch(event_id) is None:
        raise Missing("case_missing")
    return f"{SERVICE}/complaints-v2/{event_id}{after}"


async def detail(gateway: Gateway, event_id: str) -> Complaint:
    """A complaint; `Missing("case_missing")`, and `Unknown("reply_mismatch")` for an answer about another one."""
    try:
        told = await gateway.get(path_of(event_id), {}, Complaint)
    except Refused as error:
        if error.facts.get("said") == _ABSENT:
            raise Missing("case_missing") from None
        raise
    if told.complaint_id != event_id:
        raise Unknown("reply_mismatch", field="complaint_id")
    return told


async def history(gateway: Gateway, event_id: str) -> list[Line]:
    """All that happened, in WeChat Pay's order (newest first); `Unknown("reply_too_large")` beyond 3,000 lines."""
    path, lines = path_of(event_id, "/negotiation-historys"), list[Line]()
    for _ in range(_MOST_PAGES):
        asked = {"limit": str(_HISTORY_PAGE), "offset": str(len(lines))}
        page = await gateway.get(path, asked, History)
        lines += page.data
        if len(page.data) < _HISTORY_PAGE:
            return lines
    raise Unknown("reply_too_large")


async def case(gateway: Gateway, event_id: str) -> WalletCase:
    """One complaint with its history, in the words every wallet shares; `Missing("case_missing")`.

    Of several payments in one complaint the first is taken. A phone number that our key does not open is left out.
    """
    told, lines = await detail(gateway, event_id), await history(gateway, event_id)
    stands = standing(told, lines)
    order = told.complaint_order_info[0] if told.complaint_order_info else None
    return WalletCase(
        event_id=event_id,
        status=stands.status,
        reason=told.problem_type,
        titled=told.problem_description[:_MOST_TITLE],
        demand=told.problem_type,
        content="\n".join(dict.fromkeys(part for part in (told.problem_description, told.complaint_detail) if part)),
        images=tuple(url for media in told.complaint_media_list for url in media.media_url),
        phone=_opened(gateway, told.payer_phone),
        merchant_account=told.complainted_mchid,
        trade_no=order.transaction_id if order else "",
        amount_fen=order.amount if order else 0,
        asked_fen=told.apply_refund_amount,
        payer=told.payer_openid,
        product="",
        paid_at=None,
        created_at=told.complaint_time,
        modified_at=stands.modified_at,
        finished_at=stands.finished_at,
        begun_at=begun(told, lines),
        answer_due=None,
        confirm_due=None,
        escalated_at=None,
        replies=tuple(_reply(line) for line in reversed(lines) if line.operate_details),
    )


def _reply(line: Line) -> Reply:
    return Reply(
        role=role(line),
        name=line.operator,
        content=line.operate_details,
        images=line.image_list,
        at=line.operate_time,
    )


def _opened(gateway: Gateway, sealed: str) -> str:
    """RSAES-OAEP with SHA-1, as WeChat Pay seals phone numbers."""
    oaep = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303 -- the wire's own choice; nothing rests on its collisions
    try:
        return gateway.private.decrypt(base64.b64decode(sealed, validate=True), oaep).decode()
    except (binascii.Error, ValueError):
        return ""


async def cases(gateway: Gateway, begin: datetime, end: datetime, page: int) -> CasePage:
    """Numbers of fifty complaints of the Shanghai days of a span (30 days at most), newest first, pages from 1."""
    offset = (page - 1) * _PAGE
    query = {
        "limit": str(_PAGE),
        "offset": str(offset),
        "begin_date": begin.astimezone(SHANGHAI).date().isoformat(),
        "end_date": end.astimezone(SHANGHAI).date().isoformat(),
    }
    told = await gateway.get(f"{SERVICE}/complaints-v2", query, Page)
    seen = offset + len(told.data)
    more = 1 if len(told.data) == _PAGE else 0
    return CasePage(tuple(one.complaint_id for one in told.data), max(told.total_count, seen + more))


async def upload(gateway: Gateway, picture: bytes, kind: str) -> str:
    """Put up a picture; its id. Errors: `Refused("picture_too_large" | "picture_kind_unknown")` before sending."""
    if kind not in _KINDS:
        raise Refused("picture_kind_unknown")
    if len(picture) > _MOST_PICTURE:
        raise Refused("picture_too_large", most=_MOST_PICTURE)
    file = Upload(f"picture.{kind}", _KINDS[kind], picture)
    return (await gateway.upload(f"{SERVICE}/images/upload", file, Kept)).media_id


async def picture(gateway: Gateway, address: str) -> bytes:
    """The bytes of a picture, by the address that a complaint tells; only its path counts, the host is ours.

    Pictures come unsigned. Errors: `Unknown("reply_unreadable")` for an address or bytes that are no picture's and
    where there is none any more, `reply_too_large`, and those of `fetch`.
    """
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    if _PICTURE.fullmatch(path) is None:
        raise Unknown("reply_unreadable", field="media_url")
    try:
        found = await gateway.file(path, _MOST_PICTURE)
    except Unknown as error:
        if error.facts.get("status") in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            raise Unknown("reply_unreadable", field="picture") from None
        raise
    if not found.startswith(_BEGINNINGS):
        raise Unknown("reply_unreadable", field="picture")
    return found
