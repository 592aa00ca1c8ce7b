"""The text that Alipay has signed (RSA2)."""

from __future__ import annotations

from collections.abc import Mapping


def content(params: Mapping[str, str], drop: tuple[str, ...] = ("sign",)) -> str:
    """The text to sign: non-empty parameters but `drop`, by ASCII key, `k=v` joined with `&`, nothing encoded.

    Requests and answers drop `sign` only; payment notifications drop `sign_type` as well.
    """
    return "&".join(f"{key}={params[key]}" for key in sorted(params) if params[key] and key not in drop)
