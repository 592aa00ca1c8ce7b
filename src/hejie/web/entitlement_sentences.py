"""English sentences for the codes of what a consumer may be owed."""

from __future__ import annotations

ENTITLEMENT = {
    "facts_unreadable": "The facts could not be read. They must be one JSON object in UTF-8.",
    "facts_invalid": "Something in the facts cannot be: {where}: {why}.",
    "facts_disagree": "These facts cannot all be true: {where}. Please check them.",
    "law_file_invalid": "The file of rules {file} cannot be used: {where}: {why}.",
    "multiples_opened": "The question of multiples has been opened already.",
    "multiples_ground_missing": "Please choose what it is about.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
