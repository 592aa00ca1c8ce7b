"""Keys of the cities' exchange and the directory that lists them, in every version of a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hejie.alliance.directory import SignedDirectory, signed
from hejie.base import curves
from hejie.base.identifiers import Chance
from hejie.connectors.exchange_keys import Own
from hejie_lab.simulate.world import START

_OFFER = (
    [
        "dispute",
        "turn",
        "because",
        "offered_at",
        "answer_by",
        "finish_by",
        "due_at",
        "payee",
        "payments",
        "pieces",
        "record",
    ],
    ["words"],
)
FIELDS: dict[str, tuple[list[str], list[str]]] = {
    "handover_piece": (["name"], ["part"]),
    "handover_offer": _OFFER,
    "handover_taken": ([], ["link"]),
    "handover_refused": (["code"], ["words"]),
    "handover_recall": ([], []),
    "handover_recalled": ([], []),
    "handover_told": (["number", "summary"], []),
    "handover_note": ([], ["words"]),
}


class Ring:
    """One city's keys, the newest first; older ones open what was closed for them."""

    def __init__(self, city: str, chance: Chance) -> None:
        self.city, self._chance = city, chance
        self.signing: list[tuple[Ed25519PrivateKey, datetime, datetime | None]] = []
        self.opening: list[tuple[X25519PrivateKey, datetime]] = []
        self.renew(START - timedelta(days=1), revoke=False)

    def renew(self, now: datetime, *, revoke: bool) -> None:
        """A further key of each kind; the old one to sign with ends now, or after an overlap."""
        self.signing = [(key, begins, ends or (now if revoke else None)) for key, begins, ends in self.signing]
        self.signing.insert(0, (Ed25519PrivateKey.from_private_bytes(self._chance(curves.RAW)), now, None))
        self.opening.insert(0, (X25519PrivateKey.from_private_bytes(self._chance(curves.RAW)), now))

    def own(self, anchor: str) -> Own:
        """As the city's process holds them."""
        return Own(
            city=self.city,
            signing={curves.key_name(self.city, curves.public_text(key)): key for key, *_ in self.signing},
            opening={curves.key_name(self.city, curves.public_text(key)): key for key, _ in self.opening},
            anchors=(anchor,),
        )

    def member(self) -> dict[str, Any]:
        """As the directory lists them."""
        return {
            "city": self.city,
            "name_zh": self.city,
            "name_en": self.city,
            "base": f"http://{self.city}.sim",
            "signing": [_dated(curves.public_text(key), begins, ends) for key, begins, ends in self.signing],
            "sealing": [_dated(curves.public_text(key), begins, None) for key, begins in self.opening],
            "rights": list(FIELDS),
        }


def _dated(public: str, begins: datetime, revoked_at: datetime | None) -> dict[str, Any]:
    ends = {"begins": begins.isoformat(), "ends": "2036-01-01T00:00:00Z"}
    return {"public": public, **ends, "revoked_at": revoked_at.isoformat() if revoked_at else None}


class Register:
    """The directory and its keeper."""

    def __init__(self, cities: tuple[str, ...], chance: Chance) -> None:
        self._keeper = Ed25519PrivateKey.from_private_bytes(chance(curves.RAW))
        self.rings = [Ring(city, chance) for city in cities]
        self.version = 0
        self.file = self.issue(START - timedelta(minutes=30))

    @property
    def anchor(self) -> str:
        """Whom every city believes at first."""
        return curves.public_text(self._keeper)

    def issue(self, now: datetime) -> SignedDirectory:
        """The next version, with the keys as they are now."""
        self.version += 1
        keeper = _dated(self.anchor, START - timedelta(days=1), None)
        content = {
            "version": self.version,
            "issued_at": now.isoformat(),
            "expires_at": "2035-01-01T00:00:00Z",
            "keepers": [{"name": "keeper", "key": keeper}],
            "members": [ring.member() for ring in self.rings],
            "agreements": [
                {"kind": kind, "basis": "pact", "fields": fields, "sealed": sealed, "begins": "2026-01-01"}
                for kind, (fields, sealed) in FIELDS.items()
            ],
        }
        self.file = signed(SignedDirectory(directory=content), self._keeper)
        return self.file
