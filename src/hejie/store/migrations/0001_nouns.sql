-- Nouns with their log, and the records that come in.
-- Every table is led by the city and closed by row-level security; an unset city sees no row.

create function reader_city() returns text language sql stable as $$
  select nullif(current_setting('hejie.city', true), '')
$$;

-- Nouns: a row (what is) beside the append-only log (why). -------------------------------------

create table log (
  city text not null,
  noun text not null,
  id text not null,
  version integer not null check (version > 0),
  at timestamptz not null,
  actor_role text not null,
  actor text not null,
  event text not null,
  body jsonb not null,
  salt bytea not null check (length(salt) = 16),
  digest bytea not null check (length(digest) = 32),
  primary key (city, noun, id, version)
);

create table city (
  city text primary key check (city ~ '^[0-9]{6}$'),
  version integer not null,
  name_zh text not null,
  name_en text not null,
  body jsonb not null
);

create table city_setting (
  city text not null,
  version integer not null,
  valid_from timestamptz not null,
  body jsonb not null,
  primary key (city, version)
);

create table dispute (
  city text not null,
  id text not null,
  version integer not null,
  home text not null,
  state text not null,
  consumer text not null,
  merchant text not null,
  shop text not null,
  district text not null,
  origin text not null,
  wallet text not null,
  wallet_event text,
  problem text not null,
  claim_kind text not null,
  claim_fen bigint not null check (claim_fen >= 0),
  currency text not null,
  undue boolean not null,
  filed_at timestamptz not null,
  due_at timestamptz,
  due_rule text,
  officer text not null,
  outcome text,
  escalated_at timestamptz,
  closed_at timestamptz,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create unique index dispute_wallet_event on dispute (city, wallet, wallet_event) where wallet_event is not null;
create index dispute_by_filing on dispute (city, filed_at desc, id desc);
create index dispute_by_state on dispute (city, state, filed_at desc, id desc);
create index dispute_by_due on dispute (city, due_at, id) where due_at is not null;
create index dispute_by_merchant on dispute (city, merchant, filed_at desc, id desc);
create index dispute_by_consumer on dispute (city, consumer, filed_at desc, id desc);
create index dispute_by_district on dispute (city, district, filed_at desc, id desc);

create table dispute_payment (
  city text not null,
  dispute text not null,
  wallet text not null,
  trade_no text not null,
  open boolean not null,
  primary key (city, dispute, wallet, trade_no)
);
create unique index dispute_payment_open on dispute_payment (city, wallet, trade_no) where open;
create index dispute_payment_trade on dispute_payment (city, wallet, trade_no);

create table refund (
  city text not null,
  id text not null,
  version integer not null,
  dispute text not null,
  wallet text not null,
  trade_no text not null,
  amount_fen bigint not null check (amount_fen > 0),
  currency text not null,
  state text not null,
  source text not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index refund_by_trade on refund (city, wallet, trade_no);
create index refund_by_dispute on refund (city, dispute);

create table merchant (
  city text not null,
  id text not null,
  version integer not null,
  credit_code text not null,
  name text not null,
  state text not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create unique index merchant_credit_code on merchant (city, credit_code);

create table shop (
  city text not null,
  id text not null,
  merchant text not null,
  name text not null,
  district text not null,
  trade text not null,
  address text not null,
  primary key (city, id)
);
create index shop_by_merchant on shop (city, merchant, id);

create table account (
  city text not null,
  wallet text not null,
  account text not null,
  merchant text not null,
  primary key (city, wallet, account)
);
create index account_by_merchant on account (city, merchant);

-- Imported records, people, sealed content. -----------------------------------------------------

create table payment (
  city text not null,
  wallet text not null,
  trade_no text not null,
  order_no text not null,
  payer bytea not null,
  account text not null,
  merchant text not null,
  shop text not null,
  item text not null,
  paid_fen bigint not null check (paid_fen > 0),
  refunded_before_fen bigint not null default 0 check (refunded_before_fen >= 0),
  currency text not null,
  paid_at timestamptz not null,
  proven boolean not null,
  source text not null,
  primary key (city, wallet, trade_no)
);
create index payment_by_payer on payment (city, payer, paid_at desc);

create table statement (
  city text not null,
  wallet text not null,
  account text not null,
  day date not null,
  loaded_at timestamptz not null,
  lines integer not null,
  primary key (city, wallet, account, day)
);

create table statement_row (
  city text not null,
  wallet text not null,
  account text not null,
  day date not null,
  line integer not null,
  kind text not null,
  trade_no text not null,
  amount_fen bigint not null,
  refund_key text not null,
  finished_at timestamptz,
  primary key (city, wallet, account, day, line)
);
create index statement_row_refunds on statement_row (city, wallet, trade_no) where kind = 'refund';

create table person (
  city text not null,
  id text not null,
  handle bytea not null,
  language text not null,
  made_at timestamptz not null,
  primary key (city, id)
);
create unique index person_handle on person (city, handle);

create table data_key (
  city text not null,
  subject text not null,
  wrapped bytea not null,
  primary key (city, subject)
);

create table content (
  city text not null,
  subject text not null,
  id text not null,
  kind text not null,
  sealed bytea not null check (length(sealed) <= 2200000),
  made_at timestamptz not null,
  primary key (city, subject, id)
);

create table notice (
  city text not null,
  id text not null,
  dispute text not null,
  audience text not null,
  template text not null,
  channel text not null,
  status text not null,
  provider_id text not null,
  at timestamptz not null,
  primary key (city, id)
);
create index notice_by_dispute on notice (city, dispute);
