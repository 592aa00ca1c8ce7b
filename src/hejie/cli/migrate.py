"""`hejie migrate`: bring the database up to date, as its owner."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hejie.settings import SettingsError
from hejie.store.migrate import ROLES, migrate

if TYPE_CHECKING:
    import argparse

NAME = "migrate"
HELP = "bring the database up to date, as its owner (HEJIE_MIGRATE_URL); safe to run twice and at once"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--print-roles", action="store_true", help="print what a database administrator runs once")


def run(args: argparse.Namespace) -> int:
    """Do it; prints what was applied."""
    if args.print_roles:
        print(ROLES, end="")
        return 0
    url = os.environ.get("HEJIE_MIGRATE_URL")
    if not url:
        raise SettingsError("HEJIE_MIGRATE_URL is not set")
    applied = migrate(url)
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do: the database is up to date")
    return 0
