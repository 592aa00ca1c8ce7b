-- An officer's measure against a merchant, a step of the city's ladder: announced, in effect, appealed, over.
create table measure (
  city text not null,
  id text not null,
  version integer not null,
  merchant text not null,
  step text not null,
  state text not null,
  announced_at timestamptz not null,
  effective_at timestamptz not null,
  -- When it is or was over; empty for one that holds until an officer ends it.
  until timestamptz check (until >= effective_at),
  ended_at timestamptz,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index measure_of_merchant on measure (city, merchant, announced_at desc);
create index measure_newest on measure (city, announced_at desc, id desc);

alter table measure enable row level security;
alter table measure force row level security;
create policy one_city on measure using (city = reader_city()) with check (city = reader_city());
grant select, insert, update on measure to hejie_app;
