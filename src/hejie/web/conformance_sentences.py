"""English sentences for the codes of the conformance run."""

from __future__ import annotations

CONFORMANCE = {
    "conformance_not_agreed": (
        "The directory lets this member send no letters of the kind {kind}. Please have them agreed on first."
    ),
    "conformance_target": (
        "The directory has no such member at {url} ({city}), or several: please name one by its code."
    ),
}
