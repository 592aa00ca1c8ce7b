"""The only writer of nouns: load, decide, save row, log and tasks in one transaction."""
