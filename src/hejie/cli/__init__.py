"""The command line: which commands there are, and how one is run; a file for each (`_` before a part of one)."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module, metadata
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from hejie.base.errors import HejieError

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES = ("zh", "en")
GROUP = "hejie.commands"  # the entry points by which other packages add commands


class Command(Protocol):
    """What a command's module offers: a file here named like the command, `_` for `-`."""

    NAME: str
    HELP: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own words."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; the process's exit status."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named by `argv` (the process's own words by default); its exit status.

    0 is success, 1 an answer of "no" by a command that checks, 2 a failure told in one
    sentence (in each language, where it is a refusal of ours), 130 an interruption by the keyboard.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    names = _names()
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="hejie", description="Consumer disputes settled from the bill.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    try:
        for name in [chosen] if chosen in names else sorted(names):
            command = cast("Command", import_module(names[name]))
            own = subparsers.add_parser(name, help=command.HELP, description=command.HELP)
            command.arguments(own)
            own.set_defaults(run=command.run)
        args = parser.parse_args(words)
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except HejieError as error:
        return _refused(error)
    except OSError as error:
        return _failed(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
    except Exception as error:  # the last resort owes a person one sentence, not a stack
        if os.environ.get("HEJIE_TRACEBACK"):
            raise
        return _failed(str(error) or type(error).__name__)


def _names() -> dict[str, str]:
    """Every command's name and the module that offers it, loaded only when asked for or listed."""
    files = [file.name for file in iter_modules(__path__) if not file.name.startswith("_")]
    own = {name.replace("_", "-"): f"{__name__}.{name}" for name in files}
    return {**{entry.name: entry.module for entry in metadata.entry_points(group=GROUP)}, **own}


def _refused(error: HejieError) -> int:
    """One sentence in each language of the house; a code without words of its own is told as it is."""
    from hejie.web.code_words import has_words, sentence

    if not has_words(error.code):
        return _failed(f"{error.code} " + ", ".join(f"{name}: {fact}" for name, fact in error.facts.items()))
    for language in LANGUAGES:
        print(sentence(language, error.code, error.facts), file=sys.stderr)
    return 2


def _failed(sentence: str) -> int:
    print(f"hejie: {sentence.strip().splitlines()[0]}", file=sys.stderr)
    return 2
