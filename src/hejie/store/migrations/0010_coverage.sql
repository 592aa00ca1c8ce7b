-- Before the form opens: whom a payment went to as the wallet calls them, and how often nobody could be reached.

alter table payment add column payee text not null default '';
create index merchant_by_name on merchant (city, name);
create index shop_by_name on shop (city, name);

-- How often a consumer found the merchant, by where and what: counters without any person in them.
create table attempt (
  city text not null,
  day date not null,
  district text not null,
  trade text not null,
  outcome text not null check (outcome in ('enrolled', 'elsewhere', 'known', 'unknown')),
  count integer not null check (count > 0),
  primary key (city, day, district, trade, outcome)
);

-- A payment counts once. Which it was cannot be read from its keyed handle.
create table attempt_seen (
  city text not null,
  payment bytea not null check (length(payment) = 32),
  day date not null,
  primary key (city, payment)
);
create index attempt_seen_by_day on attempt_seen (city, day);

-- Whom consumers looked for in vain: a merchant that is registered, or else a name as the bill writes it.
create table wanted (
  city text not null,
  month date not null,
  merchant text not null,
  name text not null,
  count integer not null check (count > 0),
  primary key (city, month, merchant, name)
);

do $$
declare
  name text;
begin
  foreach name in array array['attempt', 'attempt_seen', 'wanted'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
end
$$;

-- Merchants enrolled from a list: one row per file, one narrow row per line; the file's content lies sealed until it is done.
create table campaign (
  city text not null,
  id text not null,
  name text not null,
  state text not null check (state in ('checked', 'running', 'done', 'dropped')),
  invites boolean not null,
  good integer not null,
  reached integer not null,
  made_at timestamptz not null,
  made_by text not null,
  primary key (city, id)
);
create index campaign_by_time on campaign (city, made_at desc, id desc);

create table campaign_line (
  city text not null,
  campaign text not null,
  line integer not null,
  credit_code text not null,
  merchant text not null,
  result text not null check (result in ('new', 'more', 'same', 'refused')),
  invited boolean not null default false,
  reason text not null default '',
  facts jsonb not null default '{}',
  primary key (city, campaign, line)
);

do $$
declare
  name text;
begin
  foreach name in array array['campaign', 'campaign_line'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
end
$$;
