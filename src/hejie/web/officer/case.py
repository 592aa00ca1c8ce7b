"""One dispute on one page: its whole record, and what the officer who took it can do."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.base.money import positive_fen
from hejie.cities.custody import must_hold
from hejie.desk.act import Content, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.handing import goes
from hejie.disputes.handoff_commands import HandOff
from hejie.disputes.model import NEEDS_AMOUNT, Dispute, Offer, OfferStatus, Outcome, Remedy
from hejie.disputes.posting import custody_of
from hejie.disputes.states import State
from hejie.edge import phrases
from hejie.edge.forms import Checks
from hejie.edge.phones import masked
from hejie.edge.pictures import CleanPicture
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.law.entitlement_facts import Multiple
from hejie.merchants.model import Merchant
from hejie.queries import officer
from hejie.queries.merchant import read_merchant
from hejie.queries.parties import party_names
from hejie.queries.patterns import patterns_of
from hejie.store.pool import Connection
from hejie.web import advanced, denying, entitled, handoffs, mediating, similar, story, story_labels, story_lines
from hejie.web.districts import district_choices
from hejie.web.evidence import show_picture
from hejie.web.officer import handover_part
from hejie.web.officer.case_words import notice_line, refund_line
from hejie.web.officer.custody_part import moving
from hejie.web.officer.patterns import facts
from hejie.web.shell import PICTURES_BYTES, Answer, Visit, act, page

PAGE = "officer/case.html"
_OFFERS = {
    OfferStatus.open: mark("stands"),
    OfferStatus.accepted: mark("accepted"),
    OfferStatus.declined: mark("declined"),
    OfferStatus.replaced: mark("replaced by a newer one"),
    OfferStatus.expired: mark("expired"),
}
_GROUNDS = {
    Multiple.fraud: mark("Fraud"),
    Multiple.harm: mark("Known defect, with death or serious harm to health"),
    Multiple.food: mark("Food below the safety standards"),
    Multiple.drug: mark("Fake or inferior drugs"),
}
_NO_PICTURES: list[CleanPicture] = []


@page("/officer/disputes/{id:str}", role=Role.officer)
async def case(visit: Visit) -> Answer:
    """The record and the acts."""
    return visit.render(PAGE, **await context(visit))


@page("/officer/disputes/{id:str}/record", role=Role.officer, quiet=True)
async def part(visit: Visit) -> Answer:
    """The record alone, for the page that is open."""
    return visit.render("officer/record.html", **await context(visit))


@page("/officer/disputes/{id:str}/live", role=Role.officer, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that this dispute has changed."""
    dispute = await story.load_row(visit, visit.path("id"))
    return visit.stream(dispute.id, dispute.version)


@page("/officer/disputes/{id:str}/pictures/{name:str}", role=Role.officer, quiet=True)
async def picture(visit: Visit) -> Answer:
    """One picture of the record."""
    return await show_picture(visit, await story.load_row(visit, visit.path("id")))


@act("/officer/disputes/{id:str}/take", role=Role.officer)
async def take(visit: Visit) -> Answer:
    """Take an escalated case."""
    return await _do(visit, c.Take(), "taken")


@act("/officer/disputes/{id:str}/say", role=Role.officer, most_bytes=PICTURES_BYTES)
async def say(visit: Visit) -> Answer:
    """A message to both sides, by the officer who has taken the case."""
    check = Checks()
    phrase = visit.form.text("phrase")
    ready = check("phrase", phrases.chosen, Role.officer, visit.language, phrase, default="")
    words = phrases.joined(ready, check("words", clean_text, visit.form.text("words"), default=""))
    pictures = await check.wait("pictures", visit.form.pictures("pictures"), default=_NO_PICTURES)
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    said = [_text(visit, words)] if words else []
    shown = [Content(id=visit.desk.mint(visit.city), kind=each.kind, plain=each.data) for each in pictures]
    command = c.Say(words=said[0].id if said else "", pictures=tuple(each.id for each in shown), phrase=phrase)
    return await _do(visit, command, "said", "words", [*said, *shown])


@act("/officer/disputes/{id:str}/propose", role=Role.officer)
async def propose(visit: Visit) -> Answer:
    """A proposal to both sides; it stands until both have agreed, one declines, or it expires."""
    check, form = Checks(), visit.form
    remedy = check("remedy", _remedy, form.word("remedy"), default=Remedy.other)
    amount = 0
    if remedy in NEEDS_AMOUNT and remedy is not Remedy.refund_full:
        amount = check("amount", positive_fen, form.text("amount").strip(), default=0)
    words = check("proposal", clean_text, form.text("proposal"), needed=remedy is Remedy.other, default="")
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    note = [_text(visit, words)] if words else []
    command = c.MakeOffer(
        id=visit.desk.mint(visit.city), remedy=remedy, amount_fen=amount, words=note[0].id if note else ""
    )
    return await _do(visit, command, "proposed", "amount" if amount else "remedy", note)


@act("/officer/disputes/{id:str}/close", role=Role.officer)
async def close(visit: Visit) -> Answer:
    """Close with a statement, the agency's name and the outcome."""
    check, form = Checks(), visit.form
    outcome = check("outcome", _outcome, form.word("outcome"), default=Outcome.unsettled)
    memo = check("memo", clean_text, form.text("memo"), needed=True, default="")
    told = await context(visit)
    agency = next((each for each in told["told"].settings.agencies if each.code == form.word("agency")), None)
    if agency is None:
        check.add("agency", Refused("agency_missing"))
    if check or agency is None:
        return visit.refuse(PAGE, check, **told)
    said = _text(visit, memo)
    return await _do(visit, c.Close(memo=said.id, agency=agency.name.zh, outcome=outcome), "closed", "outcome", [said])


@act("/officer/disputes/{id:str}/judge", role=Role.officer)
async def judge(visit: Visit) -> Answer:
    """Decide whether the merchant was right to call the claim pressure."""
    check, form = Checks(), visit.form
    upheld = form.word("upheld")
    if upheld not in {"yes", "no"}:
        check.add("upheld", Refused("upheld_missing"))
    words = check("judge_words", clean_text, form.text("judge_words"), needed=True, default="")
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    said = _text(visit, words)
    return await _do(visit, c.JudgePressure(upheld=upheld == "yes", words=said.id), "judged", "judge_words", [said])


@act("/officer/disputes/{id:str}/multiples", role=Role.officer)
async def multiples(visit: Visit) -> Answer:
    """Open the question whether more than the price is owed, with a reason that both sides read."""
    check, form = Checks(), visit.form
    ground = check("multiple", _ground, form.word("multiple"), default=Multiple.fraud)
    words = check("multiple_words", clean_text, form.text("multiple_words"), needed=True, default="")
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    said = _text(visit, words)
    return await _do(visit, c.OpenMultiples(ground=ground, words=said.id), "opened", "multiple_words", [said])


@act("/officer/disputes/{id:str}/hand-off", role=Role.officer)
async def hand_off(visit: Visit) -> Answer:
    """Hand the case to 12315, with the data that the consumer agreed to."""
    return await _do(visit, HandOff(), "handed_off")


async def _do(
    visit: Visit, command: c.OnExisting, done: str, field: str = "", contents: list[Content] | None = None
) -> Answer:
    """Act on the version the officer has read, and go back to the record; a refusal shows the page as it is now."""
    identifier = visit.path("id")
    try:
        seen = _seen(visit.form.word("version"))
        dispute = await story.load_row(visit, identifier)
        if isinstance(command, c.Say):
            must_hold(dispute.officer, visit.actor.id, visit.post)
        await visit.desk.act(
            DISPUTES,
            visit.city,
            identifier,
            command,
            visit.actor,
            contents=contents or (),
            once=await visit.once(),
            version=seen,
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go(f"/officer/disputes/{identifier}?done={done}")


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's templates see."""
    told, language = await story.load(visit, visit.path("id")), visit.language
    dispute, city = told.dispute, visit.city
    async with visit.connection() as connection:
        merchant = await _merchant(visit, connection, dispute)
        phones = await _phones(visit, connection, dispute, merchant)
        refunds = await officer.refunds_of(connection, city, dispute.id)
        signed = await officer.officers_in_log(connection, city, dispute.id)
        denied = await denying.denied(visit, connection, dispute)
        before = [await party_names(connection, city, gone.merchant, gone.shop) for gone in dispute.former]
        names = await officer.officer_names(connection, city, [dispute.officer])
        found = await patterns_of(connection, dispute)
        held, escalated = custody_of(dispute), dispute.state is State.mediating
        moves = await moving(
            visit, connection, told.settings, held, dispute.district, open_now=escalated and dispute.away is None
        )
    mine = moves["mine"]
    acts = told.acts if mine else told.acts & {"take", "judge", "hand_over"}
    return {
        "told": told,
        "merchant": merchant,
        "phones": phones,
        "refunds": [refund_line(language, each) for each in refunds],
        "notices": [notice_line(language, each) for each in told.record.notices],
        "district": dict(district_choices(visit.language, visit.city, told.settings)).get(
            dispute.district, dispute.district
        ),
        "offers": [(each, *_offer_words(visit, told, each)) for each in dispute.offers],
        "signed": signed,
        "holder": names.get(dispute.officer, dispute.officer),
        "mine": mine,
        "moving": moves,
        "before": [(name, code) for name, code, _, _ in before],
        "denied": denied if "judge_denial" in told.acts else None,
        "acts": acts,
        "cities": await handover_part.section(visit, dispute, acts),
        "phrases": phrases.choices(Role.officer, language),
        "remedies": [(each.value, story_labels.remedy(language, each)) for each in Remedy],
        "agencies": [(each.code, getattr(each.name, language)) for each in told.settings.agencies],
        "filing": facts(visit, found),
        "mediation": await mediating.shown(visit, dispute, told.settings),
        "similar": await similar.shown(visit, told),
        "entitled": entitled.shown(visit, told.dispute),
        "advance": await advanced.shown(visit, dispute.id),
        "handoff": handoffs.shown(visit, dispute),
        "odr": handoffs.odr(visit, dispute),
        "to_12315": goes(dispute) and handoffs.connected(visit, told),
        "grounds": [(each.value, visit.say(_GROUNDS[each])) for each in Multiple],
        "done": visit.query("done"),
    }


async def _phones(visit: Visit, connection: Connection, dispute: Dispute, merchant: Merchant | None) -> dict[str, str]:
    vault, contact = visit.house.vaults(visit.city), merchant.number_for(dispute.shop) if merchant else ""
    places = {"merchant": (dispute.merchant, contact), "person": (dispute.consumer, "phone")}
    return {
        noun: masked(await officer.phone_of(connection, vault, visit.city, subject_of(noun, identifier), content))
        for noun, (identifier, content) in places.items()
    }


def _offer_words(visit: Visit, told: story.Story, offer: Offer) -> tuple[str, str, str]:
    """Who offered, what, and what became of it."""
    who = story_lines.who(visit.language, offer.by, Role.officer)
    over = offer.status is OfferStatus.open and offer.due is not None and offer.due.passed(told.now)
    status = OfferStatus.expired if over else offer.status
    return who, story_labels.terms(visit.language, offer), visit.say(_OFFERS[status])


async def _merchant(visit: Visit, connection: Connection, dispute: Dispute) -> Merchant | None:
    try:
        return await read_merchant(connection, visit.city, dispute.merchant)
    except Missing:
        return None


def _text(visit: Visit, words: str) -> Content:
    return Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())


def _seen(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 10):  # noqa: PLR2004  what an int column holds
        raise Refused("field_unreadable")
    return int(word)


def _remedy(word: str) -> Remedy:
    try:
        return Remedy(word)
    except ValueError:
        raise Refused("field_unreadable") from None


def _ground(word: str) -> Multiple:
    try:
        return Multiple(word)
    except ValueError:
        raise Refused("multiples_ground_missing") from None


def _outcome(word: str) -> Outcome:
    if word not in {Outcome.mediated.value, Outcome.unsettled.value}:
        raise Refused("outcome_wrong")
    return Outcome(word)
