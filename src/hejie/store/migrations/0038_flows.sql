-- What flows between member cities: registers of promise units, merchants' histories, cases, joint figures.

-- The promise units of every member city as it told them, our own among them: records, not a noun of ours.
create table peer_unit (
  city text not null,
  peer text not null,
  id text not null,
  -- Of the letter that told it; the newest word stands.
  number integer not null,
  code text not null,
  credit_code text not null,
  name text not null,
  shop text not null,
  division text not null,
  promises jsonb not null,
  -- wallet:account, each.
  accounts text[] not null,
  since timestamptz not null,
  until timestamptz,
  state text not null check (state in ('in_force', 'suspended', 'withdrawn', 'ended')),
  told_at timestamptz not null,
  grams text[] not null,
  primary key (city, peer, id)
);
create index peer_unit_accounts on peer_unit using gin (accounts);
create index peer_unit_grams on peer_unit using gin (grams);
create index peer_unit_newest on peer_unit (city, since desc, id desc);
create index peer_unit_credit_code on peer_unit (city, credit_code);
create index peer_unit_code on peer_unit (city, code);

-- What of our own units each member was told last.
create table unit_told (
  city text not null,
  peer text not null,
  unit text not null,
  digest text not null,
  told_at timestamptz not null,
  primary key (city, peer, unit)
);

-- Questions to other cities about a merchant's history, and what they answered.
create table history_ask (
  city text not null,
  id text not null,
  peer text not null,
  credit_code text not null,
  purpose text not null,
  dispute text not null,
  asked_by text not null,
  asked_at timestamptz not null,
  state text not null check (state in ('asked', 'answered', 'refused')),
  code text not null default '',
  answer jsonb,
  answered_at timestamptz,
  primary key (city, id)
);
create unique index history_ask_once on history_ask (city, peer, credit_code, purpose, dispute) where state = 'asked';
create index history_ask_newest on history_ask (city, asked_at desc, id desc);
create index history_ask_of_merchant on history_ask (city, credit_code, asked_at desc);

-- Settled disputes told without anybody in them, written here or come from another city.
create table library_case (
  city text not null,
  id text not null,
  version integer not null,
  source text not null,
  -- Of our own only.
  dispute text not null,
  problem text not null,
  trade text not null,
  published_at timestamptz not null,
  withdrawn_at timestamptz,
  changed_at timestamptz not null,
  grams text[] not null,
  body jsonb not null,
  primary key (city, id)
);
create unique index library_case_once on library_case (city, dispute) where dispute <> '' and withdrawn_at is null;
create index library_case_newest on library_case (city, published_at desc, id desc) where withdrawn_at is null;
create index library_case_grams on library_case using gin (grams);

-- What each member city counted in a month and told, our own among them.
create table joint_figure (
  city text not null,
  peer text not null,
  month text not null check (month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'),
  number integer not null,
  least integer not null,
  counts jsonb not null,
  told_at timestamptz not null,
  primary key (city, peer, month)
);
create index joint_figure_of_month on joint_figure (city, month, peer);

do $$
declare
  each text;
begin
  foreach each in array array['peer_unit', 'unit_told', 'history_ask', 'library_case', 'joint_figure'] loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format(
      'create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', each);
  end loop;
end
$$;
grant select, insert, update on peer_unit, unit_told, history_ask, library_case, joint_figure to hejie_app;
