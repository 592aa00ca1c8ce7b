"""E-mail over a real socket: encrypted or not at all, one Message-ID per key, and every way it can go wrong."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.connecting import mail_account
from tests.support.sandbox import SandboxServer

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.email import smtp
from hejie.connectors.email.protocol import Letter
from hejie.connectors.email.smtp import SmtpMail
from hejie.settings import EmailAccount

TO = "lin@example.org"
LETTER = Letter(
    key="330100-1",
    to=TO,
    subject="您的验证码",
    text="验证码123456。\n.\n.full stops at the head of a line",
    sender="一键和解",
)


@pytest.fixture
def server(tmp_path):
    running = SandboxServer(tmp_path / "sandbox")
    yield running
    running.stop()


def account(server: SandboxServer, tmp_path: Path, **other: object) -> EmailAccount:
    given = mail_account(tmp_path, server.get("email/account")) | other
    return EmailAccount(
        **{**given, "password_file": Path(given["password_file"]), "ca": given["ca"] and Path(given["ca"])}
    )


@pytest.fixture
def mail(server, tmp_path):
    return SmtpMail(account(server, tmp_path), SystemClock())


async def test_a_letter_arrives_as_it_was_written(server, mail):
    assert await mail.send(LETTER) == "<330100-1@hejie.example>"
    (found,) = server.get("email")
    assert (found["recipient"], found["subject"]) == (TO, LETTER.subject)
    assert found["text"].replace("\r\n", "\n") == LETTER.text
    headers = dict(json.loads(found["headers"]))
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["From"] == "一键和解 <notice@hejie.example>"


async def test_what_was_taken_and_not_answered_goes_again_under_the_same_id(server, mail):
    server.knob("email_drop_after_data")
    with pytest.raises(Unknown):
        await mail.send(LETTER)
    await mail.send(LETTER)
    (found,) = server.get("email")
    assert found["copies"] == 2


async def test_a_slow_server_leaves_it_open(server, mail, monkeypatch):
    monkeypatch.setattr(smtp, "_WHOLE_SECONDS", 1.0)
    server.knob("email_slow", value=3)
    with pytest.raises(Unknown, match="email_silent"):
        await mail.send(LETTER)


@pytest.mark.parametrize(
    ("knob", "error", "code"),
    [("email_refused", Refused, "email_refused"), ("email_unavailable", Unknown, "email_unavailable")],
)
async def test_a_no(server, mail, knob, error, code):
    server.knob(knob)
    with pytest.raises(error, match=code) as caught:
        await mail.send(LETTER)
    assert TO not in str(vars(caught.value))
    assert server.get("email") == []


async def test_a_wrong_password_is_ours_to_mend(server, tmp_path):
    mail = SmtpMail(account(server, tmp_path), SystemClock())
    (tmp_path / "mail-password").write_text("wrong")
    with pytest.raises(Refused, match="email_account_refused"):
        await mail.send(LETTER)


async def test_an_unknown_certificate_gets_neither_password_nor_letter(server, tmp_path):
    mail = SmtpMail(account(server, tmp_path, ca=None), SystemClock())
    with pytest.raises(Unknown, match="email_unreachable"):
        await mail.send(LETTER)
    assert server.get("email") == []


async def test_a_server_without_encryption_gets_nothing(server, tmp_path):
    heard = []
    with closing(socket.create_server(("127.0.0.1", 0))) as plain:

        def talk() -> None:
            line, _ = plain.accept()
            with line, line.makefile("rwb", buffering=0) as talk:
                talk.write(b"220 hello\r\n")
                while said := talk.readline():
                    heard.append(said)
                    talk.write(b"250 ok\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        mail = SmtpMail(account(server, tmp_path, port=plain.getsockname()[1]), SystemClock())
        with pytest.raises(Unknown):
            await mail.send(LETTER)
        await asyncio.to_thread(thread.join)
    assert all(said.startswith((b"EHLO", b"HELO", b"STARTTLS", b"QUIT")) for said in heard)


async def test_nobody_listens(server, tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unknown, match="email_unreachable"):
        await SmtpMail(account(server, tmp_path, port=port), SystemClock()).send(LETTER)
