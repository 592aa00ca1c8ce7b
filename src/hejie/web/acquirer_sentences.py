"""English sentences for the codes of acquirers: signed messages, announcements and their files."""

from __future__ import annotations

ACQUIRER = {
    "key_short": "The key is too short: it must have {least} bits or more.",
    "request_stale": "The message's time lies more than five minutes from ours. Please check your clock and sign anew.",
    "request_replayed": "This message came before. Please sign anew, with a new nonce and the same idempotency key.",
    "digest_wrong": "The content digest does not fit what came. Please compute it over the bytes that travel.",
    "nonce_wrong": "The signature needs a nonce of 16 to 64 letters, digits, hyphens or underscores.",
    "address_not_allowed": "Calls may not come from this address. Please ask the city to add your network.",
    "network_unreadable": "A network in the connections cannot be read. Please write it as 203.0.113.0/24.",
    "acquirer_number_wrong": "An acquirer's number in the connections must be letters and digits, at most 32.",
    "acquirer_unknown": "This city is not connected to such an acquirer.",
    "bank_hours_wrong": (
        "The acquirer's hours in the connections contradict themselves. Please check days, times and holidays."
    ),
    "answer_leave_missing": (
        "The merchant has not allowed this acquirer to answer in its name, or no longer does. It can do so in its "
        "settings."
    ),
    "answer_leave_days": "Please choose an acquirer of yours and a last day within a year.",
    "above_answer_leave": "The merchant lets its acquirer give away at most {most_fen} in one answer.",
    "answer_fields": (
        "An answer of this kind needs other fields: accept an offer; offer a remedy; decline and say with words."
    ),
    "answer_line": "A version, an amount or a choice in this line cannot be read.",
    "announcement_not_yours": "This acquirer number is not one that the sender may speak for.",
    "announcement_number": "A merchant or terminal number is missing or holds other signs than A-Z a-z 0-9 . _ -",
    "announcement_name": "The merchant's name is missing, too long, or holds signs that cannot stand there.",
    "announcement_time": "There is no such day or time. Please write 2026-01-31, or a time with its offset.",
    "announcement_text": "The line cannot be read: it is neither UTF-8 nor GB18030, or no CSV.",
    "announcement_columns": (
        "The first line must name the columns of docs/protocol/acquirer.md, and each line must fill them."
    ),
    "announcement_twice": "An earlier line of the same announcement says the same or otherwise. Please send one.",
    "announcement_line_long": "A line has {most} bytes or more, so nothing of the file was taken. Please split it.",
    "announcement_undigested": (
        "Nothing tells the file's SHA-256, so nothing of it was taken: put it behind the count in the last line, or "
        "into a manifest."
    ),
    "announcement_cut_off": "The file has no TOTAL at its end, so nothing of it was taken. Please fetch it again.",
    "announcement_count": (
        "The file holds {found} lines, but {told} were announced, so nothing of it was taken. "
        "Please ask whoever made it."
    ),
    "announcement_changed": (
        "The file is not the one its manifest names, so nothing of it was taken. Please fetch it again."
    ),
}
"""Code → sentence; `code_sentences.py` takes them in."""
