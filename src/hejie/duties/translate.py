"""What somebody wrote is put beside it in the other side's language, where the operator has supplied an engine."""

from __future__ import annotations

import re
import unicodedata

from hejie.base.errors import Refused, Unknown
from hejie.desk.act import subject_of
from hejie.disputes.model import Dispute
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.edge.phrases import own_words
from hejie.edge.texts import clean_text
from hejie.queries.record import TRANSLATION, translation_of
from hejie.store.contents import open_data_key, read_contents
from hejie.store.pool import Connection, city_transaction
from hejie.store.writing import announce, write_content
from hejie.worker import Work

MOST_TRIES = 6
"""A page without a translation still holds the original, so no person is ever asked about one that did not come."""
LONGEST = 3
"""How many times as long as the original a translation may be, in bytes of UTF-8: a Chinese character is three of them
and about as many letters in English, so that the two languages compare."""
SHORT = 200
"""Bytes that a translation may always have: few words grow more."""
_PERSON = "select language from person where city = %s and id = %s"
_BESIDE_HAN = ("HIRAGANA", "KATAKANA", "HANGUL")
"""Scripts that stand beside Chinese characters in languages that are not Chinese."""


async def translate(work: Work, tools: Tools) -> None:
    """Translate one message once; without engine or need, or after a few tries in vain, the original stands alone."""
    words, phrase = work.payload["words"], work.payload.get("phrase", "")
    try:
        engine = tools.translator(work.city)
    except Refused:
        return
    dispute = await read_dispute(tools, work.city, work.subject)
    async with city_transaction(tools.pool, work.city) as connection:
        original = own_words(phrase, await _original(connection, tools, dispute, words))
        reader = await _reader(connection, dispute)
    source, target = directions(original, reader)
    if not target:
        return
    try:
        answer = await engine.translate(original, source, target)
    except Refused:
        return
    except Unknown:
        if work.attempts >= min(MOST_TRIES, len(tools.settings.retry_seconds)):
            return
        raise
    text = fit(original, answer)
    if text:
        await _keep(tools, dispute, words, target, text)


def directions(text: str, reader: str) -> tuple[str, str]:
    """From which language to which (`zh`, `en`, empty: not known, or not needed), for a consumer who reads `reader`.

    Merchants and officers read Chinese: what is not Chinese is for them; what is, for a consumer who reads English.
    """
    scripts = "".join(_script(sign) for sign in text)
    if not scripts.strip():
        return "", ""
    han, words = scripts.count("h"), len(re.findall("a+", scripts))
    if "o" not in scripts and han >= 2 * words:  # a word of letters says about as much as two Chinese characters
        return "zh", "en" if reader == "en" else ""
    return "", "zh"


def _script(sign: str) -> str:
    """`h` for a Chinese character, `o` for what stands beside those in other languages, `a` for other letters."""
    if not sign.isalpha():
        return " "
    name = unicodedata.name(sign, "")
    return "h" if name.startswith("CJK") else "o" if name.startswith(_BESIDE_HAN) else "a"


def fit(original: str, answer: str) -> str:
    """An engine's answer as the page may show it: a stranger's words, cleaned like everybody's; empty if it is none.

    Markup stays what it is, text; it is escaped where it is shown.
    """
    if len(answer.encode(errors="replace")) > max(LONGEST * len(original.encode()), SHORT):
        return ""
    try:
        text = clean_text(answer)
    except Refused:
        return ""
    return "" if text == original else text


async def _original(connection: Connection, tools: Tools, dispute: Dispute, words: str) -> str:
    """The words in plain; empty where they are erased, or translated already."""
    asked = [words, *(translation_of(words, language) for language in ("zh", "en"))]
    subject = subject_of("dispute", dispute.id)
    found = await read_contents(connection, tools.vaults(dispute.city), dispute.city, subject, asked)
    kind, plain = found.pop(words, ("", b""))
    return plain.decode() if kind == "text" and not found else ""


async def _reader(connection: Connection, dispute: Dispute) -> str:
    row = await (await connection.execute(_PERSON, [dispute.city, dispute.consumer])).fetchone()
    return "en" if row and str(row[0]).startswith("en") else "zh"


async def _keep(tools: Tools, dispute: Dispute, words: str, target: str, text: str) -> None:
    """Seal it beside the original, unless that was erased meanwhile, and let open pages look again."""
    subject, name = subject_of("dispute", dispute.id), translation_of(words, target)
    vault = tools.vaults(dispute.city)
    async with city_transaction(tools.pool, dispute.city) as connection:
        if not await _original(connection, tools, dispute, words):
            return
        key = await open_data_key(connection, vault, dispute.city, subject)
        sealed = vault.seal(key, f"content/{subject}/{name}", text.encode())
        await write_content(connection, dispute.city, subject, tools.clock.now(), [(name, TRANSLATION, sealed)])
        await announce(connection, dispute.city, dispute.id, dispute.version)
