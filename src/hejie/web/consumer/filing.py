"""Filing in three taps: what happened, what is wanted, send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.dues import Due, Rule, due
from hejie.cities.promises import Promise
from hejie.cities.settings import CitySettings
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.filing import claim_road
from hejie.disputes.model import Claim, Remedy
from hejie.edge.forms import Checks, Form
from hejie.edge.words import mark, money, say_many
from hejie.intake.contacts import keep_contact
from hejie.intake.payments import name_payee
from hejie.merchants.model import State
from hejie.merchants.reach import Reach
from hejie.queries import consumer
from hejie.queries.consumer import Bought
from hejie.queries.paycodes import promised_to
from hejie.queries.reach import Payee, payee_of
from hejie.store import directories
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.claims import WANTED, WITH_AMOUNT, field_of, read_claim
from hejie.web.consumer import promised
from hejie.web.consumer.contact import typed_contact
from hejie.web.consumer.questions import SEND, after, before, carried, first_open, questions
from hejie.web.consumer.reaching import resolve
from hejie.web.consumer.safety import is_report, keep, open_from_form
from hejie.web.consumer.sending import Sent, read_sent, reads_in
from hejie.web.shell import PICTURES_BYTES, Answer, Visit, act, page
from hejie.web.unit_lines import names_of

STEP = "consumer/step.html"
TAKES_OVER = mark("Yes, then the authority takes over")
STAYS = mark("No, I decide about that myself")


class Draft(Struct, frozen=True, kw_only=True):
    """What a filing is about, before anything is sent."""

    settings: CitySettings
    chosen: tuple[Bought, ...]
    others: tuple[Bought, ...]
    """More payments to the same merchant that could be added."""
    payee: Payee | None
    """Whom it was paid to."""
    window: Due
    promises: tuple[Promise, ...]
    """What was shown when it was paid."""
    road: str
    """How a refund would come back."""
    leaves: str = ""
    """The name of the member city that takes it over at once, where the shop is registered there and not here."""

    @property
    def open(self) -> bool:
        """Whether the merchant takes part, so that it can be asked."""
        return self.payee is not None and self.payee.merchant.state is State.enrolled

    @property
    def left_fen(self) -> int:
        """What may still come back of the chosen."""
        return sum(each.left_fen for each in self.chosen)

    @property
    def paid_fen(self) -> int:
        """What was paid in the chosen."""
        return sum(each.paid_fen for each in self.chosen)

    def asked(self, form: Form) -> tuple[str, ...]:
        """The questions that its answers so far bring."""
        problem = next((each for each in self.settings.problems if each.id == form.text("problem")), None)
        several = len(self.chosen) > 1 or bool(self.others)
        return questions(form, problem, several=several, promises=bool(self.promises))


_WHY = {Reach.elsewhere: "elsewhere", Reach.known: "known", Reach.unknown: "merchant"}


@page("/disputes/new", role=Role.consumer)
async def new(visit: Visit) -> Answer:
    """The form; where this road is closed, the way that is open."""
    trades = [word for word in visit.request.query_params.getall("trade", []) if word.isprintable()]
    draft = await _draft(visit, trades)
    first = draft.chosen[0]
    taken = next((each for each in draft.chosen if each.taken), None)
    if taken is not None:
        return visit.go(f"/disputes/{taken.dispute}")
    found = await resolve(visit, first, draft.payee, draft.settings.clocks.invite_days)
    if found is not Reach.enrolled and not draft.leaves:
        return visit.go(f"/12315?trade={first.trade_no}&why={_WHY[found]}")
    if draft.window.passed(visit.house.clock.now()):
        return visit.go(f"/12315?trade={first.trade_no}&why=late")
    if draft.left_fen <= 0:
        return visit.go(f"/12315?trade={first.trade_no}&why=refunded")
    return _form(visit, draft)


@act("/disputes/new", role=Role.consumer)
async def step(visit: Visit) -> Answer:
    """One question answered, in large text: it alone is looked at, and the next one is asked."""
    draft = await _draft(visit, visit.form.words("trade") or visit.form.words("first"))
    asked, here = draft.asked(visit.form), visit.form.text("step")
    if wanted := visit.form.text("to"):
        return _ask(visit, draft, wanted if wanted in asked else asked[0])
    danger = await _danger(visit, draft) if here == "problem" else None
    if danger is not None:
        return danger
    check = Checks()
    read_claim(visit.form, draft.settings.problems, draft.left_fen, check)
    await _rest(visit, check)
    wrong = check.only(here)
    if wrong:
        return visit.refuse(STEP, wrong, **_step_context(visit, draft, here))
    return _ask(visit, draft, first_open(asked, visit.form) if visit.form.has("fixing") else after(asked, here))


def _form(visit: Visit, draft: Draft) -> Answer:
    """The form, or in large text its first question that is still open."""
    if not visit.elder:
        return visit.render("consumer/file.html", **_context(visit, draft))
    return _ask(visit, draft, first_open(draft.asked(visit.form), visit.form))


def _ask(visit: Visit, draft: Draft, question: str) -> Answer:
    return visit.render(STEP, **_step_context(visit, draft, question))


def _refused(visit: Visit, draft: Draft, why: HejieError | Checks, field: str = "") -> Answer:
    """The form with what is wrong; in large text the question that it is about."""
    if not visit.elder:
        return visit.refuse("consumer/file.html", why, field, **_context(visit, draft))
    faulty = [each.field for each in why.faults] if isinstance(why, Checks) else [field]
    question = next((each for each in draft.asked(visit.form) if each in faulty), SEND)
    if isinstance(why, Checks):
        why = why.only(question) or why
    return visit.refuse(STEP, why, field if field == question else "", **_step_context(visit, draft, question))


def _step_context(visit: Visit, draft: Draft, question: str) -> dict[str, Any]:
    asked, context = draft.asked(visit.form), _context(visit, draft)
    return {
        **context,
        "question": question,
        "fixing": question != SEND and (visit.form.has("fixing") or visit.form.text("step") == SEND),
        "back": before(asked, question),
        "place": (asked.index(question) + 1 if question in asked else len(asked), len(asked)),
        "carried": carried(visit.form, but=question),
        "answers": [(each, _answer(visit, draft, context, each)) for each in asked] if question == SEND else [],
    }


def _answer(visit: Visit, draft: Draft, context: dict[str, Any], question: str) -> str:
    """An answer as it is read back."""
    typed = visit.form.text(question).strip()
    match question:
        case "trade":
            count, paid = len(draft.chosen), money(draft.paid_fen)
            return say_many(visit.language, "{n} payment, {sum}", "{n} payments, {sum} together", count, sum=paid)
        case "problem":
            return str(dict(context["problems"]).get(typed, ""))
        case "promise":
            return promised.title(context["promises"], typed)
        case "remedy":
            return str(dict(context["remedies"]).get(typed, ""))
        case "escalates":
            return visit.say(TAKES_OVER if typed else STAYS)
        case "amount" | "right_amount" if typed:
            return f"¥{typed.removeprefix('¥')}"
        case _:
            return typed


async def _draft(visit: Visit, trades: Sequence[str]) -> Draft:
    now, person = visit.house.clock.now(), visit.viewer.person
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        chosen = await consumer.payments(connection, visit.city, person, trades)
        payee = await payee_of(connection, visit.city, chosen[0])
        if payee is not None and not chosen[0].merchant and payee.merchant.state is State.enrolled:
            shop = payee.shop.id if payee.shop else ""
            await name_payee(connection, visit.city, chosen[0].wallet, chosen[0].trade_no, payee.merchant.id, shop)
            chosen = await consumer.payments(connection, visit.city, person, trades)
        since = _window_begins(settings, now)
        others = await consumer.beside(connection, visit.city, person, chosen[0], since) if chosen[0].merchant else ()
        by_api = await consumer.refunds_by_api(connection, visit.city, chosen, now)
        members = names_of(visit, await directories.present(connection, visit.city))
        promises = await promised_to(connection, visit.city, person, [each.trade_no for each in chosen])
    way = claim_road(Claim(remedy=Remedy.refund_full), by_api=by_api)
    return Draft(
        settings=settings,
        chosen=chosen,
        others=tuple(each for each in others if each.trade_no not in trades and each.left_fen > 0),
        payee=payee,
        window=due(Rule.filing_window, min(each.paid_at for each in chosen), settings),
        promises=promises,
        road=labels.road(visit.language, way, chosen[0].wallet),
        leaves=members.get(chosen[0].elsewhere, chosen[0].elsewhere),
    )


def _window_begins(settings: CitySettings, now: datetime) -> datetime:
    return now - timedelta(days=settings.clocks.filing_days)


def _context(visit: Visit, draft: Draft) -> dict[str, Any]:
    problems = [(each.id, getattr(each.name, visit.language)) for each in draft.settings.problems]
    difference = [each.id for each in draft.settings.problems if each.asks_right_amount]
    return {
        "draft": draft,
        "first": draft.chosen[0],
        "wallet": labels.wallet(visit.language, draft.chosen[0].wallet),
        "problems": problems,
        "difference": difference,
        "promises": promised.choices(visit, draft.promises),
        "remedies": [(each.value, labels.remedy(visit.language, each)) for each in WANTED],
        "with_amount": [each.value for each in WITH_AMOUNT],
        "chosen": set(visit.form.words("trade")) or {each.trade_no for each in draft.chosen},
        "fresh": not visit.form.has("once"),
        "silent": (("yes", visit.say(TAKES_OVER)), ("", visit.say(STAYS))),
    }


@act("/disputes", role=Role.consumer, most_bytes=PICTURES_BYTES)
async def file(visit: Visit) -> Answer:
    """Send it."""
    draft = await _draft(visit, visit.form.words("trade") or visit.form.words("first"))
    danger = await _danger(visit, draft)
    if danger is not None:
        return danger
    if not (draft.open or draft.leaves):
        return visit.go(f"/disputes/new?trade={draft.chosen[0].trade_no}")
    check = Checks()
    claim = read_claim(visit.form, draft.settings.problems, draft.left_fen, check)
    sent, phone = await _rest(visit, check)
    if not (draft.chosen[0].merchant or draft.leaves):
        check.add("", Refused("merchant_unknown"))
    if check:
        return _refused(visit, draft, check)
    try:
        identifier = await _send(visit, draft, claim, sent)
    except (Refused, Missing) as refusal:
        return _refused(visit, draft, refusal, field_of(refusal))
    if phone:
        vault, now = visit.house.vaults(visit.city), visit.house.clock.now()
        async with visit.connection() as connection:
            await keep_contact(connection, vault, visit.city, visit.viewer.person, phone, now)
    return visit.go(f"/disputes/{identifier}?done={'filed_there' if draft.leaves else 'filed'}")


@act("/disputes/again", role=Role.consumer)
async def again(visit: Visit) -> Answer:
    """The form once more with what was typed, after the page about the danger."""
    kept = await keep(visit)
    if not isinstance(kept, str):
        return kept
    return _form(visit, await _draft(visit, visit.form.words("trade") or visit.form.words("first")))


async def _danger(visit: Visit, draft: Draft) -> Answer | None:
    """The page about the danger, where the problem is one and nobody has been told of it yet."""
    danger = next((p.id for p in draft.settings.problems if p.safety and p.id == visit.form.text("problem")), "")
    if not danger or await is_report(visit, visit.form.text("report")):
        return None
    return await open_from_form(visit, draft.settings, draft.chosen, danger)


async def _rest(visit: Visit, check: Checks) -> tuple[Sent, str]:
    """What the form says besides the claim: words and pictures, and the phone number."""
    if not visit.form.words("trade"):
        check.add("trade", Refused("payment_none"))
    phone = check("phone", typed_contact, visit, default="")
    return await read_sent(visit, check), phone


async def _send(visit: Visit, draft: Draft, claim: Claim, sent: Sent) -> str:
    command = c.File(
        id=visit.desk.mint(visit.city),
        trades=tuple(each.trade_no for each in draft.chosen),
        problem=visit.form.word("problem"),
        claim=claim,
        words=sent.words,
        pictures=sent.pictures,
        escalates_by_itself=visit.form.has("escalates"),
        report=visit.form.text("report"),
        promise=visit.form.word("promise"),
    )
    once = await visit.once()
    done = await visit.desk.act(
        DISPUTES, visit.city, command.id, command, visit.actor, contents=sent.contents, once=once
    )
    await reads_in(visit)
    return done.id


ROUTES = (new, step, file, again)
