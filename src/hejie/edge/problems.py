"""The only place where an error becomes an HTTP status (RFC 9110) and a problem's fields (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from litestar.exceptions import HTTPException
from msgspec import Struct

from hejie.base.errors import HejieError, Missing, Refused, Stale, Unknown

_UNREADABLE = (
    "form_unreadable field_unreadable key_missing key_unreadable entry_incomplete callback_unreadable"
    " json_broken json_duplicate_key json_too_deep json_not_utf8 json_number json_bad_text passkey_unreadable"
)
_UNKNOWN_VISITOR = (
    "sign_in_needed sign_in_wrong signature_wrong entry_signature_wrong callback_stale passkey_wrong"
    " signature_missing request_stale request_replayed digest_wrong nonce_wrong exchange_key_wrong"
)
_FORBIDDEN = (
    "not_allowed not_your_case csrf_wrong taken_by_other entry_replayed entry_expired entry_too_long_lived"
    " link_expired slip_wrong callback_misdirected address_not_allowed second_factor_needed code_needed above_own_limit"
    " function_missing outside_authority functions_apart"
    " office_answers approval_own answer_leave_missing above_answer_leave"
)
_CONFLICT = (
    "step_out_of_order payment_in_open_dispute filed_before offer_over rated_before reopening_over"
    " escalation_too_early refund_under_way nothing_failed nothing_agreed agreement_missing merchant_exists shop_exists"
    " credit_code_taken account_taken wallet_event_taken login_taken authorisation_still_valid enrolment_not_open"
    " settings_version_taken settings_version_old last_owner wallet_leads offers_too_many bids_over bid_missing"
    " bid_unclosed bid_not_here approval_waiting dispute_over"
    " handoff_under_way handoff_gone odr_runs"
    " case_not_open pass_waiting pass_none function_given absence_overlaps"
)
_TOO_LARGE = "picture_too_large content_too_large json_too_large bill_too_large body_too_large"
_MOVED = "city_moved city_moving"
_OURS = "seal_broken master_key_missing setting_missing setting_wrong connections_wrong"

_STATUS: Mapping[str, int] = {
    code: status
    for status, codes in (
        (400, _UNREADABLE),
        (401, _UNKNOWN_VISITOR),
        (403, _FORBIDDEN),
        (409, _CONFLICT),
        (413, _TOO_LARGE),
        (429, "rate_limited"),
        (500, _OURS),
        (503, f"directory_missing directory_expired own_key_unlisted {_MOVED}"),
    )
    for code in codes.split()
}
_OF_HTTP = {
    400: "form_unreadable",
    401: "sign_in_needed",
    403: "not_allowed",
    404: "page_unknown",
    405: "method_wrong",
    413: "body_too_large",
    415: "form_unreadable",
}
_SERVER_ERROR = 500


class Problem(Struct, frozen=True, kw_only=True):
    """One failed request: status, code and facts for words, headers that go with it."""

    status: int
    code: str
    facts: dict[str, Any]
    headers: dict[str, str]
    expected: bool = True
    """False for what is our own fault: it gets an incident number and is logged."""


def problem_of(error: Exception) -> Problem:
    """What an error means over HTTP; everything unforeseen is 500 `internal`."""
    if isinstance(error, HejieError):
        status = _status(error)
        return Problem(
            status=status,
            code=error.code if status != _SERVER_ERROR else "internal",
            facts=error.facts,
            headers=_headers(error),
            expected=status != _SERVER_ERROR,
        )
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        status = error.status_code
        allow = {"Allow": error.headers["Allow"]} if error.headers and "Allow" in error.headers else {}
        return Problem(status=status, code=_OF_HTTP.get(status, "form_unreadable"), facts={}, headers=allow)
    if isinstance(error, psycopg.OperationalError):
        return Problem(status=503, code="unavailable", facts={}, headers={"Retry-After": "5"}, expected=False)
    return Problem(status=500, code="internal", facts={}, headers={}, expected=False)


def _status(error: HejieError) -> int:
    match error:
        case Missing():
            return 404
        case Stale():
            return 409
        case Unknown():
            return 503
        case Refused():
            return _STATUS.get(error.code, 422)
        case _:
            return _SERVER_ERROR


def _headers(error: HejieError) -> dict[str, str]:
    if error.code in _MOVED.split():
        return {"Retry-After": "600"}
    return _rate_headers(error.facts) if error.code == "rate_limited" else {}


def _rate_headers(facts: Mapping[str, Any]) -> dict[str, str]:
    """As the RateLimit header fields draft has them: the policy, what is left, and when to come again."""
    name, seconds = facts["policy"], facts["seconds"]
    return {
        "Retry-After": str(seconds),
        "RateLimit-Policy": f'"{name}";q={facts["most"]};w={facts["window"]}',
        "RateLimit": f'"{name}";r=0;t={seconds}',
    }
