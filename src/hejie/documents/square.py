"""An address as a square to scan."""

from __future__ import annotations

from io import BytesIO

import segno


def square(address: str) -> bytes:
    """The address as a QR code (ISO/IEC 18004, level M), an SVG."""
    with BytesIO() as out:
        segno.make(address, error="m", micro=False).save(out, kind="svg", border=4, xmldecl=False)
        return out.getvalue()
