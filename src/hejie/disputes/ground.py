"""What a rule may know beside the row itself: who acts, when, under which settings, on which payments."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.actor import Actor, Role, must_stand
from hejie.base.errors import Missing, Refused
from hejie.cities.dues import Due, Rule, confirm_reminders, due
from hejie.cities.posts import Post
from hejie.cities.settings import CitySettings
from hejie.disputes.denying import Party
from hejie.disputes.events import AnyEvent
from hejie.disputes.model import Dispute, Paid, Road
from hejie.disputes.promised import Promised
from hejie.disputes.states import State
from hejie.merchants.agreements import Under


class Bought(Struct, frozen=True, kw_only=True):
    """A payment row as it stands under lock, with whom it went to."""

    paid: Paid
    wallet: str
    payer: bytes
    merchant: str
    """Who answers; where `under` an agreement says so, another than who was paid."""
    paid_to: str = ""
    shop: str
    district: str
    under: Under | None = None
    paycode: str = ""
    """In force at the shop when it was paid."""
    elsewhere: str = ""
    """Where nobody here knows who was paid: the one member city whose register of promise units does."""


class Ground(Struct, frozen=True, kw_only=True):
    """Everything `decide` may look at; loaded by the desk in the same transaction."""

    city: str
    now: datetime
    actor: Actor
    settings: CitySettings
    bought: tuple[Bought, ...] = ()
    """The payments a filing names, those of its consumer only."""
    promised: tuple[Promised, ...] = ()
    """What those payments remember of the promises shown, where a filing names one."""
    authorised: bool = False
    """Whether the authority to refund by API is in force, of the merchant that answers (or that is to answer)."""
    own_account: bool = True
    """Whether the payments went to that merchant's own accounts, or to who pays by their agreement: money goes back
    from nowhere else."""
    odr: bool = False
    """Whether the merchant is a 12315 ODR enterprise today, where a consent to the hand-off asks."""
    party: Party | None = None
    """The merchant that the command names, looked up."""

    dispute: str = ""
    """The identifier that is acted on, where a city takes a dispute over."""
    record: tuple[AnyEvent, ...] = ()
    """What this city has of its record already, where it was here before."""
    post: Post = Post()
    """From where an officer acts."""
    candidate: Post | None = None
    """Of the officer that a command names."""

    def merchant_clock(self) -> Due:
        """The merchant's time to answer, from now."""
        return due(Rule.merchant_answer, self.now, self.settings)

    def consumer_clock(self) -> Due:
        """The consumer's time to confirm, from now."""
        return due(Rule.consumer_confirm, self.now, self.settings)

    def reminders(self) -> tuple[datetime, ...]:
        """When the consumer is reminded while that time runs."""
        return confirm_reminders(self.now, self.settings)


def must_be_in(dispute: Dispute, *states: State) -> None:
    """`Refused("step_out_of_order")` unless the dispute stands in one of these states."""
    if dispute.state not in states:
        raise Refused("step_out_of_order", state=dispute.state.value)


def must_be(ground: Ground, *roles: Role) -> None:
    """`Refused("not_allowed")` unless the actor stands on one of these sides."""
    must_stand(ground.actor, *roles)


def must_be_party(dispute: Dispute, ground: Ground) -> None:
    """`Missing("dispute_unknown")` for a consumer, merchant or clerk whose dispute it is not: they learn nothing."""
    actor = ground.actor
    strange = {
        Role.consumer: actor.id != dispute.consumer,
        Role.merchant: actor.organisation != dispute.merchant,
        Role.clerk: dispute.assist is None or actor.id != dispute.assist.helper,
    }
    if strange.get(actor.role, False):
        raise Missing("dispute_unknown")


def answers_late(dispute: Dispute, ground: Ground) -> bool:
    """Whether the merchant's time is over, be it that nobody has said so yet; a call of pressure may excuse it."""
    if dispute.pressure is not None and dispute.pressure.excuses(ground.now):
        return False
    if dispute.state is State.awaiting_merchant:
        return dispute.due is not None and dispute.due.passed(ground.now)
    return dispute.state is State.overdue


def must_have_road(dispute: Dispute, ground: Ground, road: Road) -> None:
    """A refund goes out from the account that was paid; one by API needs proven payments and the merchant's authority.

    Errors: `Refused` with `payment_unverified`, `payment_of_another`, `payment_unproven`, `authority_missing`.
    """
    if road is Road.by_hand:
        return
    if dispute.unverified:
        raise Refused("payment_unverified")
    if not ground.own_account:
        raise Refused("payment_of_another")
    if road is not Road.api:
        return
    if not dispute.proven:
        raise Refused("payment_unproven")
    if not ground.authorised:
        raise Refused("authority_missing")


def best_road(dispute: Dispute, ground: Ground, *, by_api: bool = True) -> Road:
    """The best road that is open for money that goes back."""
    if not ground.own_account:
        return Road.by_hand
    return Road.api if by_api and dispute.proven and ground.authorised else Road.own_tool
