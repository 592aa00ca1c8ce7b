-- A head office's queue: who handles a dispute on the merchant's side, and one person's accounts in several cities.

-- The merchant's own handling of a dispute. The consumer neither sees it nor hears that it changes.
create table handling (
  city text not null,
  id text not null,
  version integer not null,
  dispute text not null,
  merchant text not null,
  answers text not null,
  assignee text not null,
  asked_version integer,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id)
);
create index handling_asked on handling (city, merchant, id) where asked_version is not null;

-- One person's account in this city is the same person's in another; both cities must say so.
create table membership (
  city text not null,
  member text not null,
  other_city text not null,
  other_member text not null,
  made_at timestamptz not null,
  primary key (city, member, other_city, other_member)
);

-- The assignee stands beside the dispute for the queue alone; `handling` says it, and its log says why.
alter table dispute add column assignee text not null default '';

-- The queue reads open disputes state by state in the order of their due time, narrowed by problem or assignee within
-- a state; the past by its filing, of all or of one shop. What these replace went by due time through all states.
drop index dispute_open_by_merchant;
create index dispute_queue on dispute (city, merchant, state, coalesce(due_at, filed_at), id) where closed_at is null;
create index dispute_queue_problem on dispute (city, merchant, problem, state, coalesce(due_at, filed_at), id)
  where closed_at is null;
create index dispute_queue_assignee on dispute (city, merchant, assignee, state, coalesce(due_at, filed_at), id)
  where closed_at is null;
create index dispute_ended on dispute (city, merchant, filed_at desc, id desc) where closed_at is not null;
create index dispute_by_shop on dispute (city, merchant, shop, filed_at desc, id desc);

-- What waits for a merchant's digest.
alter table notice add column merchant text not null default '';
create index notice_waiting on notice (city, merchant, at) where status = 'waiting';

do $$
declare
  name text;
begin
  foreach name in array array['handling', 'membership'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy one_city on %I using (city = reader_city()) with check (city = reader_city())', name);
    execute format('grant select, insert, update, delete on %I to hejie_app', name);
  end loop;
end
$$;
