"""A list of merchants on its way in: checked, then worked off line by line, and its content forgotten at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hejie.agenda import Task
from hejie.base.actor import Actor
from hejie.base.errors import Refused
from hejie.base.identifiers import Chance
from hejie.base.seals import Vault, commitment
from hejie.intake.merchant_list import Entry, Fault, Listing
from hejie.store.contents import erase, open_data_key, read_contents
from hejie.store.pool import Connection
from hejie.store.writing import LogLine, announce, write_content, write_log, write_tasks

_CONTENT = "list"
_CAMPAIGN = """
insert into campaign (city, id, name, state, invites, good, reached, made_at, made_by)
values (%s, %s, %s, 'checked', %s, %s, 0, %s, %s)
"""
_LINES = """
insert into campaign_line (city, campaign, line, credit_code, merchant, result, invited, reason, facts)
select %s, %s, line, credit_code, merchant, result, invited, reason, facts
from jsonb_to_recordset(%s::jsonb) as l
  (line integer, credit_code text, merchant text, result text, invited boolean, reason text, facts jsonb)
on conflict do nothing
"""
_STATE = "update campaign set state = %s where city = %s and id = %s and state = %s"
_REACHED = "update campaign set reached = %s where city = %s and id = %s and state = 'running'"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line."""

    line: int
    credit_code: str = ""
    merchant: str = ""
    result: str
    """`new` merchant, one `more` shop, the `same` as before, or `refused`."""
    invited: bool = False
    reason: str = ""
    """Why it was refused: a code with its facts."""
    facts: dict[str, object] = {}


async def keep_list(
    connection: Connection, vault: Vault, city: str, campaign: str, name: str, listing: Listing, actor: Actor,
    now: datetime, *, invites: bool,
) -> None:  # fmt: skip
    """Keep a checked list for its second look; nothing is registered yet."""
    await connection.execute(_CAMPAIGN, [city, campaign, name, invites, len(listing.entries), now, actor.id])
    await note_lines(connection, city, campaign, [refused(fault) for fault in listing.faults])
    subject = _subject(campaign)
    key = await open_data_key(connection, vault, city, subject)
    sealed = vault.seal(key, f"content/{subject}/{_CONTENT}", msgspec.msgpack.encode(listing.entries))
    await write_content(connection, city, subject, now, [(_CONTENT, "list", sealed)])


async def begin(
    connection: Connection, city: str, campaign: str, good: int, actor: Actor, now: datetime, chance: Chance
) -> None:
    """Set it going, with one line in the log; a second time is `Refused("list_not_waiting")`."""
    if (await connection.execute(_STATE, ["running", city, campaign, "checked"])).rowcount == 0:
        raise Refused("list_not_waiting")
    body = {"campaign": campaign, "lines": good}
    salt = chance(16)
    line = LogLine(1, "ListEnrolled", msgspec.json.encode(body).decode(), salt, commitment(salt, body))
    await write_log(connection, city, "intake", f"list:{campaign}", now, actor.role.value, actor.id, [line])
    await write_tasks(connection, city, now, [Task(kind="enrol_list", noun="campaign", subject=campaign)])


async def drop(connection: Connection, city: str, campaign: str) -> None:
    """Forget a list that was not begun; `Refused("list_not_waiting")`."""
    if (await connection.execute(_STATE, ["dropped", city, campaign, "checked"])).rowcount == 0:
        raise Refused("list_not_waiting")
    await erase(connection, city, _subject(campaign))


async def entries_of(connection: Connection, vault: Vault, city: str, campaign: str) -> tuple[Entry, ...] | None:
    """The good lines while they are kept."""
    found = await read_contents(connection, vault, city, _subject(campaign), [_CONTENT])
    return msgspec.msgpack.decode(found[_CONTENT][1], type=tuple[Entry, ...]) if _CONTENT in found else None


async def note_lines(connection: Connection, city: str, campaign: str, lines: Sequence[Line]) -> None:
    """Write down what became of lines; what was written first stays."""
    if lines:
        await connection.execute(_LINES, [city, campaign, msgspec.json.encode(lines).decode()])


async def note_reached(connection: Connection, city: str, campaign: str, reached: int) -> None:
    """How many lines are worked off; whoever looks on is told."""
    await connection.execute(_REACHED, [reached, city, campaign])
    await announce(connection, city, campaign, reached + 1)


async def finish(connection: Connection, city: str, campaign: str, good: int) -> None:
    """All lines are worked off: the content goes."""
    await connection.execute(_STATE, ["done", city, campaign, "running"])
    await erase(connection, city, _subject(campaign))
    await announce(connection, city, campaign, good + 2)


def refused(fault: Fault) -> Line:
    """A line that was refused, and why."""
    return Line(
        line=fault.line, credit_code=fault.credit_code, result="refused", reason=fault.why.code,
        facts=dict(fault.why.facts),
    )  # fmt: skip


def _subject(campaign: str) -> str:
    return f"campaign:{campaign}"
