-- Mediations: a noun of its own beside the dispute, whose states do not grow.

create table mediation (
  city text not null,
  id text not null,
  version integer not null,
  dispute text not null,
  consumer text not null,
  merchant text not null,
  state text not null,
  -- The county-level division of the authority that has it; empty for none yet.
  authority text not null,
  officer text not null,
  urgency text not null,
  opened_at timestamptz not null,
  received_at timestamptz,
  check_due_at timestamptz,
  -- When it was accepted or refused.
  checked_at timestamptz,
  accepted_at timestamptz,
  -- One of N1 to N7; empty for none.
  refused text not null,
  -- Of the clock that runs now.
  due_at timestamptz,
  due_rule text not null,
  ended_at timestamptz,
  -- 'agreed' or one of T1 to T8; empty for none.
  ended text not null,
  performed_at timestamptz,
  changed_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  constraint mediation_dispute unique (city, dispute)
);
create index mediation_due on mediation (city, due_at, id) where due_at is not null;
create index mediation_of_authority on mediation (city, authority, opened_at desc, id);
create index mediation_waiting on mediation (city, opened_at, id) where state = 'escalated';

alter table mediation enable row level security;
alter table mediation force row level security;
create policy one_city on mediation using (city = reader_city()) with check (city = reader_city());
grant select, insert, update on mediation to hejie_app;
