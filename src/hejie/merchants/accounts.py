"""Rules of a merchant's accounts at the wallets: opening and closing them, and the authority to act on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from hejie.base.errors import Missing, Refused
from hejie.merchants import commands as c
from hejie.merchants import events as e
from hejie.merchants.limits import check_limit
from hejie.merchants.model import Account, Authorisation, Enrolment, Merchant

LONGEST_LEAVE = timedelta(days=366)
"""Then a merchant is asked again whether its acquirer shall answer for it."""


def decide_accounts(merchant: Merchant, command: c.AccountCommand, now: datetime) -> list[e.AnyEvent]:
    """Events that follow from a command on accounts or authorities; `decide` is the way in."""
    match command:
        case c.AskEnrolment(wallet=wallet, trade_no=trade_no, account=account):
            return [e.EnrolmentAsked(at=now, wallet=wallet, trade_no=trade_no, account=account)]
        case c.NoteEnrolment():
            return _note_enrolment(merchant, command, now)
        case c.CloseEnrolment():
            return _close_enrolment(merchant, command, now)
        case c.GrantAuthorisation():
            return _grant(merchant, command, now)
        case c.WithdrawAuthorisation(wallet=wallet, account=account):
            _unended(merchant, wallet, account)
            return [e.AuthorisationWithdrawn(at=now, wallet=wallet, account=account)]
        case c.ExpireAuthorisation(wallet=wallet, account=account):
            if now < _unended(merchant, wallet, account).expires_at:
                raise Refused("authorisation_still_valid")
            return [e.AuthorisationExpired(at=now, wallet=wallet, account=account)]
        case c.LetAnswer():
            return _let_answer(merchant, command, now)
        case c.StopAnswers(acquirer=acquirer):
            if not any(each.acquirer == acquirer for each in merchant.answer_leaves):
                raise Refused("answer_leave_missing")
            return [e.AnswersStopped(at=now, acquirer=acquirer)]
        case _:
            assert_never(command)


def _let_answer(merchant: Merchant, command: c.LetAnswer, now: datetime) -> list[e.AnyEvent]:
    check_limit(command.most_fen)
    if not command.acquirer or not now < command.expires_at <= now + LONGEST_LEAVE:
        raise Refused("answer_leave_days")
    held = merchant.answer_leave(command.acquirer, now)
    if held is not None and (held.most_fen, held.expires_at) == (command.most_fen, command.expires_at):
        return []
    return [e.AnswersLet(at=now, acquirer=command.acquirer, most_fen=command.most_fen, expires_at=command.expires_at)]


def _note_enrolment(merchant: Merchant, command: c.NoteEnrolment, now: datetime) -> list[e.AnyEvent]:
    known = merchant.account(command.wallet, command.account)
    trade_no = command.trade_no or (known.trade_no if known else "")
    noted = Account(
        wallet=command.wallet,
        account=command.account,
        kind=command.kind,
        enrolment=command.enrolment,
        status=command.status,
        notice=command.notice,
        trade_no=trade_no,
    )
    if noted == known:
        return []
    return [
        e.EnrolmentNoted(
            at=now,
            wallet=noted.wallet,
            account=noted.account,
            kind=noted.kind,
            enrolment=noted.enrolment,
            status=noted.status,
            notice=noted.notice,
            trade_no=noted.trade_no,
        )
    ]


def _close_enrolment(merchant: Merchant, command: c.CloseEnrolment, now: datetime) -> list[e.AnyEvent]:
    accounts: tuple[Account, ...] = merchant.accounts
    if command.account:
        accounts = (_account(merchant, command.wallet, command.account),)
    live = [each for each in accounts if each.enrolment not in {Enrolment.closing, Enrolment.closed}]
    if not live:
        raise Refused("enrolment_not_open")
    return [e.EnrolmentClosing(at=now, wallet=each.wallet, account=each.account) for each in live]


def _grant(merchant: Merchant, command: c.GrantAuthorisation, now: datetime) -> list[e.AnyEvent]:
    _account(merchant, command.wallet, command.account)
    if not command.content:
        raise Refused("authorisation_without_token")
    if command.expires_at <= now:
        raise Refused("authorisation_expired")
    return [
        e.AuthorisationGranted(
            at=now,
            wallet=command.wallet,
            account=command.account,
            content=command.content,
            expires_at=command.expires_at,
        )
    ]


def _account(merchant: Merchant, wallet: str, account: str) -> Account:
    found = merchant.account(wallet, account)
    if found is None:
        raise Missing("account_unknown")
    return found


def _unended(merchant: Merchant, wallet: str, account: str) -> Authorisation:
    found = merchant.authorisation(wallet, account)
    if found is None or found.ended_at is not None:
        raise Refused("authorisation_not_given")
    return found
