"""The merchant's portal: a case by its link, an inbox with an account, standing rules, authority, shops and staff."""

from __future__ import annotations

from hejie.web.merchant import answers, case, link, sign_in

ROUTES = (*link.ROUTES, *case.ROUTES, *answers.ROUTES, *sign_in.ROUTES)
