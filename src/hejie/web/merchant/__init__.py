"""The merchant's portal: a case by its link, an inbox with an account, standing rules, authority, shops and staff."""

from __future__ import annotations

from hejie.web.merchant import (
    answers,
    approvals,
    authority,
    bids,
    case,
    check,
    cities,
    contacts,
    denial,
    export,
    inbox,
    join,
    link,
    many,
    office,
    record,
    settings,
    sign_in,
    staff,
    stall,
)

ROUTES = (
    *link.ROUTES,
    *check.ROUTES,
    *join.ROUTES,
    *stall.ROUTES,
    *contacts.ROUTES,
    *case.ROUTES,
    *answers.ROUTES,
    *approvals.ROUTES,
    *record.ROUTES,
    *denial.ROUTES,
    *bids.ROUTES,
    *inbox.ROUTES,
    *many.ROUTES,
    *export.ROUTES,
    *office.ROUTES,
    *cities.ROUTES,
    *sign_in.ROUTES,
    *settings.ROUTES,
    *authority.ROUTES,
    *staff.ROUTES,
)
