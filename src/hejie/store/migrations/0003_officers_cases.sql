-- What an officer has taken, and what nobody has: counted on every page of the desk.
create index dispute_by_officer on dispute (city, officer, filed_at, id) where state = 'mediating';

-- What waits for a merchant: its inbox begins with what is open, however long its past.
create index dispute_open_by_merchant on dispute (city, merchant, due_at, id) where closed_at is null;
