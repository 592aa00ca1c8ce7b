-- Temporary tables come last for functions with their owner's rights: else a caller's own `task`, with a trigger
-- on it, would stand in for ours and run as the owner.

alter function cities_here() set search_path = pg_catalog, public, pg_temp;
alter function claim_tasks(timestamptz, integer, integer, integer) set search_path = pg_catalog, public, pg_temp;
