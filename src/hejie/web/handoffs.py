"""The hand-off to 12315 as pages show it: what exactly would go, how far it is, and by when."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from hejie.cities import divisions
from hejie.desk.act import subject_of
from hejie.disputes.handoff import OVER, Handoff, HandoffState, LawDue
from hejie.disputes.handoff_package import Complainant, Evidence, Package, instant, package, written
from hejie.disputes.model import Dispute
from hejie.edge import words
from hejie.edge.words import mark, money
from hejie.queries.merchant import read_merchant
from hejie.store.contents import read_contents
from hejie.web import handoff_lines, story_lines
from hejie.web.shell import Visit
from hejie.web.story import Story

STATES = {
    HandoffState.consented: mark("agreed to, nothing sent"),
    HandoffState.withdrawn: mark("consent taken back, nothing sent"),
    HandoffState.handed: mark("handed off, not sent yet"),
    HandoffState.sending: mark("being sent"),
    HandoffState.unknown: mark("not known whether it arrived"),
    HandoffState.received: mark("received"),
    HandoffState.accepted: mark("taken up"),
    HandoffState.refused: mark("not taken up"),
    HandoffState.returned: mark("returned"),
    HandoffState.concluded: mark("ended there"),
}
_RIGHTS = mark(
    "You may have this decision reviewed, or turn to a consumer association, to arbitration where it was agreed, or to"
    " a court within three years."
)
Rows = list[tuple[str, str]]


class Shown(NamedTuple):
    """How far a hand-off is, in words."""

    state: str
    over: bool
    facts: Rows
    notes: list[str]


def connected(visit: Visit, told: Story) -> bool:
    """Whether this city hands over at all."""
    return told.settings.handoff != "off" and visit.city in visit.house.to_12315


def shown(visit: Visit, dispute: Dispute) -> Shown | None:
    """How far the latest hand-off is, each fact by itself; none without one."""
    found = dispute.handoff
    if found is None:
        return None
    say, language = visit.say, visit.language
    instants = [
        (say("Consent"), found.consented_at),
        (say("Handed off"), found.handed_at),
        (say("Not known since"), found.doubted_at if found.state is HandoffState.unknown else None),
        (say("Received by 12315"), found.received_at),
        (say("Taken up"), found.accepted_at),
        (say("Ended"), found.ended_at),
    ]
    facts = [(name, words.instant_with_year(language, at)) for name, at in instants if at is not None]
    if found.number:
        facts.append((say("Number at 12315"), found.number))
    if found.refusal:
        facts.append((say("Ground"), f"{found.refusal} {say(handoff_lines.GROUNDS[found.refusal])}"))
    facts.append((say("Digest of the data (SHA-256)"), found.digest))
    return Shown(say(STATES[found.state]), found.state in OVER, [*facts, *_dues(visit, found)], _notes(visit, found))


def _dues(visit: Visit, found: Handoff) -> Rows:
    if found.state is HandoffState.received and found.decide_by is not None:
        return [(visit.say("Decides until"), handoff_lines.until(visit.language, found.decide_by))]
    if found.state is HandoffState.accepted and found.mediate_by is not None:
        return [(visit.say("Mediates until"), handoff_lines.until(visit.language, found.mediate_by))]
    return []


def _notes(visit: Visit, found: Handoff) -> list[str]:
    dues: list[LawDue] = [due for due in (found.decide_by, found.mediate_by) if due is not None]
    notes = [line for due in dues[-1:] for line in handoff_lines.why_provisional(visit.language, due)]
    return [*notes, visit.say(_RIGHTS)] if found.state in {HandoffState.refused, HandoffState.returned} else notes


def odr(visit: Visit, dispute: Dispute) -> list[str]:
    """Until when an ODR enterprise negotiates first, and whether that may still move; nothing where it does not."""
    found = dispute.odr
    if found is None or not found.runs(visit.house.clock.now()):
        return []
    until = handoff_lines.until(visit.language, found.until)
    first = visit.say("As a 12315 ODR enterprise the merchant negotiates first, until {until}.", until=until)
    return [first, *handoff_lines.why_provisional(visit.language, found.until)]


async def gather(visit: Visit, told: Story, complainant: Complainant) -> Package:
    """The package of this very record; `Missing("merchant_unknown")`."""
    dispute, record = told.dispute, told.record
    names = sorted({name for line in record.lines for name in line.pictures})
    async with visit.connection() as connection:
        merchant = await read_merchant(connection, visit.city, dispute.merchant)
        subject = subject_of("dispute", dispute.id)
        found = await read_contents(connection, visit.house.vaults(visit.city), visit.city, subject, names)
    evidence = [
        Evidence(
            id=name,
            by=story_lines.speaker(line.event).value,
            at=instant(line.at),
            sha256=hashlib.sha256(found[name][1]).hexdigest(),
        )
        for line in record.lines
        for name in line.pictures
        if name in found
    ]
    steps = [(line.at, story_lines.speaker(line.event).value, line.event) for line in record.lines]
    claim = record.lines[0].words if record.lines else ""
    return package(dispute, complainant, merchant, told.settings, claim, evidence, steps)


def rows(visit: Visit, whole: Package, wish: str) -> Rows:
    """All that would go, for the person whose data it is; `wish` is the claim in words."""
    say, who, firm, claim = visit.say, whole.complainant, whole.respondent, whole.claim
    paid = [
        (say("Payment"), f"{each.number} · {money(each.amount_fen)} · {each.paid_at} · {each.item}")
        for each in whole.payments
    ]
    steps = [f"{each.at} {each.by} {each.what}" for each in whole.steps]
    evidence = [f"{each.at} {each.by} SHA-256 {each.sha256}" for each in whole.evidence]
    found = [
        (say("Your name"), who.name),
        (say("Your phone"), who.phone),
        (say("Your address"), who.address),
        (say("Registered name"), firm.name),
        (say("Credit code"), firm.credit_code),
        (
            say("Shop"),
            f"{firm.shop} {divisions.full_name(firm.district) if firm.district else ''}{firm.address}".strip(),
        ),
        *paid,
        (say("What happened"), "\n".join(filter(None, (claim.problem, claim.words)))),
        (say("What I want"), wish),
        (say("Pictures, by their digests alone"), "\n".join(evidence) or say("none")),
        (say("What each side did, and when"), "\n".join(steps)),
    ]
    return [(name, value) for name, value in found if value]


def digest_of(whole: Package) -> str:
    """SHA-256 of its bytes, hexadecimal."""
    return hashlib.sha256(written(whole)).hexdigest()
