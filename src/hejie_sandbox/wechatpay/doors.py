"""The lab's doors to WeChat Pay's complaints: what a payer does, what was pushed, and when certificates change."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from hejie_sandbox.wechatpay import certificates, complaints, partner_calls

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox


class Complaint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A complaint as a payer makes it; money in fen, pictures in base64."""

    transaction_id: str
    detail: str
    problem_type: str = "REFUND"
    description: str = ""
    apply_refund_amount: int = 0
    phone: str = ""
    mchid: str = ""
    pictures: tuple[str, ...] = ()


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """What the payer says."""

    content: str = ""
    pictures: tuple[str, ...] = ()
    """In base64; with `say` only."""


def _box(state: State) -> Sandbox:
    box: Sandbox = state["box"]
    return box


def _kept(box: Sandbox, mchid: str, pictures: tuple[str, ...]) -> str:
    return ",".join(partner_calls.keep(box, mchid, base64.b64decode(each)) for each in pictures)


@post("/wechatpay/complaints", sync_to_thread=False)
def complain(state: State, data: JSONBody[Complaint]) -> dict[str, str]:
    """Complain of a payment, as the payer does in WeChat."""
    box = _box(state)
    mchid = data.mchid or str(box.ledger.value("SELECT mchid FROM wx_partners ORDER BY rowid LIMIT 1"))
    media = _kept(box, mchid, data.pictures)
    number = complaints.complain(
        box, transaction_id=data.transaction_id, detail=data.detail, problem_type=data.problem_type,
        description=data.description, apply_refund_amount=data.apply_refund_amount, phone=data.phone, mchid=mchid,
        media=media,
    )  # fmt: skip
    return {"complaint_id": number}


@post("/wechatpay/complaints/{complaint_id:str}/{step:str}", sync_to_thread=False)
def step(state: State, complaint_id: FromPath[str], step: FromPath[str], data: JSONBody[Words]) -> dict[str, str]:
    """The payer's next step: say (with pictures), continue, confirm, revoke, ask_platform; or platform_ends."""
    box = _box(state)
    if step == "say":
        mchid = complaints.get(box, complaint_id)["mchid"]
        complaints.say(box, complaint_id, data.content, _kept(box, mchid, data.pictures))
    else:
        complaints.STEPS[step](box, complaint_id, data.content)
    return {"complaint_state": complaints.get(box, complaint_id)["state"]}


@get("/wechatpay/complaints", sync_to_thread=False)
def show(state: State) -> dict[str, list[dict[str, Any]]]:
    """Complaints, their history and the callbacks, row by row."""
    box = _box(state)
    complaints.take_refunds(box)
    tables = {"complaints": "wx_complaints", "history": "wx_negotiations", "pushes": "wx_pushes"}
    return {name: [dict(row) for row in box.ledger.rows(f"SELECT * FROM {table}")] for name, table in tables.items()}


@post("/wechatpay/certificates/announce", sync_to_thread=False)
def announce(state: State) -> dict[str, str]:
    """List the next platform certificate beside the one that signs."""
    return {"serial_no": certificates.announce(_box(state))}


@post("/wechatpay/certificates/switch", sync_to_thread=False)
def switch(state: State) -> dict[str, str]:
    """Let the announced certificate sign."""
    return {"serial_no": certificates.switch(_box(state))}


HANDLERS = (complain, step, show, announce, switch)
