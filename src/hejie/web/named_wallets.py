"""Wallets that tell nobody a merchant's accounts: the merchant names its number there, and says that it gave leave."""

from __future__ import annotations

from hejie.merchants.bindings import ACQUIRER
from hejie.web.shell import Visit

_NAMED = ("wechatpay", "unionpay")


def named_wallets(visit: Visit) -> dict[str, str]:
    """Those that this city is connected to → what the city's application is called there."""
    doors = visit.house.entries
    found = {wallet: doors[visit.city, wallet].app for wallet in _NAMED if (visit.city, wallet) in doors}
    asked = [door for (city, _), door in visit.house.acquirers.items() if city == visit.city and door.gateway]
    names = sorted({door.own.id for door in asked if door.own})
    return found | ({ACQUIRER: ", ".join(names)} if names else {})
