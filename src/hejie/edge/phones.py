"""Phone numbers (kept in E.164; without a country: China's) and e-mail addresses, read as typed and shown masked."""

from __future__ import annotations

import re

from hejie.base.errors import Refused

_PUNCTUATION = re.compile(r"[\s().\-\u2010-\u2015\u00a0]+")
_CHINA = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LANDLINE = re.compile(r"(?:\+86|0)((?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})", re.ASCII)
"""Of mainland China, with its area code: it can be called, but gets no text messages."""
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{6,254}}$)(?=[^@]{{1,64}}@){_LOCAL}@(?:{_LABEL}\.)+(?!\d+$){_LABEL}", re.ASCII)
"""An address as SMTP takes it everywhere: ASCII, no quotes, a domain with a dot (RFC 5321)."""
_TAIL = 4


def read_phone(typed: str, *, needed: bool = False, landline: bool = False) -> str:
    """E.164, empty where nothing was typed; `00` at the start is read as `+`; `landline` for a number to be called.

    Errors: `Refused("contact_missing")` where it is needed, `Refused("phone_unreadable")`.
    """
    bare = _PUNCTUATION.sub("", typed)
    if not bare:
        if needed:
            raise Refused("contact_missing")
        return ""
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    if china := _CHINA.fullmatch(bare):
        return f"+86{china[1]}"
    if landline and (home := _LANDLINE.fullmatch(bare)):
        return f"+86{home[1]}"
    if bare.startswith("+86") or _ABROAD.fullmatch(bare) is None:
        raise Refused("phone_unreadable")
    return bare


def is_email(contact: str) -> bool:
    """Whether a contact is an e-mail address; anything else is a number."""
    return "@" in contact


def read_contact(typed: str, *, by_email: bool, needed: bool = False) -> str:
    """A number as in `read_phone`, or an e-mail address in small letters.

    Errors: those of `read_phone`; `Refused("email_unreadable")`, `Refused("email_not_connected")` where none is sent.
    """
    if "@" not in typed and "＠" not in typed:
        return read_phone(typed, needed=needed)
    if not by_email:
        raise Refused("email_not_connected")
    address = typed.replace("＠", "@").strip().lower()
    if _EMAIL.fullmatch(address) is None:
        raise Refused("email_unreadable")
    return address


def masked(phone: str) -> str:
    """What its owner recognises and nobody else can use: `138****0001`, `l***@example.org`; empty for none."""
    if is_email(phone):
        return f"{phone[0]}***{phone[phone.rindex('@') :]}"
    local = phone.removeprefix("+86")
    return f"{local[:3]}****{local[-_TAIL:]}" if len(local) > _TAIL + 3 else "****" if local else ""
