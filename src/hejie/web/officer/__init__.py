"""The officers' desk: escalated disputes, work items, merchants, the city's settings."""

from __future__ import annotations

from hejie.web.officer import board, case, door, items, merchants, record, safety, settings
from hejie.web.shell import Route

ROUTES: tuple[Route, ...] = (
    door.door,
    door.enter,
    door.enter_by_passkey,
    door.leave,
    door.passkey,
    door.register,
    board.board,
    board.part,
    board.live,
    case.case,
    case.part,
    case.live,
    case.picture,
    case.take,
    case.say,
    case.propose,
    case.close,
    case.judge,
    *record.ROUTES,
    *safety.ROUTES,
    items.listed,
    items.item,
    items.done,
    items.retry,
    items.refund,
    items.told,
    merchants.find,
    merchants.new,
    merchants.register,
    merchants.one,
    merchants.accounts,
    merchants.live,
    merchants.add_shop,
    merchants.contact,
    merchants.office,
    merchants.call,
    merchants.remove_contact,
    merchants.enrol,
    merchants.close,
    settings.settings,
)
