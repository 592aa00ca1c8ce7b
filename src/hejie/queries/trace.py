"""A reference traced: the payment, who stood behind it then, the merchant of today, how it is reached, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.seals import Vault
from hejie.merchants.bindings import ACQUIRER, Binding, Identity, Scheme, identity_of
from hejie.merchants.model import Merchant
from hejie.payments.clearing import Movement
from hejie.queries import clearing
from hejie.queries.bindings import bindings_at, payee_at
from hejie.queries.clearing import Held
from hejie.store.pool import Connection
from hejie.store.references import terminal_of, trace_of

MOST = 50
"""Answers of one reference."""
_PAID = """
select wallet, trade_no, order_no, account, merchant, shop, paid_fen, paid_at, proven,
  coalesce((select sum(r.amount_fen) from refund r where r.city = p.city and r.wallet = p.wallet
    and r.trade_no = p.trade_no and r.state = 'succeeded'), 0)::bigint,
  (select max(dp.dispute) from dispute_payment dp where dp.city = p.city and dp.wallet = p.wallet
    and dp.trade_no = p.trade_no)
from payment p where p.city = %(city)s and
"""
_BY_TRADE = f"{_PAID} p.wallet = any(%(wallets)s) and p.trade_no = any(%(numbers)s)"
_BY_ORDER = f"{_PAID} p.order_no = any(%(numbers)s) and p.order_no <> ''"
_BY_CODE = f"""
({_PAID} p.paycode <> '' and p.paycode = any(select c.id from paycode c where c.city = %(city)s
  and c.number = any(%(numbers)s)) order by p.paid_at desc limit {MOST})
"""
_MERCHANT = "select body::text from merchant where city = %s and id = %s"
_WALLETS = ["alipay", "wechatpay", "unionpay", ACQUIRER]


class Reference(Struct, frozen=True, kw_only=True):
    """What somebody holds in hand: any number, or a trace number or a terminal with its time."""

    number: str = ""
    trace: str = ""
    acquirer: str = ""
    terminal: str = ""
    at: datetime | None = None

    @property
    def whole(self) -> bool:
        """Whether it names something: a trace number is nothing without its time and acquirer."""
        return self.wanted is not None and (bool(self.number) or not self.trace or bool(self.acquirer))

    @property
    def wanted(self) -> tuple[str, str] | None:
        """Kind and value among clearing records' references; None where it has none."""
        if self.number:
            return "number", self.number
        if self.trace and self.at:
            return "trace", trace_of(self.trace, self.at, self.acquirer)
        return ("terminal", terminal_of(self.terminal, self.at)) if self.terminal and self.at else None


class Belief(StrEnum):
    """Why we believe whom a payment went to."""

    bound = "bound"
    """A binding held at that moment."""
    opened = "opened"
    """The wallet has opened this account for the merchant."""
    kept = "kept"
    """It was written on the payment when that came in."""
    unknown = "unknown"


class Payee(Struct, frozen=True, kw_only=True):
    """A merchant as a trace tells of it."""

    id: str
    name: str
    credit_code: str
    state: str
    reach: tuple[str, ...]
    """By which channels it can be told, the first first; never the numbers themselves."""
    accounts: tuple[str, ...]
    """Its payment tools of today, as `wallet/account`."""


class Answer(Struct, frozen=True, kw_only=True):
    """One payment that a reference leads to."""

    wallet: str
    trade_no: str
    order_no: str
    paid_at: datetime
    paid_fen: int
    refunded_fen: int
    """What went back, by our refunds, or else by the clearing records."""
    dispute: str
    """The latest one about it, empty for none."""
    identities: tuple[str, ...]
    """The payment identities that were used, as `scheme/issuer/number`."""
    belief: Belief
    basis: str
    """What the binding rests on: see `Basis`; empty where it is none."""
    confidence: int
    """Basis points."""
    note: str
    merchant: Payee | None
    """Who was paid, as it is today."""
    shop: str
    records: tuple[str, ...]
    """Clearing records it stands in, as `file:line`."""


async def trace(connection: Connection, vault: Vault, city: str, reference: Reference) -> list[Answer]:
    """All payments that a reference may mean, the oldest first; an RRN or a terminal's minute can mean several."""
    records = await _records(connection, vault, reference)
    numbers = {reference.number, *(each.query_id for each in records), *(each.of_query_id for each in records)}
    payments = await _payments(connection, city, sorted(numbers - {""}))
    answers = [await _of_payment(connection, city, row, records) for row in payments]
    taken = {number for each in answers for number in (each.trade_no, each.order_no) if number}
    answers += [await _of_records(connection, city, group) for group in _alone(records, taken)]
    return sorted(answers, key=lambda each: (each.paid_at, each.trade_no))[:MOST]


async def _records(connection: Connection, vault: Vault, reference: Reference) -> list[Held]:
    """The records that hold the reference, and those that belong to the same payments."""
    if reference.wanted is None:
        return []
    found = [each for each in await clearing.find(connection, vault, [reference.wanted]) if _holds(each, reference)]
    more = {("number", number) for each in found for number in (each.query_id, each.of_query_id) if number}
    more |= {
        ("trace", trace_of(each.of_trace, each.of_at, each.acquirer)) for each in found if each.of_trace and each.of_at
    }
    more |= {("trace", trace_of(each.trace, each.at, each.acquirer)) for each in found if each.trace}
    more.discard(reference.wanted)
    beside = await clearing.find(connection, vault, sorted(more)) if more else []
    return list({(each.file, each.line): each for each in [*found, *(b for b in beside if _beside(b, found))]}.values())


def _holds(record: Held, reference: Reference) -> bool:
    """Whether it is more than two values that met in one hash."""
    if reference.number:
        return reference.number in {record.query_id, record.order_no, record.of_query_id, record.rrn}
    if reference.trace and reference.at:
        wanted = trace_of(reference.trace, reference.at, reference.acquirer)
        own = trace_of(record.trace, record.at, record.acquirer)
        before = trace_of(record.of_trace, record.of_at, record.acquirer) if record.of_at else ""
        return wanted in {own, before}
    return reference.at is not None and terminal_of(reference.terminal, reference.at) == terminal_of(
        record.terminal, record.at
    )


def _beside(record: Held, found: Sequence[Held]) -> bool:
    return any(_same_payment(record, each) for each in found)


def _same_payment(one: Held, two: Held) -> bool:
    """Whether two records are about one payment: each is it, or gives it back."""
    return bool(_keys(one) & _keys(two))


def _keys(record: Held) -> set[tuple[str, ...]]:
    """By which a record names its payment."""
    if record.movement is Movement.payment:
        named = [(record.query_id,), (record.trace, record.at.isoformat(), record.acquirer)]
        return {each for each in named if each[0]}
    before = record.of_at.isoformat() if record.of_at else ""
    named = [(record.of_query_id,), (record.of_trace, before, record.acquirer)]
    return {each for each in named if each[0]}


async def _payments(connection: Connection, city: str, numbers: Sequence[str]) -> list[Any]:
    if not numbers:
        return []
    values = {"city": city, "wallets": _WALLETS, "numbers": list(numbers)}
    query = f"{_BY_TRADE} union {_BY_ORDER} union {_BY_CODE} limit {MOST}"
    rows = await (await connection.execute(query, values)).fetchall()
    return list(rows)


async def _of_payment(connection: Connection, city: str, row: Any, records: Sequence[Held]) -> Answer:
    wallet, trade_no, order_no, account, merchant, shop, paid_fen, paid_at, _, refunded, dispute = row
    mine = [each for each in records if trade_no in {each.query_id, each.of_query_id, each.order_no}]
    identities = [identity_of(wallet, account)] if account else []
    identities += [each for record in mine for each in identities_of(record) if each not in identities]
    belief, bound, who, where = await _believed(connection, city, identities, paid_at)
    if merchant and merchant != who:  # what was decided then stands, until somebody moves the dispute
        belief, bound, who, where = Belief.kept, None, merchant, shop
    return Answer(
        wallet=wallet,
        trade_no=trade_no,
        order_no=order_no,
        paid_at=paid_at,
        paid_fen=paid_fen,
        refunded_fen=refunded or _went_back(mine),
        dispute=dispute or "",
        merchant=await _payee(connection, city, who, where or shop),
        shop=where or shop,
        **_why(belief, bound, identities, mine),
    )


async def _of_records(connection: Connection, city: str, group: Sequence[Held]) -> Answer:
    first = next((each for each in group if each.movement is Movement.payment), group[0])
    identities = identities_of(first)
    belief, bound, who, where = await _believed(connection, city, identities, first.of_at or first.at)
    paid = first.movement is Movement.payment
    return Answer(
        wallet="unionpay" if first.query_id else "",
        trade_no=first.query_id if paid else first.of_query_id,
        order_no=first.order_no if paid else "",
        paid_at=first.at if paid else (first.of_at or first.at),
        paid_fen=first.amount_fen if paid else 0,
        refunded_fen=_went_back(group),
        dispute="",
        merchant=await _payee(connection, city, who, where),
        shop=where,
        **_why(belief, bound, identities, group),
    )


def _why(
    belief: Belief, bound: Binding | None, identities: Sequence[Identity], records: Sequence[Held]
) -> dict[str, Any]:
    return {
        "identities": tuple(each.key for each in identities),
        "belief": belief,
        "basis": bound.evidence.basis.value if bound else "",
        "confidence": bound.confidence if bound else 0,
        "note": bound.evidence.note if bound else "",
        "records": tuple(f"{each.file}:{each.line}" for each in records),
    }


def identities_of(record: Held) -> list[Identity]:
    """The identities in a record, the narrowest first."""
    found = [
        Identity(Scheme.terminal, record.terminal, record.acquirer),
        Identity(Scheme.acquirer, record.merchant, record.acquirer),
        Identity(Scheme.unionpay, record.merchant),
    ]
    return [each for each in found if each.number]


def _alone(records: Sequence[Held], taken: set[str]) -> list[list[Held]]:
    """Records whose payments are not known here, together by payment."""
    groups: list[list[Held]] = []
    for record in records:
        if {record.query_id, record.of_query_id, record.order_no} & taken:
            continue
        group = next((each for each in groups if _beside(record, each)), None)
        if group is None:
            groups.append([record])
        else:
            group.append(record)
    return groups


def _went_back(records: Sequence[Held]) -> int:
    return sum(each.amount_fen for each in records if each.movement in {Movement.refund, Movement.void})


async def _believed(
    connection: Connection, city: str, identities: Sequence[Identity], at: datetime
) -> tuple[Belief, Binding | None, str, str]:
    """The binding of that moment, else who has opened the account; with merchant and shop."""
    bound = next(iter(await bindings_at(connection, city, identities, at)), None)
    if bound is not None:
        return Belief.bound, bound, bound.merchant, bound.shop
    for each in identities:
        if each.account:
            merchant, shop = await payee_at(connection, city, *each.account, at)
            if merchant:
                return Belief.opened, None, merchant, shop
    return Belief.unknown, None, "", ""


async def _payee(connection: Connection, city: str, merchant: str, shop: str) -> Payee | None:
    if not merchant:
        return None
    row: Any = await (await connection.execute(_MERCHANT, [city, merchant])).fetchone()
    if row is None:
        return None
    found = msgspec.json.decode(row[0], type=Merchant)
    return Payee(
        id=found.id,
        name=found.name,
        credit_code=found.credit_code,
        state=found.state.value,
        reach=tuple(each.channel.value for each in found.ladder(shop)),
        accounts=tuple(f"{each.wallet}/{each.account}" for each in found.accounts if each.enrolment.value == "open"),
    )
