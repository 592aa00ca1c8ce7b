"""Pictures that a payer gave the wallet with a complaint become the dispute's evidence, like those sent here."""

from __future__ import annotations

from hashlib import sha256

from msgspec import Struct

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused, Unknown
from hejie.base.seals import Vault
from hejie.connectors.wallet import Pictured
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.edge.pictures import CleanPicture, clean_picture
from hejie.worker import LaterError, Work

MOST_PICTURES = 12
"""Of one case; more than a payer can give at once several times over."""
_NO_PICTURE = frozenset({"reply_unreadable", "reply_too_large"})
_AGAIN_SECONDS = 5


class Looked(Struct, frozen=True):
    """What lay behind an address: a keyed digest of it, and the picture if it was one."""

    digest: str
    picture: CleanPicture | None


async def case_pictures(work: Work, tools: Tools) -> None:
    """Fetch what the case names and nobody has looked at, encode it afresh, and keep it with the event.

    The dispute stands already: what is no picture is counted and left. Errors: the first `Unknown` of a picture that
    could not be had now, once the others are kept; each is taken once, however often this is repeated.
    """
    dispute = await read_dispute(tools, work.city, work.subject)
    connector = tools.case_holder(work.city, dispute.wallet)
    if not isinstance(connector, Pictured):
        return
    case = await connector.case(work.payload["event"])
    looked, missed = list[Looked](), None
    for address in case.payers_images[:MOST_PICTURES]:
        try:
            one = await _look(tools.vaults(work.city), connector, address)
        except Unknown as error:
            missed = missed or error
        else:
            if one.digest not in {*dispute.wallet_seen, *(each.digest for each in looked)}:
                looked.append(one)
    await _keep(work, tools, dispute, looked)
    if missed is not None:
        raise missed


async def _look(vault: Vault, connector: Pictured, address: str) -> Looked:
    try:
        raw = await connector.picture(address)
    except Unknown as error:
        if error.code not in _NO_PICTURE:
            raise
        return Looked(vault.handle("case_address", address).hex(), None)
    digest = vault.handle("case_picture", sha256(raw).hexdigest()).hex()
    try:
        return Looked(digest, await clean_picture(raw))
    except Refused:
        return Looked(digest, None)


async def _keep(work: Work, tools: Tools, dispute: Dispute, looked: list[Looked]) -> None:
    if not looked:
        return
    pictures = [each.picture for each in looked if each.picture is not None]
    contents = [Content(id=tools.desk.mint(work.city), kind=each.kind, plain=each.data) for each in pictures]
    command = d.TakePictures(
        pictures=tuple(each.id for each in contents),
        seen=tuple(each.digest for each in looked),
        refused=len(looked) - len(pictures),
    )
    actor = Actor(Role.wallet, dispute.wallet)
    try:
        await tools.desk.act(DISPUTES, work.city, dispute.id, command, actor, contents=contents)
    except Refused as error:
        if error.code != "step_out_of_order":
            raise
        raise LaterError(_AGAIN_SECONDS) from None
