"""Data on paper: a template and what it is filled with become one PDF."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from hejie.base.errors import Refused
from hejie.documents.fonts import chain

TEMPLATES = Path(__file__).parent / "templates"


def can_print() -> bool:
    """Whether this machine has the typesetter and a font with Chinese in it."""
    return find_spec("typst") is not None and find_spec("fontTools") is not None and bool(chain().files)


def paper(
    template: str,
    data: object,
    pictures: Mapping[str, bytes],
    at: datetime,
    standards: Sequence[str] = ("ua-1",),
) -> bytes:
    """A PDF (PDF/UA-1: tagged, for screen readers) of a template filled with `data`, dated `at`.

    The template reads `data.json` and the pictures beside it, by their names. A character that no font has is spelled
    out as `[U+1F621]`: nothing that was written is silently left out.
    Errors: `Refused("paper_missing")` where `can_print()` is false.
    """
    return _made(template, data, pictures, at, format="pdf", pdf_standards=list(standards))


def sheet(template: str, data: object, pictures: Mapping[str, bytes], at: datetime, dots: int = 300) -> bytes:
    """The one page of a template as a PNG, so many dots an inch; otherwise as `paper`."""
    return _made(template, data, pictures, at, format="png", ppi=float(dots))


def _made(template: str, data: object, pictures: Mapping[str, bytes], at: datetime, **how: Any) -> bytes:
    if not can_print():
        raise Refused("paper_missing")
    import typst

    families = list(chain().families)
    with TemporaryDirectory(prefix="hejie-paper-") as name:
        folder = Path(name)
        shutil.copy(TEMPLATES / f"{template}.typ", folder)
        filled = {"fonts": families, "data": spelled(msgspec.to_builtins(data))}
        (folder / "data.json").write_bytes(msgspec.json.encode(filled))
        for picture, raw in pictures.items():
            (folder / picture).write_bytes(raw)
        made: bytes = typst.compile(
            folder / f"{template}.typ",
            root=folder,
            font_paths=_fonts(chain().files),
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
            **how,
        )
    return made


def spelled(value: Any) -> Any:
    """The same, with each character that no font has written as its code."""
    match value:
        case str():
            known = chain().characters
            return "".join(s if ord(s) in known or s.isspace() else f"[U+{ord(s):04X}]" for s in value)
        case dict():
            return {key: spelled(each) for key, each in value.items()}
        case list():
            return [spelled(each) for each in value]
        case _:
            return value


@cache
def _fonts(files: tuple[Path, ...]) -> Any:
    import typst

    folders = dict.fromkeys(str(file.parent) for file in files)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders])
