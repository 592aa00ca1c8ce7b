"""English sentences for the codes of payment codes with promises."""

from __future__ import annotations

PAYCODE = {
    "paycode_unknown": "There is no such payment code.",
    "paycode_checksum": (
        "The checksum of this code is wrong: it was changed, or not copied whole. Please read the square once more."
    ),
    "paycode_payload": (
        "This is not the text of a merchant-presented payment code (EMVCo). Please ask your acquirer for it; it begins "
        "with 000201."
    ),
    "paycode_dynamic": "This code was made for one payment. Please give the one that can be paid again and again.",
    "paycode_currency": "This code is not for renminbi in China.",
    "paycode_nested": "This code is a payment code with promises already. Please give the acquirer's own one.",
    "paycode_no_room": "There is no room left in this code for the address of its page. Please ask your acquirer.",
    "paycode_address_long": (
        "The address of this site is too long for a payment code ({most} characters at most). Please tell its operator."
    ),
    "paycode_account_taken": (
        "Another merchant has a payment code in force that leads to this account. Please check whose account it is."
    ),
    "paycode_asked_already": "The shop has asked for a payment code already. Please wait, or take that one back first.",
    "paycode_granted_already": "The shop has a payment code in force. It must end before another one is granted.",
    "paycode_decided": "This was decided already. Please load the page again.",
    "paycode_not_granted": "This payment code is not in force, so there is nothing to print.",
    "promise_none": "Please choose at least one promise.",
    "promise_unknown": "The city does not offer this promise today. Please load the page again.",
    "promise_not_shown": "This promise was not shown when the payment was made. Please choose another one.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
