"""The lab's JSON API under /admin: what is put in, moved on and looked at from outside the wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct, field, structs

from hejie_sandbox import entry, registry, sms, smtp, translation
from hejie_sandbox.acquirer import doors as acquirer
from hejie_sandbox.clock import beijing
from hejie_sandbox.money import fen
from hejie_sandbox.national import doors as national
from hejie_sandbox.unionpay import parties as unionpay
from hejie_sandbox.wallet import cases, refunds
from hejie_sandbox.wechatpay import doors, parties

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox


class Turn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a knob is set."""

    name: str
    probability: float = 0
    remaining: int = 0
    value: float | None = None
    method: str = ""


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    """How far the clock goes on."""

    advance_seconds: float


class HandRefund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refund in the merchant's own tool; `amount` in yuan."""

    trade_no: str
    amount: str
    reason: str = ""


class Agreement(Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant's authorisation of an application."""

    app_id: str
    merchant_id: str


class EntryLink(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which payment to open, and for which application (empty: the merchant's city)."""

    trade_no: str
    app_id: str = ""


class Complaint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dispute born in the wallet."""

    user_id: str
    trade_no: str
    reason: str
    demand: str
    content: str
    phone: str = ""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """What the payer says."""

    content: str = ""


class SmsAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """An account of the SMS provider; templates `["*"]` = any."""

    account: str
    secret: str
    templates: list[str] = field(default_factory=lambda: [sms.ANY_TEMPLATE])
    per_minute: int = sms.PER_MINUTE


class SmsAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """Where an account's receipts go, and how many messages a second it may send (0: any)."""

    account: str
    url: str
    per_second: int = 0


STEPS = {"confirm": cases.confirm, "cancel": cases.cancel, "escalate": cases.escalate}


def box_of(state: State) -> Sandbox:
    """Return the sandbox of this server."""
    box: Sandbox = state["box"]
    return box


@get("/public", sync_to_thread=False)
def show_public(state: State) -> dict[str, str]:
    """Public keys and certificates."""
    return registry.public(box_of(state))


@post("/load", sync_to_thread=False)
def load(state: State, data: JSONBody[registry.Seed]) -> dict[str, list[str]]:
    """Bring in applications, users, merchants and payments in one transaction."""
    return {"trade_nos": registry.load(box_of(state), data)}


@post("/apps/{app_id:str}/certificate", sync_to_thread=False)
def certify(state: State, app_id: FromPath[str]) -> dict[str, str]:
    """Turn an application to certificate mode."""
    return registry.certify(box_of(state), app_id)


@post("/apps/{app_id:str}/key", sync_to_thread=False)
def uncertify(state: State, app_id: FromPath[str]) -> dict[str, str]:
    """Turn an application back to key mode."""
    registry.uncertify(box_of(state), app_id)
    return {}


@post("/authorise", sync_to_thread=False)
def authorise(state: State, data: JSONBody[Agreement]) -> dict[str, str]:
    """Agree for a merchant, as its page does."""
    return {"app_auth_code": registry.agree(box_of(state), data.app_id, data.merchant_id)}


@post("/hand-refunds", sync_to_thread=False)
def hand_refund(state: State, data: JSONBody[HandRefund]) -> dict[str, str]:
    """Refund in the merchant's own tool."""
    return {"out_request_no": refunds.by_hand(box_of(state), data.trade_no, fen(data.amount), data.reason)}


@post("/merchants/{merchant_id:str}/top-up", sync_to_thread=False)
def top_up(state: State, merchant_id: FromPath[str], data: JSONBody[dict[str, str]]) -> dict[str, str]:
    """Put money into a merchant's account: {"amount": yuan}."""
    box = box_of(state)
    registry.get(box, "merchants", "merchant_id", merchant_id)
    with box.ledger.transaction():
        sql = "UPDATE merchants SET balance = balance + ? WHERE merchant_id = ?"
        box.ledger.write(sql, fen(data["amount"]), merchant_id)
    return {}


@post("/withdraw", sync_to_thread=False)
def withdraw(state: State, data: JSONBody[Agreement]) -> dict[str, str]:
    """Withdraw an authorisation, as the merchant's page does."""
    registry.withdraw(box_of(state), data.app_id, data.merchant_id)
    return {}


@post("/entry-links", sync_to_thread=False)
def entry_link(state: State, data: JSONBody[EntryLink]) -> dict[str, str]:
    """Make the link that the payment's page opens."""
    return {"url": entry.link(box_of(state), data.trade_no, data.app_id)}


@post("/cases", sync_to_thread=False)
def complain(state: State, data: JSONBody[Complaint]) -> dict[str, str]:
    """File a dispute in the wallet, as the payer's page does."""
    return {"complain_event_id": cases.complain(box_of(state), **structs.asdict(data))}


@post("/cases/{event_id:str}/{step:str}", sync_to_thread=False)
def move_case(state: State, event_id: FromPath[str], step: FromPath[str], data: JSONBody[Words]) -> dict[str, str]:
    """The payer's next step: confirm, cancel, escalate or say."""
    box = box_of(state)
    case = cases.get(box, event_id)
    if step == "say":
        user = registry.get(box, "users", "user_id", case["user_id"])
        cases.say(box, event_id, "USER", user["name"], data.content)
    else:
        STEPS[step](box, event_id)
    return {"status": cases.get(box, event_id)["status"]}


@get("/pushes", sync_to_thread=False)
def show_pushes(state: State) -> list[dict[str, Any]]:
    """Messages to applications, newest first."""
    return [dict(row) for row in box_of(state).ledger.rows("SELECT * FROM pushes ORDER BY id DESC LIMIT 500")]


@get("/sms", sync_to_thread=False)
def show_sms(state: State, to: FromQuery[str] = "") -> list[dict[str, Any]]:
    """SMS sent, newest first."""
    return sms.outbox(box_of(state), to)


@get("/sms/account", sync_to_thread=False)
def show_sms_account(state: State) -> dict[str, str]:
    """The account made on the first start, with its secret."""
    account = sms.first_account(box_of(state))
    return {"account": account["account"], "secret": account["secret"]}


@post("/sms/accounts", sync_to_thread=False)
def put_sms_account(state: State, data: JSONBody[SmsAccount]) -> dict[str, str]:
    """Register an account of the SMS provider."""
    sms.put_account(box_of(state), data.account, data.secret, data.templates, data.per_minute)
    return {}


@post("/sms/addresses", sync_to_thread=False)
def put_sms_address(state: State, data: JSONBody[SmsAddress]) -> dict[str, str]:
    """Say where receipts go."""
    sms.put_address(box_of(state), data.account, data.url, data.per_second)
    return {}


@get("/email", sync_to_thread=False)
def show_email(state: State, to: FromQuery[str] = "") -> list[dict[str, Any]]:
    """E-mails that arrived, newest first."""
    return smtp.outbox(box_of(state), to)


@get("/email/account", sync_to_thread=False)
def show_email_account(state: State) -> dict[str, Any]:
    """Where the mail server listens, and what opens it."""
    return smtp.account(box_of(state))


@get("/translation/account", sync_to_thread=False)
def show_translation_account(state: State) -> dict[str, str]:
    """The translation engine's account, with its secret."""
    return translation.account(box_of(state))


@post("/wechatpay", sync_to_thread=False)
def load_wechatpay(state: State, data: JSONBody[parties.Seed]) -> dict[str, Any]:
    """Bring in partners, merchants and payments of WeChat Pay; its keys and the transaction numbers."""
    return parties.load(box_of(state), data)


@get("/wechatpay/ledger", sync_to_thread=False)
def show_wechatpay(state: State) -> dict[str, list[dict[str, Any]]]:
    """Everything WeChat Pay booked (fen, seconds), row by row."""
    return parties.ledger(box_of(state))


@post("/unionpay", sync_to_thread=False)
def load_unionpay(state: State, data: JSONBody[unionpay.Seed]) -> dict[str, Any]:
    """Bring in members, merchants and payments of UnionPay; its certificates and the payments' numbers."""
    return unionpay.load(box_of(state), data)


@get("/unionpay/ledger", sync_to_thread=False)
def show_unionpay(state: State) -> dict[str, list[dict[str, Any]]]:
    """Everything UnionPay booked (fen, seconds), row by row."""
    return unionpay.ledger(box_of(state))


@get("/clock", sync_to_thread=False)
def show_clock(state: State) -> dict[str, Any]:
    """The sandbox's time."""
    box = box_of(state)
    return {"now": box.clock.now(), "beijing": beijing(box.clock.now()), "offset_seconds": box.clock.offset}


@post("/clock", sync_to_thread=False)
def advance(state: State, data: JSONBody[Advance]) -> dict[str, Any]:
    """Move the clock on."""
    box_of(state).clock.advance(data.advance_seconds)
    return {"now": box_of(state).clock.now(), "offset_seconds": box_of(state).clock.offset}


@get("/knobs", sync_to_thread=False)
def show_knobs(state: State) -> list[dict[str, Any]]:
    """Every knob with its counter."""
    return box_of(state).knobs.all()


@post("/knobs", sync_to_thread=False)
def turn(state: State, data: JSONBody[list[Turn] | Turn]) -> list[dict[str, Any]]:
    """Set one knob or several."""
    knobs = box_of(state).knobs
    for each in data if isinstance(data, list) else [data]:
        knobs.turn(
            each.name, probability=each.probability, remaining=each.remaining, value=each.value, method=each.method
        )
    return knobs.all()


@post("/knobs/off", sync_to_thread=False)
def knobs_off(state: State) -> list[dict[str, Any]]:
    """Turn every knob off; counters stay."""
    box_of(state).knobs.all_off()
    return box_of(state).knobs.all()


_TABLES = ("merchants", "openings", "trades", "refunds", "cases", "replies")


@get("/ledger", sync_to_thread=False)
def show_ledger(state: State) -> dict[str, list[dict[str, Any]]]:
    """Everything the wallet booked: merchants, trades, refunds, cases (fen, seconds), row by row."""
    ledger = box_of(state).ledger
    return {table: [dict(row) for row in ledger.rows(f"SELECT * FROM {table}")] for table in _TABLES}


def router() -> Router:
    """Return the router of /admin."""
    handlers = [
        show_public, load, certify, uncertify, authorise, withdraw, hand_refund, top_up, show_clock, advance,
        show_knobs, turn, knobs_off, show_ledger, entry_link, complain, move_case, show_pushes, show_sms,
        show_sms_account, load_wechatpay, show_wechatpay, load_unionpay, show_unionpay, show_email, show_email_account,
        show_translation_account, put_sms_account, put_sms_address, *doors.HANDLERS, *acquirer.HANDLERS,
        *national.HANDLERS,
    ]  # fmt: skip
    return Router("/admin", route_handlers=handlers)
