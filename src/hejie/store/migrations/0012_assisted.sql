-- What a helper has filed for others is found by the helper.

alter table dispute add column helper text not null default '';
create index dispute_by_helper on dispute (city, helper, filed_at desc, id desc) where helper <> '';
