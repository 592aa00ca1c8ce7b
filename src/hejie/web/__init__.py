"""Portals by audience, and the shell they stand in."""
