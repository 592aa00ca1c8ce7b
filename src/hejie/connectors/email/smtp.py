"""E-mail over SMTP, always encrypted: plain text, one Message-ID per key, nothing that tracks its reader."""

from __future__ import annotations

import asyncio
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

import aiosmtplib

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.email.protocol import Letter
from hejie.settings import EmailAccount

_STEP_SECONDS = 10.0
_WHOLE_SECONDS = 30.0
_FOR_GOOD = 500
"""From this reply code on an answer is a no for good (RFC 5321, 4.2.1)."""


class SmtpMail:
    """One account at a mail server.

    Neither addresses nor texts stand in any error it raises, and it logs nothing.
    """

    def __init__(self, account: EmailAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._context = ssl.create_default_context(cafile=str(account.ca) if account.ca else None)

    async def send(self, letter: Letter) -> str:
        """Hand over one letter; its Message-ID.

        A connection that breaks after the letter was sent leaves open whether it was taken: the next try carries the
        same Message-ID, by which the receiver's side knows it again.

        Errors: `Unknown` with `email_unreachable`, `email_silent` or `email_unavailable`; `Refused` with
        `email_refused` (this letter will never go) or `email_account_refused` (ours to mend).
        """
        message = self.message(letter)
        server = aiosmtplib.SMTP(
            hostname=self._account.host,
            port=self._account.port,
            timeout=_STEP_SECONDS,
            use_tls=self._account.security == "tls",
            start_tls=self._account.security == "starttls",
            tls_context=self._context,
        )
        try:
            async with asyncio.timeout(_WHOLE_SECONDS):
                await self._hand_over(server, message)
        except (Refused, Unknown):
            raise
        except (aiosmtplib.SMTPTimeoutError, TimeoutError) as error:
            raise Unknown("email_silent", cause=type(error).__name__) from None
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            raise Unknown("email_unreachable", cause=type(error).__name__) from None
        finally:
            if isinstance(server.transport, asyncio.Transport):
                server.transport.abort()  # closing would wait for the goodbye of a server that no longer speaks
            server.close()
        return str(message["Message-ID"])

    def message(self, letter: Letter) -> EmailMessage:
        """The letter as it travels (RFC 5322; `Auto-Submitted`: RFC 3834)."""
        address = self._account.sender
        made = EmailMessage(policy=SMTP_POLICY)
        made["Message-ID"] = f"<{letter.key}@{address.rpartition('@')[2]}>"
        made["Date"] = format_datetime(self._clock.now())
        made["From"] = Address(display_name=letter.sender, addr_spec=address)
        made["To"] = Address(addr_spec=letter.to)
        made["Subject"] = letter.subject
        made["Auto-Submitted"] = "auto-generated"
        made["Content-Language"] = letter.language
        made.set_content(letter.text + "\n", cte="base64")
        return made

    async def _hand_over(self, server: aiosmtplib.SMTP, message: EmailMessage) -> None:
        try:
            await server.connect()
            if self._account.user:
                password = self._account.password_file.read_text(encoding="utf-8").strip()
                await server.login(self._account.user, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            raise _no(error.code, "email_account_refused") from None
        except aiosmtplib.SMTPResponseException as error:
            raise Unknown("email_unavailable", status=error.code) from None
        try:
            await server.send_message(message)
        except aiosmtplib.SMTPSenderRefused as error:
            raise _no(error.code, "email_account_refused") from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _no(error.recipients[0].code, "email_refused") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _no(error.code, "email_refused") from None


def _no(status: int, code: str) -> Refused | Unknown:
    return Refused(code) if status >= _FOR_GOOD else Unknown("email_unavailable", status=status)
