"""What the rules of a mediation may know beside the row, and who may do what."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.actor import Actor, Role, must_stand
from hejie.base.errors import Missing, Refused
from hejie.cities import posts
from hejie.cities.posts import Post
from hejie.mediations.limits import Law
from hejie.mediations.model import Mediation, State

SIDES = (Role.consumer, Role.merchant)


class Ground(Struct, frozen=True, kw_only=True):
    """Everything `decide` may look at; loaded by the desk in the same transaction."""

    city: str
    id: str
    now: datetime
    actor: Actor
    law: Law
    post: Post = Post()
    """The officer's, where one acts."""
    counties: tuple[str, ...] = ()
    """Divisions of this city that have an authority."""
    others: tuple[Mediation, ...] = ()
    """The mediations that a joining names, as far as they are here."""


def must_be(ground: Ground, *roles: Role) -> None:
    """`Refused("not_allowed")` for any other side."""
    must_stand(ground.actor, *roles)


def must_be_in(row: Mediation, *states: State) -> None:
    """`Refused("step_out_of_order")` where it stands elsewhere."""
    if row.state not in states:
        raise Refused("step_out_of_order", state=row.state.value)


def must_be_authority(row: Mediation, ground: Ground) -> None:
    """Any officer of the authority that has it, or who stands in for one: else `Refused("mediation_elsewhere")`.

    `Refused("recused_before")` for the one who had to step back, whoever they stand in for.
    """
    must_be(ground, Role.officer)
    posts.must_sit_at(ground.post, ground.actor.organisation, row.authority)
    if ground.actor.id in row.recused:
        raise Refused("recused_before")


def must_hold(row: Mediation, ground: Ground) -> None:
    """The officer who has it, or who stands in for them; `Refused("not_your_case")`, and as `must_be_authority`."""
    must_be_authority(row, ground)
    posts.must_hold(ground.post, ground.actor.id, row.officer)


def must_go_on(row: Mediation) -> None:
    """`Refused("recusal_pending")` while a wish for another mediator is undecided."""
    if row.recusal is not None:
        raise Refused("recusal_pending")


def must_be_in_time(row: Mediation, ground: Ground) -> None:
    """`Refused("mediation_time_over")` once the time to mediate has run out, though nothing has ended it yet."""
    if row.due is not None and row.due.passed(ground.now):
        raise Refused("mediation_time_over")


def must_speak_for(row: Mediation, side: Role, ground: Ground) -> None:
    """The side itself, or the officer who notes it down; `Missing("mediation_unknown")` for anybody else's."""
    if side not in SIDES:
        raise Refused("not_allowed", role=side.value)
    actor = ground.actor
    if actor.role is Role.officer:
        must_hold(row, ground)
        return
    own = {Role.consumer: (actor.id, row.consumer), Role.merchant: (actor.organisation, row.merchant)}
    if actor.role is not side or actor.acquirer:
        raise Refused("not_allowed", role=actor.role.value)
    if own[side][0] != own[side][1]:
        raise Missing("mediation_unknown")
