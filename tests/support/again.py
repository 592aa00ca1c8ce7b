"""An application built once and had again and again: its routes take longer to build than most tests last."""

from __future__ import annotations

from copy import copy
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.events import SimpleEventEmitter


def again(built: Litestar, **state: Any) -> Litestar:
    """The same routes over a state of their own, with a life of their own."""
    made = copy(built)
    made.state = State({**built.state.dict(), **state}, deep_copy=False)
    made.event_emitter = SimpleEventEmitter([])
    made.asgi_router = copy(built.asgi_router)
    made.asgi_router.app = made
    return made
