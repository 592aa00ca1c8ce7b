"""Payment identities over time in words, for officers and for the merchants themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.edge.words import mark
from hejie.merchants.bindings import SURE, Basis, Binding, Identity, Scheme
from hejie.merchants.model import Merchant
from hejie.web.shell import Visit

SCHEMES: Mapping[Scheme, str] = {
    Scheme.alipay: mark("Alipay account"),
    Scheme.wechatpay: mark("WeChat Pay merchant number"),
    Scheme.unionpay: mark("UnionPay merchant number"),
    Scheme.acquirer: mark("merchant number at an acquirer"),
    Scheme.terminal: mark("terminal of an acquirer"),
    Scheme.paycode: mark("payment code"),
}
BASES: Mapping[Basis, str] = {
    Basis.registered: mark("a proof that an officer has seen"),
    Basis.announced: mark("the acquirer or wallet says so"),
    Basis.credit_code: mark("the same credit code"),
    Basis.settlement_account: mark("the same settlement account"),
    Basis.scored: mark("name, address, terminal and phone speak for it"),
}


class Line(Struct, frozen=True, kw_only=True):
    """One binding, ready to be read."""

    id: str
    scheme: str
    number: str
    shop: str
    begins: str
    ends: str
    """Empty where it holds still."""
    why: str
    note: str
    state: str
    tag: str
    open: bool
    """Whether it holds now, so that it can be ended."""
    undone: bool


def lines(visit: Visit, merchant: Merchant, found: Sequence[Binding]) -> list[Line]:
    """A merchant's bindings as a time line."""
    now = visit.house.clock.now()
    return [_line(visit, merchant, each, now) for each in found]


def _line(visit: Visit, merchant: Merchant, binding: Binding, now: datetime) -> Line:
    say = visit.say
    shop = merchant.shop(binding.shop)
    holds = binding.holds(now)
    if binding.undone:
        state, tag = say(mark("undone")), "warn"
    elif holds:
        state, tag = say(mark("in force")), "good"
    else:
        state, tag = say(mark("over") if binding.begins <= now else mark("to come")), ""
    why = say(BASES[binding.evidence.basis])
    if binding.confidence < SURE:
        why = say(mark("{why} ({percent} % sure)"), why=why, percent=f"{binding.confidence / 100:g}")
    return Line(
        id=binding.id,
        scheme=say(SCHEMES[binding.identity.scheme]),
        number=shown(binding.identity),
        shop=shop.name if shop else "",
        begins=_day(binding.begins),
        ends=_day(binding.ends) if binding.ends else "",
        why=why,
        note=binding.evidence.note,
        state=state,
        tag=tag,
        open=holds and binding.ends is None,
        undone=binding.undone,
    )


def shown(identity: Identity) -> str:
    """An identity's number as people write it: the acquirer's own before it."""
    return f"{identity.issuer} {identity.number}".strip()


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
