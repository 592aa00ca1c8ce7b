"""The words of text messages: which stand in the data, what fills them, and when they are out of date."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Formatter

import msgspec
from msgspec import Struct

from hejie.alerts.safety import SafetyReport
from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.money import yuan
from hejie.cities.dues import Due, Rule
from hejie.cities.settings import CitySettings
from hejie.connectors.sms.protocol import Message
from hejie.disputes.model import Dispute, Offer, OfferStatus, Remedy, Road
from hejie.disputes.states import State

MOST_SHOP = {"zh": 12, "en": 24}
"""Characters of a shop's name in a message, by language."""
_IN_NAMES = " ·&()（）-'"
"""What a name may hold beside letters and digits: neither brackets of a signature nor parts of an address."""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str

    def within(self, language: str) -> str:
        """The English text for `en`, else the Chinese one."""
        return self.en if language == "en" else self.zh


class Notice(Words, frozen=True, forbid_unknown_fields=True):
    """What one side is told when one thing happens."""

    clock: Rule | None = None
    """Which due time `{by}` tells."""
    states: tuple[State, ...] = ()
    """Where the dispute must still stand; empty for anywhere."""
    climbs: bool = False
    """Whether the next contact is tried where it does not arrive."""


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """Every text of `data/notices.toml`."""

    check: Words
    aloud: Words
    by: Words
    soon: Words
    nameless: Words
    code: Words
    letter_subject: Words
    code_subject: Words
    letter_foot: Words
    safety: Words
    contact_added: Words
    contact_removed: Words
    paycode_granted: Words
    paycode_refused: Words
    digest: Words
    invite: Words
    invite_campaign: Words
    publicity: Words
    measure: Words
    appeal: Words
    remedies: dict[Remedy, Words]
    notices: dict[str, dict[Role, Notice]]


@cache
def wording() -> Wording:
    """The texts that travel with the house, read once."""
    text = files("hejie.duties").joinpath("data", "notices.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Wording)


class About(Struct, frozen=True, kw_only=True):
    """What a message is about and for whom."""

    dispute: Dispute
    audience: Role
    template: str
    """As `agenda` names it."""
    language: str
    shop: str
    """The name of the shop or merchant, empty where nobody knows it."""
    settings: CitySettings


def climbs(template: str, audience: Role) -> bool:
    """Whether the next contact is tried where this message does not arrive: the receiver must act on it."""
    return wording().notices[template][audience].climbs


def compose(about: About, *, key: str, to: str, link: str, number: str) -> Message | None:
    """The whole message, or None where the dispute has moved on and it would mislead; without a link, a call."""
    dispute, language = about.dispute, about.language
    offer = _offer(about)
    template = _variant(about.template, dispute, offer)
    notice = wording().notices[template][about.audience]
    if notice.states and dispute.state not in notice.states:
        return None
    if template == "sale_asked" and not dispute.asked:
        return None
    tail = wording().check if link else wording().aloud
    words = notice.within(language) + ("" if language == "zh" else " ") + tail.within(language)
    if "{terms}" in words and offer is None:
        return None
    known = {
        "shop": short_name(about.shop, language) or wording().nameless.within(language),
        "paid": _amount(sum(paid.paid_fen for paid in dispute.payments)),
        "terms": _terms(offer, language) if offer else "",
        "by": _by(_due(notice.clock, dispute, offer), language),
        "door": about.settings.door.phone,
        "number": number,
    }
    params = _used(words, known)
    return Message(
        key=key,
        to=to,
        signature=about.settings.sms_signature,
        template=f"{template}_{about.audience.value}_{language}" + ("" if link else "_voice"),
        params={**params, "link": link} if link else params,
        text=f"【{about.settings.sms_signature}】{words.format_map(params)} {link}".rstrip(),
        channel="text" if link else "voice",
    )


def compose_digest(
    settings: CitySettings, name: str, disputes: int, answers: int, *, key: str, to: str, link: str
) -> Message:
    """The one message a day: how many disputes have news, and how many of them wait for an answer."""
    words = wording().digest.zh
    known = {
        "shop": short_name(name, "zh"),
        "count": str(disputes),
        "answers": str(answers),
        "door": settings.door.phone,
    }
    params = _used(words, known)
    return Message(
        key=key,
        to=to,
        signature=settings.sms_signature,
        template="digest_merchant_zh",
        params={**params, "link": link},
        text=f"【{settings.sms_signature}】{words.format_map(params)} {link}",
    )


def compose_code(code: str, minutes: int, language: str, signature: str, *, key: str, to: str) -> Message:
    """The message that carries a one-time code."""
    words = wording().code.within(language)
    params = _used(words, {"code": code, "minutes": str(minutes)})
    text = f"【{signature}】{words.format_map(params)}"
    return Message(key=key, to=to, signature=signature, template=f"code_{language}", params=params, text=text)


def compose_safety(report: SafetyReport, settings: CitySettings, *, key: str, to: str, link: str) -> Message:
    """The message to a duty phone: which danger, in which district; nothing that anybody told."""
    place = settings.agency(report.district).name.zh if report.district else settings.name.zh
    words = wording().safety.zh
    params = _used(words, {"problem": settings.problem(report.problem).name.zh, "place": place})
    return Message(
        key=key,
        to=to,
        signature=settings.sms_signature,
        template="safety_zh",
        params={**params, "link": link},
        text=f"【{settings.sms_signature}】{words.format_map(params)} {link}",
    )


def compose_change(what: str, merchant: str, tail: str, settings: CitySettings, *, key: str, to: str) -> Message:
    """What the numbers in use are told of a number that was `added` or `removed`."""
    words = (wording().contact_added if what == "added" else wording().contact_removed).within("zh")
    known = {"merchant": short_name(merchant, "zh"), "tail": tail, "door": settings.door.phone}
    params = _used(words, known)
    signature = settings.sms_signature
    text = f"【{signature}】{words.format_map(params)}"
    return Message(key=key, to=to, signature=signature, template=f"contact_{what}_zh", params=params, text=text)


def compose_paycode(what: str, shop: str, settings: CitySettings, *, key: str, to: str, link: str) -> Message:
    """What a merchant is told of the payment code that it asked for: `granted` or `refused`; without a link, a call."""
    words = (wording().paycode_granted if what == "granted" else wording().paycode_refused).zh
    params = _used(words, {"shop": short_name(shop, "zh"), "door": settings.door.phone})
    signature = settings.sms_signature
    return Message(
        key=key,
        to=to,
        signature=signature,
        template=f"paycode_{what}_zh" + ("" if link else "_voice"),
        params={**params, "link": link} if link else params,
        text=f"【{signature}】{words.format_map(params)} {link}".rstrip(),
        channel="text" if link else "voice",
    )


def compose_invitation(name: str, settings: CitySettings, *, campaign: bool, key: str, to: str, link: str) -> Message:
    """The message that asks a merchant to join; nothing of the customer who wanted it."""
    kind = "invite_campaign" if campaign else "invite"
    words = (wording().invite_campaign if campaign else wording().invite).zh
    known = {
        "shop": short_name(name, "zh"),
        "agency": settings.agency(settings.code).name.zh,
        "door": settings.door.phone,
    }
    params = _used(words, known)
    return Message(
        key=key,
        to=to,
        signature=settings.sms_signature,
        template=f"{kind}_zh",
        params={**params, "link": link},
        text=f"【{settings.sms_signature}】{words.format_map(params)} {link}",
    )


def compose_publicity(name: str, until: datetime, settings: CitySettings, *, key: str, to: str, link: str) -> Message:
    """The message that tells a merchant what is to be published about it, and until when it can object."""
    return _decided("publicity", name, until, settings, key=key, to=to, link=link)


def compose_measure(name: str, until: datetime, settings: CitySettings, *, key: str, to: str, link: str) -> Message:
    """The message that tells a merchant of a measure against it, and until when it can appeal."""
    return _decided("measure", name, until, settings, key=key, to=to, link=link)


def compose_appeal(name: str, until: datetime, settings: CitySettings, *, key: str, to: str, link: str) -> Message:
    """The message that tells a merchant that its appeal against a measure is answered."""
    return _decided("appeal", name, until, settings, key=key, to=to, link=link)


def _decided(kind: str, name: str, until: datetime, settings: CitySettings, *, key: str, to: str, link: str) -> Message:
    words: str = getattr(wording(), kind).zh
    at = until.astimezone(SHANGHAI)
    known = {"shop": short_name(name, "zh"), "month": str(at.month), "day": str(at.day), "door": settings.door.phone}
    params = _used(words, known)
    return Message(
        key=key,
        to=to,
        signature=settings.sms_signature,
        template=f"{kind}_zh",
        params={**params, "link": link},
        text=f"【{settings.sms_signature}】{words.format_map(params)} {link}",
    )


def short_name(name: str, language: str) -> str:
    """A name fit for a message: one line, without signs that could pass for a signature or a link."""
    kept = "".join(sign if sign.isalnum() or sign in _IN_NAMES else " " for sign in name)
    line, most = " ".join(kept.split()), MOST_SHOP[language]
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _used(words: str, known: Mapping[str, str]) -> dict[str, str]:
    return {name: known[name] for _, name, _, _ in Formatter().parse(words) if name}


def _offer(about: About) -> Offer | None:
    """The offer a message speaks of: the agreed one, the officer's, or the other side's latest that still stands."""
    dispute = about.dispute
    match about.template:
        case "offered":
            standing = (o for o in reversed(dispute.offers) if o.status is OfferStatus.open)
            return next((offer for offer in standing if offer.by is not about.audience), None)
        case "proposal_accepted":
            return dispute.open_offer(Role.officer)
        case _:
            return dispute.agreement


def _variant(template: str, dispute: Dispute, offer: Offer | None) -> str:
    if template == "offered" and offer is not None and offer.by is Role.officer:
        return "proposed"
    if template == "agreed" and dispute.agreement is not None and dispute.agreement.road is Road.api:
        return "agreed_api"
    return template


def _terms(offer: Offer, language: str) -> str:
    return wording().remedies[offer.remedy].within(language).format(amount=_amount(offer.amount_fen))


def _amount(fen: int) -> str:
    return yuan(fen).removesuffix(".00")


def _due(clock: Rule | None, dispute: Dispute, offer: Offer | None) -> Due | None:
    running = {Rule.offer_expires: offer.due if offer else None, Rule.reopen: dispute.reopen_due}
    theirs = {each.rule: each for each in dispute.wallet_dues}
    due = (running | theirs).get(clock, dispute.due) if clock else None
    return due if due and due.rule is clock else None


def _by(due: Due | None, language: str) -> str:
    if due is None:
        return wording().soon.within(language)
    at = due.at.astimezone(SHANGHAI)
    words = wording().by.within(language)
    return words.format(month=at.month, day=at.day, name=f"{at:%b}", time=f"{at:%H:%M}")
