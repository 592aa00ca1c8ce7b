"""What an officer's forms about a mediation say, read into commands; faults are gathered, nothing is done here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.base.money import positive_fen
from hejie.desk.act import Content
from hejie.edge.forms import Checks, one_of
from hejie.edge.texts import clean_text
from hejie.mediations import commands as c
from hejie.mediations.model import Checked, Face, Refusal, Telling, Term, Termination, Urgency, Way
from hejie.web.mediation_acts import identity_typed, text_typed
from hejie.web.shell import Visit

TERM_ROWS = 4
"""Things agreed that the form has room for."""
Step = Callable[[Visit, Checks, list[Content]], "c.OnExisting | c.ByOfficer"]


def seen(word: str) -> int:
    """The version that was read; `Refused("field_unreadable")`."""
    if not (word.isascii() and word.isdigit() and len(word) < 10):  # noqa: PLR2004  what an int column holds
        raise Refused("field_unreadable")
    return int(word)


def _words(visit: Visit, check: Checks, contents: list[Content], field: str) -> str:
    identifier, made = text_typed(visit, check, field)
    contents += made
    return identifier


def _ways(visit: Visit, prefix: str) -> tuple[Way, ...]:
    return tuple(way for way in Way if visit.form.has(f"{prefix}-{way.value}"))


def _receive(visit: Visit, check: Checks, contents: list[Content]) -> c.Receive:  # noqa: ARG001  as every step
    return c.Receive(authority=visit.form.word("authority"))


def _identity(visit: Visit, check: Checks, contents: list[Content]) -> c.GiveIdentity:
    command, made = identity_typed(visit, check, Checked.counter)
    contents += made
    return command


def _refuse(visit: Visit, check: Checks, contents: list[Content]) -> c.Refuse:
    ground = check("ground", one_of, Refusal, visit.form.word("ground"), default=Refusal.N7)
    words = _words(visit, check, contents, "refuse_words")
    ways = _ways(visit, "refuse")
    if not ways:
        check.add("refuse-talk", Refused("ways_missing"))
    return c.Refuse(ground=ground, words=words, ways=ways)


def _terminate(visit: Visit, check: Checks, contents: list[Content]) -> c.Terminate:
    code = check("code", one_of, Termination, visit.form.word("code"), default=Termination.T8)
    words = _words(visit, check, contents, "terminate_words")
    ways = _ways(visit, "terminate")
    if not ways:
        check.add("terminate-talk", Refused("ways_missing"))
    return c.Terminate(code=code, words=words, ways=ways)


def _broken(visit: Visit, check: Checks, contents: list[Content]) -> c.NotePerformance:
    words = _words(visit, check, contents, "broken_words")
    ways = _ways(visit, "broken")
    if not ways:
        check.add("broken-talk", Refused("ways_missing"))
    return c.NotePerformance(performed=False, words=words, ways=ways)


def _performed(visit: Visit, check: Checks, contents: list[Content]) -> c.NotePerformance:
    return c.NotePerformance(performed=True, words=_words(visit, check, contents, "performed_words"))


def _agree(visit: Visit, check: Checks, contents: list[Content]) -> c.Agree:
    face = check("face", one_of, Face, visit.form.word("face"), default=Face.document)
    facts = _words(visit, check, contents, "facts_words")
    terms = [term for n in range(1, TERM_ROWS + 1) if (term := _term(visit, check, contents, n)) is not None]
    if not terms and not check:
        check.add("what-1", Refused("terms_missing"))
    return c.Agree(face=face, facts=facts, terms=tuple(terms))


def _term(visit: Visit, check: Checks, contents: list[Content], number: int) -> Term | None:
    """One row of the form; none where nothing was written in it."""
    form = visit.form
    typed = {name: form.text(f"{name}-{number}").strip() for name in ("what", "amount", "by")}
    if not any(typed.values()):
        return None
    what = check(f"what-{number}", clean_text, typed["what"], 200, needed=True, default="")
    amount = check(f"amount-{number}", positive_fen, typed["amount"], default=0) if typed["amount"] else 0
    by = check(f"by-{number}", _day, typed["by"], default=date.max)
    who = check(f"who-{number}", one_of, Role, form.word(f"who-{number}"), default=Role.merchant)
    content = Content(id=visit.desk.mint(visit.city), kind="text", plain=what.encode())
    contents.append(content)
    return Term(who=who, what=content.id, amount_fen=amount, by=by)


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise Refused("term_unreadable") from None


def _consent(visit: Visit, check: Checks, contents: list[Content]) -> c.Consent:  # noqa: ARG001  as every step
    return c.Consent(by=check("consent", one_of, Role, visit.form.word("by"), default=Role.consumer))


def _recusal(visit: Visit, check: Checks, contents: list[Content]) -> c.AskRecusal:
    by = check("recusal_by", one_of, Role, visit.form.word("recusal_by"), default=Role.consumer)
    return c.AskRecusal(by=by, words=_words(visit, check, contents, "recusal_words"))


def _decide(visit: Visit, check: Checks, contents: list[Content]) -> c.DecideRecusal:  # noqa: ARG001  as every step
    granted = {"yes": True, "no": False}.get(visit.form.word("granted"))
    if granted is None:
        check.add("granted", Refused("choice_missing"))
    return c.DecideRecusal(granted=bool(granted))


def _appraisal(visit: Visit, check: Checks, contents: list[Content]) -> c.BeginAppraisal:  # noqa: ARG001  as every step
    body = check("appraiser", clean_text, visit.form.text("appraiser"), 60, needed=True, default="")
    named = check("named_by", one_of, Role, visit.form.word("named_by"), default=Role.officer)
    return c.BeginAppraisal(body=body, named_by=named)


def _commission(visit: Visit, check: Checks, contents: list[Content]) -> c.CommissionTo:  # noqa: ARG001  as every step
    body = check("body", clean_text, visit.form.text("body"), 60, needed=True, default="")
    return c.CommissionTo(body=body, both_agree=visit.form.has("both_agree"), confirmable=visit.form.has("confirmable"))


def _join(visit: Visit, check: Checks, contents: list[Content]) -> c.Join:  # noqa: ARG001  as every step
    others = tuple(name for name in visit.form.texts("join") if name)
    if not others:
        check.add("join", Refused("join_unknown"))
    return c.Join(others=others, representatives=tuple(name for name in visit.form.texts("speaks") if name))


def _split(visit: Visit, check: Checks, contents: list[Content]) -> c.SplitOff:
    return c.SplitOff(words=_words(visit, check, contents, "split_words"))


def _grade(visit: Visit, check: Checks, contents: list[Content]) -> c.Grade:  # noqa: ARG001  as every step
    return c.Grade(urgency=check("urgency", one_of, Urgency, visit.form.word("urgency"), default=Urgency.normal))


def _link(visit: Visit, check: Checks, contents: list[Content]) -> c.LinkElsewhere:  # noqa: ARG001  as every step
    return c.LinkElsewhere(system=visit.form.word("system"), number=visit.form.text("number").strip())


def _told(visit: Visit, check: Checks, contents: list[Content]) -> c.NoteTold:
    side = check("told_side", one_of, Role, visit.form.word("told_side"), default=Role.consumer)
    return c.NoteTold(side=side, how=Telling.person, words=_words(visit, check, contents, "told_words"))


def _duplicate(visit: Visit, check: Checks, contents: list[Content]) -> c.JudgeDuplicate:  # noqa: ARG001  as every step
    same = {"yes": True, "no": False}.get(visit.form.word("same"))
    if same is None:
        check.add("duplicate", Refused("choice_missing"))
    return c.JudgeDuplicate(dispute=visit.form.word("duplicate"), same=bool(same))


STEPS: Mapping[str, Step] = {
    "receive": _receive,
    "take": lambda visit, check, contents: c.TakeOver(),  # noqa: ARG005  as every step
    "identity": _identity,
    "accept": lambda visit, check, contents: c.Accept(),  # noqa: ARG005  as every step
    "refuse": _refuse,
    "consent": _consent,
    "recusal": _recusal,
    "decide-recusal": _decide,
    "appraisal": _appraisal,
    "end-appraisal": lambda visit, check, contents: c.EndAppraisal(),  # noqa: ARG005  as every step
    "commission": _commission,
    "join": _join,
    "split": _split,
    "grade": _grade,
    "link": _link,
    "agree": _agree,
    "performed": _performed,
    "broken": _broken,
    "terminate": _terminate,
    "told": _told,
    "duplicate": _duplicate,
}
"""The last part of an address → how its form is read."""
