"""Which paycode was in force where something was paid, as SQL for all who write payments."""

from __future__ import annotations


def shown(city: str, merchant: str, shop: str, at: str) -> str:
    """SQL for the paycode's identifier, empty for none; the arguments are SQL too: columns or placeholders.

    While a measure against the merchant keeps its paycodes from showing promises, none is in force.
    """
    return f"""coalesce((
  select c.id from paycode c
  where c.city = {city} and c.merchant = {merchant} and c.shop = {shop} and c.granted_at is not null
    and tstzrange(c.granted_at, c.ended_at)::tstzmultirange - coalesce((
      select range_agg(tstzrange(e.effective_at, e.until)) from measure e
      where e.city = c.city and e.merchant = c.merchant and e.step in ('paycode_suspended', 'status_withdrawn')
    ), '{{}}'::tstzmultirange) @> {at}), '')"""
