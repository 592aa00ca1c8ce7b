"""Refunds: once per key, never above what was paid, in the ledger before they are answered."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

REFUND, REFUND_QUERY, QUERY = "alipay.trade.refund", "alipay.trade.fastpay.refund.query", "alipay.trade.query"


def order(trade: str, amount: str, key: str) -> dict[str, str]:
    return {"trade_no": trade, "refund_amount": amount, "out_request_no": key}


def test_a_refund_moves_money_once(caller):
    trade, token = caller.pay("50.00"), caller.token()
    balance = caller.ledger()["merchants"][0]["balance"]
    first, second = (caller.call(REFUND, order(trade, "12.50", "K1"), token) for _ in range(2))
    assert (first["fund_change"], first["refund_fee"]) == ("Y", "12.50")
    assert (second["fund_change"], second["refund_fee"]) == ("N", "12.50")
    third = caller.call(REFUND, order(trade, "7.50", "K2"), token)
    assert third["refund_fee"] == "20.00"
    seen = caller.call(REFUND_QUERY, {"trade_no": trade, "out_request_no": "K1"}, token)
    assert (seen["refund_status"], seen["refund_amount"], seen["total_amount"]) == ("REFUND_SUCCESS", "12.50", "50.00")
    assert "refund_status" not in caller.call(REFUND_QUERY, {"trade_no": trade, "out_request_no": "K9"}, token)
    ledger = caller.ledger()
    assert ledger["merchants"][0]["balance"] == balance - 2000
    assert [(row["amount"], row["road"]) for row in ledger["refunds"]] == [(1250, "api"), (750, "api")]


def test_parallel_repeats_of_one_key_move_money_once(caller):
    trade, token = caller.pay("50.00"), caller.token()
    requests = [caller.params(REFUND, order(trade, "50.00", "K"), token) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: caller.read(caller.send(one), REFUND), requests))
    assert sorted(answer["fund_change"] for answer in answers) == ["N"] * 7 + ["Y"]
    assert sum(row["amount"] for row in caller.ledger()["refunds"]) == 5000
    assert caller.call(QUERY, {"trade_no": trade}, token)["trade_status"] == "TRADE_CLOSED"


def test_parallel_keys_never_pass_what_was_paid(caller):
    trade, token = caller.pay("50.00"), caller.token()
    requests = [caller.params(REFUND, order(trade, "30.00", f"K{number}"), token) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: caller.read(caller.send(one), REFUND), requests))
    assert sorted(answer.get("sub_code", "") for answer in answers) == ["", *["ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"] * 3]
    assert [row["amount"] for row in caller.ledger()["refunds"]] == [3000]


@pytest.mark.parametrize(
    ("content", "sub_code"),
    [
        ({"refund_amount": "10.00", "out_request_no": "K1"}, "ACQ.DISCORDANT_REPEAT_REQUEST"),
        ({"refund_amount": "10.00"}, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ({"refund_amount": "0.00", "out_request_no": "K2"}, "ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        ({"refund_amount": "-1.00", "out_request_no": "K2"}, "isv.invalid-parameter"),
        ({"refund_amount": "1.001", "out_request_no": "K2"}, "isv.invalid-parameter"),
        ({"refund_amount": "１.00", "out_request_no": "K2"}, "isv.invalid-parameter"),
        ({"refund_amount": "1e1", "out_request_no": "K2"}, "isv.invalid-parameter"),
        ({"refund_amount": "1.00", "out_request_no": "K" * 65}, "isv.invalid-parameter"),
    ],
)
def test_a_wrong_refund_is_refused_and_moves_nothing(caller, content, sub_code):
    trade, token = caller.pay("50.00"), caller.token()
    caller.call(REFUND, order(trade, "12.50", "K1"), token)
    before = caller.ledger()
    assert caller.call(REFUND, {"trade_no": trade} | content, token)["sub_code"] == sub_code
    assert caller.ledger() == before


def test_balance_and_window_hold(caller):
    trade, token = caller.pay("50.00"), caller.token()
    caller.knob("balance_short", remaining=1)
    assert caller.call(REFUND, order(trade, "1.00", "K"), token)["sub_code"] == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    assert caller.call(REFUND, order(trade, "1.00", "K"), token)["fund_change"] == "Y"
    caller.knob("window_expired", remaining=1)
    for _ in range(2):
        assert caller.call(REFUND, order(trade, "2.00", "K2"), token)["sub_code"] == "ACQ.TRADE_HAS_FINISHED"
    assert caller.call(REFUND, order(trade, "1.00", "K"), token)["fund_change"] == "N"
    assert caller.call(QUERY, {"trade_no": trade}, token)["trade_status"] == "TRADE_FINISHED"
    assert (caller.injected("balance_short"), caller.injected("window_expired")) == (1, 1)
    assert [row["amount"] for row in caller.ledger()["refunds"]] == [100]


def test_a_year_later_no_refund_goes_out(caller):
    trade, token = caller.pay("50.00"), caller.token()
    caller.advance(364 * 86400)
    assert caller.call(REFUND, order(trade, "1.00", "K"), token)["fund_change"] == "Y"
    caller.advance(2 * 86400)
    fresh = caller.token()
    assert caller.call(REFUND, order(trade, "1.00", "K2"), fresh)["sub_code"] == "ACQ.TRADE_HAS_FINISHED"


def test_a_system_error_before_commits_nothing_and_after_commits(caller):
    trade, token = caller.pay("50.00"), caller.token()
    caller.knob("system_error", remaining=1, method=REFUND)
    answer = caller.call(REFUND, order(trade, "1.00", "K"), token)
    assert answer.get("sub_code") in ("aop.unknow-error", "ACQ.SYSTEM_ERROR")
    assert not caller.ledger()["refunds"]
    caller.knob("system_error_after_commit", remaining=1)
    assert caller.call(REFUND, order(trade, "1.00", "K"), token)["code"] in ("20000", "40004")
    assert [row["amount"] for row in caller.ledger()["refunds"]] == [100]
    assert (caller.injected("system_error"), caller.injected("system_error_after_commit")) == (1, 1)


def test_a_dropped_answer_is_committed_and_counted(caller):
    trade, token = caller.pay("50.00"), caller.token()
    caller.knob("drop_after_commit", remaining=1)
    with pytest.raises(httpx.TransportError):
        caller.call(REFUND, order(trade, "1.00", "K"), token)
    seen = caller.call(REFUND_QUERY, {"trade_no": trade, "out_request_no": "K"}, token)
    assert seen["refund_status"] == "REFUND_SUCCESS"
    assert caller.injected("drop_after_commit") == 1


def test_a_hand_refund_has_a_number_of_its_own_and_counts(caller):
    trade, token = caller.pay("50.00"), caller.token()
    number = caller.admin("POST", "hand-refunds", {"trade_no": trade, "amount": "20.00"})["out_request_no"]
    seen = caller.call(REFUND_QUERY, {"trade_no": trade, "out_request_no": number}, token)
    assert seen["refund_amount"] == "20.00"
    assert caller.call(REFUND, order(trade, "40.00", "K"), token)["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert [row["road"] for row in caller.ledger()["refunds"]] == ["hand"]


def start(data: Path, port: int) -> subprocess.Popen[bytes]:
    source = Path(__file__).parents[2] / "src"
    command = [sys.executable, "-m", "hejie_sandbox", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(source)})
    while process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/admin/clock", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            break
    assert process.poll() is None
    return process


def test_kill_9_keeps_the_ledger_the_counters_and_the_clock(data, new_caller):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(data, port)
    try:
        caller = new_caller(f"http://127.0.0.1:{port}")
        trade, token = caller.pay("50.00"), caller.token()
        caller.advance(3600)
        caller.knob("delay", remaining=1, value=30, method=REFUND)
        request = caller.params(REFUND, order(trade, "12.50", "K"), token)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(caller.send, request)
            while not caller.ledger()["refunds"]:
                time.sleep(0.02)
            before = caller.ledger()
            process.send_signal(signal.SIGKILL)
            process.wait()
            with pytest.raises(httpx.TransportError):
                waiting.result()
        process = start(data, port)
        assert caller.ledger() == before
        assert caller.call(REFUND, order(trade, "12.50", "K"), token)["fund_change"] == "N"
        assert caller.injected("delay") == 1
        assert caller.admin("GET", "clock")["offset_seconds"] == 3600
    finally:
        process.kill()
        process.wait()
