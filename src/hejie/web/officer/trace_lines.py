"""What a trace finds, in words: the payment, who stood behind it then, how that merchant is reached, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from hejie.edge.words import mark
from hejie.merchants.bindings import SURE, Basis, Identity, Scheme
from hejie.merchants.contacts import Channel
from hejie.payments.trace_request import State, TraceRequest
from hejie.queries.trace import Answer, Belief, Payee
from hejie.web import story_labels
from hejie.web.binding_lines import BASES, SCHEMES
from hejie.web.binding_lines import shown as number_shown
from hejie.web.shell import Visit

SHOWN = 4
"""Signs of a payment's number that are shown at either end."""
_REACH: Mapping[Channel, str] = {
    Channel.sms: mark("text message"),
    Channel.voice: mark("call"),
    Channel.market_office: mark("in person"),
    Channel.email: mark("e-mail"),
}
_BELIEFS: Mapping[Belief, str] = {
    Belief.bound: mark("A link held when it was paid: {why}."),
    Belief.opened: mark("The wallet has opened this account for the merchant."),
    Belief.kept: mark("It was written on the payment when that came in."),
    Belief.unknown: mark("Nobody is linked here with the number that took the payment."),
}
STATES: Mapping[State, tuple[str, str]] = {
    State.asked: (mark("The acquirer is being asked. Its answer appears here by itself."), ""),
    State.doubted: (
        mark("No clear answer has come yet. The same question is asked again by itself; nothing is concluded from it."),
        "warn",
    ),
    State.answered: (mark("The acquirer has answered."), "good"),
    State.refused: (mark("The acquirer does not answer this question. Please call it."), "bad"),
}
NOTHING = mark("The acquirer has answered: it knows no such payment.")


class TraceLine(Struct, frozen=True, kw_only=True):
    """One payment that was found."""

    payment: str
    paid_fen: int
    refunded_fen: int | None
    paid_at: datetime
    dispute: str
    numbers: tuple[tuple[str, str], ...]
    """What kind of number took the payment, and the number."""
    who: Payee | None
    reach: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    """Its payment tools of today: the wallet's name and the account."""
    why: str
    note: str
    heirs: tuple[tuple[str, str], ...]
    """Merchants that go on with its business, as identifier and name."""


class Question(Struct, frozen=True, kw_only=True):
    """A question to an acquirer for people."""

    row: TraceRequest
    payment: str
    words: str
    tag: str


def masked_number(number: str) -> str:
    """A payment's number with only its ends."""
    return number if len(number) <= 2 * SHOWN else f"{number[:SHOWN]}…{number[-SHOWN:]}"


def line(visit: Visit, answer: Answer, heirs: Sequence[tuple[str, str]]) -> TraceLine:
    """An answer of our own; `heirs` are those of its merchant."""
    return TraceLine(
        payment=f"{story_labels.wallet(visit.language, answer.wallet)} {masked_number(answer.trade_no)}".strip(),
        paid_fen=answer.paid_fen,
        refunded_fen=answer.refunded_fen,
        paid_at=answer.paid_at,
        dispute=answer.dispute,
        numbers=numbers(visit, (_read(key) for key in answer.identities)),
        who=answer.merchant,
        reach=reach(visit, answer.merchant),
        accounts=accounts(visit, answer.merchant),
        why=why(visit, answer.belief, answer.basis, answer.confidence),
        note=answer.note,
        heirs=tuple(heirs),
    )


def question(visit: Visit, row: TraceRequest) -> Question:
    """A question with how far it is."""
    words, tag = STATES[row.state]
    if row.state is State.answered and not row.answers:
        words, tag = NOTHING, "warn"
    return Question(row=row, payment=masked_number(row.trade_no), words=visit.say(words), tag=tag)


def numbers(visit: Visit, found: Iterable[Identity]) -> tuple[tuple[str, str], ...]:
    """Payment identities in words; a payment code names none of the merchant's."""
    return tuple((visit.say(SCHEMES[each.scheme]), number_shown(each)) for each in found)


def reach(visit: Visit, who: Payee | None) -> tuple[str, ...]:
    """By which ways a merchant is told, the first first."""
    return tuple(dict.fromkeys(visit.say(_REACH[Channel(each)]) for each in who.reach)) if who else ()


def accounts(visit: Visit, who: Payee | None) -> tuple[tuple[str, str], ...]:
    """The payment tools that a merchant has today."""
    told = (each.partition("/") for each in who.accounts) if who else ()
    return tuple((story_labels.wallet(visit.language, wallet), account) for wallet, _, account in told)


def why(visit: Visit, belief: Belief, basis: str, confidence: int) -> str:
    """Why we believe it."""
    words = visit.say(BASES[Basis(basis)]) if basis else ""
    if words and confidence < SURE:
        words = visit.say(mark("{why} ({percent} % sure)"), why=words, percent=f"{confidence / 100:g}")
    return visit.say(_BELIEFS[belief], why=words)


def _read(key: str) -> Identity:
    scheme, issuer, number = key.split("/", 2)
    return Identity(Scheme(scheme), number, issuer)
