"""English sentences for the codes of what flows between cities: registers, histories, cases, figures."""

from __future__ import annotations

FLOWS = {
    "case_identifies": "This points at somebody or at a single case. Please take it out: {found}",
    "case_not_ours": "This case is another city's.",
    "case_not_settled": "Only a dispute that has settled in this city can be told.",
    "case_told_already": "This dispute is told in the library already.",
    "case_unknown": "There is no such case in the library.",
    "case_words": "Please write {least} to {most} characters.",
    "history_asked_already": "This question waits for its answer already.",
    "history_dispute_missing": "Please give the number of the dispute that it is for.",
    "history_peer": "Please choose a member city that may be asked.",
    "history_unknown": "Nobody here asked that.",
    "month_unreadable": "Please choose a month, such as 2026-11.",
    "unit_not_theirs": "The unit does not lie in the city that tells of it.",
}
