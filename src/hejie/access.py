"""Who may do what: a pure table of commands and the sides that may give them."""

# What a side may do to a dispute depends on where the dispute stands, and is told by its own rules.

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from hejie.alliance import bulletin as n
from hejie.alliance import contact_list as k
from hejie.alliance import library as w
from hejie.base.actor import Actor, Role
from hejie.base.errors import Missing, Refused
from hejie.cities.city import ApplySettings
from hejie.disputes import commands as d
from hejie.disputes.cost import cost_of_answer
from hejie.disputes.model import Dispute
from hejie.merchants import agreements as a
from hejie.merchants import bindings as b
from hejie.merchants import commands as m
from hejie.merchants import handling as h
from hejie.merchants import measures as e
from hejie.merchants import publicity as u
from hejie.merchants import successions as s
from hejie.merchants.bindings import ACQUIRER
from hejie.merchants.model import Merchant, Rank
from hejie.papers.paper import Issue
from hejie.payments import advance as v
from hejie.payments import fund as f
from hejie.payments import paycode as p
from hejie.payments import trace_request as t

_HOUSE = frozenset({Role.officer, Role.system})
_OWN = frozenset({Role.merchant})

SIDES: Mapping[type[object], frozenset[Role]] = MappingProxyType(
    {
        ApplySettings: frozenset({Role.system}),
        w.Publish: frozenset({Role.officer}),
        w.Withdraw: frozenset({Role.officer}),
        w.Arrive: frozenset({Role.system}),
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
        m.Invite: _HOUSE,
        m.SetStandingRules: _OWN,
        m.SetLinkLimit: _HOUSE | _OWN,
        m.SetAnswering: _OWN,
        m.SetRoleLimits: _OWN,
        m.SetTarget: _OWN,
        m.SetDigest: _OWN,
        m.SetReplies: _OWN,
        m.SetCovers: _OWN,
        h.Route: frozenset({Role.system}),
        h.PassOn: frozenset({Role.system}),
        h.Assign: _OWN,
        h.AskApproval: _OWN,
        h.Approve: _OWN,
        h.Return: _OWN,
        a.MakeAgreement: frozenset({Role.officer}),
        a.EndAgreement: _OWN | frozenset({Role.officer}),
        e.AnnounceMeasure: frozenset({Role.officer}),
        e.Appeal: _OWN,
        e.DecideAppeal: frozenset({Role.officer}),
        e.EndMeasure: frozenset({Role.officer}),
        u.Announce: frozenset({Role.officer}),
        u.Object: _OWN,
        u.DecideObjection: frozenset({Role.officer}),
        u.Publish: frozenset({Role.officer}),
        u.Correct: frozenset({Role.officer}),
        u.Withdraw: frozenset({Role.officer}),
        n.Write: frozenset({Role.officer}),
        n.Acknowledge: frozenset({Role.officer}),
        n.Arrive: frozenset({Role.system}),
        n.NoteSeen: frozenset({Role.system}),
        k.ListOffices: _HOUSE,
        b.Bind: _HOUSE,
        b.End: _HOUSE,
        b.Undo: frozenset({Role.officer}),
        s.Succeed: frozenset({Role.officer}),
        s.UndoSuccession: frozenset({Role.officer}),
        p.Apply: _OWN,
        p.Grant: frozenset({Role.officer}),
        p.Refuse: frozenset({Role.officer}),
        p.EndPaycode: _OWN | frozenset({Role.officer}),
        t.AskAcquirer: frozenset({Role.officer}),
        t.NoteAnswer: frozenset({Role.system}),
        t.NoteDoubt: frozenset({Role.system}),
        t.NoteRefusal: frozenset({Role.system}),
        f.Found: frozenset({Role.officer}),
        f.Contribute: frozenset({Role.officer}),
        f.Close: frozenset({Role.officer}),
        v.GrantAdvance: frozenset({Role.officer}),
        v.PayOut: frozenset({Role.officer}),
        v.Recover: frozenset({Role.officer}),
        v.WriteOff: frozenset({Role.officer}),
        v.CancelAdvance: frozenset({Role.officer}),
        Issue: frozenset({Role.system}),
        m.AskEnrolment: _HOUSE,
        m.NoteEnrolment: frozenset({Role.system}),
        m.CloseEnrolment: _HOUSE,
        m.GrantAuthorisation: frozenset({Role.system}),
        m.WithdrawAuthorisation: _OWN | frozenset({Role.system}),
        m.ExpireAuthorisation: frozenset({Role.system}),
        m.LetAnswer: _OWN,
        m.StopAnswers: _OWN,
        m.SetOdr: frozenset({Role.officer}),
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
        m.SetAnswering: frozenset({Rank.owner, Rank.manager}),
        m.SetRoleLimits: frozenset({Rank.owner}),
        m.SetTarget: frozenset({Rank.owner, Rank.manager}),
        m.SetDigest: frozenset({Rank.owner, Rank.manager}),
        m.SetReplies: frozenset({Rank.owner, Rank.manager}),
        m.SetCovers: frozenset({Rank.owner, Rank.manager}),
        h.Assign: frozenset(Rank),
        h.AskApproval: frozenset(Rank),
        h.Approve: frozenset(Rank),
        h.Return: frozenset(Rank),
        m.WithdrawAuthorisation: frozenset({Rank.owner, Rank.manager}),
        m.LetAnswer: frozenset({Rank.owner, Rank.manager}),
        m.StopAnswers: frozenset({Rank.owner, Rank.manager}),
        a.EndAgreement: frozenset({Rank.owner, Rank.manager}),
        e.Appeal: frozenset({Rank.owner, Rank.manager}),
        u.Object: frozenset({Rank.owner, Rank.manager}),
        p.Apply: frozenset({Rank.owner, Rank.manager}),
        p.EndPaycode: frozenset({Rank.owner, Rank.manager}),
    }
)
"""Command of the merchant's own side → ranks that may give it: nobody lifts a limit of their own by it."""

BY_ACQUIRER: frozenset[type[object]] = frozenset({d.AcceptOffer, d.MakeOffer, d.DeclineOffer, d.Answer, d.Say})
"""What an acquirer may do to a dispute in the merchant's name."""


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
    if not merchant.may_give(staff, _lets_others_give(command, merchant)):
        raise Refused("above_own_limit", limit_fen=merchant.most_of(staff) or 0)


def runs_through(dispute: Dispute, acquirer: str) -> bool:
    """Whether all payments of a dispute were made through this acquirer."""
    return dispute.wallet == ACQUIRER and all(paid.trade_no.startswith(f"{acquirer}-") for paid in dispute.payments)


def must_be_let_answer(
    actor: Actor, dispute: Dispute, merchant: Merchant | None, command: object, now: datetime
) -> None:
    """Whether an acquirer may do this in the merchant's name, and give away so much by it.

    Errors: `Missing("dispute_unknown")` where the payments went another way, `Refused("not_allowed")` for what no
    acquirer does, `Refused("answer_leave_missing")` where the merchant has given it no leave, or no longer,
    `Refused("above_answer_leave", most_fen)`.
    """
    if not runs_through(dispute, actor.acquirer):
        raise Missing("dispute_unknown")
    if type(command) not in BY_ACQUIRER:
        raise Refused("not_allowed", role=actor.role.value)
    leave = merchant.answer_leave(actor.acquirer, now) if merchant else None
    if leave is None:
        raise Refused("answer_leave_missing")
    if cost_of_answer(dispute, command) > leave.most_fen:
        raise Refused("above_answer_leave", most_fen=leave.most_fen)


def _lets_others_give(command: object, merchant: Merchant) -> int:
    """Fen that a command newly lets the house, a link or an acquirer give away in one answer; 0 for less."""
    match command:
        case m.SetStandingRules(rules=rules):
            return max((rule.most_fen for rule in rules if rule not in merchant.standing_rules), default=0)
        case m.SetLinkLimit(limit_fen=limit) if limit > merchant.link_limit_fen:
            return limit
        case m.LetAnswer(most_fen=most):
            return most
        case _:
            return 0


def must_afford(actor: Actor, merchant: Merchant, cost_fen: int, *, confirmed: bool = False) -> None:
    """Whether the merchant's side may give away so much, in fen, by this hand and in one answer.

    A member of staff gives up to the role's limit or a higher one of their own, an owner without:
    `Refused("above_own_limit", limit_fen)`. Whoever
    came by a case link gives up to the merchant's limit, above it only `confirmed` by a one-time code to the
    registered contact: `Refused("code_needed")`.
    """
    staff = merchant.member(actor.id)
    if staff is not None and not merchant.may_give(staff, cost_fen):
        raise Refused("above_own_limit", limit_fen=merchant.most_of(staff) or 0)
    if staff is None and merchant.needs_code(cost_fen) and not confirmed:
        raise Refused("code_needed")
