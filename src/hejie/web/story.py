"""A dispute's story as one reader sees it: state in words, talk, offers, and the acts that are possible now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from hejie.base.actor import Actor, Role
from hejie.base.errors import HejieError, Missing
from hejie.cities.dues import Due
from hejie.cities.promises import Said
from hejie.cities.settings import CitySettings
from hejie.disputes import commands as c
from hejie.disputes import denial_events as n
from hejie.disputes import events as e
from hejie.disputes import handoff_commands as hc
from hejie.disputes import handoff_events as h
from hejie.disputes.decide import decide
from hejie.disputes.denying import DenialReason
from hejie.disputes.ground import Ground, must_be_party
from hejie.disputes.homing_commands import HandOver
from hejie.disputes.homing_events import Arrived
from hejie.disputes.model import Dispute, Offer, OfferStatus, OrderedRefund, Outcome, Remedy, Road
from hejie.disputes.pressure import Reason
from hejie.edge import phrases
from hejie.edge.private_link import must_open
from hejie.law.entitlement_facts import Multiple
from hejie.queries.record import Line, Record, read_dispute, read_record
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web import handover_lines, handover_words, story_lines
from hejie.web import story_labels as labels
from hejie.web.shell import Visit

_BUBBLES = (
    e.Filed | e.Said | e.Answered | e.Offered | e.OfferAccepted | e.OfferDeclined | e.PerformanceClaimed
    | e.PerformanceConfirmed | e.PerformanceDenied | e.Mediated | e.PressureCalled | e.PressureJudged
    | e.MultiplesOpened
    | n.SaleDenied | n.DenialJudged | h.HandoffRefused | h.HandoffReturned | h.HandoffConcluded
)  # fmt: skip
"""Steps that read like talk; all others are notes between them."""

_PROBES: Mapping[str, c.OnExisting | HandOver] = {
    "say": c.Say(words="?"),
    "answer": c.Answer(words="?"),
    "offer": c.MakeOffer(id="?", remedy=Remedy.apology, road=Road.by_hand),
    "limit": c.NameLimit(commitment="?", public="?", closed="?"),
    "withdraw": c.Withdraw(),
    "escalate": c.Escalate(),
    "perform": c.ClaimPerformed(words="?"),
    "retry_refund": c.RetryRefund(),
    "confirm": c.Confirm(),
    "deny": c.Deny(),
    "reopen": c.Reopen(),
    "take": c.Take(),
    "close": c.Close(memo="?", agency="?", outcome=Outcome.unsettled),
    "close_mediated": c.Close(memo="?", agency="?", outcome=Outcome.mediated),
    "deny_sale": c.DenySale(reason=DenialReason.other, words="?"),
    "judge_denial": c.JudgeDenial(upheld=False, words="?"),
    "rate": c.Rate(solved=True, mood=3),
    "pressure": c.CallPressure(reason=Reason.pressure, words="?"),
    "judge": c.JudgePressure(upheld=True, words="?"),
    "consent_handoff": hc.ConsentHandoff(package="?", digest="?"),
    "withdraw_handoff": hc.WithdrawHandoffConsent(),
    "hand_off": hc.HandOff(),
    "end_odr": hc.EndOdr(),
    "hand_over": HandOver(to="?", because="shop_elsewhere"),
    "multiples": c.OpenMultiples(ground=Multiple.fraud, words="?"),
}


class Told(Struct, frozen=True, kw_only=True):
    """One thing that happened, told to a reader."""

    version: int
    at: datetime
    kind: str
    """The event's name."""
    speaker: Role
    who: str
    mine: bool
    bubble: bool
    """Talk; otherwise a note between."""
    sentence: str
    words: str
    """As they were written."""
    pictures: tuple[str, ...]
    own: str = ""
    """The same in the reader's language, where a ready sentence was sent in another one."""
    written_in: str = ""
    """The language of the ready sentence, by its name, where `own` differs from it."""
    sentence_sent: str = ""
    """That sentence as it was sent."""
    translation: str = ""
    """What an engine made of the words, for a reader of the other language who did not write them."""


class OfferCard(Struct, frozen=True, kw_only=True):
    """One offer in plain words."""

    offer: Offer
    who: str
    mine: bool
    terms: str
    road: str
    words: str
    translation: str
    """What an engine made of the words; not for who wrote them."""
    acceptable: bool
    """The reader may accept it now."""
    declinable: bool


class Story(Struct, frozen=True, kw_only=True):
    """Everything a page about one dispute shows; texts are in the reader's language."""

    record: Record
    settings: CitySettings
    actor: Actor
    now: datetime
    state: str
    tag: str
    next: str
    problem: str
    promise: Said | None
    """The promise that it says was not kept."""
    claim: str
    claim_road: str
    """How the money would come if the merchant simply says yes."""
    wallet: str
    proof: str
    """What shows the purchase where no wallet does."""
    agency: str
    """The authority whose officer has the case, or closed it."""
    lines: tuple[Told, ...]
    offers: tuple[OfferCard, ...]
    """Standing offers (not the claim), newest first."""
    agreement: OfferCard | None
    refunds: tuple[tuple[OrderedRefund, str], ...]
    """Each ordered refund with the reason where it failed."""
    acts: frozenset[str]
    due: Due | None
    """The clock that runs now."""
    set_by: str
    """Who set that clock: the city or the wallet."""
    wallet_dues: tuple[Due, ...] = ()
    """The times that run in the wallet beside it."""

    @property
    def dispute(self) -> Dispute:
        """The row."""
        return self.record.dispute


def acts_for(
    dispute: Dispute, actor: Actor, settings: CitySettings, now: datetime, *, authorised: bool = True
) -> frozenset[str]:
    """What the reader can do now, by asking the rules themselves.

    Names: `say answer offer limit accept decline withdraw escalate perform retry_refund confirm deny reopen take close
    close_mediated rate pressure judge multiples deny_sale judge_denial hand_over`. `authorised` is whether the
    merchant's authority to refund by API stands; a page that does not know may leave it: the desk asks again.
    """
    ground = Ground(city=dispute.city, now=now, actor=actor, settings=settings, authorised=authorised)
    found = {name for name, probe in _PROBES.items() if _possible(dispute, probe, ground)}
    for offer in dispute.offers:
        found |= _on_offer(dispute, offer, ground)
    return frozenset(found)


def _on_offer(dispute: Dispute, offer: Offer, ground: Ground) -> set[str]:
    probes: dict[str, c.OnExisting] = {
        "accept": c.AcceptOffer(offer=offer.id),
        "decline": c.DeclineOffer(offer=offer.id, words="?"),
    }
    return {name for name, probe in probes.items() if _possible(dispute, probe, ground)}


def _possible(dispute: Dispute, probe: c.OnExisting | HandOver, ground: Ground) -> bool:
    try:
        return bool(decide(dispute, probe, ground))
    except HejieError:
        return False


def tell(
    record: Record,
    actor: Actor,
    settings: CitySettings,
    language: str,
    now: datetime,
    *,
    authorised: bool = True,
    banks: Mapping[str, str] = MappingProxyType({}),
    cities: Mapping[str, str] = MappingProxyType({}),
) -> Story:
    """A record as this reader sees it; `banks` are acquirers' names by number, `cities` other cities' by code."""
    dispute, reader = record.dispute, actor.role
    beside = reader is Role.merchant and actor.organisation == dispute.seen_by
    ground = Ground(city=dispute.city, now=now, actor=actor, settings=settings, authorised=authorised)
    cards = {offer.id: _card(record, offer, language, ground) for offer in dispute.offers}
    gone = dispute.away is not None and dispute.away.gone
    due = None if gone else dispute.due if dispute.is_open else dispute.reopen_due
    claim = dispute.offers[0] if dispute.offers else None
    return Story(
        record=record,
        settings=settings,
        actor=actor,
        now=now,
        state=handover_words.state(language, dispute) or labels.state(language, dispute.state, reader),
        tag=labels.state_tag(dispute.state) if dispute.away is None else "",
        next=handover_words.next_step(language, dispute) or labels.next_step(language, dispute, reader),
        problem=labels.problem(language, settings, dispute.problem),
        promise=dispute.promise.said(language) if dispute.promise else None,
        claim=labels.terms(language, dispute.claim),
        claim_road=labels.road(language, claim.road, dispute.wallet) if claim else "",
        wallet=labels.wallet(language, dispute.wallet),
        proof=labels.proof(language, dispute.assist.proof) if dispute.assist else "",
        agency=labels.agency(language, settings, dispute.agency),
        lines=tuple(
            _line(line, record, settings, language, reader, beside=beside, banks=banks, cities=cities)
            for line in record.lines
            if _shown(line, reader)
        ),
        offers=tuple(
            cards[offer.id]
            for offer in reversed(dispute.offers)
            if offer.id != "claim" and offer.status is OfferStatus.open and dispute.is_open
        ),
        agreement=cards.get(dispute.agreed),
        refunds=tuple(
            (refund, labels.refund_code(language, refund.code) if refund.status == "failed" else "")
            for refund in dispute.refunds
        ),
        acts=acts_for(dispute, actor, settings, now, authorised=authorised),
        due=due,
        set_by=_set_by(due, record, settings, language, cities),
        wallet_dues=dispute.wallet_dues if dispute.is_open else (),
    )


def _set_by(due: Due | None, record: Record, settings: CitySettings, language: str, cities: Mapping[str, str]) -> str:
    """The wallet, the city that a dispute came from while its clock still runs, or this one."""
    if due is not None and due.set_by != record.dispute.city:
        return labels.wallet(language, due.set_by)
    came = next((line.event for line in reversed(record.lines) if isinstance(line.event, Arrived)), None)
    if due is not None and came is not None and due == came.due:
        return handover_words.named(cities, came.sender)
    name: str = getattr(settings.name, language)
    return name


def _shown(line: Line, reader: Role) -> bool:
    return story_lines.is_for(line.event, reader)


def _line(
    line: Line,
    record: Record,
    settings: CitySettings,
    language: str,
    reader: Role,
    *,
    beside: bool,
    banks: Mapping[str, str],
    cities: Mapping[str, str],
) -> Told:
    speaker = Role.merchant if line.acquirer else story_lines.speaker(line.event)
    called = ""
    if speaker is Role.merchant:
        gone, bank = record.dispute.former, banks.get(line.acquirer, line.acquirer)
        before = bool(gone) and line.version <= gone[-1].version
        called = story_lines.called_otherwise(language, reader, acquirer=bank, before=before, beside=beside)
    read = phrases.read(line.event.phrase, line.words, language) if isinstance(line.event, e.Said) else None
    mine = speaker is reader and not called
    return Told(
        version=line.version,
        at=line.at,
        kind=line.kind,
        speaker=speaker,
        who=story_lines.who(language, speaker, reader, called=called),
        mine=mine,
        bubble=isinstance(line.event, _BUBBLES),
        sentence=story_lines.sentence(
            language, line.event, record.dispute, settings, reader, called=called, cities=cities
        ),
        words=handover_lines.words_for(line.event, reader, line.words),
        pictures=line.pictures,
        own=read.words if read else "",
        written_in=labels.language(language, read.written_in) if read else "",
        sentence_sent=read.sentence if read else "",
        translation="" if mine else line.translations.get(language, ""),
    )


def _card(record: Record, offer: Offer, language: str, ground: Ground) -> OfferCard:
    reader = ground.actor.role
    may = _on_offer(record.dispute, offer, ground)
    return OfferCard(
        offer=offer,
        who=story_lines.who(language, offer.by, reader),
        mine=offer.by is reader,
        terms=labels.terms(language, offer),
        road=labels.road(language, offer.road, record.dispute.wallet),
        words=record.offer_words.get(offer.id, ""),
        translation="" if offer.by is reader else record.offer_translations.get(offer.id, {}).get(language, ""),
        acceptable="accept" in may,
        declinable="decline" in may,
    )


def must_read(dispute: Dispute, visit: Visit, settings: CitySettings) -> None:
    """`Missing("dispute_unknown")` for a dispute that is not the visitor's to see."""
    must_open(dispute, visit.viewer, visit.house.clock.now())
    if visit.actor.role not in {Role.consumer, Role.merchant, Role.officer}:
        raise Missing("dispute_unknown")
    must_be_party(dispute, Ground(city=visit.city, now=visit.house.clock.now(), actor=visit.actor, settings=settings))


async def load(visit: Visit, identifier: str) -> Story:
    """The visitor's story of one dispute; `Missing("dispute_unknown")` where it is not theirs."""
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        must_read(await read_dispute(connection, visit.city, identifier), visit, settings)
        record = await read_record(connection, visit.house.vaults(visit.city), visit.city, identifier)
        cities = await cities_of(visit, connection, record.dispute)
    return tell(record, visit.actor, settings, visit.language, now, banks=banks_of(visit), cities=cities)


async def cities_of(visit: Visit, connection: Connection, dispute: Dispute) -> dict[str, str]:
    """The names of the other cities, for a dispute that has to do with any."""
    return await handover_words.city_names(connection, visit.city, visit.language) if dispute.turn else {}


def banks_of(visit: Visit) -> dict[str, str]:
    """What the city's acquirers are called, by their numbers."""
    return {number: door.name or number for (city, number), door in visit.house.acquirers.items() if city == visit.city}


async def load_row(visit: Visit, identifier: str) -> Dispute:
    """The row alone, for streams and pictures; `Missing("dispute_unknown")` where it is not the visitor's."""
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        dispute = await read_dispute(connection, visit.city, identifier)
    must_read(dispute, visit, settings)
    return dispute
