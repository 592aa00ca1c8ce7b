-- Which merchant goes on with another's business under a new credit code, from when on.

create table succession (
  city text not null,
  id text not null,
  version integer not null,
  former text not null,
  later text not null,
  begins timestamptz not null,
  undone boolean not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  check (former <> later)
);
create unique index succession_once on succession (city, former) where not undone;
create index succession_of_later on succession (city, later);

-- What an acquirer is asked about one disputed payment, and what it answered.
create table trace_request (
  city text not null,
  id text not null,
  version integer not null,
  dispute text not null,
  trade_no text not null,
  state text not null,
  asked_at timestamptz not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create unique index trace_request_open on trace_request (city, trade_no) where state in ('asked', 'doubted');
create index trace_request_of_dispute on trace_request (city, dispute, asked_at desc);

do $$
declare
  name text;
begin
  foreach name in array array['succession', 'trace_request'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update on %I to hejie_app', name);
  end loop;
end $$;
