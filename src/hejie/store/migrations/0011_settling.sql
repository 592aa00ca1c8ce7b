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

alter table settlement enable row level security;
alter table settlement force row level security;
create policy one_city on settlement using (city = reader_city()) with check (city = reader_city());
grant select, insert, update, delete on settlement to hejie_app;
