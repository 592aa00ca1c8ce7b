"""A city's log as its settings name it: the key read from its file, the peers from their public keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hejie.base.errors import Refused
from hejie.settings import CityConnections, LogPeer, TransparencyLog
from hejie.transparency.keys import Kind, Signer, Verifier, read_name, read_verifier
from hejie.transparency.parties import OwnLog, Peer


def own_logs(connections: Mapping[str, CityConnections]) -> dict[str, OwnLog]:
    """City → its log, where its settings have one; `Refused("log_name_wrong" | "log_key_wrong")`."""
    return {city: own_log(found.log) for city, found in connections.items() if found.log}


def own_log(told: TransparencyLog) -> OwnLog:
    """One city's log; errors as `own_logs`, and `OSError` where the file cannot be read."""
    name = read_name(told.name)
    return OwnLog(
        signer=Signer(name, read_private(told.private_key)),
        following=Signer(name, read_private(told.next_key)) if told.next_key else None,
        peers=tuple(_peer(each) for each in told.peers),
    )


def read_private(file: Path) -> Ed25519PrivateKey:
    """An Ed25519 key from its PEM file; `Refused("log_key_wrong")`."""
    try:
        found = load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError):
        raise Refused("log_key_wrong") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise Refused("log_key_wrong")
    return found


def _peer(told: LogPeer) -> Peer:
    log, witness = _key(told.log, Kind.log), _key(told.witness, Kind.witness)
    return Peer(log=log, witness=witness, url=told.url.rstrip("/"), plain=told.plain)


def _key(text: str, kind: Kind) -> tuple[Verifier, ...]:
    if not text:
        return ()
    found = read_verifier(text)
    if found.kind is not kind:
        raise Refused("log_key_wrong")
    return (found,)
