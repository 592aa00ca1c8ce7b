"""One dispute on one screen, as its merchant sees it: what is asked, by when, and the acts, the likeliest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError
from hejie.desk.act import subject_of
from hejie.disputes import commands as c
from hejie.disputes.cost import cost_of
from hejie.disputes.decide import decide
from hejie.disputes.ground import Ground
from hejie.disputes.model import REFUNDS, Dispute, Offer, OfferStatus, Performance, Remedy, Road
from hejie.edge import phrases
from hejie.edge.phones import masked
from hejie.edge.words import mark
from hejie.merchants.answering import Answers
from hejie.merchants.handling import Handling
from hejie.merchants.model import Shop
from hejie.queries import merchant as mine
from hejie.queries import queue
from hejie.queries.officer import phone_of
from hejie.queries.record import read_dispute, read_record
from hejie.store.settings import settings_at
from hejie.web import advanced, bidding, denying, entitled, handed, handoffs, mediating, similar, story, story_labels
from hejie.web.evidence import show_picture
from hejie.web.merchant import beside, case_desk
from hejie.web.merchant.giving import answering_desk
from hejie.web.merchant.seat import Seat, must_serve, take_seat
from hejie.web.shell import Answer, Visit, page

PAGE = "merchant/case.html"
BASE = "/merchant/disputes/{id:str}"
DONE: Mapping[str, str] = {
    "accepted": mark("You have agreed. The customer has been told."),
    "offered": mark("Your offer has been sent to the customer."),
    "answered": mark("Your answer has been sent to the customer."),
    "declined": mark("You have declined. The customer has been told."),
    "said": mark("Your message has been sent."),
    "performed": mark("Thank you. The customer has been asked to look."),
    "retried": mark("The refund is on its way again."),
    "limit": mark("Your limit is named. Only this browser keeps it."),
    "met": mark("The two limits met: the middle is agreed."),
    "pressure": mark("Your question has gone to the officers."),
    "missed": mark("The two limits did not meet. Nobody has seen them."),
    "asked": mark("This is above your own limit. It now waits for a colleague who may give so much."),
    "approved": mark("You have agreed, and the answer has been given."),
    "returned": mark("You have given it back. Your colleague sees your words here."),
    "assigned": mark("Done. Your customer sees nothing of this."),
    "odr_ended": mark("Noted. Your customer's way to 12315 is open now."),
    "denied_sale": mark("Noted. Your customer has been told. Until this is decided, the time to answer runs on."),
    "mediation": mark("Noted. The authority sees it."),
    "taken": mark("Thank you. The dispute is yours now; please answer your customer."),
}
_WAYS: Mapping[Road, tuple[str, str]] = {
    Road.api: (
        mark("The refund goes out by itself"),
        mark("The money leaves your {wallet} account at once, back to the account that paid. Nothing more to do."),
    ),
    Road.own_tool: (
        mark("I refund in my own {wallet} tool"),
        mark("Refund this very payment in your {wallet} merchant app; the platform looks for it there."),
    ),
    Road.by_hand: (
        mark("We do it directly"),
        mark("Hand it over, transfer it or do it yourself, then show proof here; the customer confirms."),
    ),
}
_MEND: Mapping[str, str] = {
    "SELLER_BALANCE_NOT_ENOUGH": mark("Please top up your {wallet} account, then send the refund again."),
    "REASON_TRADE_BEEN_FREEZEN": mark("Please have {wallet} release the payment, then send the refund again."),
    "authority_missing": mark("Please authorise refunds again under Settings, then send the refund again."),
    "authority_invalid": mark("Please authorise refunds again under Settings, then send the refund again."),
}
_MEND_OTHERWISE = mark("Please refund it yourself in your {wallet} tool and enter the refund number here.")


class Way(Struct, frozen=True):
    """One road on which a thing can be agreed, in words."""

    road: Road
    name: str
    hint: str


class Ask(Struct, frozen=True, kw_only=True):
    """Something of the other side that the merchant can agree to now."""

    offer: Offer
    who: str
    terms: str
    words: str
    translation: str
    refund_fen: int
    """The refund that agreeing costs; 0 where it is none."""
    ways: tuple[Way, ...]
    """The best first; none where the rules say no."""
    declinable: bool


@page(BASE, role=Role.merchant)
async def case(visit: Visit) -> Answer:
    """The whole page; another one for who is asked whether the sale was its own, and for who had it before."""
    found = await beside.look(visit)
    if found is not None:
        return await beside.show(visit, found)
    return visit.render(PAGE, **await context(visit))


@page(f"{BASE}/top", role=Role.merchant, quiet=True)
async def top(visit: Visit) -> Answer:
    """Where it stands, for the page that is open."""
    if await beside.look(visit) is not None:
        return beside.anew(visit)
    return visit.render("merchant/case_top.html", **await context(visit, seen=visit.query("seen")))


@page(f"{BASE}/talk", role=Role.merchant, quiet=True)
async def talk(visit: Visit) -> Answer:
    """What happened so far, for the page that is open."""
    if await beside.look(visit) is not None:
        return beside.anew(visit)
    return visit.render("merchant/case_talk.html", **await context(visit))


@page(f"{BASE}/live", role=Role.merchant, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that this dispute has changed."""
    dispute = await row_of(visit)
    return visit.stream(dispute.id, dispute.version)


@page(f"{BASE}/pictures/{{name:str}}", role=Role.merchant, quiet=True)
async def picture(visit: Visit) -> Answer:
    """One picture, for the parties only; to a former one those it has seen."""
    found = await beside.look(visit)
    if found is not None and (found.gone is not None or found.watches):
        told = await beside.story_then(visit, found)
        if visit.path("name") in {name for line in told.lines for name in line.pictures}:
            return await show_picture(visit, found.dispute)
    return await show_picture(visit, await row_of(visit))


async def row_of(visit: Visit) -> Dispute:
    """The row alone; `Missing("dispute_unknown")` where it is not the visitor's."""
    dispute = await story.load_row(visit, visit.path("id"))
    async with visit.connection() as connection:
        must_serve(await take_seat(connection, visit), dispute)
    return dispute


class View(Struct, frozen=True):
    """The dispute as this visitor sees it."""

    seat: Seat
    told: story.Story
    authorised: bool
    """Whether refunds by API are open to this merchant now."""
    handling: Handling | None
    """What the merchant's own side said about it."""
    answers: Answers
    """The desk that answers."""
    own_account: bool = True
    """Whether the money went to its own account."""

    @property
    def dispute(self) -> Dispute:
        """The row."""
        return self.told.dispute

    def ground(self) -> Ground:
        """What the rules may know besides the row."""
        told = self.told
        return Ground(
            city=told.dispute.city,
            now=told.now,
            actor=told.actor,
            settings=told.settings,
            authorised=self.authorised,
            own_account=self.own_account,
        )


async def view(visit: Visit) -> View:
    """Everything about the dispute in the address; `Missing("dispute_unknown")` where it is not the visitor's."""
    now, city, identifier = visit.house.clock.now(), visit.city, visit.path("id")
    async with visit.connection() as connection:
        settings = await settings_at(connection, city, now)
        dispute = await read_dispute(connection, city, identifier)
        story.must_read(dispute, visit, settings)
        seat = await take_seat(connection, visit)
        must_serve(seat, dispute)
        authorised = await mine.authority_stands(connection, dispute, now)
        own = await mine.owns_accounts(connection, dispute)
        handling = await queue.read_handling(connection, city, identifier)
        answers = answering_desk(seat.merchant, dispute, handling)
        record = await read_record(connection, visit.house.vaults(city), city, identifier)
        cities, banks = await story.cities_of(visit, connection, dispute), story.banks_of(visit)
    told = story.tell(
        record, visit.actor, settings, visit.language, now, authorised=authorised, banks=banks, cities=cities
    )
    return View(seat, told, authorised and own, handling, answers, own)


async def context(visit: Visit, *, seen: str = "") -> dict[str, Any]:
    """What the page's templates see."""
    found = await view(visit)
    told, dispute = found.told, found.dispute
    cards = {card.offer.id: card for card in told.offers}
    asks = [_ask(visit, found, offer, cards.get(offer.id)) for offer in reversed(dispute.offers)]
    shop = found.seat.merchant.shop(dispute.shop)
    stopped = {refund.trade_no: (refund, why) for refund, why in told.refunds if why}
    failed = [(refund, why, _mend(visit, found, refund.code)) for refund, why in stopped.values()]
    done = visit.query("done")
    return {
        "story": told,
        "home": visit.url(f"/merchant/disputes/{dispute.id}"),
        "seat": found.seat,
        "shop": shop.name if isinstance(shop, Shop) else found.seat.merchant.name,
        "filed": told.lines[0] if told.lines else None,
        "asks": [ask for ask in asks if ask is not None and ask.ways],
        "ways": [_way(visit, dispute, road) for road in _offered_roads(found)],
        "payments": [(paid.trade_no, paid.item or paid.trade_no) for paid in dispute.payments],
        "remedies": [(each.value, story_labels.remedy(visit.language, each)) for each in Remedy],
        "phrases": phrases.choices(Role.merchant, visit.language),
        "failed": failed if dispute.performance is Performance.failed else (),
        "done": visit.say(DONE[done]) if done in DONE and visit.request.method == "GET" else "",
        "reasons": [(reason.value, visit.say(words)) for reason, words in denying.REASONS.items()],
        "bids": bidding.shown(visit, told),
        "similar": await similar.shown(visit, told),
        "odr": handoffs.odr(visit, told.dispute),
        "entitled": entitled.shown(visit, told.dispute),
        "advance": await advanced.shown(visit, dispute.id),
        "mediation": await mediating.shown(visit, dispute, told.settings),
        "handed": await handed.shown(visit, dispute),
        "came": await handed.came(visit, dispute),
        "changed": bool(seen) and seen != str(dispute.version),
        "sent_to": await _sent_to(visit, found.seat),
        "tried": "",
        "code_sent": "",
        "one_more": "",
        **await case_desk.context(visit, found.seat, dispute, found.handling, found.answers),
    }


async def _sent_to(visit: Visit, seat: Seat) -> str:
    """The masked number to which the link just opened was sent: a link that was passed on is known by it."""
    contact = seat.merchant.contact(visit.query("sent")) if visit.viewer.scope else None
    if contact is None or not contact.channel.is_number:
        return ""
    vault, subject = visit.house.vaults(visit.city), subject_of("merchant", seat.merchant.id)
    async with visit.connection() as connection:
        return masked(await phone_of(connection, vault, visit.city, subject, contact.content))


def _ask(visit: Visit, found: View, offer: Offer, card: story.OfferCard | None) -> Ask | None:
    if offer.by is Role.merchant or offer.status is not OfferStatus.open:
        return None
    cost = cost_of(found.dispute, offer.remedy, offer.amount_fen)
    by_consumer = offer.by is Role.consumer
    roads = [road for road in (Road.api, Road.own_tool, Road.by_hand) if by_consumer or road is offer.road]
    return Ask(
        offer=offer,
        who=card.who if card else "",
        terms=story_labels.terms(visit.language, offer),
        words=card.words if card else "",
        translation=card.translation if card else "",
        refund_fen=cost if offer.remedy in REFUNDS else 0,
        ways=tuple(_way(visit, found.dispute, road) for road in roads if _agreeable(found, offer, road)),
        declinable=card is not None and card.declinable,
    )


def _agreeable(found: View, offer: Offer, road: Road) -> bool:
    """Whether the rules would let the merchant agree on this road now."""
    wished = None if road is offer.road else road
    try:
        return bool(decide(found.dispute, c.AcceptOffer(offer=offer.id, road=wished), found.ground()))
    except HejieError:
        return False


def _offered_roads(found: View) -> list[Road]:
    if found.dispute.unverified:
        return [Road.by_hand]
    by_api = found.authorised and found.dispute.proven
    if not found.own_account:
        return [Road.by_hand]
    return [*([Road.api] if by_api else []), Road.own_tool, Road.by_hand]


def _way(visit: Visit, dispute: Dispute, road: Road) -> Way:
    wallet = story_labels.wallet(visit.language, dispute.wallet)
    name, hint = _WAYS[road]
    return Way(road, visit.say(name, wallet=wallet), visit.say(hint, wallet=wallet))


def _mend(visit: Visit, found: View, code: str) -> str:
    """What the merchant can do about a refund that did not go through."""
    wallet = story_labels.wallet(visit.language, found.dispute.wallet)
    beyond = code.startswith("authority_") and not found.seat.manages
    word = code.rpartition(".")[2].replace("ENOUGHT", "ENOUGH")
    known = _MEND_OTHERWISE if beyond else _MEND.get(word, _MEND_OTHERWISE)
    return visit.say(known, wallet=wallet)


ROUTES = (case, top, talk, live, picture)
