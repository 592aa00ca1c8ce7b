"""English sentences for the codes of what a consumer may be owed."""

from __future__ import annotations

ENTITLEMENT = {
    "facts_unreadable": "The facts could not be read. They must be one JSON object in UTF-8.",
    "facts_invalid": "Something in the facts cannot be: {where}: {why}.",
    "facts_disagree": "These facts cannot all be true: {where}. Please check them.",
    "facts_not_opened": "Multiples are worked out only once an officer has opened the question. Please tick it.",
    "facts_rate_unreadable": "Please write the yearly rate in percent, such as 3.45, and no more than 100.",
    "facts_prices_few": "Please write the price of each thing, such as 300, 200: from two things to {most}.",
    "facts_places_unreadable": "Please say which go back by their place in the list, such as 2, or 1, 3.",
    "facts_promise_missing": "Please write what the shop promised.",
    "law_file_invalid": "The file of rules {file} cannot be used: {where}: {why}.",
    "multiples_opened": "The question of multiples has been opened already.",
    "multiples_ground_missing": "Please choose what it is about.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
