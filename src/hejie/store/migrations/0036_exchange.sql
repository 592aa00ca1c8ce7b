-- The exchange between cities: versions of the directory, letters out and in, what became of them, how links stand.

create table alliance_directory (
  city text not null,
  version integer not null,
  digest bytea not null,
  body jsonb not null,
  expires_at timestamptz not null,
  applied_at timestamptz not null,
  primary key (city, version)
);

create table letter_out (
  city text not null,
  peer text not null,
  about text not null,
  number integer not null check (number > 0),
  id text not null,
  kind text not null,
  digest text not null,
  bytes bytea not null,
  state text not null check (state in ('submitted', 'relayed', 'delivered', 'retrieved', 'refused')),
  code text not null default '',
  first_at timestamptz not null,
  last_try timestamptz,
  next_at timestamptz not null,
  tries integer not null default 0,
  primary key (city, peer, about, number)
);
create unique index letter_out_id on letter_out (city, id);
create index letter_out_waiting on letter_out (city, peer, next_at) where state in ('submitted', 'relayed');

create table letter_in (
  city text not null,
  peer text not null,
  about text not null,
  number integer not null check (number > 0),
  id text not null,
  kind text not null,
  digest text not null,
  bytes bytea not null,
  key text not null,
  signature text not null,
  -- held: an earlier one is missing or not handled; received: its turn; done, refused: its end.
  state text not null check (state in ('held', 'received', 'done', 'refused')),
  code text not null default '',
  received_at timestamptz not null,
  over_at timestamptz,
  -- Whether its sender has been told of its end.
  told boolean not null default false,
  primary key (city, peer, about, number),
  check ((over_at is not null) = (state in ('done', 'refused')))
);
create unique index letter_in_id on letter_in (city, peer, id);
create index letter_in_untold on letter_in (city, peer, over_at) where over_at is not null and not told;
create index letter_in_open on letter_in (city, peer, about, number) where over_at is null;

-- Letters under a number or name that another one has: kept with their proof, never handled.
create table letter_conflict (
  city text not null,
  peer text not null,
  about text not null,
  number integer not null,
  digest text not null,
  bytes bytea not null,
  key text not null,
  signature text not null,
  at timestamptz not null,
  primary key (city, peer, about, number, digest)
);

-- The steps of a letter of ours, each once; those of the receiver with its signed receipt.
create table letter_evidence (
  city text not null,
  letter text not null,
  event text not null check (event in ('submitted', 'relayed', 'delivered', 'retrieved', 'refused')),
  peer text not null,
  at timestamptz not null,
  -- When we came to know of it.
  heard_at timestamptz not null,
  receipt jsonb,
  primary key (city, letter, event)
);
create index letter_evidence_of_peer on letter_evidence (city, peer, event, heard_at desc);

create table alliance_link (
  city text not null,
  peer text not null,
  failures integer not null default 0,
  last_error text not null default '',
  last_try timestamptz,
  last_ok timestamptz,
  last_heard timestamptz,
  primary key (city, peer)
);

-- Bulletins and early warnings, written here or come from another city.
create table bulletin (
  city text not null,
  id text not null,
  version integer not null,
  source text not null,
  level text not null,
  written_at timestamptz not null,
  arrived_at timestamptz not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index bulletin_newest on bulletin (city, arrived_at desc, id desc);

-- The offices of each member city, our own among them.
create table contact_list (
  city text not null,
  id text not null,
  version integer not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);

do $$
declare
  each text;
begin
  foreach each in array array[
    'alliance_directory', 'letter_out', 'letter_in', 'letter_conflict', 'letter_evidence', 'alliance_link',
    'bulletin', 'contact_list'
  ] loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format(
      'create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', each);
  end loop;
end
$$;
grant select, insert, update on letter_out, letter_in, alliance_link, bulletin, contact_list to hejie_app;
grant select, insert on alliance_directory, letter_conflict, letter_evidence to hejie_app;
