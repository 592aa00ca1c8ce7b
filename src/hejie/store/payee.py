"""Whom the wallet's bill names as paid in a dispute `d`: the name to show where nobody here knows the merchant."""

PAYEE = """(
  select p.payee from dispute_payment x
  join payment p on p.city = x.city and p.wallet = x.wallet and p.trade_no = x.trade_no
  where x.city = d.city and x.dispute = d.id and p.payee <> '' order by p.trade_no limit 1
)"""
"""SQL: a name, or null."""
