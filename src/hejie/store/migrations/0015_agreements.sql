-- What two merchants have agreed about the sales of one of them: a brand, mall, market or landlord, and its member.

create table agreement (
  city text not null,
  id text not null,
  version integer not null,
  kind text not null,
  principal text not null,
  member text not null,
  scope text not null,
  shop text not null,
  begins date not null,
  ends date,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  check (ends is null or ends >= begins),
  -- One payment falls under one agreement at most. `scope` is who is paid, an empty shop every one of its shops;
  -- text is compared by a hash within a range, for which no extension is needed.
  constraint agreement_once exclude using gist (
    numrange(hashtextextended(city || ' ' || scope, 0), hashtextextended(city || ' ' || scope, 0), '[]') with =,
    (case when shop = '' then numrange(null, null)
      else numrange(hashtextextended(shop, 0), hashtextextended(shop, 0), '[]') end) with &&,
    daterange(begins, ends, '[]') with &&
  )
);
create index agreement_on_payment on agreement (city, scope, shop, begins);
create index agreement_by_principal on agreement (city, principal, id);
create index agreement_by_member on agreement (city, member, id);

-- The other side of a dispute's agreement, where it may read the dispute.
alter table dispute add column seen_by text not null default '';
create index dispute_seen_by on dispute (city, seen_by, filed_at desc, id desc) where seen_by <> '';

alter table agreement enable row level security;
alter table agreement force row level security;
create policy one_city on agreement using (city = reader_city()) with check (city = reader_city());
grant select, insert, update, delete on agreement to hejie_app;
