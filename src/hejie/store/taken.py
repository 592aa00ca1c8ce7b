"""What has gone back of a payment `p`, or is on its way: one expression for everyone who asks what is left."""

TAKEN = """(
  coalesce((
    select sum(r.amount_fen) from refund r
    where r.city = p.city and r.wallet = p.wallet and r.trade_no = p.trade_no and r.state <> 'failed'), 0)
  + greatest(p.refunded_before_fen, coalesce((
    select sum(f.amount_fen) from (
      select distinct s.refund_key, s.amount_fen from statement_row s
      where s.city = p.city and s.wallet = p.wallet and s.trade_no = p.trade_no and s.kind = 'refund') f
    where not exists (
      select 1 from refund r
      where r.city = p.city and r.state <> 'failed'
        and r.id in (f.refund_key, 'own:' || p.trade_no || ':' || f.refund_key))), 0))
)"""
"""In fen: refunds of ours that have not failed and those noted, and what a consumer's or the wallet's bill file shows
beside them (the larger, for both may tell of the same money)."""
