"""Merchants: found, registered with their first shop, enrolled at the wallet, closed; shops and contacts."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Missing, Refused
from hejie.base.identifiers import mint
from hejie.desk.act import Content, Once, subject_of
from hejie.desk.merchants import MERCHANTS
from hejie.edge import stalls
from hejie.edge.forms import Checks
from hejie.edge.phones import masked, read_phone
from hejie.edge.texts import clean_text
from hejie.intake.payments import merchant_of
from hejie.merchants import commands as m
from hejie.merchants.bindings import ACQUIRER
from hejie.merchants.contacts import Channel
from hejie.merchants.decide import decide
from hejie.merchants.fold import evolve
from hejie.merchants.model import Enrolment, Kind, Merchant, Shop
from hejie.merchants.uscc import credit_code
from hejie.queries import officer
from hejie.queries.agreements import agreements_of
from hejie.queries.bindings import bindings_of
from hejie.queries.merchant import read_merchant
from hejie.queries.parties import false_denials
from hejie.queries.successions import successions_of
from hejie.store.settings import settings_at
from hejie.web import agreeing, binding_lines, story_labels, succession_lines
from hejie.web.districts import district_choices
from hejie.web.named_wallets import named_wallets
from hejie.web.shell import Answer, Visit, act, page

WALLET = "alipay"
PAGE, _NEW = "officer/merchant.html", "officer/merchant_new.html"
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Za-z]{8,32}", re.ASCII)
_AT_ACQUIRER = re.compile(r"[0-9A-Za-z]{1,32}-[0-9A-Za-z._-]{1,64}", re.ASCII)
_TRADE_NO = re.compile(r"[0-9]{16,64}", re.ASCII)
MOST_OFFICE = 200
"""Characters that say where a market's office is and whom to ask for."""
AGREEMENT_FIELDS = (
    "bond", "side", "other_code", "agreed_shop", "answers", "pays", "counts", "begins", "ends", "principal_words",
    "member_words",
)  # fmt: skip
BINDING_FIELDS = ("scheme", "bound_number", "bound_issuer", "bound_shop", "bound_from", "basis", "bound_words")
SUCCESSION_FIELDS = ("succession_code", "succession_from", "succession_words")
_LIVE = frozenset({Enrolment.opening, Enrolment.open})


@page("/officer/merchants", role=Role.officer)
async def find(visit: Visit) -> Answer:
    """Merchants by name, shop or credit code; without words, the newest."""
    words = visit.query("q")
    async with visit.connection() as connection:
        found = await officer.find_merchants(connection, visit.city, words, visit.query("after"))
    return visit.render("officer/merchants.html", found=found, words=words)


@page("/officer/merchants/new", role=Role.officer)
async def new(visit: Visit) -> Answer:
    """The form for a merchant and its first shop."""
    return visit.render(_NEW, **await _choices(visit))


@act("/officer/merchants/new", role=Role.officer)
async def register(visit: Visit) -> Answer:
    """Register a merchant with its first shop; both are checked before either is written."""
    check, form, once = Checks(), visit.form, await visit.once()
    kind = check("kind", _kind, form.word("kind"), default=Kind.enterprise)
    code = check("credit_code", credit_code, form.text("credit_code"), default="")
    entity = m.RegisterMerchant(
        city=visit.city, id=visit.desk.mint(visit.city), credit_code=code, name=form.word("name"), kind=kind
    )
    merchant = check("name", _merchant, entity, visit, default=None) if code else None
    shop = _typed_shop(visit, once)
    if merchant is not None:
        check("shop", _try_shop, merchant, shop, visit, default=None)
    phone = check("phone", mobile, form.text("phone"), default="")
    if check:
        return visit.refuse(_NEW, check, **await _choices(visit))
    try:
        done = await visit.desk.act(MERCHANTS, visit.city, entity.id, entity, visit.actor, once=once)
    except HejieError as why:
        return visit.refuse(_NEW, why, "credit_code", **await _choices(visit))
    await visit.desk.act(MERCHANTS, visit.city, done.id, m.AddShop(shop=shop), visit.actor, once=_next(once, "shop"))
    await _set_contact(visit, done.id, phone, "", _next(once, "contact"))
    return visit.go(f"/officer/merchants/{done.id}?done=registered")


@page("/officer/merchants/{id:str}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One merchant: shops, accounts and how far each is opened, contact."""
    return visit.render(PAGE, **await context(visit))


@page("/officer/merchants/{id:str}/accounts", role=Role.officer, quiet=True)
async def accounts(visit: Visit) -> Answer:
    """The accounts alone, for the page that is open."""
    return visit.render("officer/accounts.html", **await context(visit))


@page("/officer/merchants/{id:str}/live", role=Role.officer, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that this merchant has changed."""
    found = await context(visit)
    return visit.stream(found["merchant"].id, found["merchant"].version)


@act("/officer/merchants/{id:str}/shops", role=Role.officer)
async def add_shop(visit: Visit) -> Answer:
    """Add a shop."""
    once = await visit.once()
    return await _do(visit, m.AddShop(shop=_typed_shop(visit, once)), "shop", "shop")


@act("/officer/merchants/{id:str}/contact", role=Role.officer)
async def contact(visit: Visit) -> Answer:
    """Set the number to which the merchant's messages go, of the whole merchant or of one shop."""
    try:
        phone = mobile(visit.form.text("phone"))
        await _set_contact(visit, visit.path("id"), phone, visit.form.word("shop_of"), await visit.once())
    except Refused as why:
        return visit.refuse(PAGE, why, "phone", **await context(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done=contact")


@act("/officer/merchants/{id:str}/office", role=Role.officer)
async def office(visit: Visit) -> Answer:
    """The market's office becomes a rung: an officer has a person there go and tell the stall."""
    try:
        place = clean_text(visit.form.text("office"), MOST_OFFICE, needed=True)
        await _enrol_contact(visit, Channel.market_office, "", "text", place)
    except Refused as why:
        return visit.refuse(PAGE, why, "office", **await context(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done=office")


@act("/officer/merchants/{id:str}/call", role=Role.officer)
async def call(visit: Visit) -> Answer:
    """A number to be called becomes a rung: the message is read aloud there."""
    try:
        line = read_phone(visit.form.text("line"), needed=True, landline=True)
        await _enrol_contact(visit, Channel.voice, visit.form.word("line_of"), "phone", line)
    except Refused as why:
        return visit.refuse(PAGE, why, "line", **await context(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done=call")


async def _enrol_contact(visit: Visit, channel: Channel, shop: str, kind: str, plain: str) -> None:
    sealed = visit.desk.mint(visit.city)
    await visit.desk.act(
        MERCHANTS,
        visit.city,
        visit.path("id"),
        m.EnrolContact(id=sealed, channel=channel, shop=shop, content=sealed),
        visit.actor,
        contents=[Content(id=sealed, kind=kind, plain=plain.encode())],
        once=await visit.once(),
    )


@act("/officer/merchants/{id:str}/contact/remove", role=Role.officer)
async def remove_contact(visit: Visit) -> Answer:
    """Take a contact away, as where somebody else has taken it over."""
    return await _do(visit, m.RemoveContact(contact=visit.form.word("contact")), "contacts", "removed")


@act("/officer/merchants/{id:str}/enrol", role=Role.officer)
async def enrol(visit: Visit) -> Answer:
    """Ask the wallet to open the function: for every account of the credit code, or for one found by a payment.

    Some wallets tell nobody a merchant's accounts: there the merchant's own number is taken.
    """
    if visit.form.word("how") in named_wallets(visit):
        return await _enrol_named(visit, visit.form.word("how"))
    by_trade = visit.form.word("how") == "trade"
    trade_no = visit.form.word("trade_no") if by_trade else ""
    if by_trade and _TRADE_NO.fullmatch(trade_no) is None:
        return visit.refuse(PAGE, Refused("trade_no_unusable"), "trade_no", **await context(visit))
    return await _do(visit, m.AskEnrolment(wallet=WALLET, trade_no=trade_no), "how", "enrol")


async def _enrol_named(visit: Visit, wallet: str) -> Answer:
    """The account that the merchant names, unless it is another merchant's."""
    number = visit.form.word("number")
    if (_AT_ACQUIRER if wallet == ACQUIRER else _NUMBER).fullmatch(number) is None:
        return visit.refuse(PAGE, Refused("account_number_unusable"), "number", **await context(visit))
    async with visit.connection() as connection:
        held = await merchant_of(connection, visit.city, wallet, number)
    if held and held != visit.path("id"):
        return visit.refuse(PAGE, Refused("account_taken"), "number", **await context(visit))
    return await _do(visit, m.AskEnrolment(wallet=wallet, account=number), "number", "named")


@act("/officer/merchants/{id:str}/close", role=Role.officer)
async def close(visit: Visit) -> Answer:
    """Have the wallet switch the function off for one account."""
    wallet, _, account = visit.form.word("account").partition(" ")
    if not account:
        return visit.refuse(PAGE, Missing("account_unknown"), "account", **await context(visit))
    return await _do(visit, m.CloseEnrolment(wallet=wallet, account=account), "account", "close")


def mobile(text: str) -> str:
    """A mainland mobile number in E.164; spaces and hyphens are forgiven. `Refused("phone_unusable")` otherwise."""
    match = _MOBILE.fullmatch(re.sub(r"[ \u00a0-]", "", text.strip()))
    if match is None:
        raise Refused("phone_unusable")
    return f"+86{match[1]}"


async def merchant_page(visit: Visit, **more: object) -> Answer:
    """The merchant's page with something that is shown this once."""
    return visit.render(PAGE, **{**await context(visit), **more})


async def _do(visit: Visit, command: m.Command, field: str, done: str) -> Answer:
    identifier = visit.path("id")
    try:
        await visit.desk.act(MERCHANTS, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go(f"/officer/merchants/{identifier}?done={done}")


async def _set_contact(visit: Visit, merchant: str, phone: str, shop: str, once: Once) -> None:
    content = visit.desk.mint(visit.city)
    await visit.desk.act(
        MERCHANTS,
        visit.city,
        merchant,
        m.SetContact(content=content, shop=shop),
        visit.actor,
        contents=[Content(id=content, kind="phone", plain=phone.encode())],
        once=once,
    )


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's templates see."""
    vault, city = visit.house.vaults(visit.city), visit.city
    async with visit.connection() as connection:
        merchant = await read_merchant(connection, city, visit.path("id"))
        untrue = await false_denials(connection, city, merchant.id)
        agreed = await agreements_of(connection, city, merchant.id)
        bound = await bindings_of(connection, city, merchant.id)
        succeeded = await successions_of(connection, city, merchant.id)
        subject = subject_of("merchant", merchant.id)
        contacts = []
        for each in merchant.contacts:  # twelve at most
            plain = await officer.phone_of(connection, vault, city, subject, each.content)
            contacts.append((each, masked(plain) if each.channel.is_number else plain))
        hung = await stalls.hung(connection, city, merchant.id)
    here = visit.house.clock.now().astimezone(SHANGHAI)
    live = [each for each in merchant.accounts if each.enrolment in _LIVE]
    return {
        **await _choices(visit),
        "merchant": merchant,
        "untrue": untrue,
        "contacts": contacts,
        "agreements": agreeing.lines(visit, merchant.id, agreed),
        "agreement_fields": AGREEMENT_FIELDS,
        "bonds": [(bond.value, visit.say(words)) for bond, words in agreeing.BONDS.items()],
        "sides": [(part.value, visit.say(words)) for part, words in agreeing.SIDES.items()],
        "timeline": succession_lines.timeline(visit, merchant, bound, succeeded),
        "succession_fields": SUCCESSION_FIELDS,
        "binding_fields": BINDING_FIELDS,
        "schemes": [(scheme.value, visit.say(words)) for scheme, words in binding_lines.SCHEMES.items()],
        "bases": [(basis.value, visit.say(words)) for basis, words in binding_lines.BASES.items()],
        "today": here.date().isoformat(),
        "this_minute": here.strftime("%Y-%m-%dT%H:%M"),
        "hung": hung,
        "hung_now": None,
        "closable": [(f"{each.wallet} {each.account}", each.account) for each in live],
        "shop_choices": [(shop.id, shop.name) for shop in merchant.shops],
        "wallet_name": partial(story_labels.wallet, visit.language),
        "named": list(named_wallets(visit)),
        "done": visit.query("done"),
    }


async def _choices(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    return {"districts": district_choices(visit.language, visit.city, settings)}


def _kind(word: str) -> Kind:
    try:
        return Kind(word)
    except ValueError:
        raise Refused("field_unreadable") from None


def _merchant(entity: m.RegisterMerchant, visit: Visit) -> Merchant:
    """The merchant as it would be, by its own rules."""
    (event,) = decide(None, entity, visit.house.clock.now())
    return evolve(None, event)


def _try_shop(merchant: Merchant, shop: Shop, visit: Visit) -> None:
    decide(merchant, m.AddShop(shop=shop), visit.house.clock.now())


def _typed_shop(visit: Visit, once: Once) -> Shop:
    """The shop that was typed; its identifier follows from the request, so that the same request is the same shop."""
    form = visit.form
    return Shop(
        id=mint(visit.city, 0, lambda size: once.digest[:size]),
        name=form.word("shop"),
        district=form.word("district"),
        address=form.word("address"),
    )


def _next(once: Once, step: str) -> Once:
    """The key of a further step of the same request."""
    return Once(f"{once.key}-{step}", once.digest)
