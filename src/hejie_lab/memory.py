"""What a platform's folder remembers between its starts."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from hejie_lab.errors import LabError

APP_ID = "2021000000000001"
"""The city's application at the sandbox's wallet."""


class Memory(msgspec.Struct, kw_only=True):
    """Kept as `platform.json`, readable by its owner only: the addresses carry passwords."""

    city: str
    founded: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    """When the platform was first started: a town in it is made for this instant."""
    ports: dict[str, int] = {}
    owner_url: str = ""
    app_url: str = ""
    app_id: str = APP_ID
    traffic: int = 0
    """Payments made by traffic so far."""

    def keep(self, folder: Path) -> None:
        """Write it in one step."""
        fresh = folder / "platform.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(self))
        fresh.replace(folder / "platform.json")


def recall(folder: Path, city: str = "") -> Memory:
    """What the folder remembers; a new memory for `city` where it is new.

    Errors: `LabError` where nothing was ever started there and no city is given, or another city was.
    """
    file = folder / "platform.json"
    if not file.exists():
        if not city:
            raise LabError(f"There is no platform at {folder}; `make demo` starts one.")
        return Memory(city=city)
    memory = msgspec.json.decode(file.read_bytes(), type=Memory)
    if city and memory.city != city:
        raise LabError(f"The platform at {folder} is of city {memory.city}, not {city}.")
    return memory
