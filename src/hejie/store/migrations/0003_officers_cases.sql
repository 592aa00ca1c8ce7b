-- What an officer has taken, and what nobody has: counted on every page of the desk.
create index dispute_by_officer on dispute (city, officer, filed_at, id) where state = 'mediating';
