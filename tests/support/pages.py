"""The pages over a test's own house; their routes are built once, which takes longer than most tests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from litestar import Litestar
from litestar.types import ControllerRouterHandler
from tests.support.again import again

from hejie.edge.house import House
from hejie.web.asgi import PORTALS, web_app
from hejie.web.shell import Route


def pages(house: House, others: Sequence[ControllerRouterHandler] = (), routes: Sequence[Route] = PORTALS) -> Litestar:
    """`web_app` of this house."""
    return again(_built(tuple(others), tuple(routes)), house=house)


@cache
def _built(others: tuple[ControllerRouterHandler, ...], routes: tuple[Route, ...]) -> Litestar:
    return web_app(None, others, routes)  # each copy has a house of its own
