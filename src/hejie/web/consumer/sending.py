"""Words and pictures on their way into a dispute: cleaned, named, and sealed by the desk beside the command."""

from __future__ import annotations

from msgspec import Struct

from hejie.base.actor import Role
from hejie.desk.act import Content
from hejie.edge.forms import Checks
from hejie.edge.phrases import chosen, joined
from hejie.edge.texts import clean_text
from hejie.intake.contacts import keep_language
from hejie.web.shell import Visit


class Sent(Struct, frozen=True, kw_only=True):
    """Identifiers for the command, and the content they name."""

    words: str
    pictures: tuple[str, ...]
    contents: tuple[Content, ...]
    phrase: str = ""


async def read_sent(visit: Visit, check: Checks, *, needed: bool = False) -> Sent:
    """The form's `words`, `pictures` and ready sentence (`phrase`); faults are kept in `check`."""
    phrase = visit.form.text("phrase")
    ready = check("phrase", chosen, Role.consumer, visit.language, phrase, default="")
    text = joined(ready, check("words", clean_text, visit.form.text("words"), needed=needed, default=""))
    pictures = await check.wait("pictures", visit.form.pictures("pictures"), default=[])
    contents = [Content(id=visit.desk.mint(visit.city), kind=picture.kind, plain=picture.data) for picture in pictures]
    named = tuple(content.id for content in contents)
    words = visit.desk.mint(visit.city) if text else ""
    if text:
        contents.append(Content(id=words, kind="text", plain=text.encode()))
    return Sent(words=words, pictures=named, contents=tuple(contents), phrase=phrase if ready else "")


async def reads_in(visit: Visit) -> None:
    """Whoever acts on a page in one language is written to in that language from now on."""
    async with visit.connection() as connection:
        await keep_language(connection, visit.city, visit.actor.id, visit.language)
