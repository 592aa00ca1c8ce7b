"""Which acquirers may answer disputes in the merchant's name, or could, as its settings show them."""

from __future__ import annotations

from msgspec import Struct

from hejie.connectors.acquirer import Door
from hejie.merchants.answering import AnswerLeave
from hejie.merchants.bindings import ACQUIRER
from hejie.merchants.model import Enrolment, Merchant
from hejie.web.shell import Visit


class Row(Struct, frozen=True):
    """One acquirer, and the leave it has now."""

    acquirer: str
    name: str
    leave: AnswerLeave | None


def rows(visit: Visit, merchant: Merchant) -> list[Row]:
    """The acquirers through which the merchant is paid, and those that hold a leave, by their numbers."""
    now, found = visit.house.clock.now(), list[Row]()
    for (city, number), door in sorted(visit.house.acquirers.items()):
        leave = merchant.answer_leave(number, now)
        if city == visit.city and (leave or _paid_through(merchant, door)):
            found.append(Row(number, door.name or number, leave))
    return found


def _paid_through(merchant: Merchant, door: Door) -> bool:
    return any(
        each.wallet == ACQUIRER
        and each.account.partition("-")[0] in door.numbers
        and each.enrolment is not Enrolment.closed
        for each in merchant.accounts
    )
