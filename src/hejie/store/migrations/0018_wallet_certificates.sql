-- Certificates by which a wallet signs, fetched while one that was trusted vouched for them; every process reads them.

create table wallet_certificate (
  city text not null,
  wallet text not null,
  serial text not null,
  pem text not null,
  kept_at timestamptz not null,
  primary key (city, wallet, serial)
);
alter table wallet_certificate enable row level security;
alter table wallet_certificate force row level security;
create policy one_city on wallet_certificate using (city = reader_city()) with check (city = reader_city());
grant select, insert, update, delete on wallet_certificate to hejie_app;

-- Cities that stand already: each wallet's connection is tended, and WeChat Pay's complaints are looked through too.
do $$
declare
  known text;
begin
  for known in select city from cities_here() loop
    perform set_config('hejie.city', known, true);
    insert into task (city, kind, noun, subject, destination, due_at, payload) values
      (known, 'tend_wallet', 'city', known, 'wallet:alipay', 'epoch', '{"wallet": "alipay"}'),
      (known, 'tend_wallet', 'city', known, 'wallet:wechatpay', 'epoch', '{"wallet": "wechatpay"}'),
      (known, 'sweep_cases', 'city', known, 'wallet:wechatpay', 'epoch', '{"wallet": "wechatpay"}');
  end loop;
  perform set_config('hejie.city', '', true);
end $$;
