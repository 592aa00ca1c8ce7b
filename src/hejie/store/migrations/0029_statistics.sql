-- Statistics: what each dispute was counted as, counters by Shanghai day and month, and publicity about merchants.

-- One line for each dispute that has been counted, so that it can be taken out of the counters again when it changes.
create table dispute_counted (
  city text not null,
  id text not null,
  merchant text not null,
  problem text not null,
  trade text not null,
  channel text not null,
  district text not null,
  received_on date not null,
  answered_on date,
  answer_span integer,
  overdue_on date,
  escalated_on date,
  ended_on date,
  outcome text,
  end_span integer,
  seen_fen bigint not null,
  told_fen bigint not null,
  said text,
  -- What the authority did with it, as the law counts: by the days on which its limits ran out.
  complained_on date,
  check_due_on date,
  check_met boolean,
  accepted_on date,
  refused_on date,
  close_due_on date,
  close_met boolean,
  closed_on date,
  closing text,
  broken boolean,
  primary key (city, id)
);
create index dispute_counted_overdue on dispute_counted (city, overdue_on, merchant) where overdue_on is not null;

-- `grain` d or m: `first` is a day, or the first day of a month. `span` in hours, -1 for what is no length of time.
create table day_count (
  city text not null,
  grain text not null check (grain in ('d', 'm')),
  first date not null,
  cut text not null,
  code text not null,
  measure text not null,
  span integer not null,
  n bigint not null,
  primary key (city, grain, first, cut, code, measure, span)
);

-- Disputes that have changed since they were counted, written beside the row itself.
create table count_waiting (
  city text not null,
  id text not null,
  primary key (city, id)
);

-- An officer's decision to publish a merchant's figures: announced, perhaps objected to, published, corrected, ended.
create table publicity (
  city text not null,
  id text not null,
  version integer not null,
  merchant text not null,
  state text not null,
  announced_at timestamptz not null,
  objection_until timestamptz not null,
  published_at timestamptz,
  ended_at timestamptz,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create unique index publicity_once on publicity (city, merchant) where ended_at is null;
create index publicity_shown on publicity (city, published_at desc, id desc)
  where published_at is not null and ended_at is null;
create index publicity_of_merchant on publicity (city, merchant, announced_at desc);

do $$
declare
  name text;
begin
  -- Every dispute that is here already waits to be counted.
  alter table dispute no force row level security;
  insert into count_waiting (city, id) select city, id from dispute;
  alter table dispute force row level security;
  foreach name in array array['dispute_counted', 'day_count', 'count_waiting', 'publicity'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
end
$$;
