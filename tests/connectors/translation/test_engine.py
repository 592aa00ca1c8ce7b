"""The translation connector against the sandbox's engine, and against answers no engine should give."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from tests.support.sandbox import SandboxServer

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.translation.engine import MOST_REPLY, HttpTranslator
from hejie.settings import TranslationEngine

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = SandboxServer(tmp_path_factory.mktemp("engine") / "sandbox")
    yield running
    running.stop()


def account(server) -> TranslationEngine:
    return TranslationEngine(url=f"{server.url}/", **server.get("translation/account"))


async def ask(account: TranslationEngine, text: str = "The noodles were cold.", to: str = "zh", transport=None) -> str:
    async with httpx.AsyncClient(timeout=5, trust_env=False, transport=transport) as client:
        return await HttpTranslator(account, SystemClock(), client).translate(text, "", to)


async def test_it_is_translated(server):
    assert await ask(account(server)) == "面是凉的。"
    assert await ask(account(server), "面是凉的。", "en") == "The noodles were cold."
    assert await ask(account(server), "好", "en") == "(Sandbox translation of 1 characters)"


@pytest.mark.parametrize(
    ("knob", "code"),
    [
        ("translation_unavailable", "translation_unavailable"),
        ("translation_garbage", "translation_unavailable"),
        ("translation_drop", "translation_silent"),
    ],
)
async def test_an_engine_in_trouble_is_asked_again_later(server, knob, code):
    server.knob(knob)
    with pytest.raises(Unknown, match=code):
        await ask(account(server))
    assert await ask(account(server)) == "面是凉的。"


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"account": "nobody"}])
async def test_a_stranger_is_refused_without_a_word(server, wrong):
    with pytest.raises(Refused, match="translation_refused") as refused:
        await ask(replace(account(server), **wrong))
    assert refused.value.facts == {}


async def test_an_unknown_language_or_too_much_is_refused_for_good(server):
    with pytest.raises(Refused, match="translation_refused"):
        await ask(account(server), to="fr")
    with pytest.raises(Refused, match="translation_refused"):
        await ask(account(server), "x" * 70_000)


async def test_nobody_there_is_silence(server):
    with pytest.raises(Unknown, match="translation_silent"):
        await ask(replace(account(server), url="http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "reply",
    [b"", b"\xff\xfe", b"<html>", b'"text"', b"{}", b'{"text": null}', b'{"text": "\\ud800"}', b"x" * (MOST_REPLY + 1)],
)
async def test_no_answer_breaks_the_house(reply):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=reply))
    with pytest.raises(Unknown, match="translation_unavailable"):
        await ask(TranslationEngine(url="http://engine", account="a", secret="s"), transport=transport)


@pytest.mark.parametrize("status", [302, 429, 500, 503])
async def test_elsewhere_or_later_is_no_answer(status):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers={"location": "http://else.example"}))
    with pytest.raises(Unknown, match="translation_unavailable"):
        await ask(TranslationEngine(url="http://engine", account="a", secret="s"), transport=transport)


def test_the_page_on_the_protocol_signs_as_we_do():
    page = (ROOT / "docs" / "protocol" / "translation.md").read_text("utf-8")
    body = page.partition("body `")[2].partition("`")[0]
    said = page.partition("gives `")[2].partition("`")[0]
    assert hmac.digest(b"example-secret", f"1795449600.{body}".encode(), hashlib.sha256).hex() == said
