"""Disputes born in the wallet: their states, both deadlines, and the talk; every change is pushed to the city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hejie_sandbox.sandbox import dated_number
from hejie_sandbox.wallet import pushes
from hejie_sandbox.wallet.refusals import business
from hejie_sandbox.wallet.trades import PURCHASES

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

HANDLE_SECONDS = 96 * 3600
CONFIRM_SECONDS = 7 * 86400
PROCESSING, FEEDBACKED, OVERTIME = "MERCHANT_PROCESSING", "MERCHANT_FEEDBACKED", "MERCHANT_FEEDBACK_OVERTIME"
FINISHED, CANCELLED, CLOSED = "FINISHED", "CANCELLED", "CLOSED"
PLATFORM, PLATFORM_FINISH = "PLATFORM_PROCESSING", "PLATFORM_FINISH"
WITH_MERCHANT = (PROCESSING, FEEDBACKED, OVERTIME)
LIVE = (*WITH_MERCHANT, PLATFORM)
STATUSES = (*LIVE, FINISHED, CANCELLED, CLOSED, PLATFORM_FINISH)

REASONS = (
    "付错金额", "重复扣款", "付款后未提供服务", "商品质量问题", "价格问题",
    "承诺未兑现", "拒绝退款", "预付卡问题", "其他",
)  # fmt: skip
DEMANDS = ("退款", "退货退款", "换货", "维修", "赔偿损失", "赔礼道歉", "其他")


class OutOfStepError(ValueError):
    """The case is not where this step starts."""


def get(box: Sandbox, event_id: str) -> sqlite3.Row:
    """Return one case as of now; KeyError where there is none."""
    pass_time(box)
    found = box.ledger.row("SELECT * FROM cases WHERE event_id = ?", event_id)
    if found is None:
        raise KeyError(event_id)
    return found


def replies(box: Sandbox, event_id: str) -> list[sqlite3.Row]:
    """Return the talk, oldest first."""
    return box.ledger.rows("SELECT * FROM replies WHERE event_id = ? ORDER BY id", event_id)


def complain(
    box: Sandbox, *, user_id: str, trade_no: str, reason: str, demand: str, content: str, phone: str = "",
    images: str = "",
) -> str:  # fmt: skip
    """A user complains of a payment in the wallet; return the event id. ValueError for a bad or second one."""
    user = box.ledger.row("SELECT * FROM users WHERE user_id = ?", user_id)
    trade = box.ledger.row("SELECT * FROM trades WHERE trade_no = ? AND user_id = ?", trade_no, user_id)
    if user is None or trade is None:
        raise KeyError(trade_no)
    if trade["kind"] not in PURCHASES or reason not in REASONS or demand not in DEMANDS or not content.strip():
        raise ValueError("no purchase, no such reason or demand, or nothing said")
    with box.ledger.transaction():
        pass_time(box)
        live = f"SELECT 1 FROM cases WHERE trade_no = ? AND status IN {LIVE}"
        if box.ledger.row(live, trade_no):
            raise ValueError("this payment already stands in an open case")
        now = box.now()
        event_id = dated_number(now, "0010", 28)
        box.ledger.insert(
            "cases", event_id=event_id, status=PROCESSING, trade_no=trade_no, merchant_id=trade["merchant_id"],
            user_id=user_id, app_id=_application(box, trade["merchant_id"]), reason=reason, demand=demand,
            content=content.strip()[:200], images=images, phone=phone or user["phone"], created_at=now,
            modified_at=now, handle_deadline=now + HANDLE_SECONDS,
        )  # fmt: skip
        _tell(box, event_id)
    return event_id


def _application(box: Sandbox, merchant_id: str) -> str:
    sql = "SELECT app_id FROM openings WHERE merchant_id = ? AND status = 'OPENED' ORDER BY changed_at DESC"
    return box.ledger.value(sql, merchant_id) or ""


def move(box: Sandbox, event_id: str, status: str, sources: tuple[str, ...], **columns: Any) -> None:
    """Take a case from one of `sources` to `status` and tell the city; OutOfStepError otherwise."""
    with box.ledger.transaction():
        case = get(box, event_id)
        if case["status"] not in sources:
            raise OutOfStepError(f"{case['status']} does not go to {status}")
        now = int(columns.pop("at", None) or box.now())
        columns |= {"status": status, "modified_at": now}
        if status not in LIVE:
            columns["finished_at"] = now
        names = ", ".join(f"{name} = ?" for name in columns)
        box.ledger.write(f"UPDATE cases SET {names} WHERE event_id = ?", *columns.values(), event_id)
        _tell(box, event_id)


def say(box: Sandbox, event_id: str, role: str, name: str, content: str, images: str = "") -> None:
    """Add to the talk of a live case; `role` USER, MERCHANT or PLATFORM. A user's words are pushed."""
    with box.ledger.transaction():
        case = get(box, event_id)
        if case["status"] not in LIVE:
            raise OutOfStepError(f"{case['status']} takes no more words")
        if not content.strip():
            raise ValueError("nothing said")
        box.ledger.insert(
            "replies", event_id=event_id, role=role, name=name, content=content, images=images, at=box.now()
        )
        box.ledger.write("UPDATE cases SET modified_at = ? WHERE event_id = ?", box.now(), event_id)
        if role == "USER":
            _tell(box, event_id)


def confirm(box: Sandbox, event_id: str) -> None:
    """The user says that it is solved."""
    move(box, event_id, FINISHED, WITH_MERCHANT)


def cancel(box: Sandbox, event_id: str) -> None:
    """The user withdraws."""
    move(box, event_id, CANCELLED, LIVE)


def escalate(box: Sandbox, event_id: str) -> None:
    """The user asks the authority in: after an unwelcome answer or the merchant's silence."""
    move(box, event_id, PLATFORM, (FEEDBACKED, OVERTIME), intervened_at=box.now())


def feed_back(box: Sandbox, event_id: str, code: str) -> None:
    """The merchant has answered: the user's clock starts."""
    move(
        box, event_id, FEEDBACKED, (PROCESSING, OVERTIME),
        feedback_code=code, confirm_deadline=box.now() + CONFIRM_SECONDS,
    )  # fmt: skip


def finish(box: Sandbox, event_id: str, memo: str, agency: str) -> None:
    """The authority closes an escalated case."""
    move(box, event_id, PLATFORM_FINISH, (PLATFORM,), finish_memo=memo, agency=agency)


def pass_time(box: Sandbox) -> None:
    """Let both deadlines pass: a silent merchant is overtime, an unconfirmed answer closes the case."""
    for status, column, after in ((PROCESSING, "handle_deadline", OVERTIME), (FEEDBACKED, "confirm_deadline", CLOSED)):
        late = f"SELECT event_id, {column} AS due FROM cases WHERE status = ? AND {column} <= ?"
        for row in box.ledger.rows(late, status, box.now()):
            _run_out(box, row["event_id"], after, row["due"])


def _run_out(box: Sandbox, event_id: str, status: str, due: int) -> None:
    with box.ledger.transaction():
        finished = due if status == CLOSED else None
        sql = "UPDATE cases SET status = ?, modified_at = ?, finished_at = ? WHERE event_id = ?"
        box.ledger.write(sql, status, due, finished, event_id)
        _tell(box, event_id)


def _tell(box: Sandbox, event_id: str) -> None:
    app_id = box.ledger.value("SELECT app_id FROM cases WHERE event_id = ?", event_id)
    if app_id:
        pushes.put(box, app_id, "alipay.merchant.tradecomplain.changed", {"complain_event_id": event_id})


def status_changed() -> Exception:
    """The gateway's word for a step out of order."""
    return business("STATUS_CHANGED", "投诉单状态已变更，请刷新后重试")
