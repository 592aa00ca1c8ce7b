"""Folding a mediation's events, one by one, gives its row."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.mediations import events as e
from hejie.mediations.model import AGREED, ASKED, Appraisal, Commission, Elsewhere, Judged, Mediation, Recusal, State


def evolve(row: Mediation | None, event: e.AnyEvent) -> Mediation:
    """The row after one more event."""
    if row is None:
        if not isinstance(event, e.MediationOpened):
            raise AssertionError(f"a mediation begins with MediationOpened, not {type(event).__name__}")
        return Mediation(
            city=event.city,
            id=event.id,
            version=1,
            dispute=event.dispute,
            consumer=event.consumer,
            merchant=event.merchant,
            state=State.escalated,
            wallet=event.wallet,
            competent=event.competent,
            bases=event.bases,
            materials=event.materials,
            opened_at=event.at,
            changed_at=event.at,
        )
    return replace(_changed(row, event), version=row.version + 1, changed_at=event.at)


def _changed(row: Mediation, event: e.AnyEvent) -> Mediation:
    match event:
        case e.MediationOpened():
            raise AssertionError("a mediation is opened once")
        case (
            e.RespondentChanged() | e.IdentityGiven() | e.ComplaintReceived() | e.TakenOver() | e.Graded()
            | e.LinkedElsewhere() | e.DuplicateJudged() | e.ComplaintAccepted() | e.ComplaintRefused()
        ):  # fmt: skip
            return _intake(row, event)
        case (
            e.Consented() | e.RecusalAsked() | e.RecusalDecided() | e.AppraisalBegun() | e.AppraisalEnded()
            | e.Joined() | e.Commissioned() | e.ViolationSplitOff()
        ):  # fmt: skip
            return _course(row, event)
        case (
            e.AgreementReached() | e.AgreementPerformed() | e.AgreementBroken() | e.MediationTerminated()
            | e.SettledAside() | e.SideTold() | e.BothTold()
        ):  # fmt: skip
            return _ending(row, event)
        case _:
            assert_never(event)


_Intake = (
    e.RespondentChanged | e.IdentityGiven | e.ComplaintReceived | e.TakenOver | e.Graded | e.LinkedElsewhere
    | e.DuplicateJudged | e.ComplaintAccepted | e.ComplaintRefused
)  # fmt: skip
_Course = (
    e.Consented | e.RecusalAsked | e.RecusalDecided | e.AppraisalBegun | e.AppraisalEnded | e.Joined
    | e.Commissioned | e.ViolationSplitOff
)  # fmt: skip
_Ending = (
    e.AgreementReached
    | e.AgreementPerformed
    | e.AgreementBroken
    | e.MediationTerminated
    | e.SettledAside
    | e.SideTold
    | e.BothTold
)


def _intake(row: Mediation, event: _Intake) -> Mediation:
    match event:
        case e.RespondentChanged(merchant=merchant, competent=competent, bases=bases):
            kept = tuple(each for each in row.consents if each is not Role.merchant)
            return replace(row, merchant=merchant, competent=competent, bases=bases, consents=kept)
        case e.IdentityGiven(identity=identity, checked=checked):
            has = tuple(sorted({*row.materials, *ASKED}))
            return replace(row, identity=identity, checked=checked, materials=has)
        case e.ComplaintReceived(authority=authority, officer=officer, due=due):
            return replace(
                row,
                state=State.received,
                authority=authority,
                officer=officer,
                received_at=event.at,
                check_due_at=due.at,
                due=due,
            )
        case e.TakenOver(officer=officer):
            return replace(row, officer=officer)
        case e.Graded(urgency=urgency):
            return replace(row, urgency=urgency)
        case e.LinkedElsewhere(system=system, number=number):
            return replace(row, elsewhere=(*row.elsewhere, Elsewhere(system=system, number=number)))
        case e.DuplicateJudged(dispute=dispute, same=same):
            decided = {each.dispute: each for each in row.duplicates} | {dispute: Judged(dispute=dispute, same=same)}
            return replace(row, duplicates=tuple(decided.values()))
        case e.ComplaintAccepted(due=due):
            return replace(row, state=State.accepted, checked_at=event.at, accepted_at=event.at, due=due)
        case e.ComplaintRefused(ground=ground, words=words, ways=ways):
            return replace(
                row,
                state=State.refused,
                checked_at=event.at,
                refused=ground.value,
                words=words,
                ways=ways,
            )
        case _:
            assert_never(event)


def _course(row: Mediation, event: _Course) -> Mediation:
    match event:
        case e.Consented(by=by):
            return replace(row, consents=tuple(sorted({*row.consents, by})))
        case e.RecusalAsked(by=by, words=words):
            return replace(row, recusal=Recusal(by=by, words=words, asked_at=event.at))
        case e.RecusalDecided(granted=granted):
            if not granted:
                return replace(row, recusal=None)
            return replace(row, recusal=None, recused=(*row.recused, row.officer), officer="")
        case e.AppraisalBegun(body=body, named_by=named_by, day=day):
            return replace(row, appraisal=Appraisal(body=body, named_by=named_by, since=day), due=None)
        case e.AppraisalEnded(pause=pause, due=due):
            return replace(row, appraisal=None, pauses=(*row.pauses, pause), due=due)
        case e.Joined(others=others, representatives=representatives):
            return replace(row, joined=(*row.joined, *others), representatives=representatives)
        case e.Commissioned(body=body, confirmable=confirmable):
            return replace(row, commission=Commission(body=body, confirmable=confirmable))
        case e.ViolationSplitOff(due=due):
            return replace(row, violations=row.violations + 1, verify_due=due)
        case _:
            assert_never(event)


def _ending(row: Mediation, event: _Ending) -> Mediation:
    match event:
        case e.AgreementReached(face=face, facts=facts, terms=terms, due=due, confirm_due=confirm_due):
            return replace(
                row,
                state=State.agreed,
                face=face,
                facts=facts,
                terms=terms,
                due=due,
                confirm_due=confirm_due,
                ended_at=event.at,
                ended=AGREED,
            )
        case e.AgreementPerformed(words=words):
            return replace(row, state=State.performed, performed_at=event.at, words=words, due=None)
        case e.AgreementBroken(words=words, ways=ways):
            return replace(row, state=State.broken, words=words, ways=ways, due=None)
        case e.MediationTerminated(code=code, words=words, ways=ways, due=due):
            return replace(
                row,
                state=State.terminated,
                words=words,
                ways=ways,
                due=due,
                appraisal=None,
                recusal=None,
                ended_at=event.at,
                ended=code.value,
            )
        case e.SettledAside():
            return replace(
                row,
                state=State.terminated,
                due=None,
                appraisal=None,
                recusal=None,
                ended_at=event.at,
                ended=AGREED,
            )
        case e.SideTold(side=side):
            return replace(row, told=tuple(sorted({*row.told, side})))
        case e.BothTold():
            return replace(row, told_at=event.at, due=None)
        case _:
            assert_never(event)
