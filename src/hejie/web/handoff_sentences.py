"""English sentences for the codes of the way to 12315."""

from __future__ import annotations

HANDOFF = {
    "handoff_off": "This city does not hand disputes to 12315 from here. The form for 12315 is filled in for you.",
    "handoff_under_way": "A hand-off to 12315 is under way already; its state stands on this page.",
    "handoff_none": "The consumer's consent to a hand-off does not stand, so nothing can be sent or taken back.",
    "handoff_gone": "The data may have left already, so the consent can no longer be taken back here.",
    "handoff_changed": "Something new has happened, so other data would go now. Please look at them and agree again.",
    "handoff_not_taken": "12315 did not take the package. Please check what it says, and hand it off again.",
    "handoff_unsure": "12315 gave no clear answer. It is asked again; nothing is sent twice.",
    "national_not_connected": "This city is not connected to 12315. Please ask its administrator.",
    "odr_runs": "The merchant is an ODR enterprise and still has time to negotiate; the page says until when.",
    "odr_none": "No negotiation as an ODR enterprise is under way in this dispute.",
    "odr_days_reversed": "The last day lies before the first. Please correct it.",
    "odr_days_overlap": "The merchant is an ODR enterprise on some of these days already. Please choose other days.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
