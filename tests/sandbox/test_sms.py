"""The SMS provider: signed, one message per key, faults counted."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from pathlib import Path

import httpx
import pytest


@pytest.fixture
def text(caller):
    account = caller.admin("GET", "sms/account")

    def send(*, secret: str = "", at: int = 0, **over: object) -> httpx.Response:
        at = at or int(time.time())
        body = {"account": account["account"], "key": "k1", "to": "13800001111", "signature_name": "和解"}
        body |= {
            "template": "case",
            "params": {"n": "1"},
            "text": "<b>请打开：http://127.0.0.1/x，谢谢",
            "timestamp": at,
        } | over
        raw = json.dumps(body, ensure_ascii=False).encode()
        key = (secret or account["secret"]).encode()
        sign = hmac.new(key, f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
        return caller.http.post("/sms/send", content=raw, headers={"x-sms-signature": sign})

    return send


def test_one_key_is_one_message(caller, text):
    first, second = text(), text(at=int(time.time()) + 1)
    assert first.json() == second.json()
    assert first.json()["status"] == "queued"
    assert text(text="另一句").status_code == 409
    outbox = caller.admin("GET", "sms?to=13800001111")
    assert [one["text"] for one in outbox] == ["<b>请打开：http://127.0.0.1/x，谢谢"]
    shown = '&lt;b&gt;请打开：<a href="http://127.0.0.1/x">http://127.0.0.1/x</a>，谢谢'
    assert shown in caller.http.get("/sms").text


@pytest.mark.parametrize(
    ("over", "status"),
    [
        ({"secret": "wrong"}, 401),
        ({"at": 1}, 401),
        ({"account": "nobody"}, 401),
        ({"to": "not a number"}, 422),
        ({"params": []}, 400),
    ],
)
def test_a_wrong_request_sends_nothing(caller, text, over, status):
    assert text(**over).status_code == status
    assert caller.admin("GET", "sms") == []


def test_only_registered_templates_pass(caller, text):
    account = {"account": "strict", "secret": "s" * 32, "templates": ["case"]}
    caller.admin("POST", "sms/accounts", account)
    assert text(account="strict", secret="s" * 32).status_code == 200
    assert text(account="strict", secret="s" * 32, template="other", key="k2").status_code == 422


def test_a_number_gets_thirty_a_minute(caller, text):
    assert {text(key=f"k{number}").status_code for number in range(30)} == {200}
    assert text(key="more").status_code == 429
    assert text(key="k0").status_code == 200
    assert text(key="other", to="13900000000").status_code == 200


def test_faults_are_injected_and_counted(caller, text):
    caller.knob("sms_unavailable", remaining=1)
    assert text().status_code == 503
    assert caller.admin("GET", "sms") == []
    caller.knob("sms_drop_after_commit", remaining=1)
    with pytest.raises(httpx.TransportError):
        text()
    assert len(caller.admin("GET", "sms")) == 1
    caller.knob("sms_slow", remaining=1, value=0.05)
    assert text().status_code == 200
    assert [caller.injected(f"sms_{name}") for name in ("unavailable", "drop_after_commit", "slow")] == [1, 1, 1]


def test_the_worked_example_of_the_sms_page_is_true():
    document = (Path(__file__).parents[2] / "docs/protocol/sms.md").read_text("utf-8")
    body = re.search(r"body `(\{.*?\})`", document)
    given = re.search(r"^`([0-9a-f]{64})`", document, re.MULTILINE)
    assert body
    assert given
    text = f"{json.loads(body[1])['timestamp']}.{body[1]}".encode()
    assert hmac.new(b"example-secret", text, hashlib.sha256).hexdigest() == given[1]
