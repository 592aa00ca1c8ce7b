"""`python -m hejie_lab.keeper FOLDER`: clears up after a platform whose own process has died, however it died."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from hejie_lab.children import end, left_in

IN_ORDER = b"."
"""Written by a platform that has stopped everything itself."""


def main() -> None:
    """Wait until the platform's end of the pipe is closed; stop what it left behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() != IN_ORDER:
        clear(Path(sys.argv[1]))


def clear(folder: Path) -> None:
    """Stop every process left in a platform's folder, and its database server."""
    from hejie.store import embedded

    end(left_in(folder))
    embedded.stop(folder / "pg")


if __name__ == "__main__":
    main()
