"""The sandbox as one object: ledger, clock, knobs and keys, handed to everything else."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from hejie_sandbox.clock import BEIJING, Clock
from hejie_sandbox.keys import Keyring
from hejie_sandbox.knobs import Knobs
from hejie_sandbox.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path


class Sandbox:
    """Everything that lives in the sandbox's folder; one process has it at a time."""

    def __init__(self, folder: Path, *, callback_url: str = "", platform_url: str = "", city: str = "") -> None:
        self.ledger = Ledger(folder)
        self.clock = Clock(self.ledger)
        self.knobs = Knobs(self.ledger)
        self.keys = Keyring(folder / "keys")
        self.callback_url = callback_url
        self.platform_url = platform_url
        self.city = city

    def now(self) -> int:
        """Return the sandbox's time in whole seconds."""
        return int(self.clock.now())

    def close(self) -> None:
        """Let the folder go."""
        self.ledger.close()


def digits(count: int) -> str:
    """Return random decimal digits."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def dated_number(now: float, prefix: str, length: int) -> str:
    """Mint a number the wallet's way: Beijing date, prefix, random digits, `length` in all."""
    head = datetime.fromtimestamp(now, BEIJING).strftime("%Y%m%d") + prefix
    return head + digits(length - len(head))
