"""Records that come in: payments one by one from wallets and bills, statements in bulk."""
