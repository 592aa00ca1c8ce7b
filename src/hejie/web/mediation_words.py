"""What people call the states, grounds, ends and steps of a mediation; the Chinese words are in `mediation.po`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from hejie.base.actor import Role
from hejie.cities.settings import CitySettings
from hejie.edge.words import mark, money, say
from hejie.law import shipped
from hejie.mediations import events as e
from hejie.mediations.limits import day_of
from hejie.mediations.model import Checked, Face, Mediation, State, Telling, Urgency, Way
from hejie.web import story_labels

_STATES: Mapping[State, tuple[str, str]] = {
    State.escalated: (mark("Sent to the authority; no competent one has it yet"), "warn"),
    State.received: (mark("The authority has it and decides whether it accepts it"), "warn"),
    State.accepted: (mark("Accepted; the authority mediates"), ""),
    State.agreed: (mark("An agreement was reached; it is to be performed"), "good"),
    State.refused: (mark("Not accepted"), "bad"),
    State.performed: (mark("Agreed and performed"), "good"),
    State.broken: (mark("Agreed, but not performed"), "bad"),
    State.terminated: (mark("Mediation has ended without an agreement"), "bad"),
}
TELLINGS: Mapping[Telling, str] = {
    Telling.delivered: mark("Told by a message that was delivered: {side}."),
    Telling.opened: mark("Has opened the page that says how it ended: {side}."),
    Telling.person: mark("Told by an officer in another way: {side}."),
}
_SETTLED_ASIDE = mark("Both sides agreed in the dispute itself")
WAYS: Mapping[Way, str] = {
    Way.talk: mark("talk with the merchant again"),
    Way.council: mark("ask the consumer council to mediate"),
    Way.arbitration: mark("go to arbitration, where both have agreed to it"),
    Way.court: mark("go to court"),
    Way.police: mark("go to the police"),
}
URGENCIES: Mapping[Urgency, str] = {
    Urgency.normal: mark("normal"),
    Urgency.urgent: mark("urgent: a loss that grows, or somebody old or ill"),
    Urgency.critical: mark("critical: health, safety or very many people"),
}
MATERIALS: Mapping[str, str] = {
    "name": mark("the consumer's real name"),
    "phone": mark("the consumer's phone number"),
    "address": mark("the consumer's address"),
    "document": mark("an identity document"),
    "respondent": mark("the merchant's name"),
    "respondent_address": mark("the merchant's address"),
    "claim": mark("what is asked for"),
    "facts": mark("what happened"),
}
FACES: Mapping[Face, str] = {
    Face.document: mark("A document, signed by both and sealed, three copies"),
    Face.record: mark("A record only: done at once, or both waive the document"),
}
CHECKED: Mapping[Checked, str] = {
    Checked.document: mark("by the number of a document"),
    Checked.counter: mark("at the counter, by an officer"),
}
_SIDES: Mapping[Role, str] = {
    Role.consumer: mark("the consumer"),
    Role.merchant: mark("the merchant"),
}
HIDDEN = (e.Graded, e.LinkedElsewhere, e.DuplicateJudged, e.ViolationSplitOff, e.Joined, e.SideTold)
"""What the two sides do not read: the authority's own notes, and other people's cases."""


def state(language: str, row: Mediation) -> tuple[str, str]:
    """Where it stands, and the colour of its tag."""
    if row.state is State.terminated and row.ended == "agreed":
        return say(language, _SETTLED_ASIDE), "good"
    words, tag = _STATES[row.state]
    return say(language, words), tag


def side(language: str, role: Role) -> str:
    """`the consumer`, `the merchant`."""
    return say(language, _SIDES[role])


def code(language: str, name: str, at: datetime) -> str:
    """A ground of refusal or an end, as the rules of that day call it."""
    return shipped.book().chosen(name, day_of(at)).text.title.said(language)


def grounds(language: str, prefix: str, at: datetime) -> list[tuple[str, str]]:
    """The codes in force that begin with a letter (`N` or `T`), with their titles."""
    most = {"N": 7, "T": 8}[prefix]
    return [(name, code(language, name, at)) for name in (f"{prefix}{n}" for n in range(1, most + 1))]


def ways(language: str, row: tuple[Way, ...]) -> list[str]:
    """The ways that stay open."""
    return [say(language, WAYS[each]) for each in row]


def sentence(language: str, event: e.AnyEvent, settings: CitySettings) -> str:  # noqa: C901, PLR0911, PLR0912  one flat table of events
    """One step as a sentence."""

    def told(text: str, **facts: object) -> str:
        return say(language, text, **facts)

    match event:
        case e.MediationOpened():
            return told(mark("The dispute was sent to the authority."))
        case e.RespondentChanged():
            return told(mark("Another merchant answers now; it is asked anew."))
        case e.IdentityGiven(checked=checked):
            return told(mark("It was made known who complains, {how}."), how=say(language, CHECKED[checked]))
        case e.ComplaintReceived(authority=authority):
            name = story_labels.agency(language, settings, authority)
            return told(mark("{authority} received the complaint. Its time to decide begins."), authority=name)
        case e.TakenOver():
            return told(mark("An officer of the authority has taken it over."))
        case e.Graded(urgency=urgency):
            return told(mark("Urgency: {urgency}."), urgency=say(language, URGENCIES[urgency]))
        case e.LinkedElsewhere(system=system, number=number):
            return told(mark("It stands in {system} too, under {number}."), system=system, number=number)
        case e.ComplaintAccepted():
            return told(mark("The complaint was accepted. The time to mediate begins."))
        case e.DuplicateJudged(dispute=other, same=same):
            return told(mark("The same complaint: {id}.") if same else mark("Not the same complaint: {id}."), id=other)
        case e.ComplaintRefused(ground=ground):
            return told(mark("Not accepted: {ground}."), ground=code(language, ground.value, event.at))
        case e.Consented(by=by):
            return told(mark("Agreed to mediation: {side}."), side=side(language, by))
        case e.RecusalAsked(by=by):
            return told(mark("Asked for another mediator: {side}. Mediation waits."), side=side(language, by))
        case e.RecusalDecided(granted=granted):
            return told(
                mark("The officer steps back; another one goes on.") if granted else mark("The officer goes on.")
            )
        case e.AppraisalBegun(body=body):
            return told(mark("An appraisal by {body} begins. The time to mediate stands still."), body=body)
        case e.AppraisalEnded():
            return told(mark("The appraisal is over. The time to mediate runs on."))
        case e.Joined(others=others):
            return told(mark("Handled together with {n} other cases."), n=len(others))
        case e.Commissioned(body=body):
            return told(mark("As both agree, {body} mediates."), body=body)
        case e.ViolationSplitOff():
            return told(mark("A suspected violation was split off; it is looked into by itself."))
        case e.AgreementReached(terms=terms):
            total = sum(term.amount_fen for term in terms)
            if total:
                return told(mark("Both sides agreed, on {amount} in all."), amount=money(total))
            return told(mark("Both sides agreed."))
        case e.AgreementPerformed():
            return told(mark("What was agreed has been performed."))
        case e.AgreementBroken():
            return told(mark("What was agreed was not performed."))
        case e.MediationTerminated(code=ended):
            return code(language, ended.value, event.at)
        case e.SettledAside():
            return told(mark("Both sides agreed in the dispute itself."))
        case e.SideTold(side=by, how=how):
            return told(TELLINGS[how], side=side(language, by))
        case e.BothTold():
            return told(mark("Both sides have been told."))
        case _:
            assert_never(event)
