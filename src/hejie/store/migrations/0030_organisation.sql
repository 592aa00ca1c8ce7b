-- Officers' organisation: functions, leave, with whom a case lies, and the trail of who saw and did what.

-- A member's functions over time; whoever never had one keeps the case functions and sees the whole city.
create table member_function (
  city text not null,
  member text not null,
  function text not null,
  given_at timestamptz not null,
  ended_at timestamptz,
  primary key (city, member, function, given_at),
  check (ended_at is null or ended_at >= given_at)
);
create unique index member_function_once on member_function (city, member, function) where ended_at is null;

-- Who is away on which days, and who stands in.
create table absence (
  city text not null,
  id text not null,
  member text not null,
  substitute text not null,
  first_day date not null,
  last_day date not null,
  made_by text not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  primary key (city, id),
  check (first_day <= last_day),
  check (member <> substitute)
);
create index absence_by_substitute on absence (city, substitute, last_day) where ended_at is null;
create index absence_by_member on absence (city, member, last_day) where ended_at is null;

-- A work item's own custody, with its log; a dispute's stands in the dispute.
create table item_custody (
  city text not null,
  id text not null,
  version integer not null,
  item text not null,
  opened_at timestamptz not null,
  officer text not null,
  authority text not null,
  offered_to text not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);

-- Beside an item stands what its custody says, for lists alone; `place` is where its dispute was when it was opened.
alter table work_item add column officer text not null default '';
alter table work_item add column authority text not null default '';
alter table work_item add column offered_to text not null default '';
alter table work_item add column place text not null default '';

create function work_item_place() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  select coalesce(nullif(d.authority, ''), d.district) into new.place from dispute d
  where d.city = new.city
    and d.id = case when new.noun = 'dispute' then new.subject else coalesce(new.body->>'dispute', '') end;
  new.place := coalesce(new.place, '');
  return new;
end
$$;
create trigger work_item_place before insert on work_item for each row execute function work_item_place();

-- A dispute's authority where it is not its district's, an open transfer, and who has its mediation (written with that).
alter table dispute add column authority text not null default '';
alter table dispute add column offered_to text not null default '';
alter table dispute add column mediator text not null default '';

-- One index per arm of the work list: what one officer holds in the order it is due, and what waits for an authority.
create index dispute_duty on dispute (city, officer, coalesce(escalated_at, filed_at), id)
  where state = 'mediating' and mediator = '';
create index mediation_duty on mediation (city, officer, coalesce(due_at, opened_at), id)
  where officer <> '' and (state in ('received', 'accepted', 'agreed') or due_at is not null);
create index work_item_duty on work_item (city, officer, opened_at, id) where done_at is null;
create index dispute_offered on dispute (city, offered_to, coalesce(escalated_at, filed_at), id)
  where offered_to <> '' and state = 'mediating' and mediator = '';
create index work_item_offered on work_item (city, offered_to, opened_at, id)
  where offered_to <> '' and done_at is null;

-- Every view of a case by an officer and every act: who, what, when. Nobody changes it.
create table trail (
  city text not null,
  id text not null,
  at timestamptz not null,
  person text not null,
  act text not null,
  noun text not null,
  subject text not null,
  result text not null,
  primary key (city, id)
);
create index trail_by_time on trail (city, at desc, id desc);
create index trail_by_person on trail (city, person, at desc, id desc);
create index trail_by_subject on trail (city, subject, at desc, id desc);

do $$
declare
  name text;
begin
  foreach name in array array['member_function', 'absence', 'item_custody', 'trail'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
  end loop;
end
$$;
grant select, insert, update on member_function, absence, item_custody to hejie_app;
grant select, insert on trail to hejie_app;
