"""The whole record of one dispute, as one reader may see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import Actor, Role
from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.disputes import events as e
from hejie.disputes.model import Dispute
from hejie.store.contents import read_content, read_contents
from hejie.store.payee import PAYEE
from hejie.store.pool import Connection

_ROW = f"""
select d.body::text, coalesce(m.name, {PAYEE}, ''), coalesce(s.name, ''), coalesce(s.address, '')
from dispute d
left join merchant m on m.city = d.city and m.id = d.merchant
left join shop s on s.city = d.city and s.id = d.shop
where d.city = %s and d.id = %s
"""
_LOG = """
select version, at, actor_role, actor, body::text from log
where city = %s and noun = 'dispute' and id = %s order by version
"""
_SEALED = """
select version, at, actor_role, event, body::text, salt, digest from log
where city = %s and noun = 'dispute' and id = %s order by version
"""
_NOTICES = "select audience, template, channel, status, at from notice where city = %s and dispute = %s order by at, id"


TRANSLATION = "translation"
"""The kind of content that an engine wrote, not a person."""
_LANGUAGES = ("zh", "en")


def translation_of(words: str, language: str) -> str:
    """The name under which the translation of some words lies."""
    return f"{words}-{language}"


class Line(Struct, frozen=True, kw_only=True):
    """One thing that happened, with its words in plain."""

    version: int
    at: datetime
    by: Role
    acquirer: str = ""
    """The acquirer that did it in the merchant's name; else empty."""
    event: e.AnyEvent
    words: str = ""
    pictures: tuple[str, ...] = ()
    translations: dict[str, str] = {}
    """Language → what an engine made of the words."""

    @property
    def kind(self) -> str:
        """The event's name."""
        return type(self.event).__name__


class Sealed(Struct, frozen=True, kw_only=True):
    """One line of the log as it is kept: `digest` is the SHA-256 over `salt` and the canonical (RFC 8785) body."""

    version: int
    at: datetime
    actor_role: str
    event: str
    body: msgspec.Raw
    salt: bytes
    digest: bytes


class Notice(Struct, frozen=True, kw_only=True):
    """One message to a party."""

    audience: str
    template: str
    channel: str
    status: str
    at: datetime


class Record(Struct, frozen=True, kw_only=True):
    """A dispute with its names and its story."""

    dispute: Dispute
    merchant_name: str
    shop_name: str
    shop_address: str
    lines: tuple[Line, ...]
    notices: tuple[Notice, ...]
    offer_words: dict[str, str]
    """Offer's identifier → the words beside it."""
    offer_translations: dict[str, dict[str, str]] = {}
    """Offer's identifier → language → what an engine made of those words."""

    @property
    def place(self) -> str:
        """How people call the other side: the shop, else the legal entity."""
        return self.shop_name or self.merchant_name


async def read_dispute(connection: Connection, city: str, identifier: str) -> Dispute:
    """A dispute's row alone; `Missing("dispute_unknown")`."""
    return (await _row(connection, city, identifier))[0]


async def read_record(connection: Connection, vault: Vault, city: str, identifier: str) -> Record:
    """The whole record; `Missing("dispute_unknown")`. Whether the reader may see it is asked before."""
    dispute, merchant, shop, address = await _row(connection, city, identifier)
    rows: list[Any] = await (await connection.execute(_LOG, [city, identifier])).fetchall()
    events = [
        (version, at, Actor(Role(role), actor), msgspec.json.decode(body, type=e.AnyEvent))
        for version, at, role, actor, body in rows
    ]
    written = {name for *_, event in events if (name := e.words_of(event))}
    wanted = written | {name for *_, event in events for name in _pictures(event)}
    wanted |= {translation_of(name, language) for name in written for language in _LANGUAGES}
    found = await read_contents(connection, vault, city, f"dispute:{identifier}", sorted(wanted))
    texts = {name: plain.decode() for name, (kind, plain) in found.items() if kind == "text"}
    made = {name: plain.decode() for name, (kind, plain) in found.items() if kind == TRANSLATION}
    lines = tuple(
        Line(
            version=version,
            at=at,
            by=actor.role,
            acquirer=actor.acquirer,
            event=event,
            words=texts.get(e.words_of(event), ""),
            pictures=tuple(name for name in _pictures(event) if name in found),
            translations=_made_of(e.words_of(event), made),
        )
        for version, at, actor, event in events
    )
    notices = await (await connection.execute(_NOTICES, [city, identifier])).fetchall()
    return Record(
        dispute=dispute,
        merchant_name=merchant,
        shop_name=shop,
        shop_address=address,
        lines=lines,
        notices=tuple(
            Notice(audience=audience, template=template, channel=channel, status=status, at=at)
            for audience, template, channel, status, at in notices
        ),
        offer_words={offer.id: texts[offer.note] for offer in dispute.offers if offer.note in texts},
        offer_translations={offer.id: _made_of(offer.note, made) for offer in dispute.offers},
    )


def _made_of(words: str, made: dict[str, str]) -> dict[str, str]:
    """The translations of some words, by language."""
    names = {language: translation_of(words, language) for language in _LANGUAGES}
    return {language: made[name] for language, name in names.items() if name in made}


async def read_log(connection: Connection, city: str, identifier: str) -> tuple[Sealed, ...]:
    """The log of a dispute with its seals, in the order of its versions."""
    rows: list[Any] = await (await connection.execute(_SEALED, [city, identifier])).fetchall()
    return tuple(
        Sealed(
            version=version,
            at=at,
            actor_role=role,
            event=event,
            body=msgspec.Raw(body.encode()),
            salt=bytes(salt),
            digest=bytes(digest),
        )
        for version, at, role, event, body, salt, digest in rows
    )


async def read_picture(
    connection: Connection, vault: Vault, city: str, identifier: str, name: str
) -> tuple[str, bytes]:
    """One picture of a dispute as (kind, bytes); `Missing("content_unknown")` for anything that is no picture."""
    kind, plain = await read_content(connection, vault, city, f"dispute:{identifier}", name)
    if kind not in {"jpg", "png"}:
        raise Missing("content_unknown")
    return kind, plain


async def _row(connection: Connection, city: str, identifier: str) -> tuple[Dispute, str, str, str]:
    row: Any = await (await connection.execute(_ROW, [city, identifier])).fetchone()
    if row is None:
        raise Missing("dispute_unknown")
    body, merchant, shop, address = row
    return msgspec.json.decode(body, type=Dispute), merchant, shop, address


def _pictures(event: e.AnyEvent) -> tuple[str, ...]:
    return getattr(event, "pictures", ())
