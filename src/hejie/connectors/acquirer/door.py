"""One acquirer as a city knows it: whom it may speak for, its keys and addresses, where and how it is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from hejie.base.errors import Refused
from hejie.connectors.signing import Key
from hejie.payments.bank_hours import BankHours

_ID = re.compile(r"[0-9A-Za-z]{1,32}", re.ASCII)


@dataclass(frozen=True)
class Door:
    """What stands in the connections, with the keys read."""

    id: str
    """The acquirer's number."""
    numbers: frozenset[str]
    """All acquirer numbers it may speak for, its own among them."""
    keys: Mapping[str, Key]
    """Its public keys by name."""
    networks: tuple[IPv4Network | IPv6Network, ...]
    """Where its calls may come from."""
    own: Key | None
    """Our key for it; None where we only listen."""
    gateway: str
    """Where it is asked; empty where it only announces."""
    hours: BankHours
    name: str = ""
    """What people call it; its number where nothing is given."""

    def lets_in(self, address: str) -> bool:
        """Whether a call may come from an address; an IPv4 address within IPv6 counts as what it is."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        plain = found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
        return any(plain in network for network in self.networks)


def networks(texts: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks from their text; `Refused("network_unreadable")`."""
    try:
        return tuple(ip_network(each) for each in texts)
    except ValueError:
        raise Refused("network_unreadable") from None


def numbers(identifier: str, more: Iterable[str]) -> frozenset[str]:
    """All numbers an acquirer may speak for; `Refused("acquirer_number_wrong")`."""
    found = frozenset({identifier, *more})
    if not all(_ID.fullmatch(each) for each in found):
        raise Refused("acquirer_number_wrong")
    return found
