"""What goes to 12315 and nothing more: the materials of Order 121 art. 10, as one canonical document of version 1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.seals import canonical
from hejie.cities.settings import REGULATOR, CitySettings
from hejie.disputes.events import AnyEvent
from hejie.disputes.model import Dispute
from hejie.merchants.model import Merchant

FORMAT, VERSION = "hejie-12315", 1
TOLD = frozenset({
    "Filed", "Answered", "Offered", "OfferDeclined", "OfferExpired", "Agreed", "WentOverdue", "Unreached",
    "PerformanceClaimed", "PerformanceConfirmed", "PerformanceDenied", "Unperformed", "RefundSeen", "RefundFailed",
    "Escalated", "Mediated", "OdrBegun", "OdrEnded",
})  # fmt: skip
"""Steps that are told, by their names alone: no words of the talk, no secret limits, nothing of other disputes."""


class Complainant(Struct, frozen=True, kw_only=True):
    """Who complains; real name, phone and address, as the consumer gave them for this."""

    name: str
    phone: str
    """E.164."""
    address: str


class Respondent(Struct, frozen=True, kw_only=True):
    """Who is complained of."""

    name: str
    credit_code: str
    shop: str
    address: str
    district: str
    """GB/T 2260."""


class Bought(Struct, frozen=True, kw_only=True):
    """One disputed payment."""

    number: str
    wallet: str
    amount_fen: int
    refunded_fen: int
    paid_at: str
    item: str


class Claimed(Struct, frozen=True, kw_only=True):
    """What is asked, and the facts in the consumer's own words."""

    problem: str
    problem_code: str
    """12315's own code, where the city knows it."""
    remedy: str
    amount_fen: int
    words: str


class Evidence(Struct, frozen=True, kw_only=True):
    """A picture by its digest alone; the picture stays here and is shown on request."""

    id: str
    by: str
    at: str
    sha256: str


class Step(Struct, frozen=True, kw_only=True):
    """One thing that a party did."""

    at: str
    by: str
    what: str


class Package(Struct, frozen=True, kw_only=True):
    """The whole document."""

    format: str = FORMAT
    version: int = VERSION
    city: str
    dispute: str
    complainant: Complainant
    respondent: Respondent
    payments: tuple[Bought, ...]
    claim: Claimed
    evidence: tuple[Evidence, ...]
    steps: tuple[Step, ...]


def package(
    dispute: Dispute,
    complainant: Complainant,
    merchant: Merchant,
    settings: CitySettings,
    words: str,
    evidence: Iterable[Evidence],
    steps: Iterable[tuple[datetime, str, AnyEvent]],
) -> Package:
    """One dispute's package: the same for the same record; `words` are those of the claim, steps in their order."""
    shop = merchant.shop(dispute.shop) or (merchant.shops[0] if len(merchant.shops) == 1 else None)
    problem = next((each for each in settings.problems if each.id == dispute.problem), None)
    return Package(
        city=dispute.city,
        dispute=dispute.id,
        complainant=complainant,
        respondent=Respondent(
            name=merchant.name,
            credit_code=merchant.credit_code,
            shop=shop.name if shop else "",
            address=shop.address if shop else "",
            district=dispute.district or (shop.district if shop else ""),
        ),
        payments=tuple(
            Bought(
                number=paid.trade_no,
                wallet=dispute.wallet,
                amount_fen=paid.paid_fen,
                refunded_fen=paid.before_fen,
                paid_at=instant(paid.paid_at),
                item=paid.item,
            )
            for paid in dispute.payments
        ),
        claim=Claimed(
            problem=problem.name.zh if problem else dispute.called or dispute.problem,
            problem_code=problem.code_in(REGULATOR) if problem else "",
            remedy=dispute.claim.remedy.value,
            amount_fen=dispute.claim.amount_fen,
            words=words,
        ),
        evidence=tuple(evidence),
        steps=tuple(
            Step(at=instant(at), by=by, what=type(event).__name__)
            for at, by, event in steps
            if type(event).__name__ in TOLD
        ),
    )


def written(whole: Package) -> bytes:
    """Its bytes, by RFC 8785: what the digest is of, and what is sent at every attempt."""
    return canonical(whole)


def instant(at: datetime) -> str:
    """As the document writes an instant: Shanghai time, whole seconds."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
