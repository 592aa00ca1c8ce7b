"""English sentences for the codes of what flows between cities: registers, histories, cases, figures."""

from __future__ import annotations

FLOWS = {
    "unit_not_theirs": "The unit does not lie in the city that tells of it.",
}
