"""Cases that a wallet holds: followed by asking, and swept for what lost pushes did not tell."""

from __future__ import annotations

from datetime import timedelta

from hejie.agenda import Task
from hejie.base.actor import Actor, Role
from hejie.base.errors import Missing, Refused
from hejie.cities.settings import OTHER
from hejie.connectors.wallet import CaseHolder, Pictured, Trade, WalletCase
from hejie.desk.act import Content, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import REFUNDS, Claim, Remedy
from hejie.duties.authority import authority_on
from hejie.duties.case_pictures import MOST_PICTURES
from hejie.duties.items import open_item
from hejie.duties.tools import Tools
from hejie.edge.phones import read_phone
from hejie.intake.contacts import CONTACT, keep_contact
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.queries import cases
from hejie.queries.bindings import payee_at
from hejie.store.contents import read_contents
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.store.writing import write_tasks
from hejie.worker import LaterError, Work

SWEEP_SECONDS, UNCONNECTED_SECONDS = 60, 3600
SWEEP_SPAN = timedelta(days=2)
MOST_PAGES = 50
ASK_AGAIN = 20
"""Open cases asked for again in one sweep, and as many whose merchant nobody here knows."""
MOST_CALLED = 80
"""Characters of the wallet's own word for what happened."""
ONE_DAY = timedelta(days=1)


async def follow_case(work: Work, tools: Tools) -> None:
    """Ask the wallet for one of its cases and take its word over."""
    wallet = work.payload["wallet"]
    await follow(tools, work.city, wallet, work.payload["event"])


async def follow(tools: Tools, city: str, wallet: str, event: str) -> None:
    """Mirror one case: the dispute it is, the dispute on the same payment, or a new one."""
    connector = tools.case_holder(city, wallet)
    case = await connector.case(event)
    async with city_transaction(tools.pool, city) as connection:
        known = await cases.known(connection, city, wallet, case.event_id, case.trade_no)
    consumer = "" if known else await _prepare(tools, city, wallet, connector, case)
    identifier = known or tools.desk.mint(city)
    command, contents = await _command(tools, city, wallet, case, identifier, consumer)
    try:
        await tools.desk.act(DISPUTES, city, identifier, command, Actor(Role.wallet, wallet), contents=contents)
    except Refused as error:
        if error.code != "payment_unknown":
            raise
        await open_item(tools, city, "case_without_merchant", "wallet_case", event, {"trade_no": case.trade_no})


async def _prepare(tools: Tools, city: str, wallet: str, connector: CaseHolder, case: WalletCase) -> str:
    """Person and payment of a new case, by the wallet's own word on the trade where it gives it."""
    try:
        authority = await authority_on(tools, city, wallet, case.merchant_account)
        trade: Trade | None = await connector.trade(case.trade_no, authority)
    except (Missing, Refused):
        trade = None
    payer = (trade.payer if trade else "") or case.payer or f"case:{case.event_id}"
    handle = payer_handle(tools.vaults(city), wallet, payer)
    now = tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        paid_by = await cases.payer(connection, city, wallet, case.trade_no)
        consumer = await person_of(connection, city, paid_by or handle, tools.desk.mint(city), "zh", now)
        paid_at = case.paid_at or (trade and trade.paid_at) or case.created_at
        stood = await payee_at(connection, city, wallet, case.merchant_account, paid_at)
        if paid_by is not None or stood.merchant:
            await _keep_phone(connection, tools, city, consumer, case.phone)
        if paid_by is None and stood.merchant and case.trade_no:
            paid = Paid(
                wallet=wallet,
                trade_no=case.trade_no,
                payer=handle,
                account=case.merchant_account,
                merchant=stood.merchant,
                shop=stood.shop,
                item=case.product,
                paid_fen=case.amount_fen,
                paid_at=paid_at,
                proven=True,
                source="case",
            )
            await take_payment(connection, city, paid)
    return consumer


async def _keep_phone(connection: Connection, tools: Tools, city: str, person: str, told: str) -> None:
    """The number that the case carries, unless the person has given one here."""
    try:
        number = read_phone(told)
    except Refused:
        return
    vault = tools.vaults(city)
    if number and not await read_contents(connection, vault, city, subject_of("person", person), [CONTACT]):
        await keep_contact(connection, vault, city, person, number, tools.clock.now())


async def _command(
    tools: Tools, city: str, wallet: str, case: WalletCase, identifier: str, consumer: str
) -> tuple[d.Mirror, list[Content]]:
    async with city_transaction(tools.pool, city) as connection:
        settings = await settings_at(connection, city, tools.clock.now())
    words = tools.desk.mint(city)
    problem = settings.problem_from(wallet, (case.titled, case.reason))
    pictured = isinstance(tools.case_holder(city, wallet), Pictured)
    command = d.Mirror(
        id=identifier,
        consumer=consumer,
        wallet=wallet,
        event=case.event_id,
        status=case.status,
        problem=problem.id if problem else OTHER,
        called="" if problem else " · ".join(dict.fromkeys(filter(None, (case.titled, case.reason))))[:MOST_CALLED],
        images=min(len(case.payers_images), MOST_PICTURES) if pictured else 0,
        claim=_claim(case, settings.demand_from(wallet, case.demand)),
        trade_no=case.trade_no,
        words=words,
        created_at=case.created_at,
        modified_at=case.modified_at,
        begun_at=case.begun_at,
        answer_due=case.answer_due,
        confirm_due=case.confirm_due,
        escalated_at=case.escalated_at,
        finished_at=case.finished_at,
    )
    contents = [Content(id=words, kind="text", plain=case.content.encode())] if consumer else []
    return command, contents


def _claim(case: WalletCase, demand: str) -> Claim:
    """The wallet's demand in our words; one without an amount of its own that needs one stays `other`."""
    remedy = Remedy(demand)
    if remedy is Remedy.refund_full and 0 < case.asked_fen < case.amount_fen:
        return Claim(remedy=Remedy.refund_part, amount_fen=case.asked_fen)
    return Claim(remedy=remedy, amount_fen=case.amount_fen if remedy in REFUNDS else 0)


async def sweep_cases(work: Work, tools: Tools) -> None:
    """Look for cases of the last two days that a lost push did not tell, and at a few open ones; again in a while.

    Each becomes work of its own, so that one that cannot be followed holds up no other. Of those whose merchant nobody
    here knows (a partner may serve other cities too) only a few are asked for each time. A wallet that the city is not
    connected to is looked for again later.
    """
    wallet = work.payload["wallet"]
    try:
        connector = tools.case_holder(work.city, wallet)
    except Refused:
        raise LaterError(UNCONNECTED_SECONDS) from None
    now = tools.clock.now()
    seen, turn, others = 0, now.strftime("%Y%m%d%H%M"), list[str]()
    for page in range(1, MOST_PAGES + 1):
        listed = await connector.cases(now - SWEEP_SPAN, now, page)
        async with city_transaction(tools.pool, work.city) as connection:
            fresh = await cases.unknown(connection, work.city, wallet, listed.event_ids)
            held = await cases.without_merchant(connection, work.city, fresh, turn)
            await _ask_for(tools, connection, work.city, wallet, [event for event in fresh if event not in held])
        others += held
        seen += len(listed.event_ids)
        if not listed.event_ids or seen >= listed.total:
            break
    async with city_transaction(tools.pool, work.city) as connection:
        again = await cases.some_open(connection, work.city, wallet, turn, ASK_AGAIN)
        others = await cases.without_merchant(connection, work.city, others, turn)
        await _ask_for(tools, connection, work.city, wallet, [*again, *others[:ASK_AGAIN]])
    raise LaterError(SWEEP_SECONDS)


async def _ask_for(tools: Tools, connection: Connection, city: str, wallet: str, events: list[str]) -> None:
    """Have these cases followed, unless that is to be done already."""
    asked = await cases.asked_for(connection, city, events)
    tasks = [
        Task(
            kind="follow_case",
            noun="case",
            subject=event,
            destination=f"wallet:{wallet}",
            payload={"wallet": wallet, "event": event},
        )
        for event in events
        if event not in asked
    ]
    await write_tasks(connection, city, tools.clock.now(), tasks)
