"""Agreements as documents: what they say, their numbers and digests, and whether a file is still the one given out."""
