"""A payment through a bank that can be asked, and a dispute about it, by the roads of a wallet's bill."""

from __future__ import annotations

from datetime import timedelta

from tests.e2e.world import aside

from hejie.app import build
from hejie.base.actor import Actor, Role
from hejie.desk.bindings import BINDINGS
from hejie.desk.disputes import DISPUTES
from hejie.desk.trace_requests import TRACE_REQUESTS
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Remedy
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants.bindings import Basis, Bind, Evidence, Identity, Scheme
from hejie.payments.trace_request import AskAcquirer
from hejie.store.pool import city_transaction
from hejie_lab.introductions import BANK
from hejie_lab.town import CITY

OFFICER = Actor(Role.officer, "officer-of-the-walk", CITY)


def dispute_through(world, trader, number, yuan="48.00"):
    """Somebody pays to a merchant's number at the bank, which is linked with it, and disputes it: dispute, payment."""
    world.box.post("acquirer", {"merchants": [{"bank": BANK, "number": number, "name": trader.name}]})
    paid = world.box.post("acquirer", {"payments": [{"bank": BANK, "merchant": number, "amount": yuan}]})
    trade_no = f"{BANK}-{paid['payments'][0]}"
    merchant, fen = world.merchants[trader.code].id, round(float(yuan) * 100)
    return aside(_file, world, merchant, number, trade_no, fen), trade_no


async def _file(world, merchant, number, trade_no, fen):
    async with build(world.platform.settings) as app:
        now, bound, dispute = app.clock.now(), app.desk.mint(CITY), app.desk.mint(CITY)
        bind = Bind(
            id=bound,
            identity=Identity(Scheme.acquirer, number, BANK),
            merchant=merchant,
            begins=now - timedelta(days=9),
            evidence=Evidence(basis=Basis.announced),
        )
        await app.desk.act(BINDINGS, CITY, bound, bind, OFFICER)
        async with city_transaction(app.pool, CITY) as connection:
            payer = payer_handle(app.tools.vaults(CITY), "acquirer", trade_no)
            person = await person_of(connection, CITY, payer, app.desk.mint(CITY), "zh", now)
            paid = Paid(
                wallet="acquirer", trade_no=trade_no, payer=payer, account=f"{BANK}-{number}", merchant=merchant,
                item="片儿川", paid_fen=fen, paid_at=now, proven=True, source="entry",
            )  # fmt: skip
            await take_payment(connection, CITY, paid)
        claim = Claim(remedy=Remedy.refund_full, amount_fen=0)
        file = d.File(id=dispute, trades=(trade_no,), problem="quality", claim=claim)
        await app.desk.act(DISPUTES, CITY, dispute, file, Actor(Role.consumer, person))
        return dispute


def ask(world, dispute, trade_no):
    """An officer has the bank asked; the question's identifier."""
    return aside(_ask, world, dispute, trade_no)


async def _ask(world, dispute, trade_no):
    async with build(world.platform.settings) as app:
        asked = app.desk.mint(CITY)
        command = AskAcquirer(id=asked, dispute=dispute, trade_no=trade_no, purpose="核实收款商户")
        await app.desk.act(TRACE_REQUESTS, CITY, asked, command, OFFICER)
        return asked
