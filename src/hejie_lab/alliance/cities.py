"""Several real installations at once: own processes, databases, keys and ports; one sandbox, one signed directory."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import psycopg

from hejie.alliance import drafting
from hejie.alliance.directory import DatedKey, Keeper, LogKey, Member, SignedDirectory, read_directory, signed
from hejie.app import App, build
from hejie.base import curves
from hejie.cities.reading import read_city, shipped
from hejie.cli.alliance import make_pair
from hejie.peers.directories import take_directory
from hejie.settings import Exchange
from hejie.store import directories, embedded
from hejie.store.clock import REFRESH_SECONDS
from hejie.store.pool import city_transaction
from hejie_lab.alliance.logs import log_of
from hejie_lab.errors import LabError
from hejie_lab.keeper import clear
from hejie_lab.locks import FolderLock
from hejie_lab.platform import Platform
from hejie_lab.wallet import SandboxDoor

SIX = ("330100", "510100", "350200", "450100", "140100", "620100")
POOL = {"HEJIE_POOL_SIZE": "4"}
"""Connections of each process: small, for there are twelve."""
DAYS = timedelta(days=365)
PORTS_APART = 100


class Cities:
    """All of them; a context manager, or `up()` and `down()`. The first one has the sandbox, the others are its guests.

    Each city has an embedded PostgreSQL of its own: the roles' names stand in the migrations, so that two cities on one
    server would share their passwords.
    """

    def __init__(
        self,
        folder: Path,
        codes: Iterable[str] = SIX,
        *,
        durable: bool = True,
        first_port: int = 0,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`durable=False` is for tests; `first_port` is where the first city's look for free ports begins."""
        self.folder, self._tell = folder.resolve(), tell
        self._lock: FolderLock | None = None
        self.platforms: dict[str, Platform] = {}
        self._codes = tuple(codes)
        self._durable, self._first_port = durable, first_port

    def __getitem__(self, city: str) -> Platform:
        """One city's installation."""
        return self.platforms[city]

    @property
    def host(self) -> Platform:
        """The first city, with the sandbox."""
        return self.platforms[self._codes[0]]

    # Coming up and going down. -------------------------------------------------------------------

    def up(self) -> Self:
        """Start all and wait until they serve and know each other; `LabError` where one does not.

        While one city's database is made, the processes of those before it come up.
        """
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._lock = FolderLock(self.folder)
        try:
            (self.folder / "cities.json").write_bytes(msgspec.json.encode(self._codes))
            keeper = self._keeper()
            for number, code in enumerate(self._codes):
                self.platforms[code] = self._platform(code, number, keeper)
            self._settle()
            for platform in self.platforms.values():
                platform.begin()
            for code, platform in self.platforms.items():
                platform.finish()
                self._tell(f"{name_of(code)}: {platform.url}")
            asyncio.run(self._join(keeper))
            self._tell("every city goes by the signed directory")
        except BaseException:
            self.down()
            raise
        return self

    def down(self) -> None:
        """Stop everything, the guests first; idempotent."""
        if self._lock is None:
            return  # what runs in the folder, if anything, is another's
        for platform in self.platforms.values():
            for name, child in platform.children.items():
                if name != "sandbox":
                    child.send(signal.SIGTERM)
        for platform in reversed(self.platforms.values()):
            platform.down()
        self._lock.close()
        self._lock = None

    def __enter__(self) -> Self:
        return self.up()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.down()

    def mend(self) -> list[str]:
        """Start again what has died by itself; its names."""
        return [f"{name_of(code)} {name}" for code, each in self.platforms.items() for name in each.mend()]

    def _settle(self) -> None:
        """Every city keeps a log, and its address is settled before any of them serves."""
        for code, each in self.platforms.items():
            each.settle_address()
            each.log = log_of(code, each.folder)

    def _platform(self, code: str, number: int, keeper: Path) -> Platform:
        folder = self.folder / code
        platform = Platform(
            folder,
            city=code,
            durable=self._durable,
            first_port=self._first_port + number * PORTS_APART if self._first_port else 0,
            environment=POOL,
            guest_of=self.host if number else None,
            exchange=_exchange(folder / "exchange", code, keeper),
        )
        if number:
            platform.memory.app_id = f"2021{code}000001"
        return platform

    # Time. ---------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Move every city's clock and the sandbox's on; returns when every process has seen it."""
        advance([each.memory.app_url for each in self.platforms.values()], self.host.sandbox, seconds)

    # The directory. ------------------------------------------------------------------------------

    @asynccontextmanager
    async def apps(self) -> AsyncIterator[dict[str, App]]:
        """Every city's house, opened in this process too."""
        async with AsyncExitStack() as stack:
            yield {code: await stack.enter_async_context(build(each.settings)) for code, each in self.platforms.items()}

    def _keeper(self) -> Path:
        found = [*self.folder.glob("keeper/*-signing.pem")]
        return found[0] if found else make_pair(self.folder / "keeper", "keeper")["signing"]

    async def _join(self, keeper: Path) -> None:
        """Whoever is new or has moved is put in, a keeper signs, and every city takes the version over."""
        async with self.apps() as apps:
            draft = self._directory(keeper, apps[self._codes[0]].clock.now().replace(microsecond=0))
            for code, app in apps.items():
                async with city_transaction(app.pool, code) as connection:
                    known = await directories.present(connection, code)
                if known is None or known.version < read_directory(draft.directory).version:
                    await take_directory(app.pool, app.tools.exchange[code], draft, app.clock.now())

    def _directory(self, keeper: Path, now: datetime) -> SignedDirectory:
        file = self.folder / "directory.json"
        before = msgspec.json.decode(file.read_bytes(), type=SignedDirectory) if file.exists() else None
        draft = before or _begun(keeper, now)
        for platform in self.platforms.values():
            draft = _entered(draft, _member(platform, now), now)
        if draft is not before:
            draft = signed(draft, curves.signing_key(keeper.read_text()))
            file.write_bytes(msgspec.json.format(msgspec.json.encode(draft), indent=1))
        return draft


def name_of(code: str) -> str:
    """A city's two names."""
    words = read_city(shipped(code)).name
    return f"{words.zh.removesuffix('市')} {words.en}"


def advance(urls: Iterable[str], box: SandboxDoor, seconds: float) -> None:
    """Move the clocks of databases and a sandbox's on by whole seconds; `LabError` for a step back."""
    if seconds < 0:
        raise LabError("The clock only goes forward.")
    for url in urls:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("update clock_offset set seconds = seconds + %s", [int(seconds)])
    box.post("clock", {"advance_seconds": int(seconds)})
    time.sleep(REFRESH_SECONDS * 1.5)


def forget(folder: Path) -> bool:
    """Delete the folder of several cities; one that was never theirs is left alone. Whether it was."""
    if not (folder / "cities.json").exists():
        return False
    with FolderLock(folder):
        for code in msgspec.json.decode((folder / "cities.json").read_bytes(), type=tuple[str, ...]):
            if (folder / code).exists():
                clear(folder / code)
                embedded.forget(folder / code / "pg")
        shutil.rmtree(folder)
    return True


def _exchange(folder: Path, code: str, keeper: Path) -> Exchange:
    """The city's own pair, made once, and the keeper whom it believes at first."""
    found = {kind: [*folder.glob(f"*-{kind}.pem")] for kind in ("signing", "opening")}
    if not all(found.values()):
        found = {kind: [file] for kind, file in make_pair(folder, code).items()}
    public = curves.public_text(curves.signing_key(keeper.read_text()))
    return Exchange(signing_keys=tuple(found["signing"]), opening_keys=tuple(found["opening"]), keepers=(public,))


def _begun(keeper: Path, now: datetime) -> SignedDirectory:
    public = curves.public_text(curves.signing_key(keeper.read_text()))
    key = DatedKey(public=public, begins=now, ends=now + 10 * DAYS)
    text = resources.files("hejie.alliance").joinpath("data/agreements.toml").read_text(encoding="utf-8")
    return drafting.begun((Keeper(name="demo", key=key),), drafting.agreements_in(text), now, DAYS.days)


def _member(platform: Platform, now: datetime) -> Member:
    folder, words = platform.folder / "exchange", read_city(shipped(platform.city)).name
    signing = curves.signing_key(next(folder.glob("*-signing.pem")).read_text())
    opening = curves.opening_key(next(folder.glob("*-opening.pem")).read_text())
    sign, seal = (DatedKey(public=curves.public_text(key), begins=now, ends=now + DAYS) for key in (signing, opening))
    log = log_of(platform.city, platform.folder)
    public = curves.public_text(curves.signing_key(log.private_key.read_text()))
    return Member(
        city=platform.city,
        name_zh=words.zh,
        name_en=words.en,
        base=platform.url,
        signing=(sign,),
        sealing=(seal,),
        log_keys=(LogKey(name=log.name, public=public, begins=now, ends=now + 10 * DAYS),),
    )


def _entered(draft: SignedDirectory, member: Member, now: datetime) -> SignedDirectory:
    """The draft itself where this member stands in it just so."""
    present = {each.city: each for each in read_directory(draft.directory).members}.get(member.city)
    if present is not None:
        same_keys = _publics(present) == _publics(member)
        if present.base == member.base and same_keys:
            return draft
    return drafting.with_member(draft, member, (), now)


def _publics(member: Member) -> list[str]:
    return [each.public for each in (*member.signing, *member.sealing, *member.log_keys)]
