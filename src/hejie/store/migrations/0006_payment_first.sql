-- A payment's disputes are found by the payment: the key itself begins with it. By the former key a plan that was made while
-- the table was small read it whole for each payment of a bill.
alter table dispute_payment drop constraint dispute_payment_pkey;
alter table dispute_payment add primary key (city, wallet, trade_no, dispute);
drop index dispute_payment_trade;
