"""UnionPay's online gateway 5.1.0 from the other side."""
