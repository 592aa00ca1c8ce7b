"""A process of its own that decodes one hostile picture within limits and encodes it afresh."""

# It is started as a script, reads the picture from standard input, and answers on standard output
# with one line of JSON (`code`, or `kind`, `width`, `height`) followed by the new picture's bytes.
# It imports nothing of the house, so that a picture that breaks it finds nothing there.

from __future__ import annotations

import io
import json
import resource
import sys
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 40_000_000
MOST_BYTES = 2 * 1024 * 1024

_MEMORY = 1024 * 1024 * 1024
_CPU_SECONDS = 20
_STEPS = ((2560, 85), (2560, 70), (1920, 70), (1440, 60), (1024, 50))
"""Longest side in pixels and JPEG quality, tried in turn; the last fits whatever it shows."""


def limit() -> None:
    """Bound this process: memory, seconds, no files, no core; where the system knows the limit."""
    limits = (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # macOS refuses a bound on address space
            continue


def clean(raw: bytes, kind: str) -> tuple[dict[str, object], bytes]:
    """The answer's head, and the picture upright, without metadata, at most 2 MB."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(raw), formats=[kind]) as opened:
            opened.thumbnail((_STEPS[0][0], _STEPS[0][0]))
            upright = ImageOps.exif_transpose(opened)
            return _encoded(_flat(upright), lossless=kind == "PNG")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return {"code": "picture_too_many_pixels"}, b""
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return {"code": "picture_broken"}, b""


def _flat(picture: Image.Image) -> Image.Image:
    """The pixels alone, on white, on a new image that knows nothing of the old one."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    new = Image.new("RGB", picture.size, "white")
    seen = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
    new.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    return new


def _encoded(picture: Image.Image, *, lossless: bool) -> tuple[dict[str, object], bytes]:
    """A PNG stays one where it fits, as screenshots of text do; all else becomes JPEG."""
    if lossless:
        out = io.BytesIO()
        picture.save(out, "PNG")
        if out.tell() <= MOST_BYTES:
            return _head("png", picture), out.getvalue()
    for side, quality in _STEPS:
        picture.thumbnail((side, side))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= MOST_BYTES:
            break
    return _head("jpg", picture), out.getvalue()


def _head(kind: str, picture: Image.Image) -> dict[str, object]:
    return {"kind": kind, "width": picture.width, "height": picture.height}


def main() -> None:
    """Limit, read, clean, answer."""
    limit()
    head, data = clean(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + data)


if __name__ == "__main__":
    main()
