-- A dispute may be denied by its merchant and move to another one.

alter table dispute add column denied_falsely text not null default '';
create index dispute_denied_falsely on dispute (city, denied_falsely, filed_at desc) where denied_falsely <> '';
alter table dispute add column asked text not null default '';
create index dispute_asked on dispute (city, asked, filed_at desc, id desc) where asked <> '';

-- Whose link a message carried: empty for the dispute's own merchant.
alter table short_link add column merchant text not null default '';
