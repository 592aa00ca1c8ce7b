"""`python -m hejie` and the `hejie` command."""

from __future__ import annotations

import sys

from hejie.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
