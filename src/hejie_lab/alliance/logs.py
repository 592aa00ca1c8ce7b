"""Each city's log, which all the others cosign."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.base import curves
from hejie.peers.opening import read_private
from hejie.settings import LogPeer, TransparencyLog
from hejie.transparency.keys import Kind, Signer, read_name


def logs(folders: Mapping[str, Path], addresses: Mapping[str, str]) -> dict[str, TransparencyLog]:
    """City → its log's settings, with the key in its folder, made once; a name stays when an address changes."""
    keys = {city: _key(folder / "log.pem") for city, folder in folders.items()}
    signers = {city: Signer(read_name(_name(city)), read_private(file)) for city, file in keys.items()}
    peers = {
        city: LogPeer(
            log=str(signer.verifier(Kind.log)),
            witness=str(signer.verifier(Kind.witness)),
            url=f"{addresses[city]}/api/{city}/witness",
        )
        for city, signer in signers.items()
    }
    return {
        city: TransparencyLog(
            name=_name(city), private_key=file, peers=tuple(peer for other, peer in peers.items() if other != city)
        )
        for city, file in keys.items()
    }


def _name(city: str) -> str:
    return f"demo.hejie.example/{city}/log"


def _key(file: Path) -> Path:
    if not file.exists():
        file.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(curves.private_text(Ed25519PrivateKey.generate()), encoding="ascii")
    return file
