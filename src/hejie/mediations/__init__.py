"""Mediation by the authority (调解): a noun of its own beside the dispute it was escalated from. Pure."""
