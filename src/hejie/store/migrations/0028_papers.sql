-- Documents that were given out: number, what each is about, and the digests of its content and of its bytes.

create table paper (
  city text not null,
  id text not null,
  version integer not null,
  number text not null,
  kind text not null,
  noun text not null,
  subject text not null,
  edition integer not null,
  language text not null,
  json_sha256 text not null,
  pdf_sha256 text not null,
  made_at timestamptz not null,
  body jsonb not null,
  primary key (city, id),
  constraint paper_number unique (city, number),
  check (json_sha256 ~ '^[0-9a-f]{64}$' and pdf_sha256 ~ '^[0-9a-f]{64}$'),
  check (language in ('zh', 'en')),
  check (version = 1)
);
create index paper_of_subject on paper (city, noun, subject, edition);

alter table paper enable row level security;
alter table paper force row level security;
create policy one_city on paper using (city = reader_city()) with check (city = reader_city());
-- What was given out stays: it can be added to, and nothing else.
grant select, insert on paper to hejie_app;
