"""A message as an e-mail: the same words, with a subject, the link on a line of its own, and who sends it."""

from __future__ import annotations

from hejie.connectors.email.protocol import Letter
from hejie.connectors.sms.protocol import Message
from hejie.duties.wording import Words, wording


def letter(message: Message, shop: str, language: str) -> Letter:
    """What a text message says of a dispute, as an e-mail."""
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in shop).split())
    about = name or wording().nameless.within(language)
    return _letter(message, wording().letter_subject, language, shop=about)


def code_letter(message: Message, language: str) -> Letter:
    """What a text message says with a one-time code, as an e-mail."""
    return _letter(message, wording().code_subject, language)


def _letter(message: Message, subject: Words, language: str, **known: str) -> Letter:
    link = message.params.get("link", "")
    words = message.text.removeprefix(f"【{message.signature}】").removesuffix(link).strip()
    foot = wording().letter_foot.within(language).format(signature=message.signature)
    return Letter(
        key=message.key,
        to=message.to,
        subject=subject.within(language).format_map(known),
        text="\n\n".join(filter(None, (words, link, foot))),
        sender=message.signature,
        language=language,
    )
