"""Platform certificates (GET /v3/certificates): fetched while a key that we hold vouches for the list, then kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from hejie.base.errors import Refused, Unknown
from hejie.connectors.wechatpay.gateway import Gateway
from hejie.connectors.wechatpay.keys import certified
from hejie.connectors.wechatpay.signing import Sealed, key_name, unsealed

_NONE = frozenset({"RESOURCE_NOT_EXISTS", "NOT_FOUND"})


class Listed(Struct, frozen=True):
    """One certificate as it is listed, sealed with the APIv3 key."""

    serial_no: str
    expire_time: Annotated[datetime, Meta(tz=True)]
    encrypt_certificate: Sealed


class Certificates(Struct, frozen=True):
    """The list."""

    data: tuple[Listed, ...]


async def fetched(gateway: Gateway) -> dict[str, str]:
    """Serial number → PEM of every platform certificate in force; none where the partner is in public-key mode.

    The list is believed as any other answer: only when a key that we hold has signed it. So a rotation is followed
    while old and new certificate stand beside each other; one that was slept through needs a person.
    Errors: those of `Gateway.ask`; `Unknown("reply_unreadable")` for a certificate that does not open or has another
    number than it is listed under.
    """
    try:
        told = await gateway.get("/v3/certificates", {}, Certificates)
    except Refused as error:
        if error.facts.get("said") in _NONE:
            return {}
        raise
    now = gateway.clock.now()
    return dict(_opened(gateway, one) for one in told.data if one.expire_time > now)


def _opened(gateway: Gateway, one: Listed) -> tuple[str, str]:
    try:
        pem = unsealed(gateway.api_key, one.encrypt_certificate).decode("ascii")
        name, _ = certified(pem)
    except (Refused, UnicodeDecodeError):
        raise Unknown("reply_unreadable", field="encrypt_certificate") from None
    if name != key_name(one.serial_no):
        raise Unknown("reply_unreadable", field="serial_no")
    return name, pem
