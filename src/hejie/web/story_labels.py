"""What people call the states, remedies, roads and ends of a dispute; the Chinese words are in `story.po`."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.base.actor import Role
from hejie.cities.settings import CitySettings
from hejie.disputes.assist import OFFLINE, Channel, Proof
from hejie.disputes.model import (
    NEEDS_AMOUNT,
    Claim,
    Dispute,
    Offer,
    OfferStatus,
    Outcome,
    Performance,
    Remedy,
    Road,
)
from hejie.disputes.states import State
from hejie.edge.words import mark, money, say

_STATES: Mapping[State, str] = {
    State.awaiting_merchant: mark("Waiting for the merchant"),
    State.awaiting_consumer: mark("Waiting for the consumer"),
    State.overdue: mark("The merchant is overdue"),
    State.settling: mark("Agreed, on its way"),
    State.settled: mark("Settled"),
    State.withdrawn: mark("Withdrawn"),
    State.lapsed: mark("Ended without the consumer's word"),
    State.mediating: mark("With the authority"),
    State.mediated: mark("Closed by the authority"),
}
_OWN_STATES: Mapping[tuple[State, Role], str] = {
    (State.awaiting_consumer, Role.consumer): mark("Waiting for you"),
    (State.lapsed, Role.consumer): mark("Ended without your word"),
    (State.awaiting_merchant, Role.merchant): mark("Waiting for your answer"),
    (State.overdue, Role.merchant): mark("Your time to answer has run out"),
}
_TAGS: Mapping[State, str] = {
    State.overdue: "bad",
    State.lapsed: "warn",
    State.mediating: "warn",
    State.settling: "good",
    State.settled: "good",
    State.mediated: "good",
}
_REMEDIES: Mapping[Remedy, str] = {
    Remedy.refund_full: mark("Full refund"),
    Remedy.refund_part: mark("Partial refund"),
    Remedy.exchange: mark("Exchange"),
    Remedy.goods_return: mark("Return and refund"),
    Remedy.repair: mark("Repair or do it again"),
    Remedy.voucher: mark("Voucher"),
    Remedy.apology: mark("Apology"),
    Remedy.compensation: mark("Compensation beyond the price"),
    Remedy.other: mark("Something else, described in words"),
}
_ROADS: Mapping[Road, str] = {
    Road.api: mark("As soon as both agree, the platform sends the refund through {wallet} to the account that paid."),
    Road.own_tool: mark(
        "The merchant refunds in its own {wallet} tool, back to the account that paid; the platform looks for it there."
    ),
    Road.by_hand: mark(
        "The merchant does it directly (transfer, cash, goods or deed) and shows proof here; the consumer confirms."
    ),
}
_ROAD_NAMES: Mapping[Road, str] = {
    Road.api: mark("Refund through the platform"),
    Road.own_tool: mark("Refund in the merchant's own tool"),
    Road.by_hand: mark("Directly between the two"),
}
_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.performed: mark("settled, the money was seen at the wallet"),
    Outcome.confirmed: mark("settled, confirmed by the consumer"),
    Outcome.unconfirmed: mark("settled, the money was seen, the consumer did not confirm"),
    Outcome.silent: mark("ended, the consumer did not answer"),
    Outcome.withdrawn: mark("withdrawn by the consumer"),
    Outcome.mediated: mark("an agreement was reached with the authority's help"),
    Outcome.unsettled: mark("closed without an agreement"),
}
_WALLETS: Mapping[str, str] = {
    "alipay": mark("Alipay"),
    "wechatpay": mark("WeChat Pay"),
    "unionpay": mark("UnionPay"),
    "acquirer": mark("Acquirer"),
    OFFLINE: mark("no wallet"),
}
_PROOFS: Mapping[Proof, str] = {
    Proof.receipt: mark("A paper receipt"),
    Proof.photograph: mark("A photograph"),
    Proof.witness: mark("A witness"),
    Proof.none: mark("Nothing but the person's word"),
}
_CHANNELS: Mapping[Channel, str] = {
    Channel.counter: mark("At the counter"),
    Channel.telephone: mark("By telephone"),
    Channel.paper: mark("On paper"),
}
_REFUND_CODES: Mapping[str, str] = {
    "SELLER_BALANCE_NOT_ENOUGH": mark("the merchant's balance is too low"),
    "SELLER_BALANCE_NOT_ENOUGHT": mark("the merchant's balance is too low"),
    "REASON_TRADE_BEEN_FREEZEN": mark("the payment is frozen at the wallet"),
    "TRADE_HAS_FINISHED": mark("the wallet's time for refunds of this payment is over"),
    "TRADE_HAS_CLOSE": mark("the payment was closed, or refunded before"),
    "TRADE_NOT_ALLOW_REFUND": mark("the wallet allows no refund of this payment"),
    "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND": mark("the wallet allows no refund of this payment"),
    "NOT_ALLOW_PARTIAL_REFUND": mark("the wallet allows only a full refund of this payment"),
    "REFUND_AMT_NOT_EQUAL_TOTAL": mark("the amount is more than what is left at the wallet"),
    "REFUND_FEE_ERROR": mark("the amount is more than what is left at the wallet"),
    "amount_above_paid": mark("the amount is more than what is left at the wallet"),
    "BUYER_NOT_EXIST": mark("the account that paid no longer exists"),
    "authority_missing": mark("the merchant's authorisation is no longer in force"),
    "authority_invalid": mark("the merchant's authorisation is no longer in force"),
}
_REFUND_OTHER = mark("the wallet refused it")


def proof(language: str, kind: Proof) -> str:
    """What shows a purchase that no wallet vouches for."""
    return say(language, _PROOFS[kind])


def channel(language: str, way: Channel) -> str:
    """How somebody came to the helper."""
    return say(language, _CHANNELS[way])


def state(language: str, where: State, role: Role) -> str:
    """A state as its reader calls it."""
    return say(language, _OWN_STATES.get((where, role), _STATES[where]))


def state_tag(where: State) -> str:
    """The class of a state's tag: `good`, `warn`, `bad` or nothing."""
    return _TAGS.get(where, "")


def remedy(language: str, kind: Remedy) -> str:
    """What is asked or offered, without its amount."""
    return say(language, _REMEDIES[kind])


def terms(language: str, what: Offer | Claim) -> str:
    """What is asked or offered, with its amount: `部分退款 ¥12.00`."""
    name = remedy(language, what.remedy)
    return f"{name} {money(what.amount_fen)}" if what.remedy in NEEDS_AMOUNT else name


def road(language: str, way: Road, wallet_name: str) -> str:
    """How an agreed thing comes, in a sentence for both sides."""
    return say(language, _ROADS[way], wallet=wallet(language, wallet_name))


def road_name(language: str, way: Road) -> str:
    """The same in a few words."""
    return say(language, _ROAD_NAMES[way])


def problem(language: str, settings: CitySettings, problem_id: str) -> str:
    """What happened, from the city's list; a word that left the list stays itself."""
    found = next((each for each in settings.problems if each.id == problem_id), None)
    return getattr(found.name, language) if found else problem_id


def outcome(language: str, end: Outcome) -> str:
    """How it ended, without a capital."""
    return say(language, _OUTCOMES[end])


def agency(language: str, settings: CitySettings, word: str) -> str:
    """An authority by its division's code (whose officer took a case) or its Chinese name (who closed it)."""
    found = next((each for each in settings.agencies if word in {each.code, each.name.zh}), None)
    return getattr(found.name, language) if found else word


def wallet(language: str, name: str) -> str:
    """A wallet's name."""
    return say(language, _WALLETS.get(name, name))


def refund_code(language: str, code: str) -> str:
    """Why a refund did not go through, without a capital."""
    return say(language, _REFUND_CODES.get(code.rpartition(".")[2], _REFUND_OTHER))


def next_step(language: str, dispute: Dispute, role: Role) -> str:
    """What happens next, for one reader."""
    if role is Role.consumer and dispute.wallet_leads and dispute.is_open:
        wallet_name = wallet(language, dispute.wallet)
        return say(language, mark("This case was begun in {wallet}: please answer, withdraw or escalate there."),
                   wallet=wallet_name)  # fmt: skip
    if role is Role.officer and dispute.state is State.mediating and dispute.agreement is None:
        return say(language, mark("Please read the whole record and help both sides to agree."))
    return say(language, _next(dispute, role), wallet=wallet(language, dispute.wallet))


def _next(dispute: Dispute, role: Role) -> str:
    match dispute.state, role:
        case State.awaiting_merchant, Role.merchant:
            return mark("Please answer, or make an offer. A kind word early helps most.")
        case State.awaiting_merchant, _:
            return mark("The merchant has been told and can answer at any time.")
        case State.awaiting_consumer, _:
            return _broken(dispute, role) if _unsure(dispute) else _answered(role)
        case State.overdue, Role.consumer:
            return mark("You can ask the authority in now, or still wait: the merchant may answer late.")
        case State.overdue, _:
            return _late(role)
        case State.settling, _:
            return _performing(dispute, role)
        case State.mediating, _:
            return _mediating(dispute, role)
        case State.lapsed, Role.consumer:
            return mark("If it is not solved, you can open it again with one tap for a while.")
        case _:
            return mark("There is nothing more to do here.")


def _mediating(dispute: Dispute, role: Role) -> str:
    proposal = next((o for o in dispute.offers if o.by is Role.officer and o.status is OfferStatus.open), None)
    if proposal is not None and role in proposal.accepted_by:
        return mark("You agreed to the proposal; the other side is still asked.")
    if proposal is not None:
        return mark("An officer has made a proposal. Please read it and say whether you agree.")
    if dispute.agreement is None:
        return mark("An officer reads the whole record and helps both sides. Talk goes on here.")
    if dispute.performance in {Performance.seen, Performance.confirmed}:
        return mark("What was agreed has come; the officer closes the case.")
    if dispute.agreement.road is Road.api and dispute.performance is Performance.awaited:
        return mark("The refund has been sent to the wallet; the officer closes the case when it has come.")
    if dispute.performance is Performance.denied and role is not Role.merchant:
        return mark("It has not come, and the merchant has been told. An officer helps both sides.")
    return _broken(dispute, role) if dispute.performance is Performance.denied else _performing(dispute, role)


def _late(role: Role) -> str:
    if role is Role.merchant:
        return mark("You can still answer, as long as the case has not gone to the authority.")
    return mark("A late answer is still possible, as long as the case has not gone to the authority.")


def _answered(role: Role) -> str:
    if role is Role.consumer:
        return mark("Please read what is new and say whether it satisfies you.")
    return mark("The consumer has been asked whether this satisfies.")


def _unsure(dispute: Dispute) -> bool:
    """Whether it was agreed, but not seen in its time, and nothing new has been offered since."""
    offered = any(each.by is Role.merchant and each.status is OfferStatus.open for each in dispute.offers)
    return dispute.agreement is not None and not offered


def _broken(dispute: Dispute, role: Role) -> str:
    match dispute.performance, role:
        case Performance.failed, _:
            return _failed(role)
        case Performance.claimed, _:
            return _claimed(dispute, role)
        case Performance.denied, Role.merchant:
            return mark("The consumer says that it has not come. Please look into it, then do it or show proof here.")
        case Performance.denied, _:
            return mark("It has not come, and the merchant has been told. The authority can be asked in at any time.")
        case _, Role.merchant:
            return mark("What was agreed was not seen in its time. Please do it now, or show here that it is done.")
        case _:
            return mark("What was agreed was not seen in its time. The authority can be asked in at any time.")


def _failed(role: Role) -> str:
    if role is Role.merchant:
        return mark("The refund did not go through. Please see what stopped it, mend that and send it again.")
    return mark("The refund did not go through; the merchant is asked to mend it.")


def _claimed(dispute: Dispute, role: Role) -> str:
    if role is Role.officer:
        return mark("The merchant says that it is done; the consumer is asked to confirm it.")
    if role is Role.consumer:
        return mark("The merchant says that it is done. If it has come, please confirm; if not, say so.")
    if dispute.agreement is not None and dispute.agreement.road is Road.by_hand:
        return mark("You said that it is done. The case closes when the consumer confirms it.")
    return mark("You said that it is done. The case closes when the money is seen or the consumer confirms it.")


def _performing(dispute: Dispute, role: Role) -> str:
    agreement = dispute.agreement
    if dispute.performance is Performance.seen:
        return mark("The money was seen at {wallet}, where the case was begun and is closed.")
    if dispute.performance is Performance.failed:
        return _failed(role)
    if dispute.performance is Performance.claimed:
        return _claimed(dispute, role)
    if agreement is not None and agreement.road is Road.api:
        return mark("The refund has been sent to the wallet; the case closes by itself when the money is seen.")
    if role is Role.merchant:
        return mark("Please do what was agreed, then say so here.")
    if role is Role.officer:
        return mark("The merchant does what was agreed; the consumer is asked to confirm it.")
    return mark("The merchant does what was agreed. If it has come, please confirm; if not, say so.")


_LANGUAGES = {"zh": mark("Chinese"), "en": mark("English")}


def language(reader: str, name: str) -> str:
    """A language by its name, in the reader's."""
    return say(reader, _LANGUAGES[name])
