"""Works off a list of merchants, some lines at a time: each by the desk, each so that a second time changes nothing."""

from __future__ import annotations

import hashlib

from hejie.base.actor import Actor, Role
from hejie.base.clock import milliseconds
from hejie.base.errors import Missing, Refused
from hejie.base.identifiers import mint
from hejie.desk.act import Content
from hejie.desk.merchants import MERCHANTS
from hejie.duties.rows import read_merchant
from hejie.duties.tools import Tools
from hejie.intake.campaigns import Line, entries_of, finish, note_lines, note_reached
from hejie.intake.merchant_list import Entry, shop_of
from hejie.merchants import commands as m
from hejie.merchants.model import Merchant, Shop
from hejie.queries.campaigns import Campaign, merchant_by_code, read_campaign
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import LaterError, Work

BATCH = 40


async def enrol_list(work: Work, tools: Tools) -> None:
    """The next lines of a list; the task comes again until none is left, and forgets the content then."""
    city = work.city
    async with city_transaction(tools.pool, city) as connection:
        campaign = await read_campaign(connection, city, work.subject)
        entries = await entries_of(connection, tools.vaults(city), city, campaign.id)
        settings = await settings_at(connection, city, tools.clock.now())
    if campaign.state != "running":
        return
    batch = (entries or ())[campaign.reached : campaign.reached + BATCH]
    hand = _Hand(tools, city, campaign, settings.clocks.invite_days)
    for number, entry in enumerate(batch, start=campaign.reached + 1):
        line = await hand.enrol(entry)
        async with city_transaction(tools.pool, city) as connection:
            await note_lines(connection, city, campaign.id, [line])
            await note_reached(connection, city, campaign.id, number)
    if len(batch) == BATCH:
        raise LaterError(0)
    async with city_transaction(tools.pool, city) as connection:
        await finish(connection, city, campaign.id, campaign.good)


class _Hand:
    """Acts in the name of the officer who brought the list.

    What it makes bears identifiers that follow from list and line: so a line that was cut off half-way knows what
    is its own when it comes again.
    """

    def __init__(self, tools: Tools, city: str, campaign: Campaign, invite_days: int) -> None:
        self._tools, self._city, self._campaign, self._days = tools, city, campaign, invite_days
        self._actor = Actor(Role.officer, campaign.made_by)

    async def enrol(self, entry: Entry) -> Line:
        """Merchant, shop, contact and invitation of one line, as far as they are not there yet."""
        try:
            return await self._enrol(entry)
        except (Refused, Missing) as why:
            return Line(
                line=entry.line, credit_code=entry.credit_code, result="refused", reason=why.code, facts=dict(why.facts)
            )

    async def _enrol(self, entry: Entry) -> Line:
        merchant = await self._merchant(entry)
        ours = merchant.id == self._identifier(entry.credit_code)
        shop = next((s for s in merchant.shops if (s.name, s.address) == (entry.shop, entry.address)), None)
        shop_id = self._identifier(str(entry.line))
        if shop is None:
            await self._act(merchant, m.AddShop(shop=shop_of(entry, shop_id)))
        new_shop = shop is None or shop.id == shop_id
        if not merchant.number_for(""):
            await self._contact(merchant, entry.phone, "")
        elif ours and new_shop and entry.own_phone and not _has_own(merchant, shop):
            await self._contact(merchant, entry.phone, shop_id)
        if ours and entry.first and self._campaign.invites:
            await self._act(merchant, m.Invite(quiet_days=self._days, campaign=self._campaign.id))
        after = await read_merchant(self._tools, self._city, merchant.id)
        return Line(
            line=entry.line,
            credit_code=entry.credit_code,
            merchant=merchant.id,
            result="new" if ours and entry.first else "more" if new_shop else "same",
            invited=ours and entry.first and after.invited_at is not None,
        )

    async def _merchant(self, entry: Entry) -> Merchant:
        known = await self._known(entry.credit_code)
        if known is not None:
            return known
        command = m.RegisterMerchant(
            city=self._city,
            id=self._identifier(entry.credit_code),
            credit_code=entry.credit_code,
            name=entry.name,
            kind=entry.kind,
        )
        try:
            done = await self._tools.desk.act(MERCHANTS, self._city, command.id, command, self._actor)
        except Refused as error:  # somebody else was quicker
            known = await self._known(entry.credit_code)
            if known is None:
                raise error from None
            return known
        if done.row is None:
            raise AssertionError("without a key no answer is given twice")
        return done.row

    async def _known(self, code: str) -> Merchant | None:
        async with city_transaction(self._tools.pool, self._city) as connection:
            return await merchant_by_code(connection, self._city, code)

    async def _act(self, merchant: Merchant, command: m.Command, *contents: Content) -> None:
        await self._tools.desk.act(MERCHANTS, self._city, merchant.id, command, self._actor, contents=contents)

    async def _contact(self, merchant: Merchant, phone: str, shop: str) -> None:
        content = self._tools.desk.mint(self._city)
        sealed = Content(id=content, kind="phone", plain=phone.encode())
        await self._act(merchant, m.SetContact(content=content, shop=shop), sealed)

    def _identifier(self, what: str) -> str:
        digest = hashlib.sha256(f"{self._campaign.id}/{what}".encode()).digest()
        return mint(self._city, milliseconds(self._campaign.made_at), lambda size: digest[:size])


def _has_own(merchant: Merchant, shop: Shop | None) -> bool:
    return shop is not None and any(contact.shop == shop.id for contact in merchant.contacts)
