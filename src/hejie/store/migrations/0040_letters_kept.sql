-- Letters that ended keep their content for a while: the sweep finds those whose time is over.
create index letter_in_full on letter_in (city, over_at) where over_at is not null and length(bytes) > 0;
create index letter_out_full on letter_out (city, first_at)
  where state in ('retrieved', 'refused') and length(bytes) > 0;
