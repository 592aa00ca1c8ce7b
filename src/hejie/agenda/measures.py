"""What events of a measure against a merchant bring."""

from __future__ import annotations

from hejie.agenda.task import Task, item
from hejie.merchants.measures import SUSPENDS, AnyEvent, AppealDecided, Measure, MeasureAnnounced, MeasureAppealed, Step


def _units(row: Measure, event: AnyEvent) -> list[Task]:
    """The register of promise units changes when such a measure begins and ends."""
    if row.step not in SUSPENDS or isinstance(event, MeasureAppealed):
        return []
    ends = [event.at, row.until] if not isinstance(event, MeasureAnnounced) else [row.effective_at, row.until]
    return [Task(kind="tell_units_of", noun="merchant", subject=row.merchant, at=each) for each in ends if each]


def for_measure(row: Measure, event: AnyEvent) -> list[Task]:
    """What an event of a measure brings: messages, an inspection, and what the register of promise units shows."""
    return [*_told(row, event), *_units(row, event)]


def _told(row: Measure, event: AnyEvent) -> list[Task]:
    """The merchant is told before, and of the answer to its appeal; an officer inspects, and hears of an appeal."""
    match event:
        case MeasureAnnounced():
            tell = Task(kind="tell_measure", noun="measure", subject=row.id, destination=f"sms:{row.city}")
            due = Task(kind="inspect", noun="measure", subject=row.id, at=row.effective_at)
            return [tell, due] if row.step is Step.inspection else [tell]
        case AppealDecided():
            return [Task(kind="tell_appeal", noun="measure", subject=row.id, destination=f"sms:{row.city}")]
        case MeasureAppealed():
            return [item("merchant", row.merchant, "measure_appealed", measure=row.id)]
        case _:
            return []
