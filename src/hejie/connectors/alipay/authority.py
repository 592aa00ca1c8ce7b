"""A merchant's authority: exchanged from the code it brings back, and renewed."""

from __future__ import annotations

from datetime import timedelta

from hejie.connectors.alipay.gateway import Gateway
from hejie.connectors.wallet import Authorisation


async def exchange(gateway: Gateway, grant: str, name: str, value: str) -> Authorisation:
    """`alipay.open.auth.token.app`: `grant` is `authorization_code` (with `code`) or `refresh_token` (with its own).

    Newer answers list one token per merchant under `tokens`; a code belongs to one merchant, so the first counts.
    """
    answer = await gateway.call("alipay.open.auth.token.app", {"grant_type": grant, name: value})
    listed = answer.parts("tokens")
    token = listed[0] if listed else answer
    now = gateway.clock.now()
    return Authorisation(
        token=token.need("app_auth_token"),
        refresh_token=token.need("app_refresh_token"),
        account=token.need("user_id"),
        expires_at=now + timedelta(seconds=token.count("expires_in")),
        refresh_expires_at=now + timedelta(seconds=token.count("re_expires_in")),
    )
