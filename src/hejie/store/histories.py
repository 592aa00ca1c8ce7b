"""Questions to other cities about a merchant's history, and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.alliance.histories import Asked, History, Purpose
from hejie.base.errors import Refused
from hejie.store.pool import Connection

MOST_SHOWN = 100
_ASK = """
insert into history_ask (city, id, peer, credit_code, purpose, dispute, asked_by, asked_at, state)
values (%s, %s, %s, %s, %s, %s, %s, %s, 'asked') on conflict do nothing
"""
_FOR_ANSWER = "select credit_code from history_ask where city = %s and id = %s and peer = %s for update"
_ANSWER = """
update history_ask set state = 'answered', answer = %s::jsonb, answered_at = %s
where city = %s and id = %s and state = 'asked'
"""
_REFUSE = """
update history_ask set state = 'refused', code = %s, answered_at = %s
where city = %s and id = %s and peer = %s and state = 'asked'
"""
_SHOWN = """
select h.id, h.peer, h.credit_code, h.purpose, h.dispute, coalesce(m.display_name, h.asked_by), h.asked_at, h.state,
  h.code, h.answer::text, h.answered_at
from history_ask h left join member m on m.city = h.city and m.id = h.asked_by
where h.city = %s and (%s = '' or h.credit_code = %s) order by h.asked_at desc, h.id desc limit %s
"""


class Question(Struct, frozen=True, kw_only=True):
    """One question, and what became of it."""

    id: str
    peer: str
    credit_code: str
    purpose: Purpose
    dispute: str
    asked_by: str
    """The officer's name."""
    asked_at: datetime
    state: str
    """`asked`, `answered` or `refused`."""
    code: str
    """Why it was refused."""
    answer: History | None
    answered_at: datetime | None


async def keep_question(
    connection: Connection, city: str, identifier: str, to: str, asked: Asked, by: tuple[str, datetime]
) -> None:
    """Write a question down; `Refused("history_asked_already")` while the same one waits for its answer."""
    what = [asked.credit_code, asked.purpose.value, asked.dispute, *by]
    cursor = await connection.execute(_ASK, [city, identifier, to, *what])
    if not cursor.rowcount:
        raise Refused("history_asked_already")


async def code_asked(connection: Connection, city: str, identifier: str, peer: str) -> str:
    """About which merchant a member was asked; `Refused("history_unknown")`."""
    row = await (await connection.execute(_FOR_ANSWER, [city, identifier, peer])).fetchone()
    if row is None:
        raise Refused("history_unknown")
    return str(row[0])


async def keep_answer(connection: Connection, city: str, identifier: str, answer: History, now: datetime) -> None:
    """The answer has come; a second one changes nothing."""
    await connection.execute(_ANSWER, [msgspec.json.encode(answer).decode(), now, city, identifier])


async def keep_refusal(connection: Connection, city: str, identifier: str, peer: str, code: str, now: datetime) -> None:
    """The member does not answer."""
    await connection.execute(_REFUSE, [code, now, city, identifier, peer])


async def questions(connection: Connection, city: str, credit_code: str = "") -> list[Question]:
    """The newest first, of one merchant or of all."""
    values = [city, credit_code, credit_code, MOST_SHOWN]
    rows: list[Any] = await (await connection.execute(_SHOWN, values)).fetchall()
    return [
        Question(
            **dict(zip(Question.__struct_fields__[:3], row, strict=False)),
            purpose=Purpose(row[3]),
            **dict(zip(Question.__struct_fields__[4:9], row[4:9], strict=True)),
            answer=msgspec.json.decode(row[9], type=History) if row[9] else None,
            answered_at=row[10],
        )
        for row in rows
    ]
