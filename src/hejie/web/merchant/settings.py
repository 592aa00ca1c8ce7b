"""How the merchant answers: standing rules, the limit of case links, authority, shops and staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.base.money import fen, positive_fen
from hejie.cities import divisions
from hejie.cities.settings import CitySettings
from hejie.desk.act import Content
from hejie.desk.merchants import MERCHANTS
from hejie.edge import stalls
from hejie.edge.forms import Checks
from hejie.edge.words import mark, money
from hejie.merchants import commands as m
from hejie.merchants.model import Merchant, Rank, Shop
from hejie.merchants.standing import StandingRule
from hejie.queries import merchant as mine
from hejie.queries.agreements import agreements_of
from hejie.queries.bindings import bindings_of
from hejie.queries.successions import successions_of
from hejie.store.settings import settings_at
from hejie.web import agreeing, story_labels, succession_lines
from hejie.web.merchant import answer_leaves, authority
from hejie.web.merchant.contact_rows import shown
from hejie.web.merchant.seat import SETTINGS, managing_seat
from hejie.web.named_wallets import named_wallets
from hejie.web.shell import Answer, Visit, act, page

PAGE = "merchant/settings.html"
DONE: Mapping[str, str] = {
    "rules": mark("The rule is in force for disputes filed from now on."),
    "unruled": mark("The rule is gone."),
    "limit": mark("The limit is set."),
    "authority": mark("Thank you. The wallet is being asked; the authority shows here in a moment."),
    "said": mark("Thank you. The authority shows here in a moment."),
    "withdrawn": mark("The authority is taken back."),
    "let": mark("Your acquirer may answer in your name from now on."),
    "stopped": mark("Your acquirer may no longer answer in your name."),
    "shop": mark("The shop is added."),
    "contact": mark("A code was sent to the number. It is used once you have typed the code here."),
    "verified": mark("The number is verified. Messages go there from now on."),
    "ordered": mark("The order is changed."),
    "removed": mark("The contact is taken away."),
    "unhung": mark("The printed code opens nothing any more. Please take the poster down."),
    "unstaffed": mark("This person no longer has access."),
}
RANKS: Mapping[Rank, str] = {
    Rank.owner: mark("Owner: everything, without limit"),
    Rank.manager: mark("Manager: answers and settings, up to the limit"),
    Rank.clerk: mark("Clerk: answers up to the limit"),
}


@page(SETTINGS, role=Role.merchant)
async def settings(visit: Visit) -> Answer:
    """Everything on one page."""
    return visit.render(PAGE, **await context(visit))


@page(f"{SETTINGS}/authority", role=Role.merchant, quiet=True)
async def part(visit: Visit) -> Answer:
    """The authority alone, for the page that is open."""
    return visit.render("merchant/settings_authority.html", **await context(visit))


@page(f"{SETTINGS}/live", role=Role.merchant, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that the merchant has changed."""
    merchant = (await managing_seat(visit)).merchant
    return visit.stream(merchant.id, merchant.version)


@act(f"{SETTINGS}/rules", role=Role.merchant)
async def add_rule(visit: Visit) -> Answer:
    """Look at what a rule would do, or switch it on."""
    seat, check, form = await managing_seat(visit), Checks(), visit.form
    most = check("most", positive_fen, form.text("most").strip(), default=0)
    rule = StandingRule(
        id=visit.desk.mint(visit.city),
        most_fen=most,
        problems=tuple(form.words("problems")),
        shops=tuple(form.words("rule_shops")),
    )
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    if form.has("preview"):
        told = await context(visit)
        return visit.render(PAGE, **{**told, "preview": rule_sentence(visit, told["settings"], seat.merchant, rule)})
    rules = (*seat.merchant.standing_rules, rule)
    if any(_same(rule, other) for other in seat.merchant.standing_rules):
        return visit.refuse(PAGE, Refused("standing_rule_repeated"), "most", **await context(visit))
    return await tell(visit, m.SetStandingRules(rules=rules), "rules", "most")


@act(f"{SETTINGS}/rules/remove", role=Role.merchant)
async def remove_rule(visit: Visit) -> Answer:
    """Switch one rule off."""
    merchant, gone = (await managing_seat(visit)).merchant, visit.form.word("rule")
    rules = tuple(rule for rule in merchant.standing_rules if rule.id != gone)
    return await tell(visit, m.SetStandingRules(rules=rules), "unruled")


@act(f"{SETTINGS}/limit", role=Role.merchant)
async def limit(visit: Visit) -> Answer:
    """How much an answer by a case link may cost without a code."""
    check = Checks()
    most = check("limit", fen, visit.form.text("limit").strip(), default=0)
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    return await tell(visit, m.SetLinkLimit(limit_fen=most), "limit", "limit")


@act(f"{SETTINGS}/shops", role=Role.merchant)
async def add_shop(visit: Visit) -> Answer:
    """Add a place of business."""
    form = visit.form
    shop = Shop(
        id=visit.desk.mint(visit.city),
        name=form.word("shop_name"),
        district=form.word("district"),
        address=form.word("address"),
    )
    return await tell(visit, m.AddShop(shop=shop), "shop", "shop_name")


@act("/merchant/authority/withdraw", role=Role.merchant)
async def withdraw(visit: Visit) -> Answer:
    """Take the authority over one account back."""
    wallet = visit.form.word("wallet") or authority.WALLET
    command = m.WithdrawAuthorisation(wallet=wallet, account=visit.form.word("account"))
    return await tell(visit, command, "withdrawn", "authority")


async def tell(
    visit: Visit, command: m.Command, done: str, field: str = "", contents: Sequence[Content] = ()
) -> Answer:
    """Do it to the merchant and go back to the settings; a refusal shows the page with what was typed."""
    seat = await managing_seat(visit)
    try:
        await visit.desk.act(
            MERCHANTS,
            visit.city,
            seat.merchant.id,
            command,
            visit.actor,
            contents=contents,
            once=await visit.once(),
        )
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go(f"{SETTINGS}?done={done}")


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's templates see."""
    seat, language, city = await managing_seat(visit), visit.language, visit.city
    merchant, now = seat.merchant, visit.house.clock.now()
    async with visit.connection() as connection:
        found = await settings_at(connection, city, now)
        names = await mine.staff_names(connection, city, merchant.id)
        contacts = await shown(connection, visit, merchant)
        agreed = await agreements_of(connection, city, merchant.id)
        bound = await bindings_of(connection, city, merchant.id)
        succeeded = await successions_of(connection, city, merchant.id)
        hung = await stalls.hung(connection, city, merchant.id)
    accounts = [(each, merchant.authority(each.wallet, each.account, now)) for each in merchant.accounts]
    done = visit.query("done") if visit.request.method == "GET" else ""
    return {
        "seat": seat,
        "merchant": merchant,
        "settings": found,
        "rules": [(rule, rule_sentence(visit, found, merchant, rule)) for rule in merchant.standing_rules],
        "preview": "",
        "made": None,
        "hung": hung,
        "hung_now": None,
        "names": names,
        "contacts": contacts,
        "agreements": agreeing.lines(visit, merchant.id, agreed),
        "timeline": [each for each in succession_lines.timeline(visit, merchant, bound, succeeded) if not each.undone],
        "ranks": [(rank.value, visit.say(name)) for rank, name in RANKS.items()],
        "problems": [(each.id, getattr(each.name, language)) for each in found.problems],
        "shops": [(each.id, each.name) for each in merchant.shops],
        "districts": _districts(language, found),
        "accounts": accounts,
        "leaves": [leave for account, leave in accounts if account.wallet == authority.WALLET],
        "named": named_wallets(visit),
        "wallet_name": partial(story_labels.wallet, language),
        "authorise": authority.authorise_address(visit),
        "wallet": story_labels.wallet(language, authority.WALLET),
        "answer_leaves": answer_leaves.rows(visit, merchant),
        "done": visit.say(DONE[done]) if done in DONE else "",
    }


def rule_sentence(visit: Visit, found: CitySettings, merchant: Merchant, rule: StandingRule) -> str:
    """What a standing rule does, in one sentence."""
    comma = "、" if visit.language == "zh" else ", "
    problems = comma.join(story_labels.problem(visit.language, found, each) for each in rule.problems)
    shops = comma.join(shop.name for shop in merchant.shops if shop.id in rule.shops)
    return visit.say(
        mark("Refund claims of up to {amount} are paid back at once without asking you. For: {problems}. In: {shops}."),
        amount=money(rule.most_fen),
        problems=problems or visit.say(mark("every problem")),
        shops=shops or visit.say(mark("every shop")),
    )


def _same(one: StandingRule, other: StandingRule) -> bool:
    return (set(one.problems), set(one.shops)) == (set(other.problems), set(other.shops))


def _districts(language: str, found: CitySettings) -> list[tuple[str, str]]:
    english = {agency.code: agency.division for agency in found.agencies}
    return [
        (code, divisions.name(code) if language == "zh" else english.get(code, divisions.name(code)))
        for code in divisions.children(found.code)
    ]


ROUTES = (settings, part, live, add_rule, remove_rule, limit, add_shop, withdraw)
