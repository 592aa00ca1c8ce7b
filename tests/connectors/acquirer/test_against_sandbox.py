"""The acquirers' connector against the emulated bank on a real socket: what it says, and what leaves things open."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.connectors.alipay.alipay_wall import private_pem, public_pem
from tests.support.sandbox import SandboxServer

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.acquirer import Acquirers, Door
from hejie.connectors.acquirer.trade import TraceAsked
from hejie.connectors.signing import private_key, public_key
from hejie.connectors.transport import http_client
from hejie.connectors.wallet import RefundOrder, RefundStatus, Wallet
from hejie.payments.bank_hours import BankHours

BANK, MERCHANT = "48030001", "898330154119999"
ACCOUNT = f"{BANK}-{MERCHANT}"
KEY = "330100-0123456789-ABCDEFGHJKMN-1"
OWN = rsa.generate_private_key(65537, 2048)


class Lab(SandboxServer):
    """The sandbox with one bank."""

    def bank(self, algorithm: str, own_algorithm: str) -> Door:
        banks = [
            {
                "id": BANK,
                "key_id": "city-1",
                "public_key": public_pem(OWN),
                "algorithm": algorithm,
                "own_algorithm": own_algorithm,
            }
        ]
        told = self.post("acquirer", banks=banks)
        self.merchant()
        return Door(
            id=BANK,
            numbers=frozenset({BANK}),
            keys={told["key_id"]: public_key(told["key_id"], own_algorithm, told["public_key"])},
            networks=(),
            own=private_key("city-1", algorithm, private_pem(OWN)),
            gateway=f"{self.url}/acquirer/{BANK}",
            hours=BankHours(days=(1, 2, 3, 4, 5, 6, 7)),
        )

    def merchant(self, **more: Any) -> None:
        self.post("acquirer", merchants=[{"bank": BANK, "number": MERCHANT, "name": "面馆"} | more])

    def pay(self, amount: str = "50.00", **more: Any) -> str:
        payment = {"bank": BANK, "merchant": MERCHANT, "amount": amount} | more
        return f"{BANK}-{self.post('acquirer', payments=[payment])['payments'][0]}"

    def refunds(self, trade_no: str) -> list[int]:
        rows = self.get("acquirer/ledger")["refunds"]
        return [row["amount"] for row in rows if f"{BANK}-{row['payment']}" == trade_no]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("bank"))
    yield server
    server.stop()


@pytest.fixture(params=["rsa-pss-sha512", "rsa-v1_5-sha256"])
async def bank(lab: Lab, request: pytest.FixtureRequest) -> AsyncIterator[Acquirers]:
    lab.post("knobs/off")
    async with http_client() as client:
        yield Acquirers({BANK: lab.bank(request.param, request.param)}, lab, client)


def order(trade_no: str, fen: int = 5000, key: str = "") -> RefundOrder:
    """A refund under a key of its own for every payment."""
    return RefundOrder(key=key or f"{KEY}-{trade_no[-8:]}", trade_no=trade_no, amount_fen=fen)


async def test_a_payment_is_told(lab: Lab, bank: Acquirers):
    wallet: Wallet = bank
    trade_no = lab.pay("12.34")
    told = await wallet.trade(trade_no, ACCOUNT)
    assert (told.trade_no, told.paid_fen, told.refundable, told.terminal) == (trade_no, 1234, True, "01080209")
    for number, authority in ((f"{BANK}-1", ACCOUNT), (trade_no, f"{BANK}-1"), ("nonsense", "")):
        with pytest.raises(Missing, match="trade_missing"):
            await wallet.trade(number, authority)
    with pytest.raises(Refused, match="wallet_not_connected"):
        await wallet.trade("99-1")


async def test_a_refund_is_accepted_then_seen_and_moves_money_once(lab: Lab, bank: Acquirers):
    told = order(lab.pay())
    assert (await bank.refund_status(told, ACCOUNT)).status is RefundStatus.absent
    for _ in range(3):
        assert (await bank.refund(told, ACCOUNT)).status is RefundStatus.accepted
    lab.post("clock", advance_seconds=3)
    answer = await bank.refund_status(told, ACCOUNT)
    assert (answer.status, answer.amount_fen) == (RefundStatus.succeeded, 5000)
    assert answer.moved_at is not None
    assert lab.refunds(told.trade_no) == [5000]


async def test_the_same_key_for_another_amount_is_no_failure(lab: Lab, bank: Acquirers):
    trade_no = lab.pay()
    await bank.refund(order(trade_no, 2000), ACCOUNT)
    with pytest.raises(Unknown, match="refund_unsure"):
        await bank.refund(order(trade_no, 3000), ACCOUNT)
    assert lab.refunds(trade_no) == [2000]


@pytest.mark.parametrize(
    ("knob", "method", "code"),
    [
        ("drop_after_commit", "acquirer.refund", "wallet_silent"),
        ("bad_signature", "acquirer.refund", "reply_signature_wrong"),
        ("system_error", "acquirer.refund", "wallet_unavailable"),
        ("system_error_after_commit", "acquirer.refund", "wallet_unavailable"),
        ("garbage", "acquirer.refund", "reply_unreadable"),
    ],
)
async def test_what_is_no_answer_leaves_it_open(lab: Lab, bank: Acquirers, knob: str, method: str, code: str):
    told = order(lab.pay())
    lab.knob(knob, method)
    with pytest.raises(Unknown, match=code):
        await bank.refund(told, ACCOUNT)
    if knob == "system_error":
        assert (await bank.refund_status(told, ACCOUNT)).status is RefundStatus.absent
    else:
        assert (await bank.refund_status(told, ACCOUNT)).status is RefundStatus.accepted
    assert (await bank.refund(told, ACCOUNT)).status is RefundStatus.accepted
    assert lab.refunds(told.trade_no) == [5000]


@pytest.mark.parametrize("knob", ["balance_short", "window_expired"])
async def test_a_signed_no_is_a_failure(lab: Lab, bank: Acquirers, knob: str):
    told = order(lab.pay())
    lab.knob(knob, "acquirer.refund")
    answer = await bank.refund(told, ACCOUNT)
    assert (answer.status, answer.code) == (RefundStatus.failed, knob)
    assert lab.refunds(told.trade_no) == []


async def test_more_than_was_paid_and_another_merchants_are_refused(lab: Lab, bank: Acquirers):
    trade_no = lab.pay()
    assert (await bank.refund(order(trade_no, 5001), ACCOUNT)).code == "amount_too_large"
    assert (await bank.refund(order(trade_no), f"{BANK}-1")).code == "not_allowed"
    lab.merchant(allows=False)
    assert (await bank.refund(order(trade_no), ACCOUNT)).code == "not_allowed"
    lab.merchant(allows=True)
    assert lab.refunds(trade_no) == []


async def test_a_business_day_is_told_when_the_bank_has_opened_again(lab: Lab, bank: Acquirers):
    trade_no = lab.pay("20.00")
    told = order(trade_no, 500)
    await bank.refund(told, ACCOUNT)
    day = lab.now().astimezone(SHANGHAI).date()
    with pytest.raises(Missing, match="statement_not_ready"):
        await bank.statement(day, ACCOUNT)
    lab.post("clock", advance_seconds=timedelta(hours=72).total_seconds())
    days = [day, day + timedelta(days=1)]
    rows = [row for each in days for row in await bank.statement(each, ACCOUNT) if row.trade_no == trade_no]
    assert [(row.kind, row.amount_fen, row.refund_key) for row in rows] == [
        ("payment", 2000, ""),
        ("refund", 500, told.key),
    ]


async def test_a_trace_says_what_for_and_is_answered(lab: Lab, bank: Acquirers):
    trade_no = lab.pay("7.00", terminal="T7654321")
    paid = (await bank.trade(trade_no)).paid_at
    by_number = TraceAsked(purpose="查找商户", dispute="d-1", number=trade_no.partition("-")[2])
    by_terminal = TraceAsked(purpose="查找商户", dispute="d-1", terminal="T7654321", at=paid)
    (one,) = await bank.trace(BANK, by_number, "trace-0123456789abcdef")
    assert (one.merchant, one.amount_fen) == (MERCHANT, 700)
    assert one in await bank.trace(BANK, by_terminal, "trace-0123456789abcdeg")
    assert ("查找商户", "d-1") in [(row["purpose"], row["dispute"]) for row in lab.get("acquirer/ledger")["asked"]]
    with pytest.raises(Refused, match="reference_unreadable"):
        await bank.trace(BANK, TraceAsked(purpose="x", dispute="d-1"), "trace-0123456789abcdeh")
    with pytest.raises(Missing, match="acquirer_unknown"):
        await bank.trace("1", by_number, "trace-0123456789abcdei")


async def test_a_bank_that_does_not_know_our_key_leaves_it_open(lab: Lab):
    door = lab.bank("rsa-pss-sha512", "rsa-pss-sha512")
    other = private_key("city-1", "rsa-pss-sha512", private_pem(rsa.generate_private_key(65537, 2048)))
    async with http_client() as client:
        stranger = Acquirers({BANK: Door(**(door.__dict__ | {"own": other}))}, lab, client)
        told = order(lab.pay())
        with pytest.raises(Unknown, match="wallet_unavailable"):
            await stranger.refund(told, ACCOUNT)
    assert lab.refunds(told.trade_no) == []


async def test_leave_is_taken_for_accounts_of_banks_that_are_known(bank: Acquirers):
    assert (await bank.authorise(ACCOUNT)).account == ACCOUNT
    for code in ("", MERCHANT, f"99-{MERCHANT}", f"{BANK}-", f"{BANK}-a/b"):
        with pytest.raises(Refused, match="authority_code_invalid"):
            await bank.authorise(code)
    with pytest.raises(Refused, match="callback_misdirected"):
        bank.callback({}, b"")


def test_a_key_never_shows(lab: Lab):
    assert not re.search("PRIVATE|material|RSAPrivateKey", repr(lab.bank("rsa-pss-sha512", "rsa-pss-sha512")))
