"""Where WeChat Pay sends word of complaints (/v3/merchant-service/complaint-notifications): one address a partner."""

from __future__ import annotations

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.connectors.wechatpay.gateway import Gateway

_PATH = "/v3/merchant-service/complaint-notifications"
_ABSENT = "RESOURCE_NOT_EXISTS"


class Address(Struct, frozen=True):
    """The address as it is kept there."""

    url: str


async def address(gateway: Gateway) -> str:
    """The address that is kept, empty for none; errors of `Gateway.ask`."""
    try:
        return (await gateway.get(_PATH, {}, Address)).url
    except Refused as error:
        if error.facts.get("said") == _ABSENT:
            return ""
        raise


async def point_to(gateway: Gateway, url: str) -> None:
    """Have this address kept, whatever stood there; safe to repeat. `https` only, says WeChat Pay."""
    kept = await address(gateway)
    if kept == url:
        return
    if kept:
        await gateway.tell("PUT", _PATH, {"url": url})
    else:
        await gateway.post(_PATH, {"url": url}, Address)
