"""The whole record of a dispute to take away: on paper, and as an archive that a machine can read and check."""

from __future__ import annotations

import asyncio
import hashlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import msgspec
from litestar import Response
from msgspec import Struct

from hejie.base.actor import Role
from hejie.desk.act import subject_of
from hejie.disputes import events as e
from hejie.disputes.model import Paid
from hejie.documents.paper import can_print, paper
from hejie.edge import words
from hejie.edge.limits import Limit
from hejie.queries.record import Sealed, read_log
from hejie.store.contents import read_contents
from hejie.web import remedies, story, story_lines
from hejie.web.shell import Answer, Visit

TAKEN = Limit("take-away", 20, 3600)
"""Records one visitor takes away."""
_NAMES_THE_CONSUMER = (e.Filed, e.PayerKnown)
"""Steps that hold the consumer's own identifier: by it a merchant could tell that two disputes are one person's."""


class Taken(Struct, frozen=True):
    """Everything of one dispute that its reader may have."""

    told: story.Story
    log: tuple[Sealed, ...]
    """Every step with its seal."""
    shown: frozenset[int]
    """Versions of the steps whose content is this reader's to see."""
    pictures: Mapping[str, bytes]
    """File name → bytes."""


async def as_paper(visit: Visit, told: story.Story) -> Answer:
    """The record as a PDF; `Refused("paper_missing")` where this machine cannot make one."""
    taken = await _take(visit, told)
    return _file(await _printed(visit, taken), "application/pdf", f"{taken.told.dispute.id}.pdf")


async def as_archive(visit: Visit, told: story.Story) -> Answer:
    """The record as a ZIP: data, sealed log, pictures, and the paper where it can be made."""
    taken = await _take(visit, told)
    printed = await _printed(visit, taken) if can_print() else b""
    made = await asyncio.to_thread(archive, visit, taken, printed)
    return _file(made, "application/zip", f"{taken.told.dispute.id}.zip")


async def _take(visit: Visit, told: story.Story) -> Taken:
    await visit.limit(TAKEN, visit.viewer.person)
    dispute, reader = told.dispute, visit.actor.role
    wanted = sorted({name for line in told.lines for name in line.pictures})
    async with visit.connection() as connection:
        steps = await read_log(connection, visit.city, dispute.id)
        vault = visit.house.vaults(visit.city)
        found = await read_contents(connection, vault, visit.city, subject_of("dispute", dispute.id), wanted)
    shown = frozenset(line.version for line in told.record.lines if _may_have(line.event, reader))
    log = tuple(step for step in steps if step.version <= dispute.version)
    return Taken(told, log, shown, {f"{name}.{kind}": raw for name, (kind, raw) in found.items()})


def _may_have(event: e.AnyEvent, reader: Role) -> bool:
    """Whether a reader gets a step as the log keeps it; the story tells it in words besides."""
    if reader is Role.merchant and isinstance(event, _NAMES_THE_CONSUMER):
        return False
    return story_lines.is_for(event, reader)


async def _printed(visit: Visit, taken: Taken) -> bytes:
    return await asyncio.to_thread(paper, "record", _filled(visit, taken), taken.pictures, taken.told.now)


def _file(raw: bytes, media: str, name: str) -> Answer:
    headers = {"content-disposition": f'attachment; filename="hejie-{name}"', "cache-control": "no-store"}
    return Response(raw, media_type=media, headers=headers)


def _filled(visit: Visit, taken: Taken) -> dict[str, Any]:
    """What the paper says, in the reader's language."""
    say, told, language = visit.say, taken.told, visit.language
    names = {name.partition(".")[0]: name for name in taken.pictures}
    return {
        "title": say("Record of a consumer dispute"),
        "lang": language,
        "region": "cn" if language == "zh" else "gb",
        "number": told.dispute.id,
        "what": say(
            "Taken by {who} on {when}. A voluntary settlement, not a statutory complaint; 12315 stays open.",
            who=story_lines.who(language, visit.actor.role, Role.system),
            when=words.instant_with_year(language, told.now),
        ),
        "says": {
            "payments": say("Payments"),
            "story": say("Step by step"),
            "picture": say("Picture sent as evidence"),
            "proof": say("How to check this record"),
            "ways": say("What you can still do"),
        },
        "facts": _facts(visit, told),
        "payments": [_payment(visit, told, paid) for paid in told.dispute.payments],
        "lines": [
            {
                "version": line.version,
                "at": words.instant_with_year(language, line.at),
                "who": line.who,
                "sentence": line.sentence,
                "words": "\n".join(filter(None, (line.words, f"({line.own})" if line.own else ""))),
                "pictures": [names[name] for name in line.pictures if name in names],
            }
            for line in told.lines
        ],
        "ways": remedies.as_rows(_ways(visit, told)),
        "proof": say(
            "The archive (ZIP) of this record holds each step with its seal. `hejie record check FILE` tells whether"
            " any of them was changed since."
        ),
    }


def _ways(visit: Visit, told: story.Story) -> tuple[remedies.Way, ...]:
    """What is still open, for who may go there: the merchant's copy leaves it out."""
    return () if visit.actor.role is Role.merchant else remedies.ways(told.dispute, visit.language)


def _facts(visit: Visit, told: story.Story) -> list[list[str]]:
    say, dispute, language = visit.say, told.dispute, visit.language
    rows = [
        (say("Case number"), dispute.id),
        (say("Merchant"), told.record.merchant_name),
        (say("Shop"), "  ".join(filter(None, (told.record.shop_name, told.record.shop_address)))),
        (say("Filed"), words.instant_with_year(language, dispute.filed_at)),
        (say("State"), told.state),
        (say("What happened"), told.problem),
        (say("Promise it is about"), f"{told.promise.title}  {told.promise.sentence}" if told.promise else ""),
        (say("Asked for"), told.claim),
        (say("Agreed"), told.agreement.terms if told.agreement else ""),
        (say("Came back"), words.money(dispute.refunded_fen) if dispute.refunded_fen else ""),
        (say("Authority"), told.agency),
        (say("Number in the wallet"), dispute.wallet_event),
        (say("Due"), words.instant_with_year(language, told.due.at) if told.due else ""),
    ]
    return [[name, value] for name, value in rows if value]


def _payment(visit: Visit, told: story.Story, paid: Paid) -> list[list[str]]:
    say = visit.say
    rows = [
        (say("Paid"), words.money(paid.paid_fen)),
        (say("When"), words.instant_with_year(visit.language, paid.paid_at)),
        (say("For"), paid.item),
        (say("Number"), "" if told.dispute.unverified else f"{paid.trade_no} · {told.wallet}"),
        (say("Refunded before"), words.money(paid.before_fen) if paid.before_fen else ""),
        (say("Proof"), _proof(visit, told, paid)),
    ]
    return [[name, value] for name, value in rows if value]


def _proof(visit: Visit, told: story.Story, paid: Paid) -> str:
    if told.dispute.unverified:
        return f"{told.proof} ({visit.say('unverified')})"
    if paid.proven:
        return visit.say("the wallet's own word")
    return visit.say("a bill file; the wallet has not confirmed it")


def archive(visit: Visit, taken: Taken, printed: bytes) -> bytes:
    """The ZIP (docs/protocol/record.md, `hejie-record/1`); `printed` is the paper, empty for none."""
    files = {
        "record.json": msgspec.json.format(msgspec.json.encode(_data(visit, taken)), indent=1),
        "log.jsonl": b"".join(msgspec.json.encode(_line(line, taken.shown)) + b"\n" for line in taken.log),
        **{f"pictures/{name}": raw for name, raw in taken.pictures.items()},
    }
    if printed:
        files["record.pdf"] = printed
    with BytesIO() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
            for name, raw in files.items():
                kept.writestr(name, raw)
        return out.getvalue()


def _line(line: Sealed, shown: frozenset[int]) -> dict[str, object]:
    """One step with its seal; of one that is not for this reader only that it is there."""
    seal: dict[str, object] = {"version": line.version, "digest": line.digest.hex()}
    if line.version not in shown:
        return seal
    return {
        **seal,
        "at": line.at,
        "by": line.actor_role,
        "event": line.event,
        "salt": line.salt.hex(),
        "body": line.body,
    }


def _data(visit: Visit, taken: Taken) -> dict[str, object]:
    told, dispute = taken.told, taken.told.dispute
    return {
        "schema": "hejie-record/1",
        "city": dispute.city,
        "id": dispute.id,
        "version": dispute.version,
        "taken_at": told.now,
        "taken_by": visit.actor.role,
        "language": visit.language,
        "merchant": told.record.merchant_name,
        "shop": told.record.shop_name,
        "state": dispute.state,
        "outcome": dispute.outcome,
        "filed_at": dispute.filed_at,
        "due": dispute.due,
        "problem": dispute.problem,
        "promise": dispute.promise,
        "claim": dispute.claim,
        "payments": dispute.payments,
        "offers": [{"offer": offer, "words": told.record.offer_words.get(offer.id, "")} for offer in dispute.offers],
        "agreed": dispute.agreed,
        "refunds": dispute.refunds,
        "refunded_fen": dispute.refunded_fen,
        "ways": _ways(visit, told),
        "story": told.lines,
        "pictures": {name: hashlib.sha256(raw).hexdigest() for name, raw in taken.pictures.items()},
    }
