"""The desk's book of disputes."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import msgspec

from hejie import agenda
from hejie.access import must_be_let_answer
from hejie.base.actor import Role
from hejie.cities.settings import owed
from hejie.desk.book import Situation
from hejie.desk.officers import as_officer
from hejie.disputes import commands as c
from hejie.disputes import homing_commands as hc
from hejie.disputes.decide import decide
from hejie.disputes.denying import Party
from hejie.disputes.events import AnyEvent, Filed
from hejie.disputes.fold import evolve
from hejie.disputes.ground import Bought, Ground
from hejie.disputes.handoff import HandoffState
from hejie.disputes.handoff_commands import ConsentHandoff
from hejie.disputes.model import Dispute, Paid
from hejie.disputes.promised import Promised, promised
from hejie.disputes.similar import settlement
from hejie.merchants.agreements import Agreement, Under, under
from hejie.merchants.model import Merchant
from hejie.payments.paycode import Paycode
from hejie.store.day_counts import COUNT_ANEW
from hejie.store.dispute_log import read_events, record_in
from hejie.store.settings import all_settings, ask_settings
from hejie.store.taken import TAKEN
from hejie.store.units import VOUCHING

_LOAD = "select body::text from dispute where city = %s and id = %s for update"
_BOUGHT = f"""
select p.trade_no, p.paid_fen, {TAKEN},
       p.paid_at, p.proven, p.item, p.wallet, p.payer, p.merchant, p.shop, coalesce(s.district, ''), p.account,
       m.body::text, g.body::text, p.paycode, {VOUCHING}
from payment p
left join agreement g on g.city = p.city and g.scope = p.merchant and g.shop in ('', p.shop)
  and (p.paid_at at time zone 'Asia/Shanghai')::date between g.begins and coalesce(g.ends, 'infinity')
left join merchant m on m.city = p.city and m.id = p.merchant
left join shop s on s.city = p.city and s.id = p.shop
where p.city = %s and p.payer = (select c.handle from person c where c.city = %s and c.id = %s)
  and p.trade_no = any(%s)
order by p.trade_no
for update of p
"""
"""The payer comes first and alone: a join that was planned in an empty city would read all payments of a full one."""
_PAYCODES = "select body::text from paycode where city = %s and id = any(%s)"
_MERCHANT = """
select m.body::text, array_agg(distinct p.account), bool_and(coalesce(a.merchant, p.merchant) = m.id)
from merchant m
left join payment p on p.city = m.city and p.wallet = %s and p.trade_no = any(%s)
left join account a on a.city = p.city and a.wallet = p.wallet and a.account = p.account
where m.city = %s and m.id = %s
group by m.body
"""
_PARTY = """
select m.id, coalesce(s.id, ''), coalesce(s.district, '')
from merchant m left join shop s on s.city = m.city and s.merchant = m.id and s.id = %s
where m.city = %s and m.id = %s
"""
_LET = "select body::text from merchant where city = %s and id = %s for share"
"""What the merchant lets others do stays so until this is done."""
_SAVE = """
insert into dispute (city, id, version, home, state, consumer, merchant, shop, district, origin, wallet, wallet_event,
  problem, claim_kind, claim_fen, currency, undue, filed_at, due_at, due_rule, officer, outcome, escalated_at,
  closed_at, changed_at, denied_falsely, asked, seen_by, authority, offered_to, helper, body)
select b->>'city', b->>'id', (b->>'version')::integer, b->>'home',
  case when b->>'home' = b->>'city' then b->>'state' else 'elsewhere' end, b->>'consumer', b->>'merchant',
  b->>'shop', b->>'district', b->>'origin', b->>'wallet', nullif(b->>'wallet_event', ''), b->>'problem',
  b->'claim'->>'remedy', (b->'claim'->>'amount_fen')::bigint, b->>'currency', (b->>'undue')::boolean,
  (b->>'filed_at')::timestamptz,
  case when b->>'home' = b->>'city' then (b->'due'->>'at')::timestamptz end,
  case when b->>'home' = b->>'city' then b->'due'->>'rule' end, b->>'officer', b->>'outcome',
  (b->>'escalated_at')::timestamptz, (b->>'closed_at')::timestamptz, (b->>'changed_at')::timestamptz,
  b->>'denied_falsely', %s, %s, b->>'authority', b->>'offered_to', coalesce(b->'assist'->>'helper', ''), b
from (select %s::jsonb as b) as dispute_now
on conflict (city, id) do update set
  version = excluded.version, home = excluded.home, state = excluded.state, consumer = excluded.consumer,
  merchant = excluded.merchant, shop = excluded.shop, district = excluded.district,
  wallet_event = excluded.wallet_event, due_at = excluded.due_at, due_rule = excluded.due_rule,
  officer = excluded.officer, outcome = excluded.outcome, escalated_at = excluded.escalated_at,
  closed_at = excluded.closed_at, changed_at = excluded.changed_at,
  denied_falsely = excluded.denied_falsely, asked = excluded.asked, seen_by = excluded.seen_by,
  authority = excluded.authority, offered_to = excluded.offered_to, body = excluded.body
"""
_TAKE_PAYMENTS = """
insert into dispute_payment (city, dispute, wallet, trade_no, open)
select %s, %s, %s, t, %s from unnest(%s::text[]) as t
on conflict (city, dispute, wallet, trade_no) do update set open = excluded.open
"""
_SETTLED = """
insert into settlement (city, dispute, settled_at, problem, trade, district, paid_fen, agreed_fen, remedy)
select %s, %s, %s, %s, coalesce((select left(regexp_replace(s.trade, '^[A-Z]', ''), 2) from shop s
  where s.city = %s and s.id = %s), ''), %s, %s, %s, %s
on conflict (city, dispute) do update set settled_at = excluded.settled_at, agreed_fen = excluded.agreed_fen,
  remedy = excluded.remedy
"""
"""What it settled at, under its trade: the two digits of GB/T 4754."""
_UNSETTLED = "delete from settlement where city = %s and dispute = %s"
_DECIDED = """
update work_item set done_at = %s, done_by = %s, note = ''
where city = %s and kind = 'pressure_called' and subject = %s and done_at is null
"""
"""What an officer was asked is answered by the decision itself."""
_FORGET = "delete from content where city = %s and subject = %s and id = %s"
"""A closed limit goes as soon as it can be of no more use; so does a package whose consent was taken back."""

_ON_ROADS = c.MakeOffer | c.AcceptOffer | c.CompareLimits | c.RetryRefund
"""What may send money back."""


class DisputeBook:
    """Disputes: rows, rules and tasks."""

    noun = "dispute"

    async def load(self, at: Situation) -> Dispute | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Dispute)

    async def decide(self, at: Situation, row: Dispute | None, command: c.Command | hc.HomingCommand) -> list[AnyEvent]:
        """Ask the rules, on the payments a filing names or the authority an answer needs."""
        if row is not None and at.actor.acquirer:
            must_be_let_answer(at.actor, row, await _merchant(at, row.merchant), command, at.now)
        asked = await ask_settings(at.connection, at.city)
        bought: tuple[Bought, ...] = ()
        authorised, own, party = False, True, None
        if isinstance(command, c.File | c.Mirror) and command.id != at.id:
            raise AssertionError("a new dispute is filed under its own identifier")
        if isinstance(command, c.File):
            bought, authorised = await _bought(at, command.consumer if command.assist else at.actor.id, command.trades)
            own = all(each.under is None or each.paid_to in {each.merchant, each.under.pays} for each in bought)
        elif isinstance(command, c.Mirror) and row is None:
            bought, authorised = await _bought(at, command.consumer, (command.trade_no,), by_agreement=False)
        elif row is not None and isinstance(command, _ON_ROADS):
            authorised, own = await _roads(at, row)
        elif row is not None and isinstance(command, c.DenialCommand):
            party = await _party(at, row, command)
            authorised, own = await _authorised(at, row, party.merchant) if party else (False, True)
        record: tuple[AnyEvent, ...] = ()
        if isinstance(command, hc.TakeOver):
            authorised, own = await _authority(at, command)
            kept = await read_events(at.connection, at.city, at.id)
            record = tuple(event for _, event in record_in(kept))
        odr = row is not None and isinstance(command, ConsentHandoff) and await _is_odr(at, row.merchant)
        ground = Ground(
            city=at.city,
            now=at.now,
            actor=at.actor,
            settings=await asked.at(at.now),
            bought=bought,
            authorised=authorised,
            own_account=own,
            odr=odr,
            party=party,
            dispute=at.id,
            record=record,
            promised=await _promised(at, bought) if isinstance(command, c.File) and command.promise else (),
        )
        if at.actor.role is Role.officer:
            ground = await as_officer(at, row, command, ground)
        return decide(row, command, ground)

    def evolve(self, row: Dispute | None, event: AnyEvent) -> Dispute:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Dispute) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Dispute, before: Dispute | None) -> None:
        """Row, and which payments it holds."""
        await at.writes.execute(_SAVE, [row.asked, row.seen_by, msgspec.json.encode(row).decode()])
        await at.writes.execute(COUNT_ANEW, [row.city, row.id])
        if before is None or before.is_open != row.is_open:
            trades = [paid.trade_no for paid in row.payments]
            await at.writes.execute(_TAKE_PAYMENTS, [row.city, row.id, row.wallet, row.is_open, trades])

        closed = before.bidding.closed if before and before.bidding else ""
        if closed and (row.bidding is None or row.bidding.closed != closed):
            await at.writes.execute(_FORGET, [row.city, f"dispute:{row.id}", closed])
        if row.pressure and row.pressure.judged_at and before and before.pressure != row.pressure:
            await at.writes.execute(_DECIDED, [at.now, at.actor.id, row.city, row.id])
        gone = row.handoff and row.handoff.state is HandoffState.withdrawn and before and before.handoff
        if gone and gone.state is not HandoffState.withdrawn:
            await at.writes.execute(_FORGET, [row.city, f"dispute:{row.id}", gone.package])
        await _count(at, row, before)

    def tasks(self, row: Dispute, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_dispute(row, event)


async def _count(at: Situation, row: Dispute, before: Dispute | None) -> None:
    """Keep what it settled at; a wallet may take back that it is over."""
    now, was = settlement(row), settlement(before) if before else None
    if now == was:
        return
    if now is None:
        await at.writes.execute(_UNSETTLED, [row.city, row.id])
        return
    place = [row.city, row.shop, row.district]
    values = [now.paid_fen, now.agreed_fen, now.remedy.value]
    await at.writes.execute(_SETTLED, [row.city, row.id, now.settled_at, row.problem, *place, *values])


async def _bought(
    at: Situation, person: str, trades: tuple[str, ...], *, by_agreement: bool = True
) -> tuple[tuple[Bought, ...], bool]:
    """This person's payments under lock, and whether the authority of who was paid stands for all of them.

    `by_agreement` whether an agreement may say who answers: a wallet's case is its own merchant's.
    """
    rows: list[Any] = await (await at.connection.execute(_BOUGHT, [at.city, at.city, person, list(trades)])).fetchall()
    bought = tuple(
        Bought(
            paid=Paid(
                trade_no=trade_no,
                paid_fen=paid_fen,
                before_fen=int(before),
                paid_at=paid_at.astimezone(UTC),
                proven=proven,
                item=item,
            ),
            wallet=wallet,
            payer=bytes(payer),
            merchant=ties.answers if ties else merchant,
            paid_to=merchant,
            shop=shop,
            district=district,
            under=ties,
            paycode=more[3],
            elsewhere=more[4],
        )
        for trade_no, paid_fen, before, paid_at, proven, item, wallet, payer, merchant, shop, district, *more in rows
        for ties in [_under(more[2]) if by_agreement else None]
    )
    return bought, bool(rows) and all(_holds(row[12], row[6], row[11], at) for row in rows)


async def _promised(at: Situation, bought: tuple[Bought, ...]) -> tuple[Promised, ...]:
    """What was shown when these were paid, each promise in the words of the first payment that remembers it."""
    wanted = sorted({each.paycode for each in bought} - {""})
    bodies = await (await at.connection.execute(_PAYCODES, [at.city, wanted])).fetchall()
    paycodes = {each.id: each for each in (msgspec.json.decode(body, type=Paycode) for (body,) in bodies)}
    rows = await all_settings(at.connection, at.city)
    found: dict[str, Promised] = {}
    for each in (each for each in bought if each.paycode):
        for promise in owed(rows, paycodes[each.paycode].promises, each.paid.paid_at):
            found.setdefault(promise.id, promised(promise, each.paycode))
    return tuple(found.values())


def _under(agreement: str | None) -> Under | None:
    return under(msgspec.json.decode(agreement, type=Agreement)) if agreement else None


async def _roads(at: Situation, row: Dispute) -> tuple[bool, bool]:
    """The same for the merchant that answers and, where an agreement says so, for the one that pays."""
    found = await _authorised(at, row, row.merchant)
    if found[1] or row.under is None:
        return found
    return await _authorised(at, row, row.under.pays)


async def _authorised(at: Situation, row: Dispute, merchant: str) -> tuple[bool, bool]:
    """Whether a merchant's authority is in force on every account that was paid, and whether those are its own.

    Before a dispute has moved the payments are its merchant's own by definition, unless an agreement says otherwise.
    """
    first = merchant == row.merchant and not row.former and row.under is None
    return await _holder(at, row.wallet, row.payments, merchant, own=first)


async def _authority(at: Situation, command: hc.TakeOver) -> tuple[bool, bool]:
    """The same for a dispute that comes from another city: its merchant here."""
    begun = next((each for each in command.record if isinstance(each, Filed)), None)
    return await _holder(at, begun.wallet, begun.payments, command.merchant, own=True) if begun else (False, False)


async def _holder(
    at: Situation, wallet: str, payments: tuple[Paid, ...], merchant: str, *, own: bool
) -> tuple[bool, bool]:
    """Whether a merchant's authority stands on every account that was paid, and whether those are its own."""
    cursor = await at.connection.execute(_MERCHANT, [wallet, [each.trade_no for each in payments], at.city, merchant])
    found: Any = await cursor.fetchone()
    if found is None:
        return False, False
    own = own or bool(found[2])
    return own and all(_holds(found[0], wallet, account, at) for account in found[1]), own


async def _merchant(at: Situation, merchant: str) -> Merchant | None:
    row: Any = await (await at.connection.execute(_LET, [at.city, merchant])).fetchone()
    return msgspec.json.decode(row[0], type=Merchant) if row else None


async def _is_odr(at: Situation, merchant: str) -> bool:
    found = await _merchant(at, merchant)
    return found is not None and found.is_odr(at.now)


async def _party(at: Situation, row: Dispute, command: c.DenialCommand) -> Party | None:
    """The merchant that a command names, or that answers for itself."""
    if isinstance(command, c.TakeSale):
        asked = row.denial.to if row.denial else None
        named = c.Named(merchant=asked.merchant, shop=asked.shop) if asked else None
    else:
        named = None if isinstance(command, c.PassDenial) else command.to
    if named is None:
        return None
    found: Any = await (await at.connection.execute(_PARTY, [named.shop, at.city, named.merchant])).fetchone()
    return Party(merchant=found[0], shop=found[1], district=found[2]) if found else None


def _holds(merchant: str | None, wallet: str, account: str | None, at: Situation) -> bool:
    if not merchant or not account:
        return False
    return msgspec.json.decode(merchant, type=Merchant).authority(wallet, account, at.now) is not None


DISPUTES = DisputeBook()
