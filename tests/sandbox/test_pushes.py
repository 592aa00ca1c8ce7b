"""Messages to applications: signed, sent until `success`, disturbed by the knobs."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


class Receiver:
    """A platform's callback address that says what it is told to say."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.says = b"success"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.got.append(dict(parse_qsl(body, strict_parsing=True)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(receiver.says)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, args=(0.02,)).start()

    def events(self) -> list[str]:
        return [json.loads(one["biz_content"])["complain_event_id"] for one in self.got]

    def wait(self, count: int) -> None:
        until = time.monotonic() + 10
        while len(self.got) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.got) == count

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.stop()


@pytest.fixture
def told(caller, receiver):
    caller.seed(notify_url=receiver.url)
    caller.call("alipay.merchant.complain.reconciliation.create", {"merchant_cert_no": caller.CREDIT_CODE})
    return caller


def complain(caller) -> str:
    body = {"user_id": caller.USER, "trade_no": caller.pay(), "reason": "其他", "demand": "退款", "content": "没送到"}
    return caller.admin("POST", "cases", body)["complain_event_id"]


def settled(caller, state: str = "done") -> dict:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        push = caller.admin("GET", "pushes")[0]
        if push["state"] == state and push["attempts"]:
            return push
        time.sleep(0.02)
    raise AssertionError(push)


@pytest.mark.parametrize("keep", [False, True])
def test_a_message_is_signed_without_or_with_sign_type(told, receiver, keep):
    told.seed(notify_url=receiver.url, keep_sign_type=keep)
    event = complain(told)
    receiver.wait(1)
    assert receiver.events() == [event]
    form = receiver.got[0]
    assert (form["msg_method"], form["app_id"]) == ("alipay.merchant.tradecomplain.changed", told.APP)
    left_out = ("sign",) if keep else ("sign", "sign_type")
    text = "&".join(f"{name}={form[name]}" for name in sorted(form) if name not in left_out)
    told.gateway_key.verify(base64.b64decode(form["sign"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert settled(told)["attempts"] == 1


def test_anything_but_success_is_sent_again_on_the_wallets_clock(told, receiver):
    receiver.says = b"success\n"
    complain(told)
    receiver.wait(1)
    assert settled(told, "waiting")["attempts"] == 1
    for count, seconds in enumerate((240, 600, 600, 3600, 7200, 21600, 54000), start=2):
        told.advance(seconds - 5)
        time.sleep(0.15)
        assert len(receiver.got) == count - 1
        told.advance(6)
        receiver.wait(count)
        settled(told, "given_up" if count == 8 else "waiting")
    assert len({one["notify_id"] for one in receiver.got}) == 1


def test_a_duplicate_comes_twice_with_one_number(told, receiver):
    told.knob("duplicate_callback", remaining=1)
    event = complain(told)
    receiver.wait(2)
    assert receiver.events() == [event, event]
    assert len({one["notify_id"] for one in receiver.got}) == 1
    assert told.injected("duplicate_callback") == 1


def test_a_late_message_waits_for_the_clock(told, receiver):
    told.knob("late_callback", remaining=1, value=600)
    late = complain(told)
    early = complain(told)
    receiver.wait(1)
    assert receiver.events() == [early]
    told.advance(601)
    receiver.wait(2)
    assert receiver.events() == [early, late]


def test_a_reordered_message_comes_after_the_next(told, receiver):
    told.knob("reordered_callback", remaining=1, value=86400)
    held = complain(told)
    following = complain(told)
    receiver.wait(2)
    assert receiver.events() == [following, held]
    assert told.injected("reordered_callback") == 1


def test_a_stale_message_carries_yesterday(told, receiver):
    told.knob("stale_timestamp", remaining=1)
    complain(told)
    complain(told)
    receiver.wait(2)
    stale, fresh = sorted(int(one["utc_timestamp"]) for one in receiver.got)
    assert 86_390_000 < fresh - stale < 86_410_000


def test_a_withdrawn_authorisation_is_told(told, receiver):
    told.token()
    told.admin("POST", "withdraw", {"app_id": told.APP, "merchant_id": told.MERCHANT})
    receiver.wait(1)
    assert receiver.got[0]["msg_method"] == "alipay.open.auth.appauth.cancelled"
    assert json.loads(receiver.got[0]["biz_content"])["user_id"] == told.MERCHANT
