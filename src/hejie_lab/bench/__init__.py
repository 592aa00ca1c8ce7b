"""Benchmarks: what the house does per second, beside what its database and driver could do at most."""
