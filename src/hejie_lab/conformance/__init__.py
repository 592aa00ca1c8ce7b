"""Drives an installation from outside, as an honest and as a hostile city, and tells in words what it did."""
