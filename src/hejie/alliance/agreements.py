"""What may be sent to whom: a dated table of letter kinds, receivers, legal bases and fields; all else is refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from hejie.base.errors import Refused

EVERYBODY = "*"


class Agreement(Struct, frozen=True, kw_only=True):
    """One line of the table."""

    kind: str
    """The letter's kind."""
    senders: tuple[str, ...] = (EVERYBODY,)
    receivers: tuple[str, ...] = (EVERYBODY,)
    basis: str
    """The article of law or of the pact that it rests on."""
    fields: tuple[str, ...] = ()
    """Members of the letter's open data."""
    sealed: tuple[str, ...] = ()
    """Members that are personal: they travel encrypted to the receiver, never open."""
    begins: date
    ends: date | None = None
    """The last day."""

    def covers(self, kind: str, sender: str, receiver: str, day: date) -> bool:
        """Whether this line is about such a letter on such a day (of Shanghai)."""
        begun = self.begins <= day and (self.ends is None or day <= self.ends)
        return begun and self.kind == kind and _names(self.senders, sender) and _names(self.receivers, receiver)


def _names(listed: tuple[str, ...], member: str) -> bool:
    return EVERYBODY in listed or member in listed


def must_be_agreed(
    agreements: Iterable[Agreement],
    kind: str,
    parties: tuple[str, str],
    day: date,
    *,
    fields: Iterable[str],
    sealed: Iterable[str],
) -> Agreement:
    """The first line that allows a letter from one party to another with just these members.

    Errors: `Refused("letter_not_agreed")` where no line is about it, `Refused("field_not_agreed", field)`.
    """
    sender, receiver = parties
    lines = [each for each in agreements if each.covers(kind, sender, receiver, day)]
    if not lines:
        raise Refused("letter_not_agreed", kind=kind)
    plain, closed = set(fields), set(sealed)
    for line in lines:
        if plain <= set(line.fields) and closed <= set(line.sealed):
            return line
    over = sorted((plain - set(lines[0].fields)) | (closed - set(lines[0].sealed)))
    raise Refused("field_not_agreed", field=over[0] if over else "")
