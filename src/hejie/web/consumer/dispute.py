"""One dispute on one screen: where it stands, the talk, and the few acts that are possible now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.base.money import positive_fen
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Remedy
from hejie.edge import phrases
from hejie.edge.forms import Checks
from hejie.web import advanced, bidding, entitled, handed, handoffs, mediating, similar, story
from hejie.web import story_labels as labels
from hejie.web.consumer.sending import read_sent, reads_in
from hejie.web.evidence import show_picture
from hejie.web.shell import PICTURES_BYTES, Answer, Visit, act, page

PROPOSED = (
    Remedy.refund_full,
    Remedy.refund_part,
    Remedy.goods_return,
    Remedy.exchange,
    Remedy.repair,
    Remedy.voucher,
    Remedy.apology,
    Remedy.compensation,
    Remedy.other,
)
_WITH_AMOUNT = frozenset({Remedy.refund_part, Remedy.goods_return, Remedy.compensation})
_DONE = frozenset({"filed", "filed_there", "said", "offered", "accepted", "declined", "withdrawn", "escalated",
                   "confirmed", "denied", "reopened", "rated", "limit", "met", "missed", "mediation"})  # fmt: skip


@page("/disputes/{id:str}", role=Role.consumer)
async def dispute(visit: Visit) -> Answer:
    """The whole page."""
    return visit.render("consumer/dispute.html", **await _context(visit))


@page("/disputes/{id:str}/part", role=Role.consumer, quiet=True)
async def part(visit: Visit) -> Answer:
    """What changes by itself."""
    return visit.render("consumer/dispute_part.html", **await _context(visit))


@page("/disputes/{id:str}/live", role=Role.consumer, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that it changed."""
    row = await story.load_row(visit, visit.path("id"))
    return visit.stream(row.id, row.version)


@page("/disputes/{id:str}/pictures/{name:str}", role=Role.consumer, quiet=True)
async def picture(visit: Visit) -> Answer:
    """One picture, for the parties only."""
    return await show_picture(visit, await story.load_row(visit, visit.path("id")))


async def _context(visit: Visit) -> dict[str, Any]:
    told = await story.load(visit, visit.path("id"))
    done = visit.query("done") if visit.request.method == "GET" else ""
    return {
        "story": told,
        "home": visit.url(f"/disputes/{told.dispute.id}"),
        "phrases": phrases.choices(Role.consumer, visit.language),
        "remedies": [(each.value, labels.remedy(visit.language, each)) for each in PROPOSED],
        "bids": bidding.shown(visit, told),
        "similar": await similar.shown(visit, told),
        "to_12315": told.dispute.handoff is not None
        or ("consent_handoff" in told.acts and handoffs.connected(visit, told)),
        "entitled": entitled.shown(visit, told.dispute),
        "advance": await advanced.shown(visit, told.dispute.id),
        "mediation": await mediating.shown(visit, told.dispute, told.settings),
        "handed": await handed.shown(visit, told.dispute),
        "came": await handed.came(visit, told.dispute),
        "done": done if done in _DONE else "",
        "tried": "",
    }


async def _act(visit: Visit, command: c.OnExisting, done: str, contents: Sequence[Content] = ()) -> Answer:
    """Do it once and come back to the page, which says that it was done."""
    row, once = await story.load_row(visit, visit.path("id")), await visit.once()
    identifier, tried = row.id, visit.request.url.path.rpartition("/")[2]
    if row.wallet_leads and row.is_open:
        leads = Refused("wallet_leads", wallet=labels.wallet(visit.language, row.wallet))
        return await again(visit, leads, tried=tried)
    try:
        await visit.desk.act(DISPUTES, visit.city, identifier, command, visit.actor, contents=contents, once=once)
    except Missing as missing:
        if missing.code == "dispute_unknown":
            raise
        return await again(visit, missing, tried=tried)
    except Refused as refusal:
        return await again(visit, refusal, tried=tried)
    await reads_in(visit)
    return visit.go(f"/disputes/{identifier}?done={done}")


async def again(visit: Visit, why: HejieError | Checks, field: str = "", tried: str = "") -> Answer:
    """The page as it is now, with what was typed in the form that was tried."""
    return visit.refuse("consumer/dispute.html", why, field, **{**await _context(visit), "tried": tried})


@act("/disputes/{id:str}/say", role=Role.consumer, most_bytes=PICTURES_BYTES)
async def say(visit: Visit) -> Answer:
    """A message, with pictures or without."""
    await story.load_row(visit, visit.path("id"))
    check = Checks()
    sent = await read_sent(visit, check)
    if not check and not sent.contents:
        check.add("words", Refused("words_missing"))
    if check:
        return await again(visit, check, tried="say")
    command = c.Say(words=sent.words, pictures=sent.pictures, phrase=sent.phrase)
    return await _act(visit, command, "said", sent.contents)


@act("/disputes/{id:str}/offer", role=Role.consumer)
async def offer(visit: Visit) -> Answer:
    """A counter-offer."""
    await story.load_row(visit, visit.path("id"))
    check = Checks()
    kind = next((each for each in PROPOSED if each.value == visit.form.text("remedy")), None)
    if kind is None:
        check.add("remedy", Refused("remedy_missing"))
    amount = 0
    if kind in _WITH_AMOUNT:
        amount = check("amount", positive_fen, visit.form.text("amount").strip(), default=0)
    sent = await read_sent(visit, check)
    if check or kind is None:
        return await again(visit, check, tried="offer")
    identifier = visit.desk.mint(visit.city)
    command = c.MakeOffer(id=identifier, remedy=kind, amount_fen=amount, words=sent.words)
    return await _act(visit, command, "offered", sent.contents)


@act("/disputes/{id:str}/accept", role=Role.consumer)
async def accept(visit: Visit) -> Answer:
    """Agree to an offer."""
    return await _act(visit, c.AcceptOffer(offer=visit.form.word("offer")), "accepted")


@act("/disputes/{id:str}/decline", role=Role.consumer)
async def decline(visit: Visit) -> Answer:
    """Say no to an offer, with words or without."""
    check = Checks()
    sent = await read_sent(visit, check)
    if check:
        return await again(visit, check, tried="decline")
    return await _act(
        visit, c.DeclineOffer(offer=visit.form.word("offer"), words=sent.words), "declined", sent.contents
    )


@act("/disputes/{id:str}/withdraw", role=Role.consumer)
async def withdraw(visit: Visit) -> Answer:
    """Take the dispute back."""
    return await _act(visit, c.Withdraw(), "withdrawn")


@act("/disputes/{id:str}/escalate", role=Role.consumer)
async def escalate(visit: Visit) -> Answer:
    """Ask the authority in."""
    return await _act(visit, c.Escalate(), "escalated")


@act("/disputes/{id:str}/confirm", role=Role.consumer)
async def confirm(visit: Visit) -> Answer:
    """It is solved."""
    return await _act(visit, c.Confirm(), "confirmed")


@act("/disputes/{id:str}/deny", role=Role.consumer)
async def deny(visit: Visit) -> Answer:
    """What was agreed has not come."""
    check = Checks()
    sent = await read_sent(visit, check)
    if check:
        return await again(visit, check, tried="deny")
    return await _act(visit, c.Deny(words=sent.words), "denied", sent.contents)


@act("/disputes/{id:str}/reopen", role=Role.consumer)
async def reopen(visit: Visit) -> Answer:
    """Open a lapsed case again."""
    return await _act(visit, c.Reopen(), "reopened")


@act("/disputes/{id:str}/rate", role=Role.consumer)
async def rate(visit: Visit) -> Answer:
    """Two taps: whether it is solved, and how it went."""
    solved, mood = visit.form.text("solved"), visit.form.text("mood")
    if solved not in {"yes", "no"}:
        return await again(visit, Refused("solved_missing"), "solved", tried="rate")
    if mood not in {"1", "2", "3", "4", "5"}:
        return await again(visit, Refused("mood_unknown"), "mood", tried="rate")
    return await _act(visit, c.Rate(solved=solved == "yes", mood=int(mood)), "rated")


ROUTES = (
    dispute, part, live, picture, say, offer, accept, decline, withdraw, escalate, confirm, deny, reopen, rate
)  # fmt: skip
