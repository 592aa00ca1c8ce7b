"""What one city decides for itself, as rows that each hold from a day on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, Literal

from msgspec import Meta, Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.cities.ladder import Ladder
from hejie.cities.papers import Paper
from hejie.cities.promises import Promise

OTHER = "other"
"""The problem that every city's list holds: what fits nowhere else."""

REGULATOR = "12315"
"""The system that we tell a problem's code to: several problems may have one code there. A wallet tells its code to us,
so that each of its codes means one problem."""

MOST_LETTER_DAYS = 3660
Hours = Annotated[int, Meta(ge=1, le=8784)]
Days = Annotated[int, Meta(ge=1, le=366)]
Code = Annotated[str, Meta(pattern=r"^[1-9][0-9]{5}$")]
Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, Meta(min_length=1, max_length=80)]


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A short text in both languages of the house."""

    zh: Line
    en: Line


class Clocks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long each step may take; days are spans of 24 hours from the instant."""

    answer_hours: Hours = 96
    confirm_days: Days = 7
    confirm_reminder_days: tuple[Days, ...] = (1, 3, 6)
    settle_hours: Hours = 72
    offer_days: Days = 7
    filing_days: Days = 30
    reopen_days: Days = 30
    survey_days: Days = 30
    reach_hours: Hours = 24
    receipt_minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    """Without a receipt for so long, the merchant's next contact is tried."""
    invite_days: Days = 30
    """A merchant that has not joined is asked once in this time."""
    provisional: tuple[Word, ...] = ()
    """Names of the fields above that the city has not yet confirmed."""


class WalletClock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a wallet gives a merchant after a complaint made in it, where its interface does not tell."""

    wallet: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,20}$")]
    first_answer_hours: Hours = 24
    done_hours: Hours = 72
    """Past it the wallet may refund out of the merchant's balance."""
    remind_hours: Hours = 12
    """So long before each of them the merchant is reminded."""
    provisional: bool = True
    """Whether these are guessed, rather than published by the wallet."""


class ForeignCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How another system names a problem; unconfirmed until its owner has published the list."""

    system: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,20}$")]
    """A wallet's name, or `REGULATOR`."""
    code: Line
    confirmed: bool = False


class Problem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer to "what happened?" on the form."""

    id: Word
    name: Words
    asks_right_amount: bool = False
    """The form asks what should have been paid and claims the difference."""
    safety: bool = False
    """Somebody is or may be in danger: emergency doors come first, and an officer has it at once."""
    undue_payment: bool = False
    """Money was taken without ground (Civil Code art. 985), so performance is a return of it."""
    codes: tuple[ForeignCode, ...] = ()

    def code_in(self, system: str) -> str:
        """This problem's (first) code in another system, empty where it has none."""
        return next((each.code for each in self.codes if each.system == system), "")


class Demand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a wallet's payer asks for, as one of our remedies."""

    remedy: Literal["refund_full", "exchange", "goods_return", "repair", "apology"]
    codes: tuple[ForeignCode, ...]


class Agency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The authority of one division."""

    code: Code
    """Its division: the city itself or one of its districts and counties."""
    division: Line
    """The division's English name; the Chinese one stands in `divisions`."""
    name: Words


class Street(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The authority of one street or town, below a district."""

    code: Annotated[str, Meta(pattern=r"^[1-9][0-9]{8}$")]
    """Nine digits: the district's six (GB/T 2260) and three of the street (GB/T 10114)."""
    division: Line
    """The street's English name."""
    name: Words


class Door(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The statutory door that stays open after ours is shut."""

    phone: Annotated[str, Meta(pattern=r"^[0-9]{3,12}$")] = "12315"
    url: Annotated[str, Meta(pattern=r"^https://[^\s]{1,200}$")]


class Call(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number to call at once, and what for."""

    phone: Annotated[str, Meta(pattern=r"^[0-9]{3,12}$")]
    name: Words


class OnDuty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a safety report in a division is sent to by text message; the city's own row stands in for all others."""

    division: Code
    phone: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$")]
    """E.164, an office's duty phone."""


class Safety(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes first where somebody is or may be in danger."""

    calls: tuple[Call, ...] = ()
    on_duty: tuple[OnDuty, ...] = ()
    provisional: bool = True
    """Whether the city has not yet confirmed these numbers."""

    def duty_phone(self, city: str, division: str) -> str:
        """The duty phone of a division, else the city's, else nothing."""
        known = {each.division: each.phone for each in self.on_duty}
        return known.get(division) or known.get(city, "")


class ClearingAgreement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which agreement clearing files may be loaded: an acquirer's own, or one with it."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    party: Line
    """The acquirer or clearing house."""
    valid_from: date
    valid_to: date | None = None
    """The last day."""
    keep_days: Annotated[int, Meta(ge=1, le=3660)] = 180
    """How long records are kept; those of disputed payments as long as the dispute."""

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Publishing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether and how a city publishes merchants' figures; off unless it names a first day."""

    valid_from: date | None = None
    valid_to: date | None = None
    """The last day."""
    objection_days: Annotated[int, Meta(ge=1, le=90)] = 10
    """How long a merchant may object before anything is shown; spans of 24 hours from the announcement."""
    least_cell: Annotated[int, Meta(ge=3, le=100)] = 5
    """So many disputes at least stand behind a figure that is told to everybody."""

    def holds(self, day: date) -> bool:
        """Whether the city publishes on a day."""
        return (
            self.valid_from is not None and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        )


class HandoverClocks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the cities agreed on hand-overs: working days from the offer; the dispute's own clocks run on beside."""

    answer_days: Annotated[int, Meta(ge=1, le=60)] = 7
    """Until the receiving city shall have said yes or no."""
    finish_days: Annotated[int, Meta(ge=1, le=250)] = 40
    """Until the dispute shall have come to an end there."""
    by_itself: bool = True
    """Whether this city says yes without an officer where its register knows the merchant that was paid."""
    provisional: bool = True
    """No agreement's text names these yet; the spans are those of an earlier one between Chongqing and Chengdu."""


class FollowUps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the disputes that officers closed are asked about afterwards."""

    percent: Annotated[float, Meta(ge=0, le=100)] = 5.0
    after_days: Annotated[int, Meta(ge=0, le=60)] = 7
    """From the end of the dispute until its consumer is called; days are spans of 24 hours."""


class CitySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dated row: everything a city decides, in force from a Shanghai day until the next row."""

    code: Code
    name: Words
    version: Annotated[int, Meta(ge=1)]
    valid_from: date
    sms_signature: Line
    clocks: Clocks
    door: Door
    problems: tuple[Problem, ...]
    demands: tuple[Demand, ...] = ()
    """What wallets' payers ask for; whatever stands not here is `other`."""
    agencies: tuple[Agency, ...]
    streets: tuple[Street, ...] = ()
    """Authorities below the districts' own, as far as the city has them here."""
    safety: Safety = Safety()
    wallet_clocks: tuple[WalletClock, ...] = ()
    clearing: tuple[ClearingAgreement, ...] = ()
    similar_least: Annotated[int, Meta(ge=10, le=500)] = 20
    """Similar settled cases it takes before anything is said of what they settled at."""
    handoff: Literal["off", "officer", "consent"] = "off"
    """Whether escalated disputes may be handed to the national 12315 platform: by an officer, or by the consumer's
    consent alone."""
    handoff_unknown_hours: Hours = 24
    """So long after a hand-off was sent a person is asked, if it is not known whether 12315 has it."""
    publicity: Publishing = Publishing()
    ladder: Ladder = Ladder()
    """Measures against merchants with which mediation failed."""
    handover: HandoverClocks = HandoverClocks()
    letter_days: Annotated[int, Meta(ge=7, le=MOST_LETTER_DAYS)] = 90
    """How long letters to and from other cities keep their content after they have ended."""
    follow_ups: FollowUps = FollowUps()
    promises: tuple[Promise, ...] = ()
    """What its shops may promise behind a paycode, in the order in which it is shown."""
    papers: tuple[Paper, ...] = ()
    """What it needs from outside before it goes live."""

    @property
    def begins(self) -> datetime:
        """The instant it comes into force: the first of its Shanghai day."""
        return datetime.combine(self.valid_from, time(), SHANGHAI)

    def problem(self, problem_id: str) -> Problem:
        """One problem of the list; `Missing("problem_unknown")` if it is not on it."""
        for each in self.problems:
            if each.id == problem_id:
                return each
        raise Missing("problem_unknown", problem=problem_id)

    def promises_on(self, at: datetime) -> tuple[Promise, ...]:
        """The promises that may be made, and are owed, at an instant."""
        day = at.astimezone(SHANGHAI).date()
        return tuple(each for each in self.promises if each.holds(day))

    def problem_from(self, system: str, codes: Iterable[str]) -> Problem | None:
        """The problem that the first of another system's codes known here stands for; none where none is known."""
        known = {each.code: problem for problem in self.problems for each in problem.codes if each.system == system}
        return next((known[code] for code in codes if code in known), None)

    def demand_from(self, system: str, code: str) -> str:
        """The remedy that another system's demand stands for; `other` where none is known."""
        known = {each.code: demand.remedy for demand in self.demands for each in demand.codes if each.system == system}
        return known.get(code, OTHER)

    def wallet_clock(self, wallet: str) -> WalletClock:
        """How long a wallet gives a merchant; the usual times where the city has written down none."""
        return next((each for each in self.wallet_clocks if each.wallet == wallet), WalletClock(wallet=wallet))

    def clearing_agreement(self, identifier: str, day: date) -> ClearingAgreement:
        """An agreement that is in force on a day.

        Errors: `Missing("clearing_agreement_unknown")`, `Refused("clearing_agreement_over")`.
        """
        for each in self.clearing:
            if each.id == identifier:
                if not each.holds(day):
                    raise Refused("clearing_agreement_over", agreement=identifier)
                return each
        raise Missing("clearing_agreement_unknown", agreement=identifier)

    @property
    def authorities(self) -> frozenset[str]:
        """Codes of all authorities: the city's, the districts', the streets'."""
        return frozenset({*(each.code for each in self.agencies), *(each.code for each in self.streets)})

    def authority_name(self, code: str) -> Words | None:
        """What an authority is called; none for one that is not here."""
        named = {street.code: street.name for street in self.streets}
        return named.get(code) or next((each.name for each in self.agencies if each.code == code), None)

    def agency(self, division: str) -> Agency:
        """The authority of a division; `Missing("agency_unknown")` outside this city."""
        for each in self.agencies:
            if each.code == division:
                return each
        raise Missing("agency_unknown", division=division)


def in_force(rows: Iterable[CitySettings], at: datetime) -> CitySettings:
    """The row that holds at an instant: the latest begun by that Shanghai day.

    Errors: `Missing("settings_not_in_force")` before the first row begins.
    """
    begun = [row for row in rows if row.begins <= at]
    if not begun:
        raise Missing("settings_not_in_force", day=at.astimezone(SHANGHAI).date().isoformat())
    return max(begun, key=lambda row: (row.valid_from, row.version))


def owed(rows: Iterable[CitySettings], names: Iterable[str], at: datetime) -> tuple[Promise, ...]:
    """Promises that were once made, in the words of an instant.

    What a city no longer offers is still owed where it was made: in the last words that were in force by then.
    """
    day = at.astimezone(SHANGHAI).date()
    begun = sorted((row for row in rows if row.begins <= at), key=lambda row: (row.valid_from, row.version))
    words: dict[str, Promise] = {}
    for row in begun:
        known = sorted((each for each in row.promises if each.valid_from <= day), key=lambda each: each.valid_from)
        words |= {each.id: each for each in known}
    return tuple(words[name] for name in names if name in words)
