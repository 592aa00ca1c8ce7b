-- What acquirers announce: lines whose merchant is not here yet, and the answer that each announcement got.

create table announced_waiting (
  city text not null,
  acquirer text not null,
  identity text not null,
  begins timestamptz not null,
  credit_code text not null,
  told_at timestamptz not null,
  body jsonb not null,
  primary key (city, acquirer, identity, begins)
);
create index announced_waiting_by_code on announced_waiting (city, credit_code);

-- The same key with the same bytes gets the same answer.
create table announcement (
  city text not null,
  acquirer text not null,
  key text not null,
  digest bytea not null,
  answer jsonb not null,
  taken_at timestamptz not null,
  primary key (city, acquirer, key)
);

do $$
declare
  name text;
begin
  foreach name in array array['announced_waiting', 'announcement'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
  end loop;
end $$;
grant select, insert, update, delete on announced_waiting to hejie_app;
grant select, insert on announcement to hejie_app;
