"""The mail server: SMTP on a socket (RFC 5321, STARTTLS, AUTH PLAIN), an outbox that knows its letters, faults."""

from __future__ import annotations

import asyncio
import base64
import binascii
import email
import hmac
import json
from contextlib import asynccontextmanager, suppress
from email.policy import default as modern
from secrets import token_hex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hejie_sandbox.sandbox import Sandbox

HOST, USER = "127.0.0.1", "hejie"
LARGEST = 256 * 1024
_LINE = 2048
_IDLE_SECONDS = 60.0


class HungUpError(Exception):
    """The conversation ends without another word."""


def account(box: Sandbox) -> dict[str, Any]:
    """Where the server listens and what opens it; the password is made on the first start."""
    if not box.ledger.meta("smtp_password"):
        with box.ledger.transaction():
            box.ledger.set_meta("smtp_password", token_hex(16))
    return {
        "host": HOST,
        "port": int(box.ledger.meta("smtp_port", "0")),
        "user": USER,
        "password": box.ledger.meta("smtp_password"),
        "certificate": box.keys.mail_certificate.read_text(encoding="ascii"),
    }


def outbox(box: Sandbox, to: str = "", limit: int = 200) -> list[dict[str, Any]]:
    """Return e-mails that arrived, newest first; `to` limits them to one address."""
    sql = "SELECT * FROM letters WHERE ? IN ('', recipient) ORDER BY id DESC LIMIT ?"
    return [dict(row) for row in box.ledger.rows(sql, to, limit)]


@asynccontextmanager
async def serving(box: Sandbox) -> AsyncIterator[None]:
    """Listen for as long as the sandbox runs, at the same port as before where it is still free."""
    talks: set[asyncio.Task[None]] = set()

    def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_Talk(box, reader, writer).run())
        talks.add(task)
        task.add_done_callback(talks.discard)
        task.add_done_callback(lambda _: writer.close())  # cut off before its first word, too

    async def listen(port: int) -> asyncio.Server:
        return await asyncio.start_server(answer, HOST, port, limit=LARGEST)

    try:
        server = await listen(account(box)["port"])
    except OSError:
        server = await listen(0)
    with box.ledger.transaction():
        box.ledger.set_meta("smtp_port", str(server.sockets[0].getsockname()[1]))
    try:
        yield
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


class _Talk:
    """One client's conversation."""

    def __init__(self, box: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.box, self.reader, self.writer = box, reader, writer
        self.safe = self.known = False
        self.sender, self.to = "", ""

    async def run(self) -> None:
        """Answer until the client is done, silent or gone."""
        with suppress(HungUpError, OSError, TimeoutError, ValueError, EOFError, asyncio.IncompleteReadError):
            await self.say("220 sandbox ESMTP")
            while True:
                line = (await self.line()).decode("utf-8", "replace").rstrip("\r\n")
                verb, _, rest = line.partition(" ")
                await self.act(verb.upper(), rest)

    async def line(self) -> bytes:
        """One line; `HungUpError` at the end."""
        line = await asyncio.wait_for(self.reader.readline(), _IDLE_SECONDS)
        if not line:
            raise HungUpError
        return line

    async def say(self, *lines: str) -> None:
        """Answer."""
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

    async def act(self, verb: str, rest: str) -> None:
        """Do one command."""
        if verb == "QUIT":
            await self.say("221 bye")
            raise HungUpError
        if verb in {"EHLO", "HELO"}:
            more = "250 AUTH PLAIN" if self.safe else "250 STARTTLS"
            await self.say("250-sandbox", f"250-SIZE {LARGEST}", "250-8BITMIME", more)
        elif verb in {"NOOP", "RSET"}:
            self.sender, self.to = "", ""
            await self.say("250 ok")
        elif verb == "STARTTLS" and not self.safe:
            await self.say("220 go ahead")
            await self.writer.start_tls(self.box.keys.mail_context())
            self.safe = True
        elif not self.safe:
            await self.say("530 5.7.0 STARTTLS first")
        elif verb == "AUTH":
            await self.sign_in(rest)
        elif not self.known:
            await self.say("530 5.7.0 sign in first")
        else:
            await self.carry(verb, rest)

    async def sign_in(self, rest: str) -> None:
        """AUTH PLAIN, with the words at once or on the next line."""
        method, _, given = rest.partition(" ")
        if method.upper() != "PLAIN":
            await self.say("504 5.5.4 AUTH PLAIN only")
            return
        if not given:
            await self.say("334 ")
            given = (await self.line()).decode("ascii", "replace").strip()
        right = f"\0{USER}\0{self.box.ledger.meta('smtp_password')}".encode()
        try:
            self.known = hmac.compare_digest(base64.b64decode(given, validate=True), right)
        except binascii.Error:
            self.known = False
        await self.say("235 2.7.0 welcome" if self.known else "535 5.7.8 wrong user or password")

    async def carry(self, verb: str, rest: str) -> None:
        """Take one letter: MAIL, RCPT, DATA."""
        if verb == "MAIL":
            self.sender = _path(rest)
            await self.say("250 ok")
        elif verb == "RCPT":
            with self.box.ledger.transaction():
                refused = self.box.knobs.fires("email_refused") is not None
                later = self.box.knobs.fires("email_unavailable") is not None
            self.to = "" if refused or later else _path(rest)
            no = "550 5.1.1 no such mailbox" if refused else "451 4.3.0 try again later"
            await self.say("250 ok" if self.to else no)
        elif verb == "DATA" and self.to:
            await self.say("354 end with a full stop")
            await self.take(await self.body())
        else:
            await self.say("503 5.5.1 not now")

    async def body(self) -> bytes:
        """What comes until a line of one full stop, its stuffing taken off."""
        lines, size = [], 0
        while (line := await self.line()) != b".\r\n":
            size += len(line)
            if size > LARGEST:
                raise HungUpError
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    async def take(self, raw: bytes) -> None:
        """Put a letter down; a Message-ID that came before is only counted."""
        letter = email.message_from_bytes(raw, policy=modern)
        text = letter.get_body(("plain",))
        headers = [[name, str(value)] for name, value in letter.items()]
        with self.box.ledger.transaction():
            self.box.ledger.write(
                "INSERT INTO letters (message_id, sender, recipient, subject, text, headers, at, copies)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (message_id) DO UPDATE SET copies = copies + 1",
                *(str(letter["Message-ID"]), self.sender, self.to, str(letter["Subject"])),
                *(text.get_content().strip() if text else "", json.dumps(headers, ensure_ascii=False)),
                self.box.clock.now(),
            )
            slow = self.box.knobs.fires("email_slow") or 0
            drop = self.box.knobs.fires("email_drop_after_data") is not None
        self.to = ""
        await asyncio.sleep(slow)
        if drop:
            raise HungUpError
        await self.say("250 2.0.0 taken")


def _path(rest: str) -> str:
    """The address of `FROM:<a@b> SIZE=1`."""
    return rest.partition("<")[2].partition(">")[0]
