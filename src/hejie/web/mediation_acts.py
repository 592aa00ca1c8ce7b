"""What the two sides of a mediation can do: say who complains, agree to it, ask for another mediator."""

from __future__ import annotations

import msgspec

from hejie.base.errors import Missing, Refused
from hejie.desk.act import Content
from hejie.desk.mediations import MEDIATIONS
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.mediations import commands as c
from hejie.mediations.model import Checked, mediation_of
from hejie.queries.mediations import Identity
from hejie.web.shell import Visit

MOST_NAME, MOST_ADDRESS, MOST_DOCUMENT = 60, 200, 40


def identity_typed(visit: Visit, check: Checks, checked: Checked) -> tuple[c.GiveIdentity, list[Content]]:
    """Name, address and document as they were typed, to be kept sealed."""
    form = visit.form
    name = check("real_name", clean_text, form.text("real_name"), MOST_NAME, needed=True, default="")
    address = check("address", clean_text, form.text("address"), MOST_ADDRESS, needed=True, default="")
    document = check("document", clean_text, form.text("document"), MOST_DOCUMENT, needed=True, default="")
    plain = msgspec.json.encode(Identity(name=name, address=address, document=document))
    content = Content(id=visit.desk.mint(visit.city), kind="identity", plain=plain)
    return c.GiveIdentity(identity=content.id, checked=checked), [content]


def text_typed(visit: Visit, check: Checks, field: str) -> tuple[str, list[Content]]:
    """What was written in a field, as content that is sealed: its identifier and the content."""
    words = check(field, clean_text, visit.form.text(field), needed=True, default="")
    content = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    return content.id, [content]


async def party_step(visit: Visit, check: Checks, dispute: str) -> None:
    """One step of a side, named in the address; faults are left in `check`. The caller has looked whose dispute it is.

    Errors: those of the rules, `Missing("page_unknown")` for a step that there is none of.
    """
    side, contents = visit.actor.role, list[Content]()
    command: c.OnExisting
    match visit.path("step"):
        case "identity":
            command, contents = identity_typed(visit, check, Checked.document)
        case "consent":
            command = c.Consent(by=side)
        case "recusal":
            words, contents = text_typed(visit, check, "recusal_words")
            command = c.AskRecusal(by=side, words=words)
        case _:
            raise Missing("page_unknown")
    if check:
        return
    try:
        await visit.desk.act(
            MEDIATIONS,
            visit.city,
            mediation_of(dispute),
            command,
            visit.actor,
            contents=contents,
            once=await visit.once(),
        )
    except Refused as error:
        check.add(visit.path("step"), error)
