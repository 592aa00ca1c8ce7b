"""The SMS connector against the sandbox's provider, and against answers no provider should give."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace
from tests.connectors.sms.sms_lab import SmsLab

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.sms.protocol import Message
from hejie.connectors.sms.provider import HttpSms
from hejie.settings import SmsAccount

MESSAGE = Message(
    key="330100-1",
    to="+8613800001111",
    signature="杭州一键和解",
    template="said_merchant_zh",
    params={"shop": "奎元馆"},
    text="【杭州一键和解】奎元馆…",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    running = SmsLab(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.stop()


@pytest.fixture
async def sms(lab):
    connector = HttpSms(lab.account, SystemClock())
    yield connector
    await connector.close()


def sent(lab: SmsLab, key: str) -> list[dict]:
    return [message for message in lab.outbox() if message["key"] == key]


async def test_a_message_arrives_whole_under_its_key(lab, sms):
    message_id = await sms.send(MESSAGE)
    assert sent(lab, MESSAGE.key) == [
        {
            "message_id": message_id,
            "account": "hangzhou",
            "key": "330100-1",
            "signature_name": "杭州一键和解",
            "template": "said_merchant_zh",
            "text": "【杭州一键和解】奎元馆…",
            "channel": "text",
            "to": "8613800001111",
            "params": {"shop": "奎元馆"},
            "at": pytest.approx(lab.box.clock.now(), abs=60),
        }
    ]


async def test_repeating_a_key_sends_once_and_names_the_same_message(lab, sms):
    message = replace(MESSAGE, key="again")
    assert await sms.send(message) == await sms.send(message)
    assert len(sent(lab, "again")) == 1


async def test_a_lost_answer_is_unknown_and_the_same_key_finds_the_message(lab, sms):
    message = replace(MESSAGE, key="dropped")
    lab.once("sms_drop_after_commit")
    with pytest.raises(Unknown, match="sms_silent"):
        await sms.send(message)
    found = sent(lab, "dropped")
    assert [message["message_id"] for message in found] == [await sms.send(message)]


async def test_an_unavailable_provider_is_unknown_and_nothing_was_sent(lab, sms):
    lab.once("sms_unavailable")
    with pytest.raises(Unknown, match="sms_unavailable"):
        await sms.send(replace(MESSAGE, key="away"))
    assert sent(lab, "away") == []


@pytest.mark.parametrize(
    ("account", "message", "code"),
    [
        ({}, {"to": "not a number"}, "sms_message_refused"),
        ({}, {"text": ""}, "sms_message_refused"),
        ({"account": "narrow"}, {}, "sms_template_unknown"),
        ({"secret": "another"}, {}, "sms_account_refused"),
        ({"account": "nobody"}, {}, "sms_account_refused"),
    ],
)
async def test_a_no_is_told_in_our_words_without_number_or_text(lab, account, message, code):
    connector = HttpSms(replace(lab.account, **account), SystemClock())
    with pytest.raises(Refused) as refused:
        await connector.send(replace(MESSAGE, key=f"no-{code}", **message))
    await connector.close()
    assert (refused.value.code, refused.value.facts) == (code, {})
    assert sent(lab, f"no-{code}") == []


async def test_a_key_taken_by_other_words_is_refused(lab, sms):
    await sms.send(replace(MESSAGE, key="taken"))
    with pytest.raises(Refused, match="sms_key_reused"):
        await sms.send(replace(MESSAGE, key="taken", text="other words"))
    assert [message["text"] for message in sent(lab, "taken")] == [MESSAGE.text]


async def test_a_clock_apart_from_the_provider_is_refused(lab):
    class Behind(SystemClock):
        def now(self):
            return super().now().replace(year=2020)

    connector = HttpSms(lab.account, Behind())
    with pytest.raises(Refused, match="sms_clock_differs"):
        await connector.send(replace(MESSAGE, key="behind"))
    await connector.close()
    assert sent(lab, "behind") == []


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>welcome</html>", "sms_reply_unreadable"),
        (200, b'{"message_id": ""}', "sms_reply_unreadable"),
        (200, b'{"message_id": 7}', "sms_reply_unreadable"),
        (200, b"\xff\xfe", "sms_reply_unreadable"),
        (200, b'"' + b"x" * 20_000 + b'"', "sms_reply_unreadable"),
        (302, b"", "sms_unavailable"),
        (404, b"not here", "sms_unavailable"),
        (429, b'{"error": "too_many"}', "sms_limit"),
        (500, b'{"error": "bad_message"}', "sms_unavailable"),
    ],
)
async def test_anything_but_a_clear_word_is_unknown(status, body, code):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    account = SmsAccount(url="http://sms.invalid", account="hangzhou", secret="a-secret")
    connector = HttpSms(account, SystemClock(), httpx.AsyncClient(transport=transport))
    with pytest.raises(Unknown, match=code):
        await connector.send(MESSAGE)
    await connector.close()


async def test_no_provider_at_all_is_unknown():
    connector = HttpSms(SmsAccount(url="http://127.0.0.1:9", account="a", secret="b"), SystemClock())
    with pytest.raises(Unknown, match="sms_unreachable"):
        await connector.send(MESSAGE)
    await connector.close()
