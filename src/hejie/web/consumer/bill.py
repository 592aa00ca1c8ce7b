"""The consumer's own bill and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hejie.base.actor import Role
from hejie.cities.dues import Rule, due
from hejie.cities.settings import CitySettings
from hejie.queries import consumer, lists
from hejie.queries.consumer import Bought
from hejie.store import directories
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.handover_words import row_state
from hejie.web.shell import Answer, Visit, page
from hejie.web.unit_lines import names_of


@page("/bill", role=Role.consumer)
async def bill(visit: Visit) -> Answer:
    """One's payments, each with its dispute or the button."""
    now, person = visit.house.clock.now(), visit.viewer.person
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await consumer.bill(connection, visit.city, person, visit.query("after"))
        mine = await lists.newest(connection, visit.city, lists.Wanted(consumer=person), size=5)
        members = names_of(visit, await directories.present(connection, visit.city))
    shown = [_payment(visit, settings, members, each) for each in found.rows]
    return visit.render("consumer/bill.html", shown=shown, after=found.after, mine=_disputes(visit, settings, mine))


def _payment(visit: Visit, settings: CitySettings, members: Mapping[str, str], bought: Bought) -> dict[str, Any]:
    window = due(Rule.filing_window, bought.paid_at, settings)
    state, tag = row_state(visit.language, bought.state, Role.consumer) if bought.state else ("", "")
    return {
        "bought": bought,
        "wallet": labels.wallet(visit.language, bought.wallet),
        "state": state,
        "tag": tag,
        "leaves": members.get(bought.elsewhere, bought.elsewhere),
        "window": window,
        "may_file": may_file(bought) and not window.passed(visit.house.clock.now()),
    }


def may_file(bought: Bought) -> bool:
    """Whether a payment may begin a dispute here as far as it alone can tell."""
    return bool(bought.merchant or bought.elsewhere) and not bought.taken and bought.left_fen > 0


@page("/disputes", role=Role.consumer)
async def disputes(visit: Visit) -> Answer:
    """All of one's disputes, newest first."""
    wanted = lists.Wanted(consumer=visit.viewer.person)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        found = await lists.newest(connection, visit.city, wanted, visit.query("after"))
    return visit.render("consumer/disputes.html", mine=_disputes(visit, settings, found), after=found.after)


def _disputes(visit: Visit, settings: CitySettings, found: lists.Page) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "state": state,
            "tag": tag,
            "problem": labels.problem(visit.language, settings, row.problem),
        }
        for row in found.rows
        for state, tag in [row_state(visit.language, row.state, Role.consumer)]
    ]


ROUTES = (bill, disputes)
