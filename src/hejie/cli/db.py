"""`hejie db`: the embedded PostgreSQL of the smallest city, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hejie.store import embedded

if TYPE_CHECKING:
    import argparse

NAME = "db"
HELP = "start, stop or delete an embedded PostgreSQL, or print its addresses"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("action", choices=["start", "stop", "url", "forget"], help="what to do")
    parser.add_argument("--data", type=Path, default=Path("var/pg"), help="the cluster's folder (default: var/pg)")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (default: a remembered or free one)")
    parser.add_argument("--bin", type=Path, help="another PostgreSQL's folder of programs, 15 or newer")


def run(args: argparse.Namespace) -> int:
    """Do it; `start` and `url` leave the server running and print lines to put into an environment."""
    folder: Path = args.data
    if args.action == "stop":
        embedded.stop(folder)
    elif args.action == "forget":
        embedded.forget(folder)
    else:
        cluster = embedded.start(folder, port=args.port, bin_dir=args.bin)
        print(f"HEJIE_MIGRATE_URL={cluster.owner_url}")
        print(f"HEJIE_DATABASE_URL={cluster.app_url}")
    return 0
