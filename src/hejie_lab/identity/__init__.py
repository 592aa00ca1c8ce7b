"""Merchants whose true identity is known: simulated, written down badly, and counted against what a linker says."""
