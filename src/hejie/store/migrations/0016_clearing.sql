-- Clearing records: what acquirers and clearing houses say was paid and given back. No payer is in them but as a keyed
-- token. The two tables are parted by city; records further by clearing day, so that an old day goes at once.

create table clearing_file (
  city text not null,
  number integer not null generated always as identity,
  digest bytea not null check (length(digest) = 32),
  name text not null,
  form text not null,
  agreement text not null,
  loaded_at timestamptz not null,
  first_day date,
  last_day date,
  records integer not null,
  broken integer not null,
  primary key (city, number)
);
create unique index clearing_file_once on clearing_file (city, digest);

-- What could not be read: sealed, since a broken record may hold a card number anywhere.
create table clearing_broken (
  city text not null,
  file integer not null,
  line integer not null,
  why text not null,
  sealed bytea not null,
  primary key (city, file, line)
);

create table clearing_record (
  city text not null,
  day date not null,
  file integer not null,
  line integer not null,
  movement text not null,
  at timestamptz not null,
  amount_fen bigint not null check (amount_fen > 0),
  acquirer text not null,
  forwarder text not null,
  trace text not null,
  rrn text not null,
  query_id text not null,
  order_no text not null,
  merchant text not null,
  merchant_name text not null,
  terminal text not null,
  category text not null,
  card bytea,
  of_query_id text not null,
  of_trace text not null,
  of_at timestamptz,
  primary key (city, day, file, line)
) partition by list (city);

create index clearing_record_back on clearing_record (city, day, file) where movement in ('refund', 'void');
create index refund_succeeded on refund (city, changed_at) where state = 'succeeded';

-- What outlives its day: records of payments that are disputed. Everything else of a day goes.
create table clearing_kept (like clearing_record including defaults including constraints,
  primary key (city, day, file, line));

-- Any reference is one probe: the begin of a keyed hash of kind and value leads to day, file and line. Two values may
-- meet in one hash, so whoever looks compares the record too.
create table clearing_reference (
  city text not null,
  hash bigint not null,
  day date not null,
  file integer not null,
  line integer not null
) partition by list (city);
create index clearing_reference_hash on clearing_reference (city, hash);

-- The owner makes and drops the parts; a caller makes and drops only its own city's.
create function clearing_part(day date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  here text := reader_city();
  records text := 'clearing_record_' || here;
  part text := records || to_char(day, '_YYYYMMDD');
begin
  if here is null or here !~ '^[0-9]{6}$' or day is null then
    raise exception 'no city is set';
  end if;
  if to_regclass('public.' || part) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('clearing_part ' || here, 0));
  if to_regclass('public.' || records) is null then
    execute format('create table public.%I (like public.clearing_record including all) partition by range (day)', records);
    execute format('alter table public.clearing_record attach partition public.%I for values in (%L)', records, here);
    execute format('create table public.%I (like public.clearing_reference including all)', 'clearing_reference_' || here);
    execute format('alter table public.clearing_reference attach partition public.%I for values in (%L)',
      'clearing_reference_' || here, here);
    execute format('create index on public.%I using brin (day)', 'clearing_reference_' || here);
    execute format('alter table public.%I enable row level security, force row level security', records);
    execute format('alter table public.%I enable row level security, force row level security',
      'clearing_reference_' || here);
  end if;
  if to_regclass('public.' || part) is null then
    -- A part opens by row too, for the owner's functions; nobody else may name it.
    execute format('create table public.%I (like public.%I including all)', part, records);
    execute format('alter table public.%I enable row level security, force row level security', part);
    execute format('create policy one_city on public.%I using (city = reader_city())', part);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
      records, part, day, day + 1);
  end if;
end $$;

-- The records behind some places: each part is named outright, so that planning does not grow with the days.
create function clearing_found(hashes bigint[], most integer) returns setof clearing_record
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  here text := reader_city();
  spot record;
  part text;
begin
  for spot in
    select distinct r.day, r.file, r.line from public.clearing_reference r
    where r.city = here and r.hash = any(hashes) limit most
  loop
    part := 'clearing_record_' || here || to_char(spot.day, '_YYYYMMDD');
    if to_regclass('public.' || part) is null then
      return query select k.* from public.clearing_kept k
      where k.city = here and k.day = spot.day and k.file = spot.file and k.line = spot.line;
    else
      return query execute format('select r.* from public.%I r where r.city = $1 and r.day = $2 and r.file = $3
        and r.line = $4', part) using here, spot.day, spot.file, spot.line;
    end if;
  end loop;
end $$;

-- Days before one go; records of disputed payments move to clearing_kept, and their references stay.
create function clearing_forget(before date) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '5s' as $$
declare
  here text := reader_city();
  part text;
  gone integer := 0;
begin
  if here is null or here !~ '^[0-9]{6}$' or before is null then
    raise exception 'no city is set';
  end if;
  for part in
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'
      and relname ~ ('^clearing_record_' || here || '_[0-9]{8}$')
      and to_date(right(relname, 8), 'YYYYMMDD') < before
    order by relname
  loop
    insert into public.clearing_kept
    select r.* from public.clearing_record r
    where r.city = here and r.day = to_date(right(part, 8), 'YYYYMMDD') and exists (
      select 1 from public.dispute_payment p
      where p.city = r.city and p.trade_no in (r.query_id, r.of_query_id, r.order_no));
    execute format('drop table public.%I', part);
    gone := gone + 1;
  end loop;
  if gone > 0 then
    delete from public.clearing_reference r where r.city = here and r.day < before and not exists (
      select 1 from public.clearing_kept k
      where k.city = r.city and k.day = r.day and k.file = r.file and k.line = r.line);
  end if;
  return gone;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['clearing_file', 'clearing_broken', 'clearing_record', 'clearing_kept',
    'clearing_reference'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
end $$;

revoke all on function clearing_part(date), clearing_found(bigint[], integer), clearing_forget(date) from public;
grant execute on function clearing_part(date), clearing_found(bigint[], integer), clearing_forget(date) to hejie_app;
