"""Opening and closing the function for a merchant's accounts at the wallets."""

from __future__ import annotations

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing
from hejie.connectors.wallet import Account, Opener
from hejie.desk.merchants import MERCHANTS
from hejie.duties.rows import read_merchant
from hejie.duties.tools import Tools
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment
from hejie.worker import LaterError, Work

ASK_SECONDS = 60
OPEN_WORDS = frozenset({"OPENED", "OPEN", "SUCCESS", "VALID", "PASS"})
"""The wallet's words for an opened function; its list is unpublished, so unknown words stay `opening`."""


async def enrol(work: Work, tools: Tools) -> None:
    """Ask a wallet to open the function, for all accounts of a credit code or for the one behind a payment.

    A wallet that tells no accounts opens nothing either: the account that was named counts as open.
    """
    wallet, trade_no = work.payload["wallet"], work.payload["trade_no"]
    merchant = await read_merchant(tools, work.city, work.subject)
    connector = tools.wallet(work.city, wallet)
    if not isinstance(connector, Opener):
        await _note_named(work, tools, wallet)
        return
    if trade_no:
        accounts = [await connector.enrol_by_trade(merchant.credit_code, trade_no)]
    else:
        accounts = await connector.enrol(merchant.credit_code)
    for account in accounts:
        await _note(work, tools, wallet, account, trade_no)


async def _note_named(work: Work, tools: Tools, wallet: str) -> None:
    """Take down the account that was named.

    Errors: `Missing("account_unknown")` where none was, `Refused("account_taken")` for one that is another merchant's.
    """
    number = work.payload.get("account", "")
    if not number:
        raise Missing("account_unknown")
    command = m.NoteEnrolment(
        wallet=wallet, account=number, kind=AccountKind.indirect, enrolment=Enrolment.open, trade_no=""
    )
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM)


async def _note(work: Work, tools: Tools, wallet: str, account: Account, trade_no: str) -> None:
    command = m.NoteEnrolment(
        wallet=wallet,
        account=account.account,
        kind=AccountKind(account.kind),
        enrolment=Enrolment.opening,
        notice=account.notice,
        trade_no=trade_no,
    )
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM)


async def ask_enrolment(work: Work, tools: Tools) -> None:
    """Ask how far the opening is, until it is open."""
    wallet, number = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    account = merchant.account(wallet, number)
    if account is None or account.enrolment is not Enrolment.opening:
        return
    connector = tools.wallet(work.city, wallet)
    if not isinstance(connector, Opener):
        return
    told = await connector.enrolment(number, account.kind.value, account.trade_no)
    if told.status.upper() not in OPEN_WORDS:
        raise LaterError(ASK_SECONDS)
    command = m.NoteEnrolment(
        wallet=wallet,
        account=number,
        kind=account.kind,
        enrolment=Enrolment.open,
        status=told.status,
        notice=told.notice,
        trade_no=account.trade_no,
    )
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM)


async def close_enrolment(work: Work, tools: Tools) -> None:
    """Have the wallet switch the function off for one account."""
    wallet, number = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    account = merchant.account(wallet, number)
    if account is None or account.enrolment is not Enrolment.closing:
        return
    connector = tools.wallet(work.city, wallet)
    if isinstance(connector, Opener):
        await connector.close_enrolment(number, account.kind.value)
    command = m.NoteEnrolment(
        wallet=wallet, account=number, kind=account.kind, enrolment=Enrolment.closed, trade_no=account.trade_no
    )
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM)
