"""English sentences for the codes of successions and of what an acquirer is asked."""

from __future__ import annotations

TRACE = {
    "succession_unknown": "There is no such succession.",
    "succession_self": "A merchant cannot succeed itself. Please give the credit code of the former one.",
    "succession_ahead": "A succession is registered once it has taken place. Please give a day that is not to come.",
    "succession_taken": (
        "This merchant has a successor already. Where a business was divided, please link each number by hand."
    ),
    "succession_circle": "It would close a circle: the former merchant comes after this one already.",
    "succession_order": (
        "The day does not fit the others: a merchant must have taken a business over before it passes it on."
    ),
    "trace_request_unknown": "There is no such question to an acquirer.",
    "trace_asked_already": "The acquirer is being asked about this payment already. Its answer will stand here.",
    "trace_not_disputed": "An acquirer is asked about a disputed payment only, and this dispute holds none like it.",
    "trace_nobody_to_ask": "This payment's acquirer cannot be asked from here. Please call it.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
