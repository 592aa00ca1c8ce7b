"""A reference traced: the payment, who stood behind it then, the merchant of today, how it is reached, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.seals import Vault
from hejie.merchants.bindings import ACQUIRER, WALLETS, Identity, Scheme, Stood, identity_of
from hejie.merchants.model import Enrolment, Merchant
from hejie.payments.clearing import Movement
from hejie.queries import clearing
from hejie.queries.bindings import register_of
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
_MERCHANTS = "select body::text from merchant where city = %s and id = any(%s)"
_WALLETS = sorted({*WALLETS, ACQUIRER})


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
    taken = {number for row in payments for number in (row[1], row[2]) if number}
    drafts = [*(_of_payment(row, records) for row in payments), *(_of_records(each) for each in _alone(records, taken))]
    register = await register_of(connection, city, [each for draft in drafts for each in draft.identities])
    stood = [register.at(draft.identities, draft.paid_at) for draft in drafts]
    names = {draft.kept or who.merchant for draft, who in zip(drafts, stood, strict=True)}
    rows = await (await connection.execute(_MERCHANTS, [city, sorted(names - {""})])).fetchall()
    merchants = {each.id: each for each in (msgspec.json.decode(body, type=Merchant) for (body,) in rows)}
    answers = [_answer(draft, who, merchants) for draft, who in zip(drafts, stood, strict=True)]
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


class _Draft(Struct, frozen=True, kw_only=True):
    """An answer before anybody has been asked whose the identities were."""

    wallet: str
    trade_no: str
    order_no: str
    paid_at: datetime
    paid_fen: int
    refunded_fen: int
    dispute: str = ""
    identities: tuple[Identity, ...]
    kept: str = ""
    """The merchant that was written on the payment when it came in."""
    shop: str = ""
    records: tuple[str, ...]


def _of_payment(row: Any, records: Sequence[Held]) -> _Draft:
    wallet, trade_no, order_no, account, merchant, shop, paid_fen, paid_at, _, refunded, dispute = row
    mine = [each for each in records if trade_no in {each.query_id, each.of_query_id, each.order_no}]
    own = [identity_of(wallet, account)] if account else []
    return _Draft(
        wallet=wallet,
        trade_no=trade_no,
        order_no=order_no,
        paid_at=paid_at,
        paid_fen=paid_fen,
        refunded_fen=refunded or _went_back(mine),
        dispute=dispute or "",
        identities=tuple(dict.fromkeys([*own, *(each for record in mine for each in identities_of(record))])),
        kept=merchant,
        shop=shop,
        records=_places(mine),
    )


def _of_records(group: Sequence[Held]) -> _Draft:
    first = next((each for each in group if each.movement is Movement.payment), group[0])
    paid = first.movement is Movement.payment
    return _Draft(
        wallet="unionpay" if first.query_id else "",
        trade_no=first.query_id if paid else first.of_query_id,
        order_no=first.order_no if paid else "",
        paid_at=first.at if paid else (first.of_at or first.at),
        paid_fen=first.amount_fen if paid else 0,
        refunded_fen=_went_back(group),
        identities=tuple(identities_of(first)),
        records=_places(group),
    )


def _answer(draft: _Draft, stood: Stood, merchants: Mapping[str, Merchant]) -> Answer:
    """What was decided when the payment came in stands, until somebody moves the dispute."""
    bound = stood.binding
    belief = Belief.bound if bound else Belief.opened if stood.merchant else Belief.unknown
    who, shop = stood.merchant, stood.shop or draft.shop
    if draft.kept and draft.kept != who:
        belief, bound, who, shop = Belief.kept, None, draft.kept, draft.shop
    return Answer(
        wallet=draft.wallet,
        trade_no=draft.trade_no,
        order_no=draft.order_no,
        paid_at=draft.paid_at,
        paid_fen=draft.paid_fen,
        refunded_fen=draft.refunded_fen,
        dispute=draft.dispute,
        identities=tuple(each.key for each in draft.identities),
        belief=belief,
        basis=bound.evidence.basis.value if bound else "",
        confidence=bound.confidence if bound else 0,
        note=bound.evidence.note if bound else "",
        merchant=payee_of(merchants[who], shop) if who in merchants else None,
        shop=shop,
        records=draft.records,
    )


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


def _places(records: Sequence[Held]) -> tuple[str, ...]:
    return tuple(f"{each.file}:{each.line}" for each in records)


def payee_of(found: Merchant, shop: str) -> Payee:
    """A merchant as a trace tells of it, with the ladder of one shop."""
    return Payee(
        id=found.id,
        name=found.name,
        credit_code=found.credit_code,
        state=found.state.value,
        reach=tuple(each.channel.value for each in found.ladder(shop)),
        accounts=tuple(f"{each.wallet}/{each.account}" for each in found.accounts if each.enrolment is Enrolment.open),
    )
