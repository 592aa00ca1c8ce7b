"""English sentences for the codes of what flows between cities: registers, histories, cases, figures."""

from __future__ import annotations

FLOWS = {
    "history_asked_already": "This question waits for its answer already.",
    "history_dispute_missing": "Please give the number of the dispute that it is for.",
    "history_peer": "Please choose a member city that may be asked.",
    "history_unknown": "Nobody here asked that.",
    "unit_not_theirs": "The unit does not lie in the city that tells of it.",
}
