-- A city that has moved away: from this mark's commit on nothing of it changes here. Whoever enters a city holds a lock
-- that the mark needs alone, and a claim of tasks holds another; so what was under way is over before the mark is set.

create table city_moved (
  city text primary key check (city ~ '^[0-9]{6}$'),
  moved_at timestamptz not null,
  -- Its new address; empty where that is not told.
  moved_to text not null
);

do $$
begin
  alter table city_moved enable row level security;
  alter table city_moved force row level security;
  create policy one_city on city_moved using (city = reader_city()) with check (city = reader_city());
  execute format('create policy across on city_moved to %I using (true) with check (true)', current_user);
  grant select on city_moved to hejie_app;
end
$$;

-- How a transaction comes to see a city. The look is a statement of its own: it sees what was waited for.
create function at_city(here text) returns void language plpgsql as $$
declare
  place text;
begin
  perform pg_catalog.set_config('hejie.city', here, true);
  perform pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended('city_moved/' || here, 0));
  select moved_to into place from public.city_moved where city = here;
  if found then
    raise exception 'the city has moved' using errcode = 'HJ001', detail = place;
  end if;
end
$$;
revoke all on function at_city(text) from public;
grant execute on function at_city(text) to hejie_app;

create function cities_moved() returns table (city text, moved_to text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.city, m.moved_to from city_moved m
$$;
revoke all on function cities_moved() from public;
grant execute on function cities_moved() to hejie_app;

-- As before, but for no city that has moved.
create or replace function claim_tasks(business timestamptz, lease_seconds integer, most integer, each integer)
returns table (city text, id bigint)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  select pg_advisory_xact_lock_shared(hashtextextended('city_moved', 0));
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
        and t.city <> all (array(select m.city from city_moved m))
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

-- The rows of a city that arrives are taken as they were: nothing is added beside them.
create or replace trigger work_item_place before insert on work_item for each row
  when (current_setting('hejie.arriving', true) is distinct from 'on') execute function work_item_place();
create or replace trigger log_waits after insert on log referencing new table as added
  for each statement when (current_setting('hejie.arriving', true) is distinct from 'on')
  execute function log_waits();
