"""Pages of the emulated wallet: payer's bill, shop, merchant's own tool, knobs and SMS outbox."""
