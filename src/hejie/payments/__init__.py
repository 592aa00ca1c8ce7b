"""Payments as a consumer or a merchant can show them: exported bills and what they prove."""
