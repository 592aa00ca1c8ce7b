-- Who stood behind a payment identity, from when to when.

create table binding (
  city text not null,
  id text not null,
  version integer not null,
  identity text not null,
  merchant text not null,
  shop text not null,
  begins timestamptz not null,
  ends timestamptz,
  confidence integer not null check (confidence between 1 and 10000),
  undone boolean not null,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  check (ends is null or ends > begins),
  -- Nobody shares an identity at one instant. Text is compared by a hash within a range, as in agreement_once.
  constraint binding_once exclude using gist (
    numrange(hashtextextended(city || ' ' || identity, 0), hashtextextended(city || ' ' || identity, 0), '[]') with =,
    tstzrange(begins, ends) with &&
  ) where (not undone)
);
create index binding_of_identity on binding (city, identity, begins desc);
create index binding_by_merchant on binding (city, merchant, begins desc);

-- Payments are traced by the merchant's own number too.
create index payment_by_order on payment (city, order_no) where order_no <> '';
create index payment_by_account on payment (city, wallet, account, paid_at);

-- Who asked after which reference, why, and how many answers there were. The reference itself is not kept.
create table trace_asked (
  city text not null,
  id bigint generated always as identity,
  at timestamptz not null,
  role text not null,
  person text not null,
  purpose text not null,
  dispute text not null,
  reference bytea not null,
  answers integer not null,
  primary key (city, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['binding', 'trace_asked'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
  end loop;
end $$;
grant select, insert, update, delete on binding to hejie_app;
grant select, insert on trace_asked to hejie_app;
