"""What must hold when a run has come to rest: nothing lost, one home, money once, cities agree, clocks fired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import psycopg

from hejie.base.merkle import leaf_hash, node_hash
from hejie.disputes.model import Dispute
from hejie.disputes.states import State as Stands
from hejie.duties.handovers import summary
from hejie.handovers.model import State
from hejie.payments.refund import Refund, RefundState
from hejie_lab.faults.fold import NOUNS, fold_city
from hejie_lab.simulate.logs import Logs
from hejie_lab.simulate.people import People
from hejie_lab.simulate.purse import Ledger
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.watch import Watch

_FOLDED = {name: NOUNS[name] for name in ("dispute", "handover", "refund", "mediation")}
_VERSIONS = "select noun, id, max(version) from log where city = %s group by noun, id"
_TASKS = """
select kind, subject, parked, last_error, due_at from task where city = %s and (parked or due_at <= %s) order by id
"""
_ITEMS = "select noun, subject from work_item where city = %s"
_OUT = "select peer, about, number, id, state from letter_out where city = %s"
_IN = "select peer, about, number, id, state, over_at from letter_in where city = %s order by peer, about, number"
_REFUNDS = "select body::text from refund where city = %s"
_ENTRIES = "select entry from log_number where city = %s order by number"
_LINES = "select count(*) from log where city = %s"
_OPEN = {RefundState.with_person, RefundState.unknown, RefundState.accepted}
_NEVER_TOLD = timedelta(seconds=1)


class Rest(NamedTuple):
    """A run at rest."""

    towns: Sequence[Town]
    links: Sequence[psycopg.Connection[Any]]
    watch: Watch
    people: People
    ledger: Ledger
    logs: Logs

    def ask(self, town: Town, query: str, *more: object) -> list[tuple[Any, ...]]:
        """Of one city's database."""
        return self.links[town.number].execute(query, [town.code, *more]).fetchall()


def acknowledged(rest: Rest) -> Iterator[str]:
    """What a city has said is done stands in its log; a filing is one dispute, at its birth city."""
    reached = {
        (town.number, noun, identifier): version
        for town in rest.towns
        for noun, identifier, version in rest.ask(town, _VERSIONS)
    }
    for each in rest.people.parties.acknowledged:
        if reached.get((each.city, each.noun, each.id), 0) < each.version:
            yield f"{each.noun} {each.id} {each.version} was acknowledged in {each.city} and is lost"
    for identifier, filing in rest.people.filed.items():
        if (filing.city, identifier) not in rest.watch.disputes:
            yield f"filing {filing.number} is lost"
    for (_, identifier), row in rest.watch.disputes.items():
        if row.arrived == "" and row.city == identifier[:6] and identifier not in rest.people.filed:
            yield f"dispute {identifier}: nobody was told of it"


def one_home(rest: Rest) -> Iterator[str]:
    """All cities that know a dispute name the same home, and that city has it."""
    homes: defaultdict[str, dict[str, Dispute]] = defaultdict(dict)
    for (_, identifier), row in rest.watch.disputes.items():
        homes[identifier][row.city] = row
    for identifier, rows in homes.items():
        named = {row.home for row in rows.values()}
        if len(named) != 1:
            yield f"{identifier}: its home is {sorted(named)}"
            continue
        home = rows.get(named.pop())
        if home is None or (home.away is not None and home.away.gone):
            yield f"{identifier}: its home does not have it"
            continue
        for row in rows.values():
            if row.away is not None and row.away.gone and row.away.summary not in {None, summary(home)}:
                yield f"{identifier}: {row.city} was told {row.away.summary}, it is {summary(home)}"
            if row.away is not None and row.away.gone and row.away.summary is None and _has_news(home, row):
                yield f"{identifier}: {row.city} was told nothing"


def _has_news(home: Dispute, copy: Dispute) -> bool:
    """Whether more has happened there than its arrival."""
    return home.version - home.homing > copy.version - copy.homing


def handovers_agree(rest: Rest) -> Iterator[str]:
    """Both sides of a hand-over say the same, and each line between officers came once, in its order."""
    for (city, identifier), row in rest.watch.handovers.items():
        other = rest.watch.handovers.get((rest.watch.world.codes.index(row.peer), identifier))
        if row.ours:
            if other is None and row.state is not State.refused:
                yield f"hand-over {identifier}: {row.state} at its sender, unknown at its receiver"
            elif other is not None and other.state is not row.state:
                yield f"hand-over {identifier}: {row.state} at its sender, {other.state} at its receiver"
        elif other is None:
            yield f"hand-over {identifier}: nobody sent it to {city}"
        if other is not None and sum(n.ours for n in row.notes) != sum(not n.ours for n in other.notes):
            yield f"hand-over {identifier}: {row.city} wrote other lines than {other.city} has"


def money(rest: Rest) -> Iterator[str]:
    """No payment gave back more than it was; what a city calls refunded is what the wallet booked, key by key."""
    for trade, back in rest.ledger.most_back().items():
        if back > rest.ledger.paid[trade]:
            yield f"payment {trade}: {back} of {rest.ledger.paid[trade]} went back"
    told: set[str] = set()
    for town in rest.towns:
        for (body,) in rest.ask(town, _REFUNDS):
            refund = msgspec.json.decode(body, type=Refund)
            booked = rest.ledger.booked.get(refund.id.rpartition(":")[2])
            told.add(refund.id)
            agrees = (refund.state is RefundState.succeeded) == (booked is not None)
            if not agrees and refund.state not in _OPEN:
                yield f"refund {refund.id}: {refund.state} in {town.code}, the wallet has {booked}"
    for key in sorted(rest.ledger.booked.keys() - told - rest.ledger.own):
        yield f"refund {key}: no city knows it"


def fired(rest: Rest) -> Iterator[str]:
    """No task that is due is left, none is parked untold, and every open dispute at home has a clock ahead of it."""
    for town in rest.towns:
        now = town.clock.now()
        asked = set(rest.ask(town, _ITEMS))
        for kind, subject, parked, error, due_at in rest.ask(town, _TASKS, now):
            if parked or due_at + _NEVER_TOLD < now:
                yield f"task {kind} of {subject} in {town.code}: {'parked' if parked else 'not done'}, {error}"
        for (city, _), row in rest.watch.disputes.items():
            if city != town.number or row.home != row.city or row.away is not None or not row.is_open:
                continue
            if row.state in {Stands.overdue, Stands.mediating} or ("dispute", row.id) in asked:
                continue
            if row.due is None or row.due.at <= now:
                yield f"dispute {row.id}: {row.state} in {town.code}, and nothing moves it any more"


def letters(rest: Rest) -> Iterator[str]:
    """Every letter has come to its end at both sides, and those about one thing in their order."""
    came: dict[str, tuple[str, str]] = {}
    for town in rest.towns:
        last: dict[tuple[str, str], Any] = {}
        for peer, about, number, identifier, state, over_at in rest.ask(town, _IN):
            came[identifier] = (town.code, state)
            if over_at is None:
                yield f"letter {identifier}: {state} in {town.code}"
                continue
            if last.get((peer, about), over_at) > over_at + town.clock.turned_back:
                yield f"letter {about} {number}: handled before an earlier one in {town.code}"
            last[peer, about] = over_at
    for town in rest.towns:
        for peer, about, number, identifier, state in rest.ask(town, _OUT):
            if state not in {"retrieved", "refused"}:
                yield f"letter {about} {number} to {peer}: {state}, there it is {came.get(identifier)}"


def folds(rest: Rest) -> Iterator[str]:
    """Every row is what its log gives."""
    for town in rest.towns:
        link = rest.links[town.number]
        link.execute("set role hejie_app")
        link.execute("select set_config('hejie.city', %s, false)", [town.code])
        yield from fold_city(link, _FOLDED).wrong
        link.execute("reset role")


def log_whole(rest: Rest) -> Iterator[str]:
    """Where logs were tended: every line is numbered, once, and the tree over them is what both cosigners saw."""
    for town in rest.towns if rest.logs.kept else ():
        entries = [bytes(entry) for (entry,) in rest.ask(town, _ENTRIES)]
        ((lines,),) = rest.ask(town, _LINES)
        if len(entries) != lines:
            yield f"the log of {town.code} has {lines} lines, and {len(entries)} of them are numbered"
        now = (len(entries), _root([leaf_hash(entry) for entry in entries]))
        for cosigner in rest.logs.cosigners(town.number):
            seen = rest.logs.latest(cosigner, town.number)
            if seen != now:
                yield f"the log of {town.code} has {now[0]} entries, {rest.towns[cosigner].code} has cosigned {seen[0]}"


def _root(hashes: list[bytes]) -> bytes:
    """The root over leaves' hashes (RFC 6962, 2.1), counted here by itself; none of them has none."""
    if len(hashes) < 2:  # noqa: PLR2004  one leaf is its own root
        return b"".join(hashes)
    left = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(_root(hashes[:left]), _root(hashes[left:]))


CHECKS = (acknowledged, one_home, handovers_agree, money, fired, letters, folds, log_whole)
