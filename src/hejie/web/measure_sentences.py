"""English sentences for the codes of measures against merchants."""

from __future__ import annotations

MEASURE = {
    "measure_off": "This city takes no measures against merchants on this day. It is a setting of the city.",
    "measure_unknown": "There is no such measure here.",
    "measure_step_unknown": "This step is not one of the city's.",
    "measure_step_early": "The step before it has not been taken against this merchant lately. Please take it first.",
    "measure_running": "This step is announced or in effect against this merchant already.",
    "measure_dispute_missing": "Please choose the disputes on which it rests, at least one.",
    "measure_words_missing": "Please write a few words: the other side will read them.",
    "measure_over": "This measure is over; nothing more can be done with it.",
    "measure_appeal_made": "An appeal has been made already. It can be made once.",
    "measure_appeal_late": "The time to appeal is over. The authority can still be called.",
    "measure_appeal_none": "No appeal waits for an answer.",
    "measure_same_officer": "You decided on this measure yourself. Another officer has to answer the appeal.",
    "publicity_step_missing": "In this city a merchant's figures are published only while that measure is in effect.",
    "paycode_suspended": (
        "By the authority's decision this payment code shows no promises at present, so its poster cannot be printed."
        " The decision, and how to appeal, stand on the page of measures."
    ),
    "paycode_status_withdrawn": "By the authority's decision this merchant is granted no payment code at present.",
}
"""Code → sentence; `theme_sentences.py` takes them in."""
