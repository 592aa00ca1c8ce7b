"""Data from before merchants had a ladder of contacts starts with this code: its rows are what their logs give."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from msgspec import json
from psycopg.types.json import Jsonb
from tests.support.folding import fold_all

from hejie.base.seals import commitment
from hejie.merchants.model import Merchant
from hejie.store import migrate as module
from hejie.store.embedded import OWNER
from hejie.store.migrate import migrate, migrations

CITY, AT = "330100", "2026-11-01T02:00:00Z"
LAST_WITHOUT = "0006"
SHOPS = [
    {"id": f"S{n}", "name": f"店{n}", "district": "330102", "address": "解放路154号", "category": ""} for n in (1, 2)
]


def event(kind: str, /, **fields: Any) -> dict[str, Any]:
    return {"event": kind, "at": AT, **fields}


def registered(identifier: str, code: str) -> dict[str, Any]:
    told = {"city": CITY, "id": identifier, "credit_code": code, "name": "杭州面业有限公司", "kind": "enterprise"}
    return event("MerchantRegistered", **told)


def put(content: str, shop: str = "") -> dict[str, Any]:
    return event("ContactSet", content=content, shop=shop)


STORIES: dict[str, list[dict[str, Any]]] = {
    "never": [registered("never", "91330106MA2CFLDC09")],
    "once": [registered("once", "91330106MA2CFLDC17"), put("c1")],
    "changed": [registered("changed", "91330106MA2CFLDC25"), put("c1"), put("c2")],
    "shops": [
        registered("shops", "91330106MA2CFLDC33"),
        event("ShopAdded", shop=SHOPS[0]),
        event("ShopAdded", shop=SHOPS[1]),
        put("c1", "S1"),
        put("c2"),
        put("c3", "S2"),
        put("c4", "S1"),
        put("", "S2"),
    ],
}
LADDERS = {"never": [], "once": ["c1"], "changed": ["c2"], "shops": ["c4", "c2"]}


def old_row(identifier: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    """The body as it was then: one `contact` for the merchant, one in each shop."""
    contacts = {each["shop"]: each["content"] for each in events if each["event"] == "ContactSet"}
    shops = [each["shop"] for each in events if each["event"] == "ShopAdded"]
    known = {name: events[0][name] for name in ("city", "id", "credit_code", "name", "kind")}
    return {
        **known, "version": len(events), "state": "invited", "registered_at": AT, "changed_at": AT,
        "contact": contacts.get("", ""), "link_limit_fen": 0, "staff": [], "standing_rules": [], "accounts": [],
        "shops": [shop | {"contact": contacts.get(shop["id"], "")} for shop in shops], "authorisations": [],
    }  # fmt: skip


def write(admin: psycopg.Connection[Any], identifier: str, events: list[dict[str, Any]]) -> None:
    body = old_row(identifier, events)
    admin.execute(
        "insert into merchant (city, id, version, credit_code, name, state, changed_at, body)"
        " values (%s, %s, %s, %s, %s, 'invited', %s, %s)",
        [CITY, identifier, len(events), body["credit_code"], body["name"], AT, Jsonb(body)],
    )
    for version, each in enumerate(events, 1):
        salt = uuid4().bytes
        admin.execute(
            "insert into log (city, noun, id, version, at, actor_role, actor, event, body, salt, digest)"
            " values (%s, 'merchant', %s, %s, %s, 'officer', 'wang', %s, %s, %s, %s)",
            [CITY, identifier, version, AT, each["event"], Jsonb(each), salt, commitment(salt, each)],
        )


@pytest.fixture
def older(cluster, monkeypatch):
    """An administrator's address of a database as it was before the ladder, with merchants in it."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(cluster.superuser_url, autocommit=True) as admin:
        admin.execute(f"create database {name} owner {OWNER} template template0")
    whole = migrations()
    with monkeypatch.context() as then:
        then.setattr(module, "migrations", lambda: [each for each in whole if each[0][:4] <= LAST_WITHOUT])
        migrate(cluster.url(OWNER, name))
    url = cluster.superuser_url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "insert into city (city, name_zh, name_en, version, body) values (%s, '杭州市', 'Hangzhou', 0, '{}')",
            [CITY],
        )
        for identifier, events in STORIES.items():
            write(admin, identifier, events)
    yield url, cluster.url(OWNER, name)
    with psycopg.connect(cluster.superuser_url, autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")


def test_a_contact_in_the_row_becomes_the_ladder_that_the_log_gives(older):
    url, owner_url = older
    migrate(owner_url)
    with psycopg.connect(url) as admin:
        admin.execute("delete from city")  # it stood there only to be found
        assert fold_all(admin)["merchant"] == len(STORIES)
        rows = admin.execute("select id, body::text from merchant").fetchall()
    found = {identifier: json.decode(body, type=Merchant) for identifier, body in rows}
    assert {name: [each.content for each in row.contacts] for name, row in found.items()} == LADDERS
    assert all(each.usable for row in found.values() for each in row.contacts)
    assert found["shops"].number_for("S1") == "c4"
    assert found["shops"].number_for("S2") == "c2"


def test_it_is_told_apart_from_data_that_never_had_one(older):
    url, owner_url = older
    with psycopg.connect(url) as admin:
        (before,) = admin.execute("select count(*) from merchant where body ? 'contact'").fetchone() or (0,)
    assert before == len(STORIES)
    migrate(owner_url)
    assert migrate(owner_url) == []
    with psycopg.connect(url) as admin:
        (after,) = admin.execute("select count(*) from merchant where body ? 'contact'").fetchone() or (-1,)
    assert after == 0
