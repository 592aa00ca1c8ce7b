"""The four ways a request ends badly; only the edge turns them into HTTP, only portals into words."""

from __future__ import annotations

import traceback


class HejieError(Exception):
    """Base of every expected failure of the house.

    `code` is a stable snake_case word that portals translate; `facts` fill the
    translated sentence (small, printable values; never personal content).
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code if not facts else f"{code} {facts}")
        self.code = code
        self.facts = facts


class Refused(HejieError):
    """A rule says no: the input is wrong, the step is out of order, or the actor may not."""


class Missing(HejieError):
    """There is no such thing for this reader."""

    def __init__(self, code: str = "missing", **facts: object) -> None:
        super().__init__(code, **facts)


class Stale(HejieError):
    """The thing has changed since the reader saw it, or the same act is under way."""

    def __init__(self, code: str = "stale", **facts: object) -> None:
        super().__init__(code, **facts)


class Unknown(HejieError):
    """An outward act was sent and its outcome is not known: ask by key, never assume."""


def way_of(error: BaseException) -> dict[str, object]:
    """An error's kind and the last steps to it, for a log: never its words, which may hold what a person typed."""
    steps = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "error": type(error).__qualname__,
        "steps": [f"{step.filename}:{step.lineno} {step.name}" for step in steps],
    }
