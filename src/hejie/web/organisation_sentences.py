"""English sentences for the codes of officers' functions, places, leave, and of cases that are moved among them."""

from __future__ import annotations

ORGANISATION = {
    "function_missing": "Your function does not allow this. Please ask your head or a colleague.",
    "outside_authority": "This case lies with another authority. Nothing was changed; the attempt was written down.",
    "functions_apart": (
        "One person cannot hold these together: auditor and the three administrators each stand alone."
    ),
    "function_given": "This officer has the function already.",
    "function_not_given": "This officer does not have the function.",
    "officer_unknown": "There is no such officer here. Please choose one from the list.",
    "officer_unfit": "This officer cannot have it: the case lies outside their authority, or they handle no cases.",
    "authority_unknown": "There is no such authority in this city. Please choose one from the list.",
    "case_not_open": "This is not with the officers now, so there is nothing to give or pass on.",
    "pass_waiting": "It is already offered to an authority. Please wait for the answer.",
    "pass_to_itself": "It lies with this authority already.",
    "pass_none": "It is not offered to anybody any more. Please load the page again.",
    "absence_days": "The last day must not lie before the first or in the past, and a leave lasts a year at most.",
    "absence_overlaps": "This officer is already away on some of these days. Please end that leave first.",
    "absence_unknown": "This leave is over already. Please load the page again.",
    "substitute_unfit": "This colleague cannot stand in: it must be another officer who handles cases.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
