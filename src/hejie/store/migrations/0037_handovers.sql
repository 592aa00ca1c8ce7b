-- Hand-overs of disputes between cities, each city's own side of each.
create table handover (
  city text not null,
  id text not null,
  version integer not null,
  dispute text not null,
  sender text not null,
  receiver text not null,
  state text not null,
  offered_at timestamptz not null,
  answer_by timestamptz not null,
  finish_by timestamptz not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index handover_newest on handover (city, offered_at desc, id desc);
create index handover_waiting on handover (city, answer_by, id) where state in ('offered', 'accepted');
create index handover_of_dispute on handover (city, dispute, id);

alter table handover enable row level security;
alter table handover force row level security;
create policy one_city on handover using (city = reader_city()) with check (city = reader_city());
grant select, insert, update on handover to hejie_app;
