-- Safety reports: a noun of its own beside the disputes.

create table safety_report (
  city text not null,
  id text not null,
  version integer not null,
  state text not null,
  district text not null,
  reported_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index safety_report_waiting on safety_report (city, reported_at, id) where state <> 'closed';
create index safety_report_by_time on safety_report (city, reported_at desc, id desc);

alter table safety_report enable row level security;
alter table safety_report force row level security;
create policy one_city on safety_report using (city = reader_city()) with check (city = reader_city());
grant select, insert, update, delete on safety_report to hejie_app;
