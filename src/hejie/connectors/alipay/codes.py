"""What Alipay's gateway and sub codes mean: done, unknown, refused for good, or worth sending again."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from hejie.base.errors import HejieError, Refused, Unknown
from hejie.connectors.alipay.reply import said

SUCCESS = "10000"


class Fate(StrEnum):
    """What became of a request that Alipay answered."""

    unknown = "unknown"
    """It may have happened: ask by key."""
    final = "final"
    """It did not happen and will not."""
    retryable = "retryable"
    """It did not happen; once the cause is mended, the same key may be sent again."""


_GATEWAY = {
    "20001": "authority_invalid",
    "40001": "wallet_parameter_refused",
    "40002": "wallet_parameter_refused",
    "40003": "wallet_permission_missing",
    "40006": "wallet_permission_missing",
}
_BUSY = {"20000", "40005"}

_WORDS = {
    "invalid-signature": "own_signature_refused",
    "missing-signature": "own_signature_refused",
    "missing-signature-key": "own_signature_refused",
    "invalid-signature-type": "own_signature_refused",
    "invalid-app-id": "app_id_refused",
    "invalid-app-cert-sn": "certificate_refused",
    "invalid-alipay-root-cert-sn": "certificate_refused",
    "invalid-timestamp": "clock_refused",
    "invalid-auth-token": "authority_invalid",
    "invalid-app-auth-token": "authority_invalid",
    "app-auth-token-time-out": "authority_invalid",
    "app-auth-token-not-exist": "authority_invalid",
    "insufficient-isv-permissions": "wallet_permission_missing",
    "code-invalid": "authority_code_invalid",
    "code-is-old": "authority_code_invalid",
    "refresh-token-invalid": "authority_invalid",
    "refresh-token-time-out": "authority_invalid",
    "MERCHANT_NOT_EXIST": "wallet_merchant_missing",
    "STATUS_CHANGED": "case_moved_on",
    "WAITING_REFUND": "case_waits_for_refund",
    "REFUND_ALREADY_SUCCEED": "case_already_refunded",
    "SUBMIT_CONTENT_VIOLATION": "content_violation",
    "SECURITY_INTERCEPT": "content_violation",
    "AUTHORITY_ILLEGAL": "wallet_permission_missing",
    "PARAM_ILLEGAL": "wallet_parameter_refused",
}

_UNKNOWN = {"SYSTEM_ERROR", "unknow-error", "unknown-error", "call-limited", "app-call-limited"}

ABSENT = {"TRADE_NOT_EXIST", "COMPLAIN_NOT_EXIST", "COMPLAIN_EVENT_NOT_EXIST", "RECORD_NOT_EXIST"}
"""Sub codes of a query that say: there is none of that number."""

REFUND = {
    "SELLER_BALANCE_NOT_ENOUGH": Fate.retryable,
    "SELLER_BALANCE_NOT_ENOUGHT": Fate.retryable,
    "REASON_TRADE_BEEN_FREEZEN": Fate.retryable,
    "TRADE_HAS_FINISHED": Fate.final,
    "TRADE_HAS_CLOSE": Fate.final,
    "TRADE_NOT_EXIST": Fate.final,
    "TRADE_STATUS_ERROR": Fate.final,
    "TRADE_NOT_ALLOW_REFUND": Fate.final,
    "NOT_ALLOW_PARTIAL_REFUND": Fate.final,
    "REFUND_AMT_NOT_EQUAL_TOTAL": Fate.final,
    "REFUND_FEE_ERROR": Fate.final,
    "REASON_TRADE_REFUND_FEE_ERR": Fate.final,
    "BUYER_NOT_EXIST": Fate.final,
    "INVALID_PARAMETER": Fate.final,
    "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND": Fate.final,
    "DISCORDANT_REPEAT_REQUEST": Fate.unknown,
}
"""Sub codes of `alipay.trade.refund`. The discordant repeat says that another amount went out under our
key: nothing may be sent anew until a person has looked. A code that stands here not is unknown as well."""


def word(sub_code: str) -> str:
    """The bare word of a sub code: `ACQ.SYSTEM_ERROR` and `isv.invalid-app-id` lose their prefix."""
    return sub_code.rpartition(".")[2]


def failure(node: dict[str, Any]) -> HejieError:
    """The error that a verified answer other than 10000 stands for, always with the wallet's code as `said`.

    `Unknown("wallet_unavailable")` where the wallet itself is unsure or busy, else `Refused` with a code
    of ours (`wallet_refused` where the sub code needs its method to be understood).
    """
    code, sub_code = node.get("code"), said(node)
    if code in _BUSY or word(sub_code) in _UNKNOWN or not isinstance(code, str):
        return Unknown("wallet_unavailable", said=sub_code)
    meaning = _WORDS.get(word(sub_code)) or _GATEWAY.get(code) or "wallet_refused"
    return Refused(meaning, said=sub_code)


def refund_fate(error: Refused) -> Fate:
    """What became of a refund that the wallet refused by signed answer."""
    if error.code != "wallet_refused":
        return Fate.retryable
    return REFUND.get(word(str(error.facts["said"])), Fate.unknown)
