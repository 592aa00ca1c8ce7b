"""English sentences for the codes of hand-overs between cities."""

from __future__ import annotations

HANDOVER = {
    "handover_unknown": "There is no such hand-over.",
    "handover_answered": "This hand-over has been answered already. Please look at how it stands now.",
    "handover_not_ours": "Only the other city can do this.",
    "handover_to_itself": "The dispute is in this city already. Please choose another city.",
    "handover_of_wallet": "A wallet holds this case at this city's door, so it cannot go to another city.",
    "handover_assisted": "A helper filed this, and its slips open here alone, so it cannot go to another city.",
    "handover_agreed": "Both sides have agreed. What was agreed is done here first.",
    "handover_refunding": "A refund is under way. Please wait until its outcome is known.",
    "handover_at_12315": "It is with 12315 now. Please wait until that has ended.",
    "handover_out_of_turn": "Another hand-over of this dispute came before this one, so it cannot be taken over.",
    "handover_back_elsewhere": "It can be given back only to the city that it came from. Please choose that city.",
    "handover_city_wrong": "Please choose a city of the list: others cannot take a dispute over.",
    "handover_reason_missing": "Please choose why the other city shall take it over.",
    "dispute_elsewhere": "This dispute is with another city, or on its way there, so nothing is decided here.",
    "refusal_unknown": "Please choose why this city does not take it over.",
    "notes_too_many": "No more than {most} lines fit beside one hand-over. Please call the other city.",
    "home_link_wrong": (
        "This link does not open a dispute here, or not any more. Please open your dispute where you filed it:"
        " its page leads you here."
    ),
    "record_broken": "The record that came with the dispute does not hold together, so it was not taken over.",
    "record_differs": "The record that came differs from what this city already has of it, so it was not taken over.",
}
"""Code → sentence; `theme_sentences.py` takes them in."""
