"""Phone numbers: read as people type them, in E.164 (without a country: mainland China), and shown masked."""

from __future__ import annotations

import re

from hejie.base.errors import Refused

_PUNCTUATION = re.compile(r"[\s().\-\u2010-\u2015\u00a0]+")
_CHINA = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LANDLINE = re.compile(r"(?:\+86|0)((?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})", re.ASCII)
"""Of mainland China, with its area code: it can be called, but gets no text messages."""
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


def masked(phone: str) -> str:
    """A number its owner recognises and nobody else can call: `138****0001`; empty for none."""
    local = phone.removeprefix("+86")
    return f"{local[:3]}****{local[-_TAIL:]}" if len(local) > _TAIL + 3 else "****" if local else ""
