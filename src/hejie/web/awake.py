"""Keeps a session alive while somebody types: a page with a form asks for this now and then, and nothing comes back."""

from __future__ import annotations

from litestar import Response

from hejie.base.actor import Role
from hejie.web.shell import Answer, Visit, page


@page("/awake", role=(Role.consumer, Role.merchant, Role.officer), anyone=True)
async def awake(visit: Visit) -> Answer:
    """The entrance has put off the session's end already."""
    del visit
    return Response(b"", status_code=204)


ROUTES = (awake,)
