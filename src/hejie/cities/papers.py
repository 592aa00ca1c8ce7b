"""What a city needs from outside before it goes live: kinds of papers, whose each is, how long it takes; dated rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta, Struct


class Kind(StrEnum):
    """A paper, contract or filing."""

    impact_assessment = "impact_assessment"
    """Personal Information Protection Law art. 55 and 56; kept for three years."""
    classified_protection = "classified_protection"
    """等保: graded and filed with the public security organ (GB/T 22239)."""
    tls_certificate = "tls_certificate"
    wallet_contract = "wallet_contract"
    """One for each wallet, named by `of`."""
    acquirer_contract = "acquirer_contract"
    """One for each acquirer, named by `of`."""
    sms_signature = "sms_signature"
    sms_template = "sms_template"
    link_12315 = "link_12315"
    sharing_agreement = "sharing_agreement"
    """With the other cities of the alliance (PIPL art. 20 to 23)."""


class Usual(Struct, frozen=True):
    """Who usually brings a paper, and in how many days; our own guess until the city knows better."""

    owner: str
    lead_days: int


USUAL: Mapping[Kind, Usual] = MappingProxyType(
    {
        Kind.impact_assessment: Usual("市局 the bureau", 30),
        Kind.classified_protection: Usual("运维单位 the operator", 60),
        Kind.tls_certificate: Usual("运维单位 the operator", 3),
        Kind.wallet_contract: Usual("市局与支付平台 the bureau and the wallet", 45),
        Kind.acquirer_contract: Usual("市局与收单机构 the bureau and the acquirer", 45),
        Kind.sms_signature: Usual("短信服务商 the SMS provider", 7),
        Kind.sms_template: Usual("短信服务商 the SMS provider", 3),
        Kind.link_12315: Usual("市局与总局平台 the bureau and the national platform", 60),
        Kind.sharing_agreement: Usual("市局法规部门 the bureau's lawyers", 45),
    }
)


class Paper(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row: a paper that is there from a day on, or whom to ask for it."""

    kind: Kind
    of: Annotated[str, Meta(pattern=r"^[0-9a-z_]{0,32}$")] = ""
    """The wallet or the acquirer; empty for papers of which there is one."""
    owner: Annotated[str, Meta(min_length=1, max_length=80)]
    lead_days: Annotated[int, Meta(ge=0, le=730)]
    since: date | None = None
    """The day from which it is there; none while it is missing."""
    expires: date | None = None
    """The last day."""


class State(StrEnum):
    """How something outside stands."""

    found = "found"
    missing = "missing"
    over = "over"
    """It was there, and its last day has passed."""


def state_of(paper: Paper, day: date) -> State:
    """How a paper stands on a day (of Shanghai)."""
    if paper.since is None or paper.since > day:
        return State.missing
    return State.over if paper.expires is not None and paper.expires < day else State.found


def paper_of(papers: Iterable[Paper], kind: Kind, of: str = "") -> Paper:
    """The city's own row, else the usual one, which is missing."""
    usual = USUAL[kind]
    rows = (each for each in papers if (each.kind, each.of) == (kind, of))
    return next(rows, Paper(kind=kind, of=of, owner=usual.owner, lead_days=usual.lead_days))


def first_fault(papers: Iterable[Paper]) -> str:
    """The paper that is named twice or ends before it begins; empty where none is."""
    seen: set[tuple[Kind, str]] = set()
    for each in papers:
        name = f"{each.kind.value} {each.of}".strip()
        if (each.kind, each.of) in seen:
            return name
        if each.expires is not None and (each.since is None or each.expires < each.since):
            return name
        seen.add((each.kind, each.of))
    return ""
