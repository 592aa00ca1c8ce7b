"""Response headers that every page and answer carries."""

from __future__ import annotations

from collections.abc import Mapping

_FIXED = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}
_YEAR = 31_536_000


def security_headers(nonce: str, *, https: bool, present: Mapping[str, str]) -> dict[str, str]:
    """The headers to add to a response; what is `present` (lower-case names) is left as it is."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:;"
        " font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )
    wanted = {
        **_FIXED,
        "content-security-policy": policy,
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
        **({"strict-transport-security": f"max-age={_YEAR}"} if https else {}),
    }
    return {name: value for name, value in wanted.items() if name not in present}
