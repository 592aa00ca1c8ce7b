"""What an officer must hear of at once: safety reports (a noun)."""
