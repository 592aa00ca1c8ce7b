"""What a broken constraint means in the house's own words."""

from __future__ import annotations

from psycopg import errors

from hejie.base.errors import HejieError, Refused, Stale

_CONSTRAINTS = {
    "agreement_once": "agreement_overlaps",
    "binding_once": "binding_overlaps",
    "fund_entry_reference": "reference_used",
    "dispute_payment_open": "payment_in_open_dispute",
    "merchant_credit_code": "credit_code_taken",
    "account_pkey": "account_taken",
    "dispute_wallet_event": "wallet_event_taken",
    "library_case_once": "case_told_already",
    "member_login": "login_taken",
    "paycode_asked": "paycode_asked_already",
    "paycode_once": "paycode_granted_already",
    "succession_once": "succession_taken",
    "trace_request_open": "trace_asked_already",
    "publicity_once": "publicity_running",
}


def meaning(error: errors.UniqueViolation | errors.ExclusionViolation) -> HejieError:
    """The refusal behind a uniqueness error; two writers on one version are `Stale`."""
    name = error.diag.constraint_name or ""
    code = _CONSTRAINTS.get(name)
    return Refused(code) if code else Stale()
