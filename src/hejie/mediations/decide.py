"""What follows from a command on a mediation, exhaustively."""

from __future__ import annotations

from typing import assert_never

from hejie.base.errors import Missing
from hejie.mediations import commands as c
from hejie.mediations import course, ending, intake
from hejie.mediations import events as e
from hejie.mediations.ground import Ground
from hejie.mediations.model import Mediation


def decide(row: Mediation | None, command: c.Command, ground: Ground) -> list[e.AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("mediation_unknown")`, and `Refused` as each rule says.
    """
    if isinstance(command, c.Open):
        return intake.open_it(row, command, ground)
    if row is None:
        raise Missing("mediation_unknown")
    return _on_existing(row, command, ground)


def _on_existing(  # noqa: C901, PLR0911, PLR0912  one flat table of commands
    row: Mediation, command: c.OnExisting | c.ByOfficer, ground: Ground
) -> list[e.AnyEvent]:
    match command:
        case c.GiveIdentity():
            return intake.give_identity(row, command, ground)
        case c.Receive():
            return intake.receive(row, command, ground)
        case c.TakeOver():
            return intake.take_over(row, ground)
        case c.Grade():
            return intake.grade(row, command, ground)
        case c.LinkElsewhere():
            return intake.link_elsewhere(row, command, ground)
        case c.JudgeDuplicate():
            return intake.judge_duplicate(row, command, ground)
        case c.Accept():
            return intake.accept(row, ground)
        case c.Refuse():
            return intake.refuse(row, command, ground)
        case c.Consent():
            return course.consent(row, command, ground)
        case c.AskRecusal():
            return course.ask_recusal(row, command, ground)
        case c.DecideRecusal():
            return course.decide_recusal(row, command, ground)
        case c.BeginAppraisal():
            return course.begin_appraisal(row, command, ground)
        case c.EndAppraisal():
            return course.end_appraisal(row, ground)
        case c.Join():
            return course.join(row, command, ground)
        case c.CommissionTo():
            return course.commission(row, command, ground)
        case c.SplitOff():
            return course.split_off(row, command, ground)
        case c.Agree():
            return ending.agree(row, command, ground)
        case c.NotePerformance():
            return ending.note_performance(row, command, ground)
        case c.Terminate():
            return ending.terminate(row, command, ground)
        case c.RunOut():
            return ending.run_out(row, command, ground)
        case c.Follow():
            return ending.follow(row, command, ground)
        case c.NoteTold():
            return ending.note_told(row, command, ground)
        case _:
            assert_never(command)
