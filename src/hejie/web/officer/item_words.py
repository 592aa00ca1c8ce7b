"""What happened and what to do, for every kind of work item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.disputes.states import FROM_WALLET, State
from hejie.edge.words import mark, say
from hejie.queries.officer import Item
from hejie.web import story_labels
from hejie.web.call_words import when_words
from hejie.web.code_sentences import SENTENCES
from hejie.web.handover_words import named
from hejie.web.officer.alliance_items import ALLIANCE_ITEMS
from hejie.web.officer.case_words import notice_words


class ItemWords(Struct, frozen=True):
    """An item for people."""

    title: str
    what: str
    todo: str


_KINDS: Mapping[str, tuple[str, str, str]] = {
    **ALLIANCE_ITEMS,
    "task_parked": (
        mark("A task has stopped"),
        mark("The platform tried “{task}” again and again and gave up. The last answer was: {why}"),
        mark("Find out what stands in the way and mend it, then let the task run again. Without another run it is"
             " not done."),
    ),
    "refund_unknown": (
        mark("A refund whose outcome is unknown"),
        mark("A refund was sent, but neither the wallet's answer, its query nor its statement says whether the money"
             " went back."),
        mark("Ask the wallet or the merchant for this refund number, then write down here what they say. Do not have"
             " it paid a second way before."),
    ),
    "refund_disagrees": (
        mark("A refund that the wallet's statement tells otherwise"),
        mark("The wallet's statement shows refund {refund} as paid; here it stands as failed, or with another amount."),
        mark("Ask the wallet what went back, and write it down here. Until then have nothing paid a second time."),
    ),
    "refund_missing": (
        mark("A refund that the clearing records do not show"),
        mark("Refund {refund} stands here as paid, but the records up to {day} hold the payment and not the refund."),
        mark("Ask the acquirer where the money is, and write it down here. Until then have nothing paid again."),
    ),
    "refund_surplus": (
        mark("More went back than was paid"),
        mark("Of payment {trade_no} the clearing records show more refunded than was paid."),
        mark("Tell the merchant and its acquirer, and write down here what they say."),
    ),
    "link_asked": (
        mark("A payment number that may be a merchant's"),
        mark("In the clearing records “{name}” takes payments under number {number}. It may be this merchant:"
             " {percent} % sure."),
        mark("Compare what is listed, ask the acquirer or the shop, and decide. A wrong link can be undone on the"
             " merchant's page."),
    ),
    "succession_undone": (
        mark("A succession that was a mistake"),
        mark("It was registered that this merchant succeeds another, and that was undone. Numbers that were linked"
             " meanwhile stay as they are."),
        mark("Look at the numbers of both merchants, undo what is not right, and note what you found."),
    ),
    "paycode_untold": (
        mark("A merchant that does not know of its payment code"),
        mark("Its payment code was decided on, and no number of the merchant's took the message."),
        mark("Tell the merchant some other way, and ask for a number that works."),
    ),
    "binding_undone": (
        mark("A dispute that may be with the wrong merchant"),
        mark("It came to this merchant by a payment identity that turned out not to be its own."),
        mark("Read the dispute, find out who was paid, and tell both sides. If another merchant was paid, decide so"
             " there."),
    ),
    "statement_missing": (
        mark("A wallet's statement that did not come"),
        mark("A day after it was due there was no statement of {day} for account {account}. The day is taken as"
             " empty."),
        mark("Ask the wallet whether there was business on that day; where there was, look for its refunds by hand."),
    ),
    "wallet_disagrees": (
        mark("The wallet shows another state"),
        mark("We lead this case, and here it stands at “{ours}”; the wallet shows “{theirs}”."),
        mark("Read the record, ask the wallet which is right, and note what you found."),
    ),
    "payment_differs": (
        mark("A payment differs from the wallet's word"),
        mark("Payment {trade_no} came from a consumer's bill file; the wallet names another amount or day for it."),
        mark("Ask the consumer for the original bill. Until it agrees, no refund is sent by the platform."),
    ),
    "pressure_called": (
        mark("A merchant asks whether a claim is right"),
        mark("A merchant says that a claim is made to press for money, or that the purchase was not for daily life."
             " Until you decide, its silence does not count against it."),
        mark("Open the dispute, read both sides and decide there. The dispute itself goes on meanwhile."),
    ),
    "case_without_merchant": (
        mark("A case from the wallet that fits no merchant"),
        mark("The wallet sent case {event} on payment {trade_no}, but no merchant here holds the account that was"
             " paid."),
        mark("Find the merchant and enrol it by this payment's number; the case then comes in by itself."),
    ),
    "notice_refused": (
        mark("A text message did not arrive"),
        mark("The message “{template}” to the {side} did not arrive, and no other contact is left to try."),
        mark("Call the party, or correct the number, then note it."),
    ),
    "nobody_on_duty": (
        mark("A safety report reached no duty phone"),
        mark("No duty phone stands in the city's settings for this district, or its number was refused."),
        mark("Open the safety report now and act. Then have the duty phone put into the city's settings."),
    ),
    "sale_denied": (
        mark("A merchant says that it was not its sale"),
        mark("It named nobody, or whom it named said no or has not answered. The time to answer runs on meanwhile."),
        mark("Read the dispute and find out who sold it, then decide there. If nobody knows, the case comes to you."),
    ),
    "tell_merchant": (
        mark("A stall has to be told in person"),
        mark("The message “{template}” did not reach the merchant by phone; next comes the market's office."),
        mark("Have a person of the office (see the merchant's page) tell the stall, then write down how it went."),
    ),
    "merchant_unreached": (
        mark("Nobody could reach a merchant"),
        mark("No message about this dispute has reached the merchant in its time. The consumer was told so."),
        mark("Find the merchant: ask at the address, the market or the acquirer. Enter the right contact, note it."),
    ),
    "contact_failed": (
        mark("A merchant's contact fails"),
        mark("A number of this merchant does not exist any more; it is not used until it is verified again."),
        mark("Find the right number, enter it on the merchant's page, and note it."),
    ),
    "invitation_refused": (
        mark("An invitation to join was refused"),
        mark("The provider refused the text message that invites this merchant: its number is probably wrong."),
        mark("Find the right number and enter it on the merchant's page, then call the merchant and invite it."),
    ),
    "publicity_untold": (
        mark("A merchant could not be told that its figures are to be published"),
        mark("The text message did not go out: its number is missing or wrong. The time to object runs."),
        mark("Tell the merchant in another way and note how, or take the publicity back until it is told."),
    ),
    "publicity_objected": (
        mark("A merchant objects to publicity"),
        mark("It says what is wrong about publishing its figures. Nothing is published before the answer."),
        mark("Read the objection under Publicity and answer it there, then note it here."),
    ),
    "measure_untold": (
        mark("A merchant could not be told of a measure against it"),
        mark("The text message did not go out: its number is missing or wrong. The time to appeal runs."),
        mark("Tell the merchant in another way and note how, or take the measure back until it is told."),
    ),
    "appeal_untold": (
        mark("A merchant could not be told that its appeal is answered"),
        mark("The text message did not go out: its number is missing or wrong. The answer stands on its page."),
        mark("Tell the merchant in another way, and note how."),
    ),
    "measure_appealed": (
        mark("A merchant appeals against a measure"),
        mark("It says why the measure is wrong. The measure goes on until the answer."),
        mark("An officer who did not decide on it reads the appeal under Measures and answers it there."),
    ),
    "measure_inspection": (
        mark("A merchant is to be inspected"),
        mark("The measure is in effect now: somebody of the authority goes there and looks."),
        mark("Read the reason under Measures, go there, then note here what was found."),
    ),
    "announced_waiting": (
        mark("Merchants that an acquirer announced and nobody here knows"),
        mark("Acquirer {account} announced {count} numbers of merchants that are not registered in this city."),
        mark("Have those merchants invited or registered: their numbers are then linked by themselves."),
    ),
    "announced_rejected": (
        mark("An announced number that cannot be linked"),
        mark("Acquirer {account} announced number {number} for this merchant, but it cannot be linked: {why}"),
        mark("Look at the merchant's payment numbers, ask the acquirer, and link it by hand if it is right."),
    ),
    "merchant_unreachable": (
        mark("A merchant cannot be reached"),
        mark("There is no phone number for this merchant, so it was not told of the dispute by message."),
        mark("Find the number and enter it on the merchant's page, then call to say that a dispute waits."),
    ),
    "recusal_asked": (
        mark("Somebody asks for another mediator"),
        mark("One side of a mediation wishes that another officer mediates. Mediation waits; its time runs on."),
        mark("An officer who does not have the case decides on its page; only then can it go on."),
    ),
    "violation_found": (
        mark("A suspected violation was split off from a mediation"),
        mark("What the two sides settle does not end it. It is to be looked into by {day}."),
        mark("Look into it by the rules on reports, and note what was decided and where it is kept."),
    ),
    "acceptance_overdue": (
        mark("A complaint was not decided on in time"),
        mark("The authority has not accepted or refused it within its working days."),
        mark("Open its page and decide now; note why it was late."),
    ),
    "performance_overdue": (
        mark("What was agreed before the authority may not have been done"),
        mark("The last day on which both agreed is over, and nobody has noted that everything was done."),
        mark("Ask both sides, then note on its page whether it was performed."),
    ),
    "handoff_unclear": (
        mark("A hand-off of which nobody knows whether 12315 has it"),
        mark("It was sent to 12315, and since then 12315 has not said that it has it, nor that it has not."),
        mark("Ask 12315 by telephone, with the case number. It goes on being asked for, and is never sent twice; tell"
             " the consumer where it stands."),
    ),
    "mediation_untold": (
        mark("The end of a mediation of which a side may not know"),
        mark("No message about it was delivered to that side, and it has not opened the page. The law asks that"
             " both are told."),
        mark("Tell it by telephone, letter or in person, and note on the mediation's page how; then mark this done."),
    ),
    "follow_up": (
        mark("A call afterwards, drawn by lot"),
        mark("This case is closed. It was drawn by lot, so that the consumer is asked how it went, by somebody who had"
             " no part in it."),
        mark("Read the case, call the consumer, ask whether they are satisfied and whether what was agreed was done,"
             " and write it down here."),
    ),
    "call_asked": (
        mark("Somebody asks to be called"),
        mark("A consumer would rather talk than read, and asks for a call in {language}. It suits: {when}."),
        mark("Call by the end of the next working day, help with what is asked, and note what you agreed. The number"
             " is forgotten when you mark it done."),
    ),
}  # fmt: skip
_OTHER = (
    mark("Something for a person"),
    mark("The platform could not finish “{kind}” by itself."),
    mark("Look into it and note what you found."),
)
_TASKS: Mapping[str, str] = {
    "notify": mark("send a message"),
    "notify_code": mark("send a one-time code"),
    "invite": mark("invite a merchant to join"),
    "tell_duty": mark("send a safety report to the duty phone"),
    "deliver": mark("hand a message to the provider"),
    "await_receipt": mark("ask what became of a message"),
    "take_announced": mark("link the numbers that were announced for a merchant"),
    "take_receipt": mark("take the receipt of a message"),
    "relay": mark("bring letters to another city"),
    "fetch_directory": mark("fetch a newer list of member cities"),
    "take_letter": mark("handle a letter of another city"),
    "letter_over": mark("tell how a letter of ours ended"),
    "watch_gap": mark("watch for a missing letter of another city"),
    "send_bulletin": mark("send a bulletin to other cities"),
    "send_seen": mark("tell that a bulletin was acknowledged"),
    "send_contacts": mark("send our list of offices to other cities"),
    "tell_contact": mark("tell of a changed contact"),
    "tell_paycode": mark("tell a merchant of its payment code"),
    "ask_acquirer": mark("ask an acquirer about a disputed payment"),
    "fresh_links": mark("send fresh links to a shop's number"),
    "check_reached": mark("see whether the merchant was reached"),
    "refund": mark("send a refund and learn its outcome"),
    "refund_seen": mark("book a refund that was seen"),
    "refund_failed": mark("book a refund that failed"),
    "follow_trade": mark("ask for the refunds of a payment"),
    "find_refund": mark("look for a refund at the wallet"),
    "tell_wallet": mark("tell the wallet"),
    "follow_case": mark("read a case at the wallet"),
    "sweep_cases": mark("look through the wallet's cases"),
    "tend_log": mark("number, sign and have cosigned the log for everybody"),
    "tend_wallet": mark("look after a wallet's connection"),
    "prove_payment": mark("hold a payment against the wallet's word"),
    "run_out": mark("end a clock"),
    "mark_filing": mark("note in which words a dispute was filed"),
    "pass_denial": mark("end the time of a merchant that was named as the seller"),
    "pass_on": mark("make a moved dispute ready for its new merchant"),
    "standing_answer": mark("answer by the merchant's standing rules"),
    "apply_binding": mark("name the payee of payments"),
    "unbind": mark("look for disputes that a wrong link brought"),
    "handoff_unclear": mark("ask a person about a hand-off to 12315"),
    "hand_off": mark("hand a case to 12315"),
    "draw_follow_up": mark("draw lots whether a consumer is called afterwards"),
    "give_follow_up": mark("give a call afterwards to an officer"),
    "open_mediation": mark("open the mediation of an escalated dispute"),
    "follow_dispute": mark("end the mediation of a dispute that has ended"),
    "take_mediated": mark("give a dispute to the officer of its mediation"),
    "mediation_due": mark("end a clock of a mediation"),
    "check_told": mark("see whether both sides know how a mediation ended"),
    "close_mediated": mark("close a dispute whose mediation has ended"),
    "tell_wallet_mediation": mark("tell the wallet how far the authority is"),
    "offer_handover": mark("write down what goes to another city with a dispute"),
    "write_offer": mark("offer a dispute to another city"),
    "write_letter": mark("write to another city about a hand-over"),
    "consider_handover": mark("look for the merchant of a dispute that another city hands over"),
    "take_dispute": mark("take a dispute over from another city"),
    "let_dispute_go": mark("note that another city has taken a dispute"),
    "keep_dispute": mark("note that a dispute stays here"),
    "handover_due": mark("end another city's time to answer"),
    "tell_home": mark("tell another city how a dispute stands"),
    "follow_home": mark("note how a dispute stands in another city"),
    "match_clearing": mark("match a file of clearing records"),
    "forget_clearing": mark("forget clearing records whose time is over"),
    "statement": mark("read a wallet's statement"),
    "enrol_list": mark("enrol merchants from a list"),
    "enrol": mark("open the function at the wallet"),
    "ask_enrolment": mark("ask how far the opening is"),
    "close_enrolment": mark("close the function at the wallet"),
    "grant_authority": mark("take over a merchant's authorisation"),
    "renew_authority": mark("renew a merchant's authorisation"),
    "end_authority": mark("end a merchant's authorisation"),
    "withdraw_authority": mark("note that a merchant took its authorisation back"),
}
_LANGUAGES = {"zh": mark("Chinese"), "en": mark("English")}
_SIDES = {Role.merchant.value: mark("merchant"), Role.consumer.value: mark("consumer")}


def words_of(language: str, item: Item, cities: Mapping[str, str]) -> ItemWords:
    """An item in the reader's words; `cities` are the alliance's names by code."""
    facts = _facts(language, item)
    facts["peer"] = named(cities, facts["peer"]) if facts["peer"] else ""
    title, what, todo = (say(language, text, **facts) for text in _KINDS.get(item.kind, _OTHER))
    return ItemWords(title, what, todo)


def title_of(language: str, kind: str) -> str:
    """What a kind of item is called, whichever it is about."""
    title = say(language, _KINDS.get(kind, _OTHER)[0], peer=say(language, mark("another city")), name="…")
    return title[:1].upper() + title[1:]


def task_words(language: str, kind: str) -> str:
    """What a task does; one without words of its own keeps its name."""
    return say(language, _TASKS[kind]) if kind in _TASKS else kind


def why_words(language: str, code: str) -> str:
    """Why a task failed: our own codes in words, any other fault by its name."""
    return say(language, SENTENCES[code]) if "{" not in SENTENCES.get(code, "{") else code


def _facts(language: str, item: Item) -> dict[str, str]:
    body: dict[str, Any] = item.body

    def state(word: object) -> str:
        found = FROM_WALLET.get(str(word)) or next((each for each in State if each.value == word), None)
        return story_labels.state(language, found, Role.officer) if found else str(word)

    return {
        "kind": item.kind,
        "task": task_words(language, str(body.get("kind", ""))),
        "why": why_words(language, str(body.get("why", ""))),
        "ours": state(body.get("ours", "")),
        "theirs": state(body.get("wallet", "")),
        "trade_no": str(body.get("trade_no", "")),
        "event": item.subject,
        "refund": item.subject,
        "when": when_words(language, str(body.get("when", ""))),
        "language": say(language, _LANGUAGES.get(str(body.get("language")), _LANGUAGES["zh"])),
        "name": str(body.get("name", "")),
        "peer": str(body.get("peer", "")),
        "about": str(body.get("about", "")),
        "letters": str(body.get("letters", "")),
        "said": why_words(language, str(body.get("code", ""))),
        "number": str(body.get("number", "")),
        "percent": f"{100 * float(body.get('probability', 0)):.0f}",
        "day": str(body.get("day", "")),
        "account": str(body.get("account", "")),
        "count": str(body.get("count", "")),
        "template": notice_words(language, str(body.get("template", ""))),
        "side": say(language, _SIDES.get(str(body.get("audience")), "merchant")),
    }
