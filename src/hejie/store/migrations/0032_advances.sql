-- Funds out of which consumers are paid in advance, the advances, and the funds' books.

create table fund (
  city text not null,
  id text not null,
  version integer not null,
  name text not null,
  promiser text not null,
  principal text not null,
  cap_fen bigint not null check (cap_fen > 0),
  contributed_fen bigint not null check (contributed_fen >= 0),
  begins date not null,
  ends date,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);

create table advance (
  city text not null,
  id text not null,
  version integer not null,
  fund text not null,
  merchant text not null,
  amount_fen bigint not null check (amount_fen > 0),
  state text not null,
  recovered_fen bigint not null,
  lost_fen bigint not null,
  granted_at timestamptz not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  check (recovered_fen >= 0 and lost_fen >= 0 and recovered_fen + lost_fen <= amount_fen)
);
create index advance_of_fund on advance (city, fund, granted_at desc, id desc);
create index advance_promised on advance (city, fund) where state = 'granted';

-- Every movement once, with both its sides; a bank's number of a transfer is written down once.
create table fund_entry (
  city text not null,
  fund text not null,
  number bigint generated always as identity,
  advance text not null,
  debit text not null check (debit in ('cash', 'capital', 'claim', 'loss')),
  credit text not null check (credit in ('cash', 'capital', 'claim', 'loss') and credit <> debit),
  amount_fen bigint not null check (amount_fen > 0),
  reference text not null,
  at timestamptz not null,
  primary key (city, fund, number)
);
create unique index fund_entry_reference on fund_entry (city, fund, reference) where reference <> '';

do $$
declare
  each text;
begin
  foreach each in array array['fund', 'advance', 'fund_entry'] loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format(
      'create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', each);
  end loop;
end
$$;
grant select, insert, update on fund, advance to hejie_app;
grant select, insert on fund_entry to hejie_app;
