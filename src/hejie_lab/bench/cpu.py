"""Processor time of a platform's processes, where the system tells it: steadier than wall time on a shared machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
_PARENT, _OWN, _REAPED = 1, slice(11, 13), slice(13, 15)
"""Fields of /proc/PID/stat behind the name: parent, own user and system ticks, those of children that are gone."""


def of_processes(numbers: Iterable[int]) -> float:
    """Seconds these processes have used; those that are gone, or a system without /proc, count as 0."""
    return sum(_seconds(fields, _OWN) for number in numbers if (fields := _fields(number)))


def of_database(data: Path) -> float:
    """Seconds a server and all its backends, past ones too, have used; 0 where it is not on this machine."""
    try:
        postmaster = int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0
    fields = _fields(postmaster)
    if fields is None:
        return 0.0
    children = sum(_seconds(each, _OWN) for each in _all() if int(each[_PARENT]) == postmaster)
    return _seconds(fields, _OWN) + _seconds(fields, _REAPED) + children


def _all() -> Iterator[list[str]]:
    for folder in PROC.glob("[0-9]*"):
        if (fields := _fields(int(folder.name))) is not None:
            yield fields


def _fields(number: int) -> list[str] | None:
    try:
        text = (PROC / str(number) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(") ")[2].split()


def _seconds(fields: list[str], which: slice) -> float:
    return sum(map(int, fields[which])) / os.sysconf("SC_CLK_TCK")
