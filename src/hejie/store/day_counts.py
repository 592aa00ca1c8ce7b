"""What a dispute is counted as, and how that becomes figures by day and kind: SQL that reader and writer share."""

from __future__ import annotations

from datetime import date

HOURS_TOLD = 96
"""Lengths of time are counted by whole hours up to here, then by whole days."""
MOST_SPAN = 180 * 24
"""Longer ones count as this long, in hours."""

COLUMNS = (
    "city, id, merchant, problem, trade, channel, district, received_on, answered_on, answer_span, overdue_on,"
    " escalated_on, ended_on, outcome, end_span, seen_fen, told_fen, said, complained_on, check_due_on, check_met,"
    " accepted_on, refused_on, close_due_on, close_met, closed_on, closing, broken"
)

COUNT_ANEW = """
insert into count_waiting (city, id) values (%s, %s) on conflict (city, id) do update set id = excluded.id
"""
"""Statistics take it up; the line is locked until this is done, so that no counting passes it by."""


def _day(instant: str) -> str:
    return f"({instant} at time zone 'Asia/Shanghai')::date"


def _last_day(instant: str) -> str:
    """The day that a limit ends with: its instant is the first that is too late."""
    return f"(({instant} - interval '1 microsecond') at time zone 'Asia/Shanghai')::date"


def _span(end: str) -> str:
    """Hours from the filing, rounded down: to whole hours, later to whole days."""
    hours = f"greatest(0, floor(extract(epoch from {end} - d.filed_at) / 3600))::integer"
    return f"case when {hours} < {HOURS_TOLD} then {hours} else least({hours} / 24 * 24, {MOST_SPAN}) end"


_DISPUTE = f"""
select d.city, d.id, d.merchant, d.problem,
  coalesce((select left(regexp_replace(s.trade, '^[A-Z]', ''), 2) from shop s
    where s.city = d.city and s.id = d.shop), '') as trade,
  case when d.helper <> '' then 'assisted' when d.origin = 'wallet' then d.wallet else 'here' end as channel,
  d.district, {_day("d.filed_at")} as received_on,
  {_day("l.answered_at")} as answered_on, {_span("l.answered_at")} as answer_span,
  {_day("l.overdue_at")} as overdue_on, {_day("d.escalated_at")} as escalated_on,
  {_day("d.closed_at")} as ended_on, case when d.closed_at is not null then d.outcome end as outcome,
  {_span("d.closed_at")} as end_span,
  case when d.closed_at is not null then (d.body->>'refunded_fen')::bigint else 0 end as seen_fen,
  case when d.closed_at is not null and d.body->>'performance' = 'confirmed' then greatest(0, coalesce((
    select (o->>'amount_fen')::bigint from jsonb_array_elements(d.body->'offers') o
    where o->>'id' = d.body->>'agreed'), 0) - (d.body->>'refunded_fen')::bigint) else 0 end as told_fen,
  case when d.closed_at is null then null when (d.body->'survey'->>'solved')::boolean then 'said_solved'
    when d.body->'survey'->>'solved' is not null then 'said_unsolved' end as said,
  {_day("m.received_at")} as complained_on,
  {_last_day("m.check_due_at")} as check_due_on, coalesce(m.checked_at < m.check_due_at, false) as check_met,
  {_day("m.accepted_at")} as accepted_on,
  case when m.refused <> '' then {_day("m.checked_at")} end as refused_on,
  {_last_day("c.due_at")} as close_due_on,
  coalesce({_day("m.ended_at")} <= {_day("c.due_at")}, false) as close_met,
  case when m.accepted_at is not null then {_day("m.ended_at")} end as closed_on,
  case when m.ended = 'agreed' then 'agreed' else 'terminated' end as closing, m.state = 'broken' as broken
"""
_STEPS = """
left join lateral (
  select min(l.at) filter (where l.event in ('Answered', 'Agreed')
      or (l.event = 'Offered' and l.body->'offer'->>'by' = 'merchant')
      or (l.event = 'OfferDeclined' and l.body->>'by' = 'merchant')) as answered_at,
    min(l.at) filter (where l.event = 'WentOverdue'
      or (l.event = 'Mirrored' and l.body->>'state' = 'overdue')) as overdue_at
  from log l where l.city = d.city and l.noun = 'dispute' and l.id = d.id
    and l.event in ('Answered', 'Agreed', 'Offered', 'OfferDeclined', 'WentOverdue', 'Mirrored')
) l on true
left join mediation m on m.city = d.city and m.dispute = d.id
left join lateral (
  select (e.body->'due'->>'at')::timestamptz as due_at from log e
  where e.city = m.city and e.noun = 'mediation' and e.id = m.id and m.accepted_at is not null
    and e.event in ('ComplaintAccepted', 'AppraisalEnded')
  order by e.version desc limit 1
) c on true
"""
"""The time to mediate (M1) as it was last: an appraisal moves its end; whoever terminates on the day it has run out
has kept it."""
_BY_KEY = "lateral (select x.* from {table} x where x.city = w.city and x.id = w.id offset 0)"
"""Row by row by its key: a list of few must never be joined by reading all."""

FACTS = f"{_DISPUTE} from dispute d {_STEPS} where d.city = %(city)s"
"""SQL: one line for each dispute of a city as it stands now, in the order of `COLUMNS`."""


def facts_among(listed: str) -> str:
    """SQL: the same for the disputes that a table of (city, id) lists."""
    rows = _BY_KEY.format(table="dispute")
    return f"{_DISPUTE} from {listed} w cross join {rows} d {_STEPS} where w.city = %(city)s"


def counted_among(listed: str) -> str:
    """SQL: the same disputes as they were counted last."""
    rows = _BY_KEY.format(table="dispute_counted")
    columns = ", ".join(f"c.{name.strip()}" for name in COLUMNS.split(","))
    return f"select {columns} from {listed} w cross join {rows} c where w.city = %(city)s"


def tallied(facts: str, days: str = "") -> str:
    """SQL: (day, problem, trade, channel, district, measure, span, n) out of signed facts.

    `facts` is SQL that gives `COLUMNS` and `sign`; `days` narrows `t.day`. Each dispute counts on the Shanghai day on
    which a thing happened to it: received, first answered, overdue, escalated, ended (by its outcome).
    """
    return f"""
select t.day, f.problem, f.trade, f.channel, f.district, t.measure, t.span, sum(t.n * f.sign)::bigint as n
from ({facts}) f cross join lateral (values
  (f.received_on, 'received', -1, 1::bigint),
  (f.answered_on, 'answered', -1, 1),
  (f.answered_on, 'answer_span', f.answer_span, 1),
  (f.overdue_on, 'overdue', -1, 1),
  (f.escalated_on, 'escalated', -1, 1),
  (f.ended_on, f.outcome, -1, 1),
  (f.ended_on, 'end_span', f.end_span, 1),
  (f.ended_on, 'seen_fen', -1, f.seen_fen),
  (f.ended_on, 'told_fen', -1, f.told_fen),
  (f.ended_on, f.said, -1, 1),
  (f.complained_on, 'complained', -1, 1),
  (f.check_due_on, 'check_due', -1, 1),
  (f.check_due_on, 'check_met', -1, f.check_met::int),
  (f.accepted_on, 'accepted', -1, 1),
  (f.refused_on, 'refused', -1, 1),
  (f.close_due_on, 'close_due', -1, 1),
  (f.close_due_on, 'close_met', -1, f.close_met::int),
  (f.closed_on, f.closing, -1, 1),
  (f.closed_on, 'broken', -1, f.broken::int)
) t (day, measure, span, n)
where t.day is not null and t.measure is not null and t.n <> 0 {days}
group by 1, 2, 3, 4, 5, 6, 7
"""


CUT = """
cross join lateral (values ('all', ''), ('problem', t.problem), ('trade', t.trade), ('channel', t.channel),
  ('district', t.district)) c (cut, code)
"""
"""How one tally counts under the whole and under each of its kinds; lengths of time only under the whole."""
CUT_ONLY = "(t.span = -1 or c.cut = 'all')"


def signed(*parts: tuple[str, int]) -> str:
    """SQL of facts with the sign with which they count."""
    return " union all ".join(f"select {COLUMNS}, {sign} as sign from ({facts}) p" for facts, sign in parts)


def pieces(first: date, last: date) -> list[tuple[str, date]]:
    """A time of whole days as the fewest counters: whole months by `m`, the days around them by `d`."""
    found: list[tuple[str, date]] = []
    day = first
    while day <= last:
        after = _next_month(day)
        if day.day == 1 and after.toordinal() - 1 <= last.toordinal():
            found.append(("m", day))
            day = after
        else:
            found.append(("d", day))
            day = date.fromordinal(day.toordinal() + 1)
    return found


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
