"""With whom a case lies: every rule of giving, taking, giving back and passing on, and that refusals change nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hejie.base.errors import HejieError
from hejie.cities import custody as k
from hejie.cities.custody import Custody, Ground, decide, evolve
from hejie.cities.posts import Act, Function, Post

CITY, HERE, THERE, STREET = "330100", "330106", "330102", "330106004"
HEAD = Post(functions=frozenset({Function.head}))
AT_HERE = Post(functions=frozenset({Function.mediator}), within=HERE)
AT_THERE = Post(functions=frozenset({Function.head}), within=THERE)
GROUND = Ground(
    city=CITY, district=HERE, person="wang", post=AT_HERE, open=True,
    authorities=frozenset({CITY, HERE, THERE, STREET}), candidate=AT_HERE,
)  # fmt: skip
MINE = Custody(officer="wang")
OFFERED = Custody(officer="wang", offered_to=THERE, offered_by="wang")


def after(custody, command, **changes: object):
    for change in decide(custody, command, replace(GROUND, **changes)):
        custody = evolve(custody, change)
    return custody


@pytest.mark.parametrize(
    ("custody", "command", "changes", "expected"),
    [
        (Custody(), k.TakeUp(), {}, MINE),
        (MINE, k.TakeUp(), {}, MINE),
        (Custody(), k.Give(officer="li"), {"post": HEAD}, Custody(officer="li")),
        (MINE, k.Give(officer="li"), {"post": HEAD}, Custody(officer="li")),
        (MINE, k.GiveBack(words="w"), {}, Custody()),
        (Custody(officer="li"), k.GiveBack(words="w"), {"post": replace(AT_HERE, stands_in=("li",))}, Custody()),
        (MINE, k.PassTo(authority=THERE, words="w"), {}, OFFERED),
        (OFFERED, k.PassTo(authority=THERE, words="w"), {}, OFFERED),
        (OFFERED, k.AnswerPass(accept=True), {"post": AT_THERE}, Custody(authority=THERE)),
        (OFFERED, k.AnswerPass(accept=False, words="w"), {"post": AT_THERE}, MINE),
        (OFFERED, k.AnswerPass(accept=True), {"post": HEAD}, Custody(authority=THERE)),
    ],
)
def test_what_becomes_of_it(custody, command, changes, expected):
    assert after(custody, command, **changes) == expected


@pytest.mark.parametrize(
    ("custody", "command", "changes", "code"),
    [
        (Custody(officer="li"), k.TakeUp(), {}, "taken_by_other"),
        (Custody(), k.TakeUp(), {"district": THERE}, "outside_authority"),
        (Custody(), k.TakeUp(), {"open": False}, "case_not_open"),
        (Custody(), k.TakeUp(), {"post": Post(functions=frozenset({Function.auditor}))}, "function_missing"),
        (Custody(), k.Give(officer="li"), {}, "function_missing"),
        (Custody(), k.Give(officer="x"), {"post": HEAD, "candidate": None}, "officer_unknown"),
        (Custody(), k.Give(officer="x"), {"post": HEAD, "candidate": AT_THERE}, "officer_unfit"),
        (Custody(), k.Give(officer="x"), {"post": AT_THERE}, "outside_authority"),
        (Custody(officer="li"), k.GiveBack(words="w"), {}, "not_your_case"),
        (MINE, k.GiveBack(words=""), {}, "words_missing"),
        (Custody(officer="li"), k.PassTo(authority=THERE, words="w"), {}, "not_your_case"),
        (MINE, k.PassTo(authority="510100", words="w"), {}, "authority_unknown"),
        (MINE, k.PassTo(authority=HERE, words="w"), {}, "pass_to_itself"),
        (MINE, k.PassTo(authority=THERE, words=""), {}, "words_missing"),
        (OFFERED, k.PassTo(authority=STREET, words="w"), {}, "pass_waiting"),
        (MINE, k.AnswerPass(accept=True), {"post": HEAD}, "pass_none"),
        (OFFERED, k.AnswerPass(accept=True), {"post": replace(AT_THERE, within=HERE)}, "outside_authority"),
        (OFFERED, k.AnswerPass(accept=True), {}, "function_missing"),
        (OFFERED, k.AnswerPass(accept=False), {"post": AT_THERE}, "words_missing"),
        (OFFERED, k.AnswerPass(accept=True), {"post": AT_THERE, "open": False}, "case_not_open"),
    ],
)
def test_what_is_refused(custody, command, changes, code):
    with pytest.raises(HejieError) as why:
        decide(custody, command, replace(GROUND, **changes))
    assert why.value.code == code


COMMANDS = st.one_of(
    st.builds(k.Give, officer=st.sampled_from(["wang", "li"])),
    st.just(k.TakeUp()),
    st.just(k.GiveBack(words="w")),
    st.builds(k.PassTo, authority=st.sampled_from([CITY, HERE, THERE, STREET]), words=st.just("w")),
    st.builds(k.AnswerPass, accept=st.booleans(), words=st.just("w")),
)
POSTS = st.builds(Post, functions=st.sets(st.sampled_from(Function)).map(frozenset), within=st.sampled_from(["", HERE]))


@settings(deadline=None)
@given(st.lists(st.tuples(COMMANDS, POSTS, st.sampled_from(["wang", "li"])), max_size=12))
def test_it_never_lies_where_nobody_led_it(steps):
    custody = Custody()
    for command, post, person in steps:
        try:
            changed = after(custody, command, post=post, person=person)
        except HejieError:
            continue
        assert post.may(Act.items) or post.may(Act.receive) or post.may(Act.lead)
        assert changed.authority in {custody.authority, custody.offered_to}
        assert bool(changed.offered_to) == bool(changed.offered_by)
        custody = changed
