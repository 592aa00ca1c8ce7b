"""The merchant's portal: a case by its link, an inbox with an account, standing rules, authority, shops and staff."""

from __future__ import annotations

from hejie.web.merchant import (
    answers,
    authority,
    bids,
    case,
    check,
    contacts,
    inbox,
    link,
    record,
    settings,
    sign_in,
    staff,
)

ROUTES = (
    *link.ROUTES,
    *check.ROUTES,
    *contacts.ROUTES,
    *case.ROUTES,
    *answers.ROUTES,
    *record.ROUTES,
    *bids.ROUTES,
    *inbox.ROUTES,
    *sign_in.ROUTES,
    *settings.ROUTES,
    *authority.ROUTES,
    *staff.ROUTES,
)
