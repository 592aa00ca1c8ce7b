"""One listening connection per process: who watches a thing is told that it has a new version, nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import structlog
from psycopg import AsyncConnection, Error

from hejie.mediations.model import dispute_of

_BEAT_SECONDS = 15.0
_LIFE_SECONDS = 900.0
_MOST_PAUSE = 10.0
_MOST_RECENT = 1000
_LOG = structlog.get_logger(__name__)


class Watch:
    """One watcher's memory: the newest version told, and a bell. Many changes between two looks ring once."""

    def __init__(self) -> None:
        self.version = 0
        self._bell = asyncio.Event()

    def ring(self, version: int) -> None:
        """Tell of a version; 0 means that something may have been missed."""
        self.version = max(self.version, version)
        self._bell.set()

    async def rung(self, seconds: float) -> bool:
        """Wait; whether it rang."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        rang = self._bell.is_set()
        self._bell.clear()
        return rang


class Live:
    """Listens at `url` and rings the watchers of (city, id), and of a whole city under the empty id.

    A mediation's news rings the watchers of its dispute too, under the version that they have.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._watches: defaultdict[tuple[str, str], set[Watch]] = defaultdict(set)
        self._recent: dict[tuple[str, str], int] = {}
        """The last versions heard of: a change between a page's reading and its watching is not lost."""
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.ready = asyncio.Event()
        """Set while the connection listens."""

    def start(self) -> None:
        """Begin to listen; the connection is opened, and opened again, in the background."""
        self._task = asyncio.create_task(self._listen())

    def end_streams(self) -> None:
        """Let every stream end now, so that a stopping server waits for none."""
        self._closing = True
        self._ring_all()

    async def close(self) -> None:
        """End streams and the connection."""
        self.end_streams()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @contextmanager
    def watch(self, city: str, identifier: str) -> Iterator[Watch]:
        """A watcher of one thing, or with an empty identifier of the whole city."""
        mine = Watch()
        watches = self._watches[city, identifier]
        watches.add(mine)
        try:
            yield mine
        finally:
            watches.discard(mine)
            if not watches:
                self._watches.pop((city, identifier), None)

    async def stream(self, city: str, identifier: str, seen: int, version: int) -> AsyncIterator[str]:
        """Server-sent events: `changed` with the version as id, at once where `seen` is behind `version`.

        A comment every 15 s keeps the line open; after 15 minutes the stream ends and the browser
        comes again, so that its session is looked at anew.
        """
        ends = asyncio.get_running_loop().time() + _LIFE_SECONDS
        with self.watch(city, identifier) as watch:
            version = max(version, self._recent.get((city, identifier), 0))
            watch.version = max(seen, version)
            yield _event(version) if seen < version else ": here\n\n"
            while not self._closing and asyncio.get_running_loop().time() < ends:
                rang = await watch.rung(_BEAT_SECONDS)
                if not self._closing:
                    yield _event(watch.version) if rang else ": here\n\n"

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, application_name="hejie live"
                ) as connection:
                    await connection.execute("listen hejie")
                    self.ready.set()
                    self._ring_all()  # what happened while nobody listened
                    pause = 0.1
                    async for notice in connection.notifies():
                        self._tell(notice.payload)
            except (Error, OSError) as error:
                _LOG.warning("live_connection_lost", cause=type(error).__name__)
            self.ready.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _MOST_PAUSE)

    def _tell(self, payload: str) -> None:
        city, _, rest = payload.partition(" ")
        identifier, _, version = rest.partition(" ")
        number = int(version) if version.isdecimal() else 0
        self._recent.pop((city, identifier), None)
        self._recent[city, identifier] = number
        if len(self._recent) > _MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        for watch in self._watches.get((city, identifier), ()):
            watch.ring(number)
        if dispute := dispute_of(identifier):
            for watch in self._watches.get((city, dispute), ()):
                watch.ring(watch.version)
        for watch in self._watches.get((city, ""), ()):
            watch.ring(watch.version + 1)

    def _ring_all(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.ring(0)


def _event(version: int) -> str:
    return f"id: {version}\nevent: changed\ndata: {version}\n\n"
