"""Every knob of the sandbox, turned so that each fault comes now and then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hejie_sandbox.knobs import FAULTS

_CHANCES: Mapping[str, float] = {
    "delay": 0.04,
    "drop_after_commit": 0.08,
    "bad_signature": 0.04,
    "system_error": 0.05,
    "system_error_after_commit": 0.05,
    "balance_short": 0.05,
    "window_expired": 0.01,
    "duplicate_callback": 0.2,
    "late_callback": 0.15,
    "reordered_callback": 0.2,
    "stale_timestamp": 0.15,
    "sms_slow": 0.03,
    "sms_unavailable": 0.05,
    "sms_drop_after_commit": 0.05,
    "sms_undelivered": 0.05,
    "voice_no_answer": 0.2,
    "sms_number_gone": 0.01,
    "sms_no_receipt": 0.05,
    "sms_late_receipt": 0.1,
    "sms_receipt_twice": 0.1,
    "sms_forged_receipt": 0.05,
    "email_refused": 0.02,
    "email_unavailable": 0.1,
    "email_slow": 0.05,
    "email_drop_after_data": 0.1,
    "translation_unavailable": 0.1,
    "translation_slow": 0.05,
    "translation_drop": 0.05,
    "translation_markup": 0.05,
    "translation_control": 0.05,
    "translation_long": 0.05,
    "translation_garbage": 0.05,
}
_SECONDS: Mapping[str, float] = {
    "delay": 0.3,
    "late_callback": 3,
    "reordered_callback": 2,
    "sms_slow": 0.3,
    "sms_late_receipt": 3,
    "email_slow": 0.3,
    "translation_slow": 0.3,
}

_ELSEWHERE = frozenset({"lost_callback", "forged_callback", "frequency_limited", "garbage"})
"""Faults of WeChat Pay alone, which no run pays with."""

AMBIENT: list[dict[str, Any]] = [
    {"name": name, "probability": _CHANCES[name], "value": _SECONDS.get(name, fault.value)}
    for name, fault in FAULTS.items()
    if name not in _ELSEWHERE
]
"""All others; a fault that is new in the sandbox and missing here is a KeyError, not a fault left out."""
CERTAIN: list[dict[str, Any]] = [knob | {"remaining": 1} for knob in AMBIENT]
"""The same, the first time for sure."""
