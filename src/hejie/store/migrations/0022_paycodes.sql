-- A shop's paycode: who asked for it, what it leads to and promises, from when to when it was in force.

create table paycode (
  city text not null,
  id text not null,
  version integer not null,
  number text not null,
  merchant text not null,
  shop text not null,
  accounts text[] not null,
  state text not null,
  applied_at timestamptz not null,
  granted_at timestamptz,
  ended_at timestamptz,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  constraint paycode_number unique (city, number),
  check (ended_at is null or ended_at >= applied_at),
  check (state <> 'granted' or granted_at is not null),
  -- At no instant has a shop two in force. Text is compared by a hash within a range, as in binding_once.
  constraint paycode_once exclude using gist (
    numrange(hashtextextended(city || ' ' || shop, 0), hashtextextended(city || ' ' || shop, 0), '[]') with =,
    tstzrange(granted_at, ended_at) with &&
  ) where (granted_at is not null)
);
create unique index paycode_asked on paycode (city, shop) where state = 'applied';
create index paycode_of_shop on paycode (city, shop, granted_at desc);
create index paycode_of_merchant on paycode (city, merchant, applied_at desc);
create index paycode_waiting on paycode (city, applied_at) where state = 'applied';
create index paycode_accounts on paycode using gin (accounts) where state = 'granted';

-- The paycode whose promises were shown when it was paid; empty for none.
alter table payment add column paycode text not null default '';

alter table paycode enable row level security;
alter table paycode force row level security;
create policy one_city on paycode using (city = reader_city()) with check (city = reader_city());
grant select, insert, update on paycode to hejie_app;
