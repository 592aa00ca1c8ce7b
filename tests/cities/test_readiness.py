"""What a city needs before it goes live: papers on a day, and which part waits for what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from hejie.base.errors import Refused
from hejie.cities.papers import USUAL, Kind, Paper, State, paper_of, state_of
from hejie.cities.readiness import Seen, Standing, Thing, needs, parts
from hejie.cities.reading import read_city, shipped

DAY = date(2026, 12, 1)
BASE = [Kind.tls_certificate, Kind.impact_assessment, Kind.classified_protection]
THINGS = [(each, "") for each in Thing if each not in {Thing.wallet, Thing.acquirer}]


def paper(kind: Kind, of: str = "", **more: date) -> Paper:
    return Paper(kind=kind, of=of, owner="the bureau", lead_days=10, **({"since": DAY} | more))


WHOLE = Seen(
    day=DAY,
    papers=tuple(paper(kind, "alipay" if kind is Kind.wallet_contract else "") for kind in Kind),
    things=frozenset([*THINGS, (Thing.wallet, "alipay")]),
    directory_until=DAY + timedelta(days=300),
)


def part(seen: Seen, key: str) -> list[str]:
    """What a part lacks, by name."""
    found = {each.key: each for each in parts(seen)}
    return [each.name for each in found[key].lacks]


@pytest.mark.parametrize(
    ("since", "expires", "state"),
    [
        (None, None, State.missing),
        (DAY + timedelta(days=1), None, State.missing),
        (DAY, None, State.found),
        (DAY, DAY, State.found),
        (DAY - timedelta(days=9), DAY - timedelta(days=1), State.over),
    ],
)
def test_a_paper_stands_from_its_first_day_to_its_last(since: date, expires: date, state: State) -> None:
    assert state_of(replace(paper(Kind.sms_signature), since=since, expires=expires), DAY) is state


def test_every_kind_has_somebody_to_ask_even_where_the_city_wrote_nothing() -> None:
    assert USUAL.keys() == set(Kind)
    asked = paper_of((), Kind.link_12315)
    assert (asked.lead_days, asked.since) == (60, None)
    assert paper_of([paper(Kind.wallet_contract, "alipay")], Kind.wallet_contract, "unionpay").since is None


def test_with_all_of_it_every_part_is_ready() -> None:
    assert [(each.key, each.lacks, each.days) for each in parts(WHOLE)] == [
        ("door_12315", (), 0), ("wallet:alipay", (), 0), ("alliance", (), 0),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", BASE)
def test_what_everything_stands_on_holds_every_part_back(kind: Kind) -> None:
    seen = replace(WHOLE, papers=tuple(each for each in WHOLE.papers if each.kind is not kind))
    assert [[need.name for need in each.lacks] for each in parts(seen)] == [[kind.value]] * 3


@pytest.mark.parametrize(
    ("kind", "waits"),
    [
        (Kind.link_12315, "door_12315"),
        (Kind.wallet_contract, "wallet:alipay"),
        (Kind.sms_template, "wallet:alipay"),
        (Kind.sharing_agreement, "alliance"),
    ],
)
def test_parts_go_live_by_themselves(kind: Kind, waits: str) -> None:
    seen = replace(WHOLE, papers=tuple(each for each in WHOLE.papers if each.kind is not kind))
    assert {each.key for each in parts(seen) if each.lacks} == {waits}


@pytest.mark.parametrize(
    ("thing", "waits"),
    [
        (Thing.national12315, {"door_12315"}),
        (Thing.sms, {"wallet:alipay"}),
        (Thing.exchange_keys, {"alliance"}),
        (Thing.log_key, {"alliance"}),
        (Thing.city_keys, {"door_12315", "wallet:alipay", "alliance"}),
    ],
)
def test_so_do_keys_and_connections(thing: Thing, waits: set[str]) -> None:
    seen = replace(WHOLE, things=WHOLE.things - {(thing, "")})
    assert {each.key for each in parts(seen) if each.lacks} == waits


def test_an_expired_directory_or_paper_is_not_there() -> None:
    yesterday = DAY - timedelta(days=1)
    assert part(replace(WHOLE, directory_until=yesterday), "alliance") == ["directory"]
    old = paper(Kind.tls_certificate, since=yesterday, expires=yesterday)
    seen = replace(WHOLE, papers=(old, *(each for each in WHOLE.papers if each.kind is not Kind.tls_certificate)))
    assert part(seen, "door_12315") == ["tls_certificate"]


@pytest.mark.parametrize(("days", "standing"), [(9, Standing.ending), (10, Standing.found)])
def test_what_ends_sooner_than_a_new_one_comes_is_told_and_still_counts(days: int, standing: Standing) -> None:
    soon = paper(Kind.sms_signature, expires=DAY + timedelta(days=days))
    seen = replace(WHOLE, papers=(soon, *(each for each in WHOLE.papers if each.kind is not Kind.sms_signature)))
    line = next(each for each in needs(parts(seen)) if each.name == "sms_signature")
    assert (line.standing, line.until) == (standing, DAY + timedelta(days=days))
    assert part(seen, "wallet:alipay") == []


def test_each_wallet_and_acquirer_is_a_part_of_its_own() -> None:
    papers = (*WHOLE.papers, paper(Kind.wallet_contract, "unionpay"), paper(Kind.acquirer_contract, "48030001"))
    seen = replace(WHOLE, papers=papers, acquirers=("48030001",))
    assert part(seen, "wallet:alipay") == []
    assert part(seen, "wallet:unionpay") == ["wallet"]
    assert part(seen, "acquirer:48030001") == ["acquirer"]
    names = [(each.name, each.of) for each in needs(parts(seen))]
    assert len(names) == len(set(names))


def test_a_new_city_lacks_nearly_everything_and_the_longest_wait_counts() -> None:
    seen = Seen(day=DAY, papers=read_city(shipped("620100")).papers)
    assert {each.key: each.days for each in parts(seen)} == {"door_12315": 60, "wallet:alipay": 60, "alliance": 60}


ROW = 'kind = "sms_signature"\nowner = "x"\nlead_days = 1'


@pytest.mark.parametrize(
    "rows",
    [
        f"{ROW}\nexpires = 2026-01-01",
        f"{ROW}\nsince = 2026-02-01\nexpires = 2026-01-01",
        f"{ROW}\n[[papers]]\n{ROW}",
        ROW.replace('"x"', '""'),
        ROW.replace("sms_signature", "blessing"),
    ],
)
def test_a_paper_twice_or_at_odds_with_itself_is_refused(rows: str) -> None:
    with pytest.raises(Refused) as caught:
        read_city(f"{shipped('330100')}\n[[papers]]\n{rows}\n")
    assert caught.value.code == "city_file_invalid"
