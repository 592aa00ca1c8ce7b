"""What the law may give here, for reference: from what the record knows and nothing more, in the reader's words."""

from __future__ import annotations

from msgspec import Struct

from hejie.disputes.entitling import facts_of
from hejie.disputes.model import Dispute
from hejie.law.entitlement_answers import Answer
from hejie.law.entitlements import entitlements
from hejie.web import entitled_words
from hejie.web.shell import Visit


class Line(Struct, frozen=True, kw_only=True):
    """One answer, ready to be read."""

    rule: str
    kind: str
    amount: str
    """Empty where it is no money, or nobody knows yet."""
    total: str
    """Together with the price or the freight, where that is more; else empty."""
    payer: str
    article: str
    steps: tuple[str, ...]
    establish: tuple[str, ...]


class Shown(Struct, frozen=True, kw_only=True):
    """The panel."""

    label: str
    lines: tuple[Line, ...]
    unknown: str
    """What is not known of the province's own rules."""
    multiples: bool
    """Whether an officer has opened the question of more than the price."""


def shown(visit: Visit, dispute: Dispute) -> Shown | None:
    """What the page says of it; None once the dispute is over, unless an officer's question stood in it."""
    if not dispute.is_open and dispute.multiples is None:
        return None
    found = entitlements(facts_of(dispute))
    if not found.answers:
        return None
    return Shown(
        label=found.label.said(visit.language),
        lines=tuple(line(visit.language, each) for each in found.answers),
        unknown=found.unknown.said(visit.language) if found.unknown else "",
        multiples=dispute.multiples is not None,
    )


def line(language: str, answer: Answer) -> Line:
    """One answer in words."""
    return Line(
        rule=answer.rule,
        kind=entitled_words.kind(language, answer),
        amount=entitled_words.amount(language, answer),
        total=entitled_words.total(answer),
        payer=entitled_words.payer(language, answer),
        article=answer.article.said(language),
        steps=tuple(each.said(language) for each in answer.steps),
        establish=tuple(each.said(language) for each in answer.establish),
    )
