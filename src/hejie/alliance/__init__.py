"""What cities agree on when they work together: the directory, agreements, letters, receipts, their order; pure."""
