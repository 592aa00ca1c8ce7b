"""Who may do which officer act, by function and place in the tree; and what no person may hold together."""

from __future__ import annotations

from itertools import combinations

import pytest

from hejie.base.errors import Refused
from hejie.cities.posts import (
    ACTS,
    CASE_FUNCTIONS,
    PLACED,
    Act,
    Colleague,
    Function,
    Post,
    must_combine,
    must_do,
    must_hold,
    must_reach,
    must_sit_at,
    place_of,
    post_in,
)

CITY, DISTRICT, STREET, OTHER = "330100", "330106", "330106004", "330102"
TABLE = {
    # own read work items register receive lead settings trail
    Function.intake: "yes yes no yes yes yes no yes no",
    Function.mediator: "yes yes yes yes no no no yes no",
    Function.head: "yes yes yes yes yes yes yes yes no",
    Function.auditor: "yes no no no no no no no yes",
    Function.system_admin: "yes no no no no no no yes no",
    Function.security_admin: "yes no no no no no no no no",
    Function.audit_admin: "yes no no no no no no no yes",
}
REACH = {
    # a case of: the city, its own district, a street of it, another district
    CITY: (True, True, True, True),
    DISTRICT: (False, True, True, False),
    STREET: (False, False, True, False),
    OTHER: (False, False, False, True),
}


def test_every_function_and_act_stands_in_the_table():
    assert set(TABLE) == set(Function) == set(ACTS)
    assert all(len(row.split()) == len(Act) for row in TABLE.values())
    assert set(Act) >= PLACED


@pytest.mark.parametrize("function", Function)
@pytest.mark.parametrize(("number", "act"), list(enumerate(Act)))
@pytest.mark.parametrize("place", REACH)
def test_act_by_function_and_place(function, number, act, place):
    post = post_in(CITY, place, [function])
    allowed = TABLE[function].split()[number] == "yes"
    if allowed:
        must_do(post, act)
    else:
        with pytest.raises(Refused, match="function_missing"):
            must_do(post, act)
    for case, reached in zip((CITY, DISTRICT, STREET, OTHER), REACH[place], strict=True):
        where = place_of(CITY, "", case)
        if reached:
            must_reach(post, where, "me", "")
        else:
            with pytest.raises(Refused, match="outside_authority"):
                must_reach(post, where, "me", "")


def test_whoever_never_had_a_function_keeps_what_all_officers_had():
    old = post_in(CITY, DISTRICT, None)
    assert old.functions == CASE_FUNCTIONS
    assert old.covers(OTHER)
    assert not any(post_in(CITY, DISTRICT, []).may(act) for act in Act)


def test_a_case_lies_with_its_holder_and_who_stands_in_wherever_it_is():
    post = Post(within=DISTRICT, stands_in=("li",))
    must_reach(post, OTHER, "me", "me")
    must_reach(post, OTHER, "me", "li")
    with pytest.raises(Refused, match="outside_authority"):
        must_reach(post, OTHER, "me", "wang")


def test_passing_moves_the_place():
    assert place_of(CITY, STREET, OTHER) == STREET
    assert place_of(CITY, CITY, OTHER) == ""
    assert place_of(CITY, "", OTHER) == OTHER


@pytest.mark.parametrize(("one", "other"), list(combinations(Function, 2)))
def test_no_person_holds_what_must_lie_in_several_hands(one, other):
    if {one, other} <= CASE_FUNCTIONS:
        must_combine([one, other])
    else:
        with pytest.raises(Refused, match="functions_apart"):
            must_combine([one, other])


AWAY = Colleague(id="li", authority=OTHER, functions=frozenset({Function.mediator}))
NEVER = Colleague(id="li", authority=OTHER, functions=None)
BUREAU = Colleague(id="li", authority=CITY, functions=frozenset({Function.head}))
NOBODY = Colleague(id="li", authority=OTHER, functions=frozenset())
SUBSTITUTES = [
    # who is away; a case of: own district, another, the city; holds: own, li's, wang's; sits at: own, other, city
    (None,   "yes no no",   "yes no no",  "yes no no"),
    (AWAY,   "yes yes no",  "yes yes no", "yes yes no"),
    (NEVER,  "yes yes yes", "yes yes no", "yes yes no"),
    (BUREAU, "yes yes yes", "yes yes no", "yes no yes"),
    (NOBODY, "yes yes no",  "yes yes no", "yes yes no"),
]  # fmt: skip


@pytest.mark.parametrize(("away", "reach", "hold", "sit"), SUBSTITUTES)
def test_whoever_stands_in_acts_where_their_colleague_does_by_their_own_functions(away, reach, hold, sit):
    post = post_in(CITY, DISTRICT, [Function.mediator], [away] if away else [])
    asked = [
        *(
            (lambda place=place: must_reach(post, place_of(CITY, "", place), "me", ""))
            for place in (DISTRICT, OTHER, CITY)
        ),
        *((lambda who=who: must_hold(post, "me", who)) for who in ("me", "li", "wang")),
        *((lambda at=at: must_sit_at(post, DISTRICT, at)) for at in (DISTRICT, OTHER, CITY)),
    ]
    codes = ["outside_authority"] * 3 + ["not_your_case"] * 3 + ["mediation_elsewhere"] * 3
    for ask, code, may in zip(asked, codes, f"{reach} {hold} {sit}".split(), strict=True):
        if may == "yes":
            ask()
        else:
            with pytest.raises(Refused, match=code):
                ask()
    assert post.functions == {Function.mediator}
    with pytest.raises(Refused, match="not_your_case"):
        must_hold(post, "me", "")
