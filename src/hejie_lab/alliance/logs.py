"""Each city's log: its key and its name; who cosigns it stands in the directory."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.base import curves
from hejie.settings import TransparencyLog


def log_of(city: str, folder: Path) -> TransparencyLog:
    """A log's settings, with the key in its folder, made once; the name stays when an address changes."""
    return TransparencyLog(name=f"demo.hejie.example/{city}/log", private_key=_key(folder / "log.pem"))


def _key(file: Path) -> Path:
    if not file.exists():
        file.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(curves.private_text(Ed25519PrivateKey.generate()), encoding="ascii")
    return file
