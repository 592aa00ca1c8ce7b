"""English sentences for the codes of hand-overs between cities, and of the exchange that carries them."""

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
    "directory_missing": "This city has no list of the alliance's members yet. Please ask its administrator.",
    "directory_expired": "The list of the alliance's members has run out. Please ask the administrator for a new one.",
    "directory_older": "This list of members is no newer than the one that is here.",
    "directory_early": "This list of members comes from the future. Please check the clocks.",
    "directory_unsigned": "Nobody who may sign it has signed this list of members.",
    "directory_unreadable": "This list of members cannot be read: {why}.",
    "exchange_key_wrong": "The key is not one of this member's keys, or is not believed at this time.",
    "exchange_not_connected": "This city takes no part in the exchange with other cities yet.",
    "own_key_unlisted": "This city's own key stands in no list of members. Please ask its administrator.",
    "peer_without_key": "The other city has no key under which anything could be sealed to it.",
    "field_not_agreed": "No agreement lets this be sent to that city.",
    "kind_not_ours": "This city may not send this sort of letter.",
    "kind_unknown": "Nobody here handles this sort of letter.",
    "letter_early": "The letter comes from the future. Please check the clocks.",
    "letter_misdirected": "The letter is for another city.",
    "letter_not_agreed": "No agreement in force covers this sort of letter.",
    "letter_not_for_us": "The letter is sealed to a key that this city does not have.",
    "letter_proof_wrong": "The letter is not proven by its sender.",
    "letter_seal_broken": "The sealed part of the letter cannot be opened.",
    "letter_too_far": "The letter is too far ahead of those that are still missing.",
    "letter_too_large": "The letter is too large.",
    "letter_unreadable": "The letter cannot be read.",
    "peer_refuses": "The other city refuses the request. Please call its office.",
    "receipt_wrong": "The receipt does not fit the letter that it is for.",
    "request_replayed": "The same request has come before.",
}
"""Code → sentence; `theme_sentences.py` takes them in."""
