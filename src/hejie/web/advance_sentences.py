"""English sentences for the codes of funds and advances."""

from __future__ import annotations

ADVANCE = {
    "fund_unknown": "There is no such fund. Please choose one of the list.",
    "fund_known": "This promise has been entered already.",
    "fund_name": "Please give the fund a name of at most 60 characters.",
    "fund_principal": "The city's own fund has no credit code; every other one needs that of who has promised.",
    "fund_days": "The last day cannot lie before today or before the first day.",
    "fund_over": "This promise has ended already.",
    "fund_short": "The fund has only {cash_fen} that is free. Please grant less, or wait until more has come in.",
    "reference_missing": "Please give the bank's number of the transfer, at most 64 characters.",
    "reference_used": "This number of a transfer is in the ledger already. Was it written down before?",
    "advance_unknown": "No advance was granted in this dispute.",
    "advance_made": "An advance was granted in this dispute already.",
    "advance_not_ended": (
        "An advance can be granted only once the dispute was closed without an agreement, and no refund is under way."
    ),
    "advance_not_covered": "This promise does not cover this merchant's sales, or not the day of the payment.",
    "advance_above_cap": "This fund pays at most {cap_fen} for one dispute.",
    "advance_above_left": "Only {left_fen} has not gone back to the consumer.",
    "advance_above_owed": "The merchant owes the fund only {owed_fen}.",
    "advance_out_of_order": "This step does not fit where the advance stands now. Please look at the page again.",
}
