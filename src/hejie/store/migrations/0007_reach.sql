-- Each try to tell somebody, short links, and the merchants' contacts as a ladder.

create table delivery (
  city text not null,
  id text not null,
  notice text not null,
  rung integer not null,
  dispute text not null,
  contact text not null,
  channel text not null,
  state text not null check (state in ('sending', 'sent', 'delivered', 'failed', 'unknown')),
  why text not null default '',
  provider_id text not null default '',
  check_code bytea not null,
  tail text not null,
  made_at timestamptz not null,
  at timestamptz not null,
  primary key (city, id),
  unique (city, notice, rung),
  unique (city, check_code)
);
create index delivery_by_dispute on delivery (city, dispute);

create table short_link (
  city text not null,
  token bytea not null,
  dispute text not null,
  contact text not null,
  ends_at timestamptz not null,
  primary key (city, token)
);
create index short_link_ends on short_link (city, ends_at);

do $$
declare
  name text;
  here text;
begin
  foreach name in array array['delivery', 'short_link'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
  -- What `contact` was becomes a ladder of one, as folding the log gives it.
  for here in select c.city from city c loop
    perform set_config('hejie.city', here, true);
    update merchant m set body = (m.body - 'contact')
      || jsonb_build_object('shops', coalesce((
        select jsonb_agg(s.value - 'contact' order by s.ordinality)
        from jsonb_array_elements(m.body -> 'shops') with ordinality s), '[]'))
      || jsonb_build_object('contacts', coalesce((
        select jsonb_agg(jsonb_build_object('id', c.content, 'channel', 'sms', 'shop', c.shop, 'content', c.content,
          'added_at', c.at, 'verified_at', c.at, 'how', 'enrolled', 'failed_at', null, 'failed_why', '')
          order by c.first)
        from (
          select distinct on (l.body ->> 'shop') l.body ->> 'shop' as shop, l.body ->> 'content' as content,
            l.body ->> 'at' as at, min(l.version) over (partition by l.body ->> 'shop') as first
          from log l where l.city = m.city and l.noun = 'merchant' and l.id = m.id and l.event = 'ContactSet'
          order by l.body ->> 'shop', l.version desc) c
        where c.content <> ''), '[]'))
    where m.city = here;
  end loop;
  perform set_config('hejie.city', '', true);
end
$$;
