-- What disputes settled at: a statistic beside the rows, so that similar ones are found without reading whole cases.

create table settlement (
  city text not null,
  dispute text not null,
  settled_at timestamptz not null,
  problem text not null,
  trade text not null,
  district text not null,
  paid_fen bigint not null check (paid_fen > 0),
  agreed_fen bigint not null check (agreed_fen >= 0),
  remedy text not null,
  primary key (city, dispute)
);
create index settlement_by_trade on settlement (city, problem, trade, settled_at desc)
  include (paid_fen, agreed_fen, remedy);
-- Every row fulfils this condition; only who looks in all trades names it. Else a plan that was made while the table was
-- small would read all trades for the sake of one.
create index settlement_by_problem on settlement (city, problem, settled_at desc)
  include (paid_fen, agreed_fen, remedy) where agreed_fen >= 0;

-- By which words and phone number a dispute was filed, as keyed look-ups: how one person files is evidence for an officer.

create table filing_mark (
  city text not null,
  dispute text not null,
  filed_at timestamptz not null,
  words bytea,
  contact bytea,
  primary key (city, dispute)
);
create index filing_mark_words on filing_mark (city, words, filed_at desc) where words is not null;
create index filing_mark_contact on filing_mark (city, contact, filed_at desc) where contact is not null;
create index filing_mark_by_time on filing_mark (city, filed_at);

do $$
declare
  name text;
begin
  foreach name in array array['settlement', 'filing_mark'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
end
$$;
