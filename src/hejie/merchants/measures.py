"""A measure against a merchant with which mediation failed: announced with a reason, in effect, appealed, over."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused

MOST_WORDS = 500
"""Characters of a reason, an appeal or an answer."""


class Step(StrEnum):
    """What a measure is, from the mildest to the strongest."""

    warning = "warning"
    inspection = "inspection"
    """Somebody goes there and looks."""
    paycode_suspended = "paycode_suspended"
    """No promise is shown behind its payment codes."""
    status_withdrawn = "status_withdrawn"
    """The same, and no payment code is granted to it any more."""
    publication = "publication"
    """Its figures may be published; that is decided and announced apart, as publicity."""


SUSPENDS = frozenset({Step.paycode_suspended, Step.status_withdrawn})
"""While one of these is in effect, no payment code of the merchant shows a promise."""


class State(StrEnum):
    """What became of the decision; whether it is in effect is a matter of time besides."""

    stands = "stands"
    withdrawn = "withdrawn"
    """Taken back before it took effect."""
    lifted = "lifted"
    """The merchant's appeal was right."""
    ended = "ended"
    """An officer ended it, in effect or after."""


class Phase(StrEnum):
    """Where it is at an instant."""

    announced = "announced"
    in_effect = "in_effect"
    over = "over"


class Appealed(Struct, frozen=True, kw_only=True):
    """What the merchant said against it, and another officer's answer."""

    at: datetime
    words: str
    """Content identifier, as of all words here."""
    decided_at: datetime | None = None
    decided_by: str = ""
    upheld: bool = False
    """Whether the measure stands."""
    answer: str = ""


class Measure(Struct, frozen=True, kw_only=True):
    """Its row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    merchant: str
    step: Step
    state: State
    reason: str
    disputes: tuple[str, ...]
    """What it rests on."""
    agency: str
    """The division whose officer decided."""
    decided_by: str
    announced_at: datetime
    effective_at: datetime
    appeal_until: datetime
    lasts_until: datetime | None
    """When it is over by itself."""
    appeal: Appealed | None = None
    ended_at: datetime | None = None
    ending: str = ""
    """Why an officer took it back or ended it."""
    changed_at: datetime

    @property
    def until(self) -> datetime | None:
        """When it is or was over, never before it would have taken effect; none where an officer has to end it."""
        ends = [each for each in (self.ended_at, self.lasts_until) if each is not None]
        return max(min(ends), self.effective_at) if ends else None

    def phase(self, at: datetime) -> Phase:
        """Where it is at an instant."""
        if self.ended_at is not None and self.ended_at <= at:
            return Phase.over
        if at < self.effective_at:
            return Phase.announced
        return Phase.over if self.lasts_until is not None and self.lasts_until <= at else Phase.in_effect

    @property
    def undecided(self) -> bool:
        """Whether an appeal waits for an answer."""
        return self.appeal is not None and self.appeal.decided_at is None

    def appealable(self, at: datetime) -> bool:
        """Whether the merchant can appeal at an instant."""
        return self.appeal is None and at < self.appeal_until and self.phase(at) is not Phase.over

    def taken(self, at: datetime) -> bool:
        """Whether it has taken effect and was not taken back: then the next step may follow."""
        return self.effective_at <= at and self.state in {State.stands, State.ended}

    @property
    def words(self) -> tuple[str, ...]:
        """Content identifiers of everything written about it."""
        said = (self.appeal.words, self.appeal.answer) if self.appeal else ()
        return tuple(each for each in (self.reason, *said, self.ending) if each)


class AnnounceMeasure(Struct, frozen=True, kw_only=True):
    """An officer decides on a step, and says why and on which disputes it rests."""

    id: str
    merchant: str
    step: Step
    reason: str
    disputes: tuple[str, ...]


class Appeal(Struct, frozen=True, kw_only=True):
    """The merchant says, once, why it is wrong; the measure goes on meanwhile."""

    words: str


class DecideAppeal(Struct, frozen=True, kw_only=True):
    """Another officer answers: the measure stands, or is lifted."""

    upheld: bool
    words: str


class EndMeasure(Struct, frozen=True, kw_only=True):
    """An officer takes it back or ends it, and says why."""

    words: str


Command = AnnounceMeasure | Appeal | DecideAppeal | EndMeasure


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class MeasureAnnounced(Event, frozen=True, kw_only=True, tag=True):
    """The merchant is told what, why, from when, and until when it can appeal."""

    city: str
    id: str
    merchant: str
    step: Step
    reason: str
    disputes: tuple[str, ...]
    agency: str
    decided_by: str
    effective_at: datetime
    appeal_until: datetime
    lasts_until: datetime | None


class MeasureAppealed(Event, frozen=True, kw_only=True, tag=True):
    """The merchant appealed."""

    words: str


class AppealDecided(Event, frozen=True, kw_only=True, tag=True):
    """Another officer answered."""

    by: str
    upheld: bool
    words: str


class MeasureEnded(Event, frozen=True, kw_only=True, tag=True):
    """It was taken back before its effect, or ended after."""

    words: str


AnyEvent = MeasureAnnounced | MeasureAppealed | AppealDecided | MeasureEnded


class Days(Struct, frozen=True, kw_only=True):
    """A step of the city's ladder, in spans of 24 hours."""

    step: Step
    announce: int
    appeal: int
    lasts: int | None


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    agency: str = ""
    person: str = ""
    """Who acts."""
    known: bool = True
    """Whether the merchant is registered here."""
    own: frozenset[str] = frozenset()
    """Those of the named disputes that are the merchant's."""
    ladder: tuple[Days, ...] = ()
    """The city's steps in order; none where it takes no measures on this day."""
    span_days: int = 730
    past: tuple[Measure, ...] = ()
    """All measures against this merchant."""


def decide(row: Measure | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("merchant_unknown" | "measure_unknown" | "dispute_unknown")`, `Refused` with `measure_off`,
    `measure_step_unknown`, `measure_step_early`, `measure_running`, `measure_dispute_missing`, `measure_words_missing`,
    `measure_over`, `measure_appeal_made`, `measure_appeal_late`, `measure_appeal_none`, `measure_same_officer`.
    """
    if isinstance(command, AnnounceMeasure):
        return [] if row is not None else [_announced(command, ground)]
    if row is None:
        raise Missing("measure_unknown")
    if not command.words:
        raise Refused("measure_words_missing")
    match command:
        case Appeal(words=words):
            _must_be_appealable(row, ground.now)
            return [MeasureAppealed(at=ground.now, words=words)]
        case DecideAppeal(upheld=upheld, words=words):
            if not row.undecided:
                raise Refused("measure_appeal_none")
            if row.decided_by == ground.person:
                raise Refused("measure_same_officer")
            return [AppealDecided(at=ground.now, by=ground.person, upheld=upheld, words=words)]
        case EndMeasure(words=words):
            if row.state in {State.withdrawn, State.ended}:
                return []
            if row.phase(ground.now) is Phase.over:
                raise Refused("measure_over")
            return [MeasureEnded(at=ground.now, words=words)]
        case _:
            assert_never(command)


def next_steps(past: tuple[Measure, ...], ladder: tuple[Days, ...], span_days: int, at: datetime) -> tuple[Step, ...]:
    """Steps that may be taken against a merchant at an instant: the first, and each whose step before was taken."""
    since = at - timedelta(days=span_days)
    taken = {each.step for each in past if each.taken(at) and each.announced_at >= since}
    running = {each.step for each in past if each.phase(at) is not Phase.over}
    steps = [each.step for each in ladder]
    return tuple(
        step for place, step in enumerate(steps) if (place == 0 or steps[place - 1] in taken) and step not in running
    )


def _announced(command: AnnounceMeasure, ground: Ground) -> MeasureAnnounced:
    if not ground.ladder:
        raise Refused("measure_off")
    if not ground.known:
        raise Missing("merchant_unknown")
    if not command.reason:
        raise Refused("measure_words_missing")
    if not command.disputes:
        raise Refused("measure_dispute_missing")
    if not ground.own.issuperset(command.disputes):
        raise Missing("dispute_unknown")
    days = next((each for each in ground.ladder if each.step is command.step), None)
    if days is None:
        raise Refused("measure_step_unknown")
    if any(each.step is command.step and each.phase(ground.now) is not Phase.over for each in ground.past):
        raise Refused("measure_running")
    if command.step not in next_steps(ground.past, ground.ladder, ground.span_days, ground.now):
        raise Refused("measure_step_early")
    effective = ground.now + timedelta(days=days.announce)
    return MeasureAnnounced(
        at=ground.now,
        city=ground.city,
        id=command.id,
        merchant=command.merchant,
        step=command.step,
        reason=command.reason,
        disputes=tuple(dict.fromkeys(command.disputes)),
        agency=ground.agency,
        decided_by=ground.person,
        effective_at=effective,
        appeal_until=ground.now + timedelta(days=days.appeal),
        lasts_until=None if days.lasts is None else effective + timedelta(days=days.lasts),
    )


def _must_be_appealable(row: Measure, now: datetime) -> None:
    if row.appeal is not None:
        raise Refused("measure_appeal_made")
    if row.phase(now) is Phase.over:
        raise Refused("measure_over")
    if not row.appealable(now):
        raise Refused("measure_appeal_late")


def evolve(row: Measure | None, event: AnyEvent) -> Measure:
    """The row after one more event."""
    if row is None:
        if not isinstance(event, MeasureAnnounced):
            raise AssertionError(f"a measure begins with MeasureAnnounced, not {type(event).__name__}")
        return Measure(
            city=event.city,
            id=event.id,
            version=1,
            merchant=event.merchant,
            step=event.step,
            state=State.stands,
            reason=event.reason,
            disputes=event.disputes,
            agency=event.agency,
            decided_by=event.decided_by,
            announced_at=event.at,
            effective_at=event.effective_at,
            appeal_until=event.appeal_until,
            lasts_until=event.lasts_until,
            changed_at=event.at,
        )
    return replace(_after(row, event), version=row.version + 1, changed_at=event.at)


def _after(row: Measure, event: AnyEvent) -> Measure:
    match event:
        case MeasureAppealed(at=at, words=words):
            return replace(row, appeal=Appealed(at=at, words=words))
        case AppealDecided(at=at, by=by, upheld=upheld, words=words):
            if row.appeal is None:
                raise AssertionError("no appeal was made")
            answered = replace(row.appeal, decided_at=at, decided_by=by, upheld=upheld, answer=words)
            decided = replace(row, appeal=answered)
            return decided if upheld else replace(decided, state=State.lifted, ended_at=row.ended_at or at)
        case MeasureEnded(at=at, words=words):
            state = State.withdrawn if at < row.effective_at else State.ended
            return replace(row, state=state, ended_at=at, ending=words)
        case MeasureAnnounced():
            raise AssertionError("a measure is announced once")
        case _:
            assert_never(event)
