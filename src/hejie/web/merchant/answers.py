"""What a merchant does in a dispute: agree, offer, refuse, talk, decline, show that it is done, try again."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.base.money import positive_fen
from hejie.desk.act import Content, Once
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.cost import cost_of
from hejie.disputes.model import NEEDS_AMOUNT, REFUNDS, Remedy, Road
from hejie.disputes.pressure import Reason
from hejie.edge.forms import Checks, one_of, plain
from hejie.edge.phones import masked
from hejie.edge.phrases import chosen, joined
from hejie.edge.problems import problem_of
from hejie.edge.texts import clean_text
from hejie.merchants.handling_rules import must_answer
from hejie.merchants.office import must_be_filled
from hejie.web.code_words import sentence
from hejie.web.merchant import case, codes, giving
from hejie.web.merchant.case import BASE, PAGE, View
from hejie.web.merchant.giving import Given, give
from hejie.web.shell import PICTURES_BYTES, Answer, Visit, act

_REFUND_NO = 64
DESK_ACTS = (c.AcceptOffer, c.MakeOffer, c.Answer, c.DeclineOffer, c.Say)
"""What the desk that answers does; a shop may still show that something was done."""


class Sent(Struct, frozen=True):
    """Words and pictures on their way: identifiers for the command, and the content they name."""

    words: str = ""
    pictures: tuple[str, ...] = ()
    contents: tuple[Content, ...] = ()


class Step(Struct, frozen=True, kw_only=True):
    """One act on its way to the desk."""

    command: c.OnExisting
    form: str
    """Which of the page's forms it came from."""
    done: str
    field: str = ""
    """Where a refusal belongs."""
    contents: tuple[Content, ...] = ()
    cost_fen: int = 0


@act(f"{BASE}/accept", role=Role.merchant)
async def accept(visit: Visit) -> Answer:
    """Agree to the claim, a counter-offer or an officer's proposal, on the road of the button that was pressed."""
    found, identifier = await case.view(visit), visit.form.word("offer")
    offer, form = found.dispute.offer(identifier), f"accept-{identifier}"
    if offer is None:
        return await again(visit, Missing("offer_unknown"), form)
    try:
        road = Road(visit.form.word("road"))
    except ValueError:
        return await again(visit, Refused("field_unreadable"), form)
    step = Step(
        command=c.AcceptOffer(offer=offer.id, road=None if road is offer.road else road),
        form=form,
        done="accepted",
        cost_fen=cost_of(found.dispute, offer.remedy, offer.amount_fen),
    )
    return await do(visit, found, step)


@act(f"{BASE}/offer", role=Role.merchant)
async def offer(visit: Visit) -> Answer:
    """Offer something else; money back goes on the chosen road, everything else is done directly."""
    found, check, form = await case.view(visit), Checks(), visit.form
    remedy = check("remedy", one_of, Remedy, form.word("remedy"), default=Remedy.apology)
    road = check("road", one_of, Road, form.word("road", Road.by_hand), default=Road.by_hand)
    amount = 0
    if remedy in NEEDS_AMOUNT and remedy is not Remedy.refund_full:
        amount = check("amount", positive_fen, form.text("amount").strip(), default=0)
    sent = await _sent(visit, check, "offer_words", needed=remedy is Remedy.other)
    if check:
        return await again(visit, check, "offer")
    command = c.MakeOffer(
        id=visit.desk.mint(visit.city),
        remedy=remedy,
        amount_fen=amount,
        road=_fitting(remedy, road),
        words=sent.words,
    )
    step = Step(
        command=command,
        form="offer",
        done="offered",
        field="amount" if amount else "remedy",
        contents=sent.contents,
        cost_fen=cost_of(found.dispute, remedy, amount),
    )
    return await do(visit, found, step)


def _fitting(remedy: Remedy, road: Road) -> Road:
    """The chosen road where it fits what is offered: only money goes back on its own, only to the account that paid."""
    if remedy not in REFUNDS:
        return Road.by_hand
    return Road.own_tool if remedy is Remedy.goods_return and road is Road.api else road


@act(f"{BASE}/answer", role=Role.merchant, most_bytes=PICTURES_BYTES)
async def answer(visit: Visit) -> Answer:
    """Refuse with a reason, or explain."""
    return await _words(visit, "answer", "reason", "answered", needed=True)


@act(f"{BASE}/say", role=Role.merchant, most_bytes=PICTURES_BYTES)
async def say(visit: Visit) -> Answer:
    """A message, with pictures or without."""
    return await _words(visit, "say", "words", "said", phrase=visit.form.text("phrase"))


@act(f"{BASE}/decline", role=Role.merchant)
async def decline(visit: Visit) -> Answer:
    """Say no to a counter-offer or proposal, with words."""
    found, check, identifier = await case.view(visit), Checks(), visit.form.word("offer")
    form = f"decline-{identifier}"
    if found.dispute.offer(identifier) is None:
        return await again(visit, Missing("offer_unknown"), form)
    sent = await _sent(visit, check, form, needed=True)
    if check:
        return await again(visit, check, form)
    command = c.DeclineOffer(offer=identifier, words=sent.words)
    return await do(visit, found, Step(command=command, form=form, done="declined", contents=sent.contents))


@act(f"{BASE}/perform", role=Role.merchant, most_bytes=PICTURES_BYTES)
async def perform(visit: Visit) -> Answer:
    """It is done: the refund's number, or words and pictures as proof."""
    found, check = await case.view(visit), Checks()
    refund_no = check("refund_no", plain, visit.form.text("refund_no"), _REFUND_NO, default="")
    trade_no = check("trade_no", plain, visit.form.text("trade_no"), default="")
    sent = await _sent(visit, check, "proof_words", "proof")
    if check:
        return await again(visit, check, "perform")
    command = c.ClaimPerformed(refund_no=refund_no, trade_no=trade_no, words=sent.words, pictures=sent.pictures)
    step = Step(command=command, form="perform", done="performed", field="proof_words", contents=sent.contents)
    return await do(visit, found, step)


@act(f"{BASE}/retry", role=Role.merchant)
async def retry(visit: Visit) -> Answer:
    """What stopped the refund is mended: send it again."""
    return await do(visit, await case.view(visit), Step(command=c.RetryRefund(), form="retry", done="retried"))


@act(f"{BASE}/pressure", role=Role.merchant)
async def pressure(visit: Visit) -> Answer:
    """Say that the claim is pressure, or not about daily shopping: an officer is asked."""
    found, check = await case.view(visit), Checks()
    why = check("why", one_of, Reason, visit.form.word("why"), default=Reason.pressure)
    sent = await _sent(visit, check, "pressure_words", needed=True)
    if check:
        return await again(visit, check, "pressure")
    command = c.CallPressure(reason=why, words=sent.words)
    step = Step(command=command, form="pressure", done="pressure", field="pressure_words", contents=sent.contents)
    return await do(visit, found, step)


async def _words(visit: Visit, form: str, name: str, done: str, *, needed: bool = False, phrase: str = "") -> Answer:
    found, check = await case.view(visit), Checks()
    ready = check("phrase", chosen, Role.merchant, visit.language, phrase, default="")
    sent = await _sent(visit, check, name, f"{name}_pictures", needed=needed, ready=ready)
    if not check and not sent.contents:
        check.add(name, Refused("words_missing"))
    if check:
        return await again(visit, check, form)
    command: c.Answer | c.Say = c.Answer(words=sent.words, pictures=sent.pictures)
    if form == "say":
        command = c.Say(words=sent.words, pictures=sent.pictures, phrase=phrase)
    return await do(visit, found, Step(command=command, form=form, done=done, field=name, contents=sent.contents))


async def _sent(
    visit: Visit, check: Checks, words: str, pictures: str = "", *, needed: bool = False, ready: str = ""
) -> Sent:
    text = check(words, clean_text, visit.form.text(words), needed=needed, default="")
    check(words, must_be_filled, text, default=None)
    text = joined(ready, text)
    shots = await check.wait(pictures, visit.form.pictures(pictures), default=[]) if pictures else []
    contents = [Content(id=visit.desk.mint(visit.city), kind=shot.kind, plain=shot.data) for shot in shots]
    shown = tuple(content.id for content in contents)
    said = visit.desk.mint(visit.city) if text else ""
    if text:
        contents.append(Content(id=said, kind="text", plain=text.encode()))
    return Sent(said, shown, tuple(contents))


async def do(visit: Visit, found: View, step: Step) -> Answer:
    """Act on the version the merchant has read (talk needs none), and go back; a refusal shows the page as it is."""
    identifier, version = found.dispute.id, None
    try:
        if isinstance(step.command, DESK_ACTS):
            must_answer(found.seat.staff, found.answers)
        if not isinstance(step.command, c.Say):
            version = _seen(visit.form.word("version"))
        once = await visit.once()
        if step.cost_fen and found.seat.staff is None:
            await codes.must_be_within(visit, found, step.cost_fen, once)
        given = await _give(visit, found, step, once, version)
    except HejieError as why:
        if why.code == "dispute_unknown":
            raise
        field = "code" if why.code in codes.ASKED else step.field
        asked = found if why.code in codes.ASKED and step.cost_fen and found.seat.staff is None else None
        return await again(visit, why, step.form, field, asked)
    return visit.go(f"/merchant/disputes/{identifier}?done={'asked' if given is Given.asked else step.done}")


async def _give(visit: Visit, found: View, step: Step, once: Once, version: int | None) -> Given:
    """By a case link, whose limit was looked at; by staff, perhaps only after a second person."""
    if found.seat.staff is None:
        await visit.desk.act(
            DISPUTES,
            visit.city,
            found.dispute.id,
            step.command,
            visit.actor,
            contents=step.contents,
            once=once,
            version=version,
        )
        return Given.done
    return await give(
        visit,
        giving.Answer(
            city=visit.city,
            actor=visit.actor,
            merchant=found.seat.merchant,
            dispute=found.dispute.id,
            command=step.command,
            cost_fen=step.cost_fen,
            contents=step.contents,
            version=version,
            once=once,
        ),
    )


async def again(
    visit: Visit, why: HejieError | Checks, form: str, field: str = "", asked: View | None = None
) -> Answer:
    """The page as it is now, with what was typed in `form`; `asked` where a code is on its way."""
    sent = masked(await codes.registered_phone(visit, asked)) if asked else ""
    told: dict[str, Any] = {**await case.context(visit), "tried": form, "code_sent": sent}
    if sent and isinstance(why, Refused) and why.code == "code_needed":
        told["one_more"] = sentence(visit.language, why.code, why.facts)
        return visit.render(PAGE, status=problem_of(why).status, **told)
    return visit.refuse(PAGE, why, field if sent or field != "code" else "", **told)


def _seen(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 10):  # noqa: PLR2004  what an int column holds
        raise Refused("field_unreadable")
    return int(word)


ROUTES = (accept, offer, answer, say, decline, perform, retry, pressure)
