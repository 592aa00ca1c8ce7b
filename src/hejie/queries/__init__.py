"""The only reader: lists, records and timelines, each with just what its reader needs."""
