"""A mediation in anybody's hands, and one standing in each state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.posts import Post
from hejie.law import shipped
from hejie.mediations import commands as c
from hejie.mediations import events as e
from hejie.mediations.decide import decide
from hejie.mediations.fold import evolve
from hejie.mediations.ground import Ground
from hejie.mediations.limits import Law
from hejie.mediations.model import Checked, Face, Mediation, Refusal, State, Term, Termination, Way, mediation_of

LAW = Law(shipped.book(), shipped.calendar())
T0 = datetime(2026, 6, 1, 2, tzinfo=UTC)
CITY, HERE, THERE = "330100", "330102", "330106"
CONSUMER, STRANGER = Actor(Role.consumer, "P1"), Actor(Role.consumer, "P2")
MERCHANT, OTHER_SHOP = Actor(Role.merchant, "S1", "M1"), Actor(Role.merchant, "S2", "M2")
OFFICER, COLLEAGUE = Actor(Role.officer, "O1", HERE), Actor(Role.officer, "O2", HERE)
AWAY, BUREAU = Actor(Role.officer, "O3", THERE), Actor(Role.officer, "O4", CITY)
WAYS = (Way.council, Way.court)
TERM = Term(who=Role.merchant, what="C3", amount_fen=5_000, by=date(2026, 12, 31))
OPEN = c.Open(
    dispute="D1", consumer="P1", merchant="M1", wallet="alipay", competent=(HERE, "510104"),
    bases=("place", "domicile"), materials=("claim", "facts"),
)  # fmt: skip
GIVE, COUNTER = (c.GiveIdentity(identity="C1", checked=each) for each in (Checked.document, Checked.counter))
REFUSE = c.Refuse(ground=Refusal.N3, words="C2", ways=WAYS)
AGREE = c.Agree(face=Face.document, facts="C4", terms=(TERM,))
TERMINATE = c.Terminate(code=Termination.T3, words="C5", ways=WAYS)
DONE, BROKEN = (c.NotePerformance(performed=each, words="C6", ways=WAYS) for each in (True, False))
BEGIN = c.BeginAppraisal(body="省质检院", named_by=Role.officer)
BOTH = (c.Consent(by=Role.consumer), c.Consent(by=Role.merchant))
WITHDRAWN, SETTLED = (c.Follow(agreed=each, withdrawn=not each) for each in (False, True))


class Case:
    """One mediation, its log, and a clock to be moved."""

    def __init__(self, now: datetime = T0) -> None:
        self.now = now
        self.log: list[e.AnyEvent] = []
        self.posts: dict[Actor, Post] = {}
        self.state: Mediation | None = None

    @property
    def row(self) -> Mediation:
        assert self.state is not None
        return self.state

    def ground(self, actor: Actor, others: tuple[Mediation, ...] = ()) -> Ground:
        return Ground(
            city=CITY, id=mediation_of("D1"), now=self.now, actor=actor, law=LAW, counties=(HERE, THERE), others=others,
            post=self.posts.get(actor, Post()),
        )  # fmt: skip

    def do(self, actor: Actor, *commands: c.Command, others: tuple[Mediation, ...] = ()) -> list[e.AnyEvent]:
        found: list[e.AnyEvent] = []
        for command in commands:
            found = decide(self.state, command, self.ground(actor, others))
            for event in found:
                self.state = evolve(self.state, event)
            self.log += found
        return found

    def days(self, days: int) -> Case:
        self.now += timedelta(days=days)
        return self


def standing_in(state: State) -> Case:
    """One that came into a state by the plainest road."""
    case = Case()
    case.do(SYSTEM, OPEN)
    if state is State.escalated:
        return case
    case.do(CONSUMER, GIVE)
    case.do(OFFICER, c.Receive())
    if state is State.refused:
        case.do(OFFICER, REFUSE)
    elif state is not State.received:
        case.do(OFFICER, c.Accept(), *BOTH)
    if state is State.terminated:
        case.do(OFFICER, TERMINATE)
    if state in {State.agreed, State.performed, State.broken}:
        case.do(OFFICER, AGREE)
    if state in {State.performed, State.broken}:
        case.do(OFFICER, DONE if state is State.performed else BROKEN)
    assert case.row.state is state
    return case
