"""`hejie identity fit`: the model of soft links, fitted to the simulator's training seed and written as JSON."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "identity"
HELP = "fit the model that links payment identities (needs the extra `analysis`)"


def arguments(parser: ArgumentParser) -> None:
    """`identity fit [--out FILE]`."""
    names = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    fit = names.add_parser("fit", help=HELP, description=HELP)
    fit.add_argument("--out", type=Path, help="the file to write (default: the one that travels with the house)")
    fit.add_argument("--entities", type=int, help="merchants to simulate (default: as the rates say)")


def run(args: Namespace) -> int:
    """Simulate, fit, write; the levels and their bits are printed."""
    from hejie.merchants.linking import Lineages
    from hejie_lab.identity.fit import SHIPPED, fit, save, told
    from hejie_lab.identity.rates import rates
    from hejie_lab.identity.world import world
    from hejie_lab.identity.writing import records

    given = rates()
    seed = given.seeds.train
    made = world(given, seed, args.entities)
    rows, truth = records(given, made, seed)
    print(f"{len(made.entities)} merchants in {len(rows)} records, seed {seed}", file=sys.stderr)
    found = fit(rows, truth, Lineages(made.successions))
    save(found, args.out or SHIPPED)
    print("\n".join(told(found)))
    return 0
