"""The fonts a document is set in: a chain in which the first that has a character gives it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from msgspec import Struct

OURS = Path(__file__).parent / "fonts"
"""Where `make documents` puts whole fonts; they travel in the wheel if they were there when it was made."""
_SYSTEM = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
)
"""Where Debian's packages fonts-noto-cjk, fonts-wqy-microhei and fonts-dejavu-core put theirs."""
_SUFFIXES = {".ttf", ".otf", ".ttc"}
_PROBE = "和解"


class Chain(Struct, frozen=True):
    """Files in the order of the fall-back, their families, and every character they have."""

    files: tuple[Path, ...]
    families: tuple[str, ...]
    characters: frozenset[int]

    def has(self, text: str) -> bool:
        """Whether every character of a text can be printed."""
        return all(ord(sign) in self.characters or sign.isspace() for sign in text)


def chain() -> Chain:
    """The fonts of this machine: ours first, then the system's. Without any Chinese one it is empty."""
    ours = sorted(OURS.glob("*")) if OURS.is_dir() else []
    read = _read(tuple(file for file in (*ours, *_SYSTEM) if file.suffix in _SUFFIXES and file.is_file()))
    return read if read.has(_PROBE) else Chain((), (), frozenset())


@cache
def _read(files: tuple[Path, ...]) -> Chain:
    from fontTools.ttLib import TTCollection, TTFont

    families, characters = dict[str, None](), set[int]()
    for file in files:
        with TTCollection(file, lazy=True) if file.suffix == ".ttc" else TTFont(file, lazy=True) as opened:
            face = opened.fonts[0] if file.suffix == ".ttc" else opened
            families[face["name"].getBestFamilyName()] = None
            characters.update(face.getBestCmap())
    return Chain(files, tuple(families), frozenset(characters))
