"""The lab's doors to the platform: which cities are known there, what its desk decides, and all that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import get, post
from litestar.datastructures import State
from litestar.params import JSONBody
from msgspec import Struct, structs

from hejie_sandbox import keys
from hejie_sandbox.acquirer import wire
from hejie_sandbox.national import book

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox


class City(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A city and its key there."""

    id: str
    key_id: str
    public_key: str
    algorithm: str = "rsa-pss-sha512"
    own_algorithm: str = "rsa-pss-sha512"
    holds: bool = False


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The desk's next step on one hand-off."""

    city: str
    key: str
    state: str
    code: str = ""
    words: str = ""
    settled: bool = False


def _box(state: State) -> Sandbox:
    box: Sandbox = state["box"]
    return box


@post("/national", sync_to_thread=False)
def know(state: State, data: JSONBody[City]) -> dict[str, str]:
    """Register a city; the platform's own key."""
    box = _box(state)
    keys.load_public(data.public_key)
    with box.ledger.transaction():
        box.ledger.insert("nat_cities", replace=True, **structs.asdict(data))
    return {"key_id": wire.KEY_ID, "public_key": keys.public_pem(box.keys.national)}


@post("/national/decide", sync_to_thread=False)
def decide(state: State, data: JSONBody[Decision]) -> dict[str, str]:
    """Receive, take up, refuse, return or conclude one hand-off."""
    box = _box(state)
    with box.ledger.transaction():
        book.decide(box, data.city, data.key, data.state, data.code, data.words, settled=data.settled)
    return {}


@get("/national/ledger", sync_to_thread=False)
def ledger(state: State) -> list[dict[str, Any]]:
    """Every hand-off that came, row by row."""
    return [dict(row) for row in _box(state).ledger.rows("SELECT * FROM nat_handoffs ORDER BY rowid")]


HANDLERS = (know, decide, ledger)
