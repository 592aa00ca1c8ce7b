"""Who may do what: a pure table of commands and the sides that may give them."""

# What a side may do to a dispute depends on where the dispute stands, and is told by its own rules.

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused
from hejie.cities.city import ApplySettings
from hejie.merchants import commands as m
from hejie.merchants.model import Merchant, Rank

_HOUSE = frozenset({Role.officer, Role.system})
_OWN = frozenset({Role.merchant})

SIDES: Mapping[type[object], frozenset[Role]] = MappingProxyType(
    {
        ApplySettings: frozenset({Role.system}),
        m.RegisterMerchant: _HOUSE,
        m.AddShop: _HOUSE | _OWN,
        m.AddStaff: _HOUSE | _OWN,
        m.RemoveStaff: _HOUSE | _OWN,
        m.SetContact: _HOUSE,
        m.AddContact: _OWN,
        m.EnrolContact: _HOUSE,
        m.VerifyContact: _OWN,
        m.OrderContacts: _HOUSE | _OWN,
        m.RemoveContact: _HOUSE | _OWN,
        m.FailContact: frozenset({Role.system}),
        m.SetStandingRules: _OWN,
        m.SetLinkLimit: _HOUSE | _OWN,
        m.AskEnrolment: _HOUSE,
        m.NoteEnrolment: frozenset({Role.system}),
        m.CloseEnrolment: _HOUSE,
        m.GrantAuthorisation: frozenset({Role.system}),
        m.WithdrawAuthorisation: _OWN | frozenset({Role.system}),
        m.ExpireAuthorisation: frozenset({Role.system}),
    }
)
"""Command → sides that may give it."""

RANKS: Mapping[type[object], frozenset[Rank]] = MappingProxyType(
    {
        m.AddShop: frozenset({Rank.owner, Rank.manager}),
        m.AddStaff: frozenset({Rank.owner}),
        m.RemoveStaff: frozenset({Rank.owner}),
        m.AddContact: frozenset({Rank.owner, Rank.manager}),
        m.VerifyContact: frozenset({Rank.owner, Rank.manager}),
        m.OrderContacts: frozenset({Rank.owner, Rank.manager}),
        m.RemoveContact: frozenset({Rank.owner, Rank.manager}),
        m.SetStandingRules: frozenset({Rank.owner, Rank.manager}),
        m.SetLinkLimit: frozenset({Rank.owner, Rank.manager}),
        m.WithdrawAuthorisation: frozenset({Rank.owner, Rank.manager}),
    }
)
"""Command of the merchant's own side → ranks that may give it: nobody lifts a limit of their own by it."""


def must_be_allowed(actor: Actor, command: object, merchant: Merchant | None = None) -> None:
    """`Refused("not_allowed")` unless the actor's side, and rank where it is staff, may give this command."""
    if actor.role not in SIDES[type(command)]:
        raise Refused("not_allowed", role=actor.role.value)
    if actor.role is not Role.merchant:
        return
    if merchant is None or merchant.id != actor.organisation:
        raise Refused("not_allowed", role=actor.role.value)
    staff = merchant.member(actor.id)
    if staff is None or staff.rank not in RANKS[type(command)]:
        raise Refused("not_allowed", role=actor.role.value)
    if not staff.may_give(_lets_others_give(command, merchant)):
        raise Refused("above_own_limit", limit_fen=staff.refund_limit_fen)


def _lets_others_give(command: object, merchant: Merchant) -> int:
    """Fen that a command newly lets the house or a case link give away in one answer; 0 where it takes some back."""
    match command:
        case m.SetStandingRules(rules=rules):
            return max((rule.most_fen for rule in rules if rule not in merchant.standing_rules), default=0)
        case m.SetLinkLimit(limit_fen=limit) if limit > merchant.link_limit_fen:
            return limit
        case _:
            return 0


def must_afford(actor: Actor, merchant: Merchant, cost_fen: int, *, confirmed: bool = False) -> None:
    """Whether the merchant's side may give away so much, in fen, by this hand and in one answer.

    A member of staff gives up to an own limit, an owner without: `Refused("above_own_limit", limit_fen)`. Whoever
    came by a case link gives up to the merchant's limit, above it only `confirmed` by a one-time code to the
    registered contact: `Refused("code_needed")`.
    """
    staff = merchant.member(actor.id)
    if staff is not None and not staff.may_give(cost_fen):
        raise Refused("above_own_limit", limit_fen=staff.refund_limit_fen)
    if staff is None and merchant.needs_code(cost_fen) and not confirmed:
        raise Refused("code_needed")
