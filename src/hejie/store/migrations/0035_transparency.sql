-- A log that others can check: every line of the house's log gets a number, hashes in tiles, checkpoints and what
-- others signed; and what this city has seen of other cities' logs.

-- Committed lines that have no number yet: written with the line itself, taken out by the sequencer with its number.
create table log_waiting (
  city text not null,
  place bigint generated always as identity,
  noun text not null,
  id text not null,
  version integer not null,
  primary key (city, place)
);

create table log_number (
  city text not null,
  number bigint not null check (number >= 0),
  noun text not null,
  id text not null,
  version integer not null,
  -- What the tree holds of the line: a commitment.
  entry bytea not null check (length(entry) = 32),
  primary key (city, number),
  constraint log_number_once unique (city, noun, id, version)
);

-- Up to 256 hashes of one level side by side; only the last tile of a level still grows.
create table log_tile (
  city text not null,
  level smallint not null check (level >= 0),
  tile bigint not null check (tile >= 0),
  hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
  primary key (city, level, tile)
);

-- What this city's log has signed, with the signatures below.
create table log_checkpoint (
  city text not null,
  size bigint not null check (size > 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  -- How many others have put their signature below it.
  cosigners integer not null default 0,
  signed_at timestamptz not null,
  primary key (city, size)
);

-- What this city has cosigned of other logs, by their names.
create table log_witnessed (
  city text not null,
  origin text not null,
  size bigint not null check (size >= 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  at timestamptz not null,
  primary key (city, origin, size)
);

-- Two checkpoints of one log with one size and different roots: evidence that it shows different things to different people.
create table log_split (
  city text not null,
  origin text not null,
  size bigint not null,
  root bytea not null check (length(root) = 32),
  other_root bytea not null check (length(other_root) = 32 and other_root <> root),
  note text not null,
  other_note text not null,
  found_at timestamptz not null,
  primary key (city, origin, size, root, other_root)
);

create function log_waits() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into log_waiting (city, noun, id, version)
  select city, noun, id, version from added order by noun, id, version;
  return null;
end
$$;
revoke all on function log_waits() from public;
grant execute on function log_waits() to hejie_app;
create trigger log_waits after insert on log referencing new table as added
  for each statement execute function log_waits();

do $$
declare
  name text;
  known text;
begin
  -- Every line that is here already waits for its number.
  alter table log no force row level security;
  insert into log_waiting (city, noun, id, version)
  select city, noun, id, version from log order by city, at, noun, id, version;
  alter table log force row level security;
  foreach name in array
    array['log_waiting', 'log_number', 'log_tile', 'log_checkpoint', 'log_witnessed', 'log_split']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert on %I to hejie_app', name);
  end loop;
  grant delete on log_waiting to hejie_app;
  grant update on log_tile, log_checkpoint to hejie_app;
  for known in select city from cities_here() loop
    perform set_config('hejie.city', known, true);
    insert into task (city, kind, noun, subject, destination, due_at, payload)
    values (known, 'tend_log', 'city', known, 'log', 'epoch', '{}');
  end loop;
  perform set_config('hejie.city', '', true);
end
$$;
