-- A call afterwards to the consumer of a dispute that an officer closed; which ones is drawn by lot.
create table follow_up (
  city text not null,
  id text not null,
  version integer not null,
  dispute text not null,
  drawn_at timestamptz not null,
  noted_at timestamptz,
  officer text not null,
  reached boolean,
  satisfied boolean,
  performed boolean,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index follow_up_drawn on follow_up (city, drawn_at);
create index follow_up_noted on follow_up (city, noted_at);

alter table follow_up enable row level security;
alter table follow_up force row level security;
create policy one_city on follow_up using (city = reader_city()) with check (city = reader_city());
grant select, insert, update on follow_up to hejie_app;
