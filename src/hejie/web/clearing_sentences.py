"""English sentences for the codes of clearing: UnionPay's certificates, and files that acquirers bring."""

from __future__ import annotations

CLEARING = {
    "certificate_expired": "The certificate of the wallet's answer is not valid at this time.",
    "certificate_untrusted": "The certificate of the wallet's answer is not one that we trust.",
    "sign_method_unknown": "This way of signing is not known: {method}",
    "refund_undated": (
        "The refund has no order time, so the wallet cannot be asked. Please refund in the merchant's own tool."
    ),
    "clearing_packed": "The packed file cannot be opened. Please fetch it again.",
    "clearing_width": "The record is too long or too short.",
    "clearing_space": "There is no space between two fields.",
    "clearing_text": "A field holds signs that cannot stand there.",
    "clearing_code": "The kind of the record is not known, or contradicts itself.",
    "clearing_number": "A number that must be there is missing or wrong.",
    "clearing_amount": "The amount is not a positive number.",
    "clearing_time": "There is no such time.",
    "clearing_columns": (
        "The first line must name the columns of docs/protocol/clearing.md, and each line must fill them."
    ),
    "clearing_message": "The message cannot be taken apart, or a field that must be there is missing.",
    "clearing_declined": "The movement was declined, so no money moved.",
    "clearing_empty": "The file is empty. Please fetch it again.",
    "clearing_cut_off": (
        "The file ends too early or is out of step, so nothing of it was loaded. Please fetch it again."
    ),
    "clearing_count": (
        "The file holds {found} records, but {told} were announced, so nothing of it was loaded. "
        "Please ask whoever made it."
    ),
    "clearing_total": (
        "The records sum to {found} fen, but {told} were announced, so nothing of it was loaded. "
        "Please ask whoever made it."
    ),
    "clearing_changed": (
        "The file is not the one its manifest names, so nothing of it was loaded. Please fetch it again."
    ),
    "manifest_unreadable": "The manifest beside the file cannot be read. Please see docs/protocol for its form.",
    "clearing_totals_missing": (
        "Nothing tells what the file should hold: put a manifest beside it (see docs/protocol/clearing.md), "
        "or say --no-totals."
    ),
    "clearing_unread": (
        "No record of the file can be read, so nothing of it was loaded. Please check its form (--form). "
        "The first one: {why}"
    ),
    "clearing_form_unknown": "The form of the file cannot be told by its name. Please say --form.",
    "clearing_day_far": "The record's clearing day lies more than a month from the file's. Please check --day.",
    "analysis_missing": "What looks for links is not installed. Please run `make analysis` first.",
    "moment_unreadable": "Please give day and time, such as 2026-11-30 18:00.",
    "purpose_missing": "Please say in a few words what the answer is for. It is written down beside your name.",
    "reference_unreadable": (
        "Please give a number; or a trace number, its time with the zone and the acquirer; or a terminal and its time."
    ),
    "binding_unknown": "There is no such link between a payment identity and a merchant.",
    "binding_days": "The link must end after it begins, and may only be made shorter. Please check the days.",
    "binding_undone": "This link was undone already.",
    "binding_overlaps": (
        "On some of these days the number belongs to somebody else. Please end that link first, or choose other days."
    ),
    "identity_unreadable": (
        "This is not a number of this kind. Please copy it as the acquirer or wallet writes it, with the acquirer's "
        "own number where one is needed."
    ),
    "clearing_agreement_unknown": (
        "This city has no clearing agreement {agreement}. Please record it with `hejie city apply`, or name another."
    ),
    "clearing_agreement_over": (
        "The clearing agreement {agreement} is not in force on this day. Please name another one."
    ),
}
"""Code → sentence; `code_sentences.py` takes them in."""
