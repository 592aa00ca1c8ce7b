"""What the desk really sends to the database for one act, taken down by the connection itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, cast

from msgspec import Struct
from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline, AsyncTransaction
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool


class Step(Struct, frozen=True):
    """One thing asked of the driver, in order; `begin`/`commit` and `pipeline`/`drain` come in pairs."""

    kind: Literal["begin", "commit", "pipeline", "drain", "execute", "fetch"]
    query: str = ""
    values: tuple[Any, ...] | dict[str, Any] = ()


class _Cursor(AsyncCursor[TupleRow]):
    """A cursor that takes down what it is asked."""

    async def execute(self, query: Any, params: Any = None, **more: Any) -> _Cursor:
        """Take down statement and values."""
        values = dict(params) if isinstance(params, Mapping) else tuple(params or ())
        self._steps.append(Step("execute", str(query), values))
        return await super().execute(query, params, **more)

    async def fetchone(self) -> TupleRow | None:
        """Take down that the answer was waited for."""
        self._steps.append(Step("fetch"))
        return await super().fetchone()

    async def fetchall(self) -> list[TupleRow]:
        """Take down that the answer was waited for."""
        self._steps.append(Step("fetch"))
        return await super().fetchall()

    @property
    def _steps(self) -> list[Step]:
        return cast("_Connection", self.connection).steps


class _Connection(AsyncConnection[TupleRow]):
    """A connection that takes down its transactions and pipelines."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.steps: list[Step] = []
        self.cursor_factory = _Cursor

    @asynccontextmanager
    async def transaction(self, *given: Any, **named: Any) -> AsyncIterator[AsyncTransaction]:
        """Take down begin and commit."""
        self.steps.append(Step("begin"))
        async with super().transaction(*given, **named) as inner:
            yield inner
            self.steps.append(Step("commit"))

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[AsyncPipeline]:
        """Take down a pipeline's ends."""
        self.steps.append(Step("pipeline"))
        async with super().pipeline() as inner:
            yield inner
            self.steps.append(Step("drain"))


class Recorder:
    """A pool of one recording connection."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self.pool = pool

    async def taken_down(self) -> list[Step]:
        """What was asked since the last time."""
        async with self.pool.connection() as connection:
            steps, connection.steps = list(connection.steps), []
        return steps


@asynccontextmanager
async def recorder(url: str) -> AsyncIterator[Recorder]:
    """A recorder on a database, closed at the end."""
    pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
        url, min_size=1, max_size=1, open=False, connection_class=_Connection, kwargs={"autocommit": True}
    )
    async with pool:
        yield Recorder(pool)


def renamed(steps: Sequence[Step], rename: Callable[[str], str]) -> list[tuple[Any, ...]]:
    """The values of each statement with every text in them passed through `rename`; they must be numbered."""

    def fresh(value: Any) -> Any:
        if isinstance(value, str):
            return rename(value)
        return [fresh(each) for each in value] if isinstance(value, list | tuple) else value

    return [tuple(fresh(value) for value in step.values) for step in steps if step.kind == "execute"]
