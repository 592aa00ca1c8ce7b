"""The desk's book of hand-overs."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hejie import agenda
from hejie.cities.settings import CitySettings
from hejie.desk.book import Situation
from hejie.handovers import commands as c
from hejie.handovers.decide import Ground, decide
from hejie.handovers.events import AnyEvent
from hejie.handovers.fold import evolve
from hejie.handovers.model import Bought, Handover, State
from hejie.law import shipped
from hejie.law.clock import working_days_on
from hejie.store.settings import ask_settings
from hejie.store.shown import shown

_LOAD = "select body::text from handover where city = %s and id = %s for update"
_KNOWN = """
select 1 from merchant m where m.city = %s and m.id = %s
  and (%s = '' or exists (select 1 from shop s where s.city = m.city and s.merchant = m.id and s.id = %s))
union all
select 1 from dispute d where d.city = %s and d.id = %s and d.merchant = %s and d.shop = %s
"""
"""In the register, or whose it was when the dispute was here before."""
_SAVE = """
insert into handover (city, id, version, dispute, sender, receiver, state, offered_at, answer_by, finish_by,
  changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, state = excluded.state,
  changed_at = excluded.changed_at, body = excluded.body
"""
_PAYMENT = f"""
insert into payment (city, wallet, trade_no, order_no, payer, account, merchant, shop, payee, item, paid_fen,
  refunded_before_fen, currency, paid_at, proven, source, paycode)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'CNY', %s, %s, 'handover',
  {shown("%s", "%s", "%s", "%s::timestamptz")})
on conflict (city, wallet, trade_no) do update set
  refunded_before_fen = greatest(payment.refunded_before_fen, excluded.refunded_before_fen - coalesce((
    select sum(r.amount_fen) from refund r where r.city = payment.city and r.wallet = payment.wallet
      and r.trade_no = payment.trade_no and r.state <> 'failed'), 0))
"""
"""What had gone back before includes what this city itself has given back, where it had the dispute once."""
_TAKE = """
insert into dispute_payment (city, dispute, wallet, trade_no, open) values (%s, %s, %s, %s, true)
on conflict (city, wallet, trade_no, dispute) do update set open = true
"""
"""From the yes on, the payment is taken: nobody opens another dispute of it while this one comes in."""


class HandoverBook:
    """Hand-overs: rows, rules and tasks."""

    noun = "handover"

    async def load(self, at: Situation) -> Handover | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Handover)

    async def decide(self, at: Situation, row: Handover | None, command: c.Command) -> list[AnyEvent]:
        """Ask the rules, with the clocks of the day for an offer and the register for a yes."""
        ground = Ground(city=at.city, id=at.id, now=at.now, actor=at.actor)
        if isinstance(command, c.Offer):
            settings = await (await ask_settings(at.connection, at.city)).at(at.now)
            answer, finish = clocks(at.now, settings)
            ground = msgspec.structs.replace(ground, answer_by=answer, finish_by=finish)
        elif isinstance(command, c.Accept) and row is not None:
            ground = msgspec.structs.replace(ground, known=await _known(at, row, command))
        return decide(row, command, ground)

    def evolve(self, row: Handover | None, event: AnyEvent) -> Handover:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Handover) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Handover, before: Handover | None) -> None:
        """The row and, with a yes, the payments that come with the dispute."""
        body = msgspec.json.encode(row).decode()
        who = [row.city, row.id, row.version, row.dispute, row.sender, row.receiver, row.state.value]
        times = [row.offered_at, row.answer_by, row.finish_by, row.changed_at]
        await at.writes.execute(_SAVE, [*who, *times, body])
        if row.state is State.accepted and (before is None or before.state is not State.accepted):
            for paid in row.payments:
                await at.writes.execute(_PAYMENT, _payment(row, paid))
                await at.writes.execute(_TAKE, [row.city, row.dispute, paid.wallet, paid.trade_no])

    def tasks(self, row: Handover, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_handover(row, event)


def clocks(now: datetime, settings: CitySettings) -> tuple[datetime, datetime]:
    """By when the other city shall have answered, and the dispute have come to an end."""
    told = settings.handover
    calendar = shipped.calendar()
    return working_days_on(now, told.answer_days, calendar), working_days_on(now, told.finish_days, calendar)


def payer_of(dispute: str) -> bytes:
    """Stands for the payer in the receiving city, who knows nothing more of them."""
    return f"handover:{dispute}".encode()


def _payment(row: Handover, paid: Bought) -> list[object]:
    place = [row.merchant, row.shop]
    return [
        row.city,
        paid.wallet,
        paid.trade_no,
        paid.order_no,
        payer_of(row.dispute),
        paid.account,
        *place,
        paid.payee,
        paid.item,
        paid.paid_fen,
        paid.before_fen,
        paid.paid_at,
        paid.proven,
        row.city,
        *place,
        paid.paid_at,
    ]


async def _known(at: Situation, row: Handover, command: c.Accept) -> bool:
    place = [command.merchant, command.shop]
    values = [at.city, command.merchant, command.shop, command.shop, at.city, row.dispute, *place]
    return await (await at.connection.execute(_KNOWN, values)).fetchone() is not None


HANDOVERS = HandoverBook()
