"""The part of a case's page that says with whom it lies, and which forms move it."""

from __future__ import annotations

from typing import Any

from hejie.cities import custody as k
from hejie.cities.posts import place_of
from hejie.cities.settings import CitySettings
from hejie.queries.duties import officers
from hejie.store.pool import Connection
from hejie.web.shell import Visit


async def moving(
    visit: Visit, connection: Connection, settings: CitySettings, held: k.Custody, district: str, *, open_now: bool
) -> dict[str, Any]:
    """What the part of a case's page about its custody shows: names, and which forms this officer can use."""
    post, me, place = visit.post, visit.actor.id, place_of(visit.city, held.authority, district)
    mine = post.holds(me, held.officer)
    here = post.reaches(place)
    asked = bool(held.offered_to) and post.reaches(place_of(visit.city, held.offered_to, ""))
    people = await officers(connection, visit.city)
    return {
        "where": authority_name(visit, settings, place or visit.city),
        "offered_to": authority_name(visit, settings, held.offered_to),
        "holder": dict(people).get(held.officer, held.officer),
        "mine": mine,
        "instead": mine and held.officer != me,
        "give": open_now and here and visit.may("lead"),
        "take": open_now and here and not held.officer and visit.may("items"),
        "back": open_now and mine and visit.may("items"),
        "pass": open_now and not held.offered_to and (mine or (here and visit.may("lead"))) and visit.may("items"),
        "answer": open_now and asked and visit.may("receive"),
        "people": people,
        "authorities": [
            (code, authority_name(visit, settings, code))
            for code in sorted(settings.authorities)
            if place_of(visit.city, code, "") != place
        ],
    }


def authority_name(visit: Visit, settings: CitySettings, code: str) -> str:
    """An authority's name in the reader's language; its code where it is not in the settings."""
    found = settings.authority_name(code)
    return str(getattr(found, visit.language)) if found else code
