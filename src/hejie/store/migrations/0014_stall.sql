-- Printed codes at shops: whoever scans one sees the shop's name, and can have links sent to the registered number.

create table stall_code (
  city text not null,
  code bytea not null,
  merchant text not null,
  shop text not null,
  made_at timestamptz not null,
  made_by text not null,
  ended_at timestamptz,
  primary key (city, code)
);
create unique index stall_code_of_shop on stall_code (city, shop) where ended_at is null;
create index stall_code_of_merchant on stall_code (city, merchant) where ended_at is null;

do $$
begin
  alter table stall_code enable row level security;
  alter table stall_code force row level security;
  create policy one_city on stall_code using (city = reader_city()) with check (city = reader_city());
  grant select, insert, update on stall_code to hejie_app;
end
$$;
