-- Durable work, the edge's own memory, and the closing of every table.

-- Durable work. ---------------------------------------------------------------------------------

create table task (
  city text not null,
  id bigint generated always as identity,
  kind text not null,
  noun text not null,
  subject text not null,
  destination text not null,
  due_at timestamptz not null,
  ready_at timestamptz not null default clock_timestamp(),
  leased_until timestamptz,
  attempts integer not null default 0,
  parked boolean not null default false,
  last_error text not null default '',
  payload jsonb not null,
  primary key (city, id)
);
create index task_ready on task (destination, due_at, id) where not parked;
create index task_leased on task (destination) where leased_until is not null and not parked;
create index task_by_subject on task (city, noun, subject);

create table work_item (
  city text not null,
  id text not null,
  kind text not null,
  noun text not null,
  subject text not null,
  body jsonb not null,
  opened_at timestamptz not null,
  done_at timestamptz,
  done_by text,
  note text,
  primary key (city, id)
);
create unique index work_item_open on work_item (city, kind, subject) where done_at is null;
create index work_item_by_time on work_item (city, opened_at, id) where done_at is null;

-- The edge's own memory. ------------------------------------------------------------------------

create table member (
  city text not null,
  id text not null,
  login text not null,
  display_name text not null,
  password text not null,
  totp bytea,
  role text not null,
  organisation text not null,
  failures integer not null default 0,
  locked_until timestamptz,
  last_totp bigint not null default 0,
  active boolean not null default true,
  primary key (city, id)
);
create unique index member_login on member (city, login);

create table passkey (
  city text not null,
  credential bytea not null,
  member text not null,
  public_key bytea not null,
  sign_count bigint not null,
  name text not null,
  primary key (city, credential)
);
create index passkey_by_member on passkey (city, member);

create table session (
  city text not null,
  token bytea not null,
  role text not null,
  person text not null,
  organisation text not null,
  scope text not null,
  secret bytea not null,
  facts jsonb not null,
  ends_at timestamptz not null,
  primary key (city, token)
);
create index session_ends on session (ends_at);

create table nonce (
  city text not null,
  issuer text not null,
  nonce text not null,
  ends_at timestamptz not null,
  primary key (city, issuer, nonce)
);

create table once (
  city text not null,
  actor text not null,
  key text not null,
  digest bytea not null,
  answer jsonb not null,
  made_at timestamptz not null,
  primary key (city, actor, key)
);

create table one_time_code (
  city text not null,
  purpose text not null,
  subject bytea not null,
  digest bytea not null,
  tries integer not null,
  ends_at timestamptz not null,
  primary key (city, purpose, subject)
);

create unlogged table rate (
  city text not null,
  bucket text not null,
  starts_at timestamptz not null,
  hits integer not null,
  primary key (city, bucket, starts_at)
);

create table callback (
  city text not null,
  channel text not null,
  application text not null,
  delivery text not null,
  raw bytea not null,
  received_at timestamptz not null,
  primary key (city, channel, application, delivery)
);

-- The lab moves this; a production clock never reads it. -----------------------------------------

create table clock_offset (
  single boolean primary key default true check (single),
  seconds bigint not null
);
insert into clock_offset (seconds) values (0);

-- Row-level security on every table, forced; the log is append-only for the application. ---------

do $$
declare
  name text;
begin
  for name in
    select tablename from pg_tables where schemaname = 'public' and tablename not in ('clock_offset', 'migration')
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
  revoke update, delete on log from hejie_app;
  revoke update, delete on city_setting from hejie_app;
  alter table clock_offset enable row level security;
  alter table clock_offset force row level security;
  create policy anyone on clock_offset using (true);
  grant select, update on clock_offset to hejie_app;
  execute format('create policy across on task to %I using (true) with check (true)', current_user);
  execute format('create policy across on city to %I using (true)', current_user);
end
$$;

create function cities_here() returns table (city text, name_zh text, name_en text)
language sql stable security definer set search_path = public as $$
  select c.city, c.name_zh, c.name_en from city c order by c.city
$$;

-- One claim for all cities: leases what is due, at most `each` per destination at a time, and tells
-- only (city, task). Business time comes in; leases and back-off are real time.
create function claim_tasks(business timestamptz, lease_seconds integer, most integer, each integer)
returns table (city text, id bigint)
language sql volatile security definer set search_path = public as $$
  with recursive destinations as (
    (select t.destination from task t where not t.parked order by t.destination limit 1)
    union all
    select (select t.destination from task t
            where not t.parked and t.destination > d.destination order by t.destination limit 1)
    from destinations d where d.destination is not null
  ),
  ready as (
    select picked.city, picked.id
    from destinations d
    cross join lateral (
      select t.city, t.id, t.due_at
      from task t
      where t.destination = d.destination and not t.parked and t.due_at <= business
        and t.ready_at <= clock_timestamp()
        and (t.leased_until is null or t.leased_until < clock_timestamp())
      order by t.due_at, t.id
      limit greatest(0, each - (
        select count(*) from task l
        where l.destination = d.destination and l.leased_until >= clock_timestamp() and not l.parked))
      for update skip locked
    ) picked
    where d.destination is not null
    order by row_number() over (partition by d.destination order by picked.due_at, picked.id), picked.due_at
    limit most
  )
  update task t
  set leased_until = clock_timestamp() + make_interval(secs => lease_seconds), attempts = t.attempts + 1
  from ready r
  where t.city = r.city and t.id = r.id
  returning t.city, t.id
$$;

revoke all on function cities_here(), claim_tasks(timestamptz, integer, integer, integer) from public;
grant execute on function cities_here(), claim_tasks(timestamptz, integer, integer, integer) to hejie_app;
