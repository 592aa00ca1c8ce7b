"""What an event of a mediation brings: its clocks, messages to both sides, and the end of its dispute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from hejie.agenda.disputes import notices_of
from hejie.agenda.task import Task, item
from hejie.base.actor import Role
from hejie.mediations import events as e
from hejie.mediations.ground import SIDES
from hejie.mediations.limits import last_day
from hejie.mediations.model import Limit, Mediation

CONFIRM_BEFORE = timedelta(days=10)
"""How long before its end both are reminded that a court may confirm what was agreed."""


def for_mediation(row: Mediation, event: e.AnyEvent) -> list[Task]:
    """What an event of a mediation brings; `row` is the row after it."""
    tasks = [_notice(row, side, template) for side, template in _told(event)]
    due = getattr(event, "due", None)
    if isinstance(due, Limit) and not isinstance(event, e.ViolationSplitOff):
        payload: dict[str, object] = {"rule": due.rule, "at": due.at.isoformat()}
        tasks.append(Task(kind="mediation_due", noun="mediation", subject=row.id, at=due.at, payload=payload))
    return [*tasks, *_particular(row, event)]


def _particular(row: Mediation, event: e.AnyEvent) -> list[Task]:
    match event:
        case e.ComplaintReceived():
            return [_tell_wallet(row, event), *_take(row)]
        case e.TakenOver():
            return _take(row)
        case e.ComplaintAccepted() | e.AgreementReached():
            reminders = []
            if isinstance(event, e.AgreementReached) and event.confirm_due is not None:
                at = event.confirm_due.at - CONFIRM_BEFORE
                reminders = [_notice(row, side, "mediation_confirm", at) for side in SIDES]
            return [_tell_wallet(row, event), *reminders]
        case e.RecusalAsked():
            return [item("mediation", row.id, "recusal_asked", dispute=row.dispute)]
        case e.ViolationSplitOff(due=due):
            return [item("mediation", row.id, "violation_found", dispute=row.dispute, day=last_day(due.at).isoformat())]
        case (
            e.ComplaintRefused() | e.MediationTerminated() | e.AgreementPerformed() | e.AgreementBroken()
            | e.SettledAside()
        ):  # fmt: skip
            since: dict[str, object] = {"since": event.at.isoformat()}
            told = Task(kind="check_told", noun="mediation", subject=row.id, payload=since)
            return [Task(kind="close_mediated", noun="mediation", subject=row.id), *([told] if row.authority else [])]
        case _:
            return []


def _take(row: Mediation) -> list[Task]:
    """Who has the mediation talks with both sides in the dispute too."""
    return [Task(kind="take_mediated", noun="mediation", subject=row.id)] if row.officer else []


def _tell_wallet(row: Mediation, event: e.AnyEvent) -> Task:
    payload: dict[str, object] = {"what": type(event).__name__}
    destination = f"wallet:{row.wallet}"
    return Task(
        kind="tell_wallet_mediation", noun="mediation", subject=row.id, destination=destination, payload=payload
    )


def _notice(row: Mediation, side: Role, template: str, at: datetime | None = None) -> Task:
    payload: dict[str, object] = {"audience": side.value, "template": template}
    return Task(
        kind="notify", noun="dispute", subject=row.dispute, destination=notices_of(row.city), at=at, payload=payload
    )


def _told(event: e.AnyEvent) -> list[tuple[Role, str]]:
    """Who is told by a message of their own; the end itself is told by the dispute's own end."""
    match event:
        case e.ComplaintReceived():
            return [(Role.consumer, "mediation_received")]
        case e.ComplaintAccepted():
            return [(side, "mediation_accepted") for side in SIDES]
        case e.AppraisalBegun():
            return [(side, "mediation_stopped") for side in SIDES]
        case e.AppraisalEnded():
            return [(side, "mediation_resumed") for side in SIDES]
        case e.AgreementReached():
            return [(side, "mediation_agreed") for side in SIDES]
        case (
            e.MediationOpened() | e.RespondentChanged() | e.IdentityGiven() | e.TakenOver() | e.Graded()
            | e.LinkedElsewhere() | e.DuplicateJudged() | e.ComplaintRefused()
            | e.Consented() | e.RecusalAsked() | e.RecusalDecided()
            | e.Joined() | e.Commissioned() | e.ViolationSplitOff() | e.AgreementPerformed() | e.AgreementBroken()
            | e.MediationTerminated() | e.SettledAside() | e.SideTold() | e.BothTold()
        ):  # fmt: skip
            return []
        case _:
            assert_never(event)
