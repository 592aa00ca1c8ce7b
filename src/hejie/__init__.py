"""Hejie (和解): consumer disputes settled from the bill."""
