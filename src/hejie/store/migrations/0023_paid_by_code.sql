-- A trace begins at a payment code too: the payments that it was shown for.
create index payment_by_paycode on payment (city, paycode, paid_at desc) where paycode <> '';
