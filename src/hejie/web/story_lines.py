"""One sentence for each thing that happened to a dispute, as its reader would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hejie.base.actor import Role
from hejie.cities import custody as k
from hejie.cities.dues import Rule
from hejie.cities.settings import CitySettings
from hejie.disputes import denial_events as n
from hejie.disputes import events as e
from hejie.disputes import wallet_events as w
from hejie.disputes.assist import Assist
from hejie.disputes.model import Dispute, Origin, Outcome
from hejie.disputes.pressure import Reason
from hejie.edge.words import mark, money, say
from hejie.web import handoff_lines, handover_lines
from hejie.web import story_labels as labels

_THEY = {
    Role.consumer: mark("The consumer"),
    Role.merchant: mark("The merchant"),
    Role.officer: mark("The officer"),
    Role.clerk: mark("The helper"),
    Role.wallet: mark("The wallet"),
    Role.system: mark("The platform"),
}
_YOU = mark("You")
_BEFORE = mark("The merchant asked first")
"""Who had the dispute before it moved."""
_FOR_YOU = mark("{acquirer} (in your name)")
_FOR_MERCHANT = mark("{acquirer} (for the merchant)")
"""The acquirer that answered."""


def who(language: str, speaker: Role, reader: Role, *, called: str = "") -> str:
    """What the reader calls the one who speaks, at the start of a sentence; officers are several, so never "you".

    `called` where it is somebody else, as `called_otherwise` says.
    """
    if called:
        return called
    return say(language, _YOU if speaker is reader and reader is not Role.officer else _THEY[speaker])


def called_otherwise(language: str, reader: Role, *, acquirer: str = "", before: bool = False, beside: bool) -> str:
    """What the merchant's side is called where it is no plain "you" or "the merchant"; else empty.

    `acquirer` is the name of one that spoke for it, `before` whether it is a merchant that had the dispute before,
    `beside` whether the reader is another merchant than the one that answers.
    """
    if acquirer:
        yours = reader is Role.merchant and not before and not beside
        return say(language, _FOR_YOU if yours else _FOR_MERCHANT, acquirer=acquirer)
    if before:
        return say(language, _BEFORE)
    return say(language, _THEY[Role.merchant]) if beside else ""


def speaker(event: e.AnyEvent) -> Role:
    """Whose step an event is, whoever brought it here."""
    match event:
        case (
            e.Said(by=by) | e.OfferAccepted(by=by) | e.OfferDeclined(by=by) | e.LimitNamed(by=by) | e.BidsMissed(by=by)
        ):
            return by
        case e.Offered(offer=offer):
            return offer.by
        case e.Answered() | e.PerformanceClaimed() | e.RefundOrdered() | e.PressureCalled() | n.SaleDenied():
            return Role.merchant
        case (
            e.Taken() | e.CustodyChanged() | e.Mediated() | e.PressureJudged() | e.MultiplesOpened() | n.DenialJudged()
        ):
            return Role.officer
        case e.Mirrored() | e.Linked() | w.WalletTimeOver():
            return Role.wallet
        case e.Escalated(because="silence" | "safety" | "unreached" | "no_seller"):
            return Role.system
        case (
            e.Filed() | e.PerformanceConfirmed() | e.PerformanceDenied() | e.Escalated() | e.Reopened() | e.Withdrawn()
            | e.Rated() | w.WalletPictures()
        ):  # fmt: skip
            return Role.consumer
        case _:
            return handoff_lines.speaker(event) or handover_lines.speaker(event) or Role.system


def is_for(event: e.AnyEvent, reader: Role) -> bool:
    """Whether a reader is told of it: disagreements are the office's, ratings and slips are not the merchant's."""
    if isinstance(event, e.Disagreed | e.CustodyChanged):
        return reader is Role.officer
    if not handoff_lines.is_for(event, reader):
        return False
    return not (isinstance(event, e.Rated | e.SlipIssued | e.MandateWithdrawn) and reader is Role.merchant)


_PLAIN: Mapping[type[e.AnyEvent], str] = {
    e.Offered: mark("{who} proposed: {terms}."),
    e.Agreed: mark("Both sides agreed: {terms}."),
    e.Linked: mark("The same payment was complained of in {wallet} too; it is handled here as one case."),
    e.Said: "",
    e.OfferAccepted: mark("{who} agreed to the proposal; the other side is still asked."),
    e.OfferDeclined: mark("{who} declined the offer."),
    e.OfferExpired: mark("The offer was not accepted in its time."),
    e.LimitNamed: mark("{who} named a secret limit."),
    e.BidsMet: mark("The two secret limits met; the middle is agreed."),
    e.BidsMissed: mark("The two secret limits did not meet. Nobody has seen them."),
    e.RefundOrdered: mark("The refund was ordered again."),
    e.PaymentProven: mark("The wallet confirmed the payment."),
    e.PayerKnown: mark("The wallet confirmed who paid; the dispute is now with that person."),
    e.PerformanceConfirmed: mark("{who} confirmed that it is solved."),
    e.PerformanceDenied: mark("{who} said that it has not come."),
    e.Unperformed: mark("What was agreed was not seen in its time; the way to the authority is open again."),
    e.WentOverdue: mark("The merchant did not answer in time."),
    e.Unreached: mark("No message has reached the merchant; an officer has been asked to find it."),
    e.Reached: mark("The merchant has been told after all."),
    n.PartyRefused: mark("The merchant that was named says that it did not sell this either; an officer decides."),
    n.PartySilent: mark("The merchant that was named has not answered; an officer decides whose sale it was."),
    e.Taken: mark("{who} took the case."),
    e.MultiplesOpened: mark("{who} opened the question whether more than the price is owed. Nothing is decided."),
    e.Reopened: mark("{who} opened the case again."),
    e.Withdrawn: mark("{who} withdrew the dispute."),
    e.MandateWithdrawn: mark("The relative acts for the consumer no longer; the dispute goes on for the consumer."),
    **handoff_lines.PLAIN,
    **handover_lines.PLAIN,
    e.SlipIssued: mark("A new slip with a private link was made; the one before no longer opens anything."),
}
"""Events whose sentence needs no facts of their own."""


_AGREED_FOR = mark("{who} agreed: {terms}.")
"""An acquirer agreed for the merchant."""
_ESCALATED: Mapping[str, str] = {
    "asked": mark("{who} asked the authority in."),
    "silence": mark("Because the merchant was silent, the case went to the authority by itself."),
    "unreached": mark("Because the merchant could not be reached, the case went to the authority by itself."),
    "safety": mark("Because somebody may be in danger, the authority has the case from the start."),
    "no_seller": mark("Because nobody knows yet who sold this, the authority has the case now."),
}


_PRESSURE: Mapping[Reason, str] = {
    Reason.pressure: mark("{who} asked an officer to look at this claim: it feels like pressure for money. Until the"
                          " officer has decided, the dispute goes on as before."),
    Reason.not_daily_use: mark("{who} asked an officer to look at this claim: the purchase does not seem to be for"
                               " daily life. Until the officer has decided, the dispute goes on as before."),
}  # fmt: skip
_UPHELD = mark("{who} found the merchant's concern about this claim justified. It only keeps the merchant's record"
               " clean; the dispute goes on as before.")  # fmt: skip
_NOT_UPHELD = mark("{who} found no ground for the merchant's concern about this claim. The merchant is asked to answer"
                   " as in any dispute.")  # fmt: skip


_CUSTODY: Mapping[type[k.Change], str] = {
    k.Given: mark("{who} gave the case to an officer."),
    k.TakenUp: mark("{who} took the case."),
    k.GivenBack: mark("{who} gave the case back."),
    k.PassOffered: mark("{who} offered the case to another authority. No due time changes."),
    k.PassAccepted: mark("The other authority has taken the case. No due time changes."),
    k.PassRefused: mark("The other authority has not taken the case; it stays where it was."),
}


def sentence(
    language: str,
    event: e.AnyEvent,
    dispute: Dispute,
    settings: CitySettings,
    reader: Role,
    *,
    called: str = "",
    cities: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """What happened, in one sentence; empty for a mere message. `cities` are the other cities' names by their codes."""
    facts = {
        "who": who(language, speaker(event), reader, called=called),
        "wallet": labels.wallet(language, dispute.wallet),
        "n": str(event.refused) if isinstance(event, w.WalletPictures) else "",
        **_facts(language, event, dispute, settings, reader),
        **handover_lines.facts(language, event, reader, cities),
    }
    if called and isinstance(event, e.Agreed):
        return say(language, _AGREED_FOR, **facts)
    return say(language, handover_lines.worded(event) or _PLAIN.get(type(event)) or _worded(event), **facts)


def _worded(event: e.AnyEvent) -> str:
    match event:
        case e.Filed(origin=Origin.wallet):
            return mark("{who} filed this in {wallet}: {problem}. Asked for: {terms}.")
        case e.Filed(assist=Assist()):
            return mark("Filed for the consumer, who agreed when it was read back: {problem}. Asked for: {terms}.")
        case e.Filed():
            return mark("{who} filed this dispute: {problem}. Asked for: {terms}.")
        case e.Mirrored() | e.Disagreed() | w.WalletTimeOver() | w.WalletPictures():
            return _worded_wallet(event)
        case e.Answered(words="", pictures=()):
            return mark("{who} paid back all that was asked.")
        case e.Answered(late=late):
            return mark("{who} answered late.") if late else mark("{who} answered.")
        case e.PressureCalled() | n.SaleDenied() | n.DenialJudged() | n.Moved():
            return _worded_doubt(event)
        case e.CustodyChanged(change=change):
            return _CUSTODY[type(change)]
        case _:
            return _worded_end(event)


def _worded_wallet(event: e.Mirrored | e.Disagreed | w.WalletEvent) -> str:
    match event:
        case e.Mirrored():
            return mark("{wallet} tells: {state}.")
        case e.Disagreed():
            return mark("{wallet} shows another state than ours ({state}).")
        case w.WalletTimeOver(rule=Rule.wallet_answer):
            return mark("{wallet}'s own time for a first answer is over. Here the time to answer runs on.")
        case w.WalletTimeOver():
            return mark("{wallet}'s own time is over: it may refund by itself. Here nothing changes.")
        case w.WalletPictures(refused=refused) if refused:
            return mark("The consumer's pictures from {wallet}. Not taken, since they are no readable pictures: {n}.")
        case w.WalletPictures():
            return mark("The consumer's pictures from {wallet}.")


def _worded_doubt(event: e.PressureCalled | n.SaleDenied | n.DenialJudged | n.Moved) -> str:
    match event:
        case e.PressureCalled(reason=reason):
            return _PRESSURE[reason]
        case n.SaleDenied(to=None):
            return mark("{who} said that this was not its sale. An officer decides; the time to answer runs on.")
        case n.SaleDenied():
            return mark("{who} said that this was another merchant's sale. It is being asked; the time runs on.")
        case n.DenialJudged(upheld=False):
            return mark("{who} found that this merchant has to answer. Its time was never stopped.")
        case n.DenialJudged():
            return mark("{who} found that this was not the merchant's sale.")
        case n.Moved(accepted=True):
            return mark(
                "Another merchant said that it sold this: the dispute is with it now, every due time as it was."
            )
        case n.Moved():
            return mark("An officer gave the dispute to the merchant that sold this; every due time is as it was.")


def _worded_end(event: e.AnyEvent) -> str:
    match event:
        case e.RefundSeen():
            return mark("{amount} went back to the account that paid, by {wallet}'s own word.")
        case e.RefundFailed():
            return mark("A refund did not go through: {why}.")
        case e.PerformanceClaimed(refund_no=number):
            if number:
                return mark("{who} said that it is done; refund number {number}.")
            return mark("{who} said that it is done.")
        case e.Escalated(because=because):
            return _ESCALATED.get(because, _ESCALATED["asked"])
        case e.Mediated():
            return mark("{agency} closed the case: {outcome}.")
        case e.PressureJudged(upheld=upheld):
            return _UPHELD if upheld else _NOT_UPHELD
        case e.Settled() | e.Lapsed():
            return mark("The case is closed: {outcome}.")
        case e.Rated(solved=solved):
            return mark("{who} said: solved.") if solved else mark("{who} said: not solved.")
        case _:
            return handoff_lines.worded(event)


def _facts(language: str, event: e.AnyEvent, dispute: Dispute, settings: CitySettings, reader: Role) -> dict[str, str]:
    match event:
        case e.Filed(problem=problem, claim=claim):
            return {
                "problem": labels.problem(language, settings, problem),
                "terms": labels.terms(language, claim),
            }
        case e.Mirrored(state=state) | e.Disagreed(ours=state):
            return {"state": labels.state(language, state, reader)}
        case e.Offered(offer=offer):
            return {"terms": labels.terms(language, offer)}
        case e.Agreed(offer=identifier):
            agreed = dispute.offer(identifier)
            return {"terms": labels.terms(language, agreed) if agreed else ""}
        case e.RefundSeen(amount_fen=amount):
            return {"amount": money(amount)}
        case e.RefundFailed(code=code):
            return {"why": labels.refund_code(language, code)}
        case e.PerformanceClaimed(refund_no=number):
            return {"number": number}
        case e.Mediated(agency=agency, outcome=outcome):
            return {"agency": labels.agency(language, settings, agency), "outcome": labels.outcome(language, outcome)}
        case e.Settled() | e.Lapsed():
            return {"outcome": labels.outcome(language, getattr(event, "outcome", Outcome.silent))}
        case _:
            return handoff_lines.facts(language, event)
