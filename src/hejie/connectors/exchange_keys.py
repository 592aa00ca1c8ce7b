"""A city's own keys for the exchange, and the keys of those whom it believes at the very first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hejie.alliance.directory import Directory
from hejie.base import curves
from hejie.base.errors import Refused
from hejie.connectors.signing import Key
from hejie.connectors.suites import EDWARDS


@dataclass(frozen=True)
class Own:
    """What one city signs and opens with; several keys of a kind while one takes another's place."""

    city: str
    signing: Mapping[str, Ed25519PrivateKey] = field(repr=False)
    opening: Mapping[str, X25519PrivateKey] = field(repr=False)
    anchors: tuple[str, ...]
    """Public keys of the keepers who may sign the very first directory."""

    def signer(self, directory: Directory, now: datetime) -> tuple[str, Ed25519PrivateKey]:
        """The first own key that others believe now, with its name; `Refused("own_key_unlisted")`."""
        listed = directory.member(self.city).signing_keys(now)
        for name, key in self.signing.items():
            if name in listed:
                return name, key
        raise Refused("own_key_unlisted")


def own_keys(city: str, signing: Iterable[str], opening: Iterable[str], anchors: Iterable[str]) -> Own:
    """Keys from the texts of their files (PEM), anchors as base64; `Refused("key_unreadable")`."""
    signers = [curves.signing_key(each) for each in signing]
    openers = [curves.opening_key(each) for each in opening]
    return Own(
        city=city,
        signing={curves.key_name(city, curves.public_text(each)): each for each in signers},
        opening={curves.key_name(city, curves.public_text(each)): each for each in openers},
        anchors=tuple(anchors),
    )


def keys_of(publics: Mapping[str, str]) -> dict[str, Key]:
    """Keys to verify messages with, by name, from names and base64."""
    return {name: Key(name, EDWARDS, curves.verifying_key(public)) for name, public in publics.items()}
