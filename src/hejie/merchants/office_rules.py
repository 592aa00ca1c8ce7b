"""What the head office may set, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import assert_never

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.merchants import commands as c
from hejie.merchants import events as e
from hejie.merchants.answering import Cover
from hejie.merchants.limits import check_limit, check_staff
from hejie.merchants.model import Merchant, Rank
from hejie.merchants.office import Digest, Reply, check_reply

MOST_RULES, MOST_REPLIES, MOST_COVERS = 50, 100, 500
MOST_TEXT, MOST_NAME = 1000, 60
"""Characters of a prepared reply and of its name."""
MOST_HOURS = 24 * 30
HOURS = 24


def decide_office(merchant: Merchant, command: c.OfficeCommand, now: datetime) -> list[e.AnyEvent]:
    """Events that follow; none if everything is so already.

    Errors: `Refused` with `office_too_many`, `office_repeated`, `limit_negative`, `amount_too_large`,
    `role_without_limit`, `target_unusable`, `digest_unusable`, `name_missing`, `reply_empty`, `reply_too_long`,
    `reply_field_unknown`, `reply_braces`, `cover_unusable`, `cover_overlaps`; `Missing("staff_unknown")`.
    """
    office = merchant.office
    match command:
        case c.SetAnswering(rules=rules):
            _check_answering(merchant, command)
            return [] if rules == office.answering else [e.AnsweringSet(at=now, rules=rules)]
        case c.SetRoleLimits(limits=limits):
            _check_role_limits(command)
            return [] if limits == office.role_limits else [e.RoleLimitsSet(at=now, limits=limits)]
        case c.SetTarget(hours=hours):
            if not 0 <= hours <= MOST_HOURS:
                raise Refused("target_unusable", most=MOST_HOURS)
            return [] if hours == office.target_hours else [e.TargetSet(at=now, hours=hours)]
        case c.SetDigest(digest=digest):
            if digest == office.digest:
                return []
            return [e.DigestSet(at=now, digest=digest, first_at=_first(digest, now) if digest else None)]
        case c.SetReplies(replies=replies):
            _check_replies(replies)
            return [] if replies == office.replies else [e.RepliesSet(at=now, replies=replies)]
        case c.SetCovers(covers=covers):
            _check_covers(merchant, covers)
            return [] if covers == office.covers else [e.CoversSet(at=now, covers=covers)]
        case _:
            assert_never(command)


def next_digest(digest: Digest, now: datetime) -> datetime:
    """The next instant at which the daily message goes, after `now`."""
    local = now.astimezone(SHANGHAI)
    today = datetime.combine(local.date(), time(digest.hour), SHANGHAI)
    return (today if today > local else today + timedelta(days=1)).astimezone(now.tzinfo)


def _first(digest: Digest, now: datetime) -> datetime:
    if not 0 <= digest.hour < HOURS or not digest.templates:
        raise Refused("digest_unusable")
    return next_digest(digest, now)


def _check_answering(merchant: Merchant, command: c.SetAnswering) -> None:
    _check_many([rule.id for rule in command.rules], MOST_RULES)
    for rule in command.rules:
        check_limit(rule.least_fen)
        if rule.person:
            check_staff(merchant, rule.person)


def _check_role_limits(command: c.SetRoleLimits) -> None:
    _check_many([limit.rank for limit in command.limits], len(Rank))
    for limit in command.limits:
        check_limit(limit.limit_fen)
        if limit.rank not in {Rank.manager, Rank.clerk}:
            raise Refused("role_without_limit")


def _check_replies(replies: Sequence[Reply]) -> None:
    _check_many([reply.id for reply in replies], MOST_REPLIES)
    for reply in replies:
        if not reply.name.strip() or len(reply.name) > MOST_NAME:
            raise Refused("name_missing")
        for text in (reply.zh, reply.en):
            if not text.strip():
                raise Refused("reply_empty")
            if len(text) > MOST_TEXT:
                raise Refused("reply_too_long", most=MOST_TEXT)
            check_reply(text)


def _check_covers(merchant: Merchant, covers: Sequence[Cover]) -> None:
    if len(covers) > MOST_COVERS:
        raise Refused("office_too_many", most=MOST_COVERS)
    for place, cover in enumerate(covers):
        if cover not in merchant.office.covers:  # an old absence stays, though somebody has left since
            check_staff(merchant, cover.person)
            check_staff(merchant, cover.by)
        if cover.person == cover.by or cover.last < cover.first:
            raise Refused("cover_unusable")
        for other in covers[:place]:
            if other.person == cover.person and other.first <= cover.last and cover.first <= other.last:
                raise Refused("cover_overlaps")


def _check_many(names: Sequence[str], most: int) -> None:
    if len(names) > most:
        raise Refused("office_too_many", most=most)
    if len(set(names)) != len(names):
        raise Refused("office_repeated")
