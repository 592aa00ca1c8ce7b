-- Hand-offs to 12315 lie in their dispute's row; few disputes have one.
create index dispute_by_handoff on dispute (city, (body->'handoff'->>'state'))
  where body->'handoff' <> 'null'::jsonb;
