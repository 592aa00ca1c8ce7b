"""Which directory may take the present one's place, and whose keys are believed when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import HERE, START, THERE, Keys, dated, directory, member

from hejie.alliance import drafting
from hejie.alliance.directory import DatedKey, Keeper, SignedDirectory, read_directory, signed, successor
from hejie.base import curves
from hejie.base.errors import HejieError, Missing, Refused

KEEPER, HEIR, STRANGER = (Ed25519PrivateKey.generate() for _ in range(3))
ANCHORS = (curves.public_text(KEEPER),)
OURS, THEIRS = Keys(HERE), Keys(THERE)
MEMBERS = [member(OURS, "https://hangzhou.example"), member(THEIRS, "https://chengdu.example/hejie")]
FIRST = directory(KEEPER, MEMBERS)
PRESENT = read_directory(FIRST.directory)
BOTH = [{"name": "杭州", "key": dated(KEEPER)}, {"name": "成都", "key": dated(HEIR)}]


def test_a_first_one_is_believed_by_an_anchor_only():
    assert successor(None, ANCHORS, FIRST, START).version == 1
    with pytest.raises(Refused, match="directory_unsigned"):
        successor(None, (curves.public_text(STRANGER),), FIRST, START)
    with pytest.raises(Refused, match="directory_unsigned"):
        successor(None, ANCHORS, SignedDirectory(directory=FIRST.directory), START)


REFUSED: list[tuple[str, SignedDirectory, str]] = [
    ("the same version", FIRST, "directory_older"),
    ("a stranger's", directory(STRANGER, MEMBERS, version=2), "directory_unsigned"),
    ("an heir's before it was named", directory(HEIR, MEMBERS, version=2, keepers=BOTH), "directory_unsigned"),
    ("an expired one", directory(KEEPER, MEMBERS, version=2, expires_at="2026-11-30T00:00:00Z"), "directory_expired"),
    ("one of tomorrow", directory(KEEPER, MEMBERS, version=2, issued_at="2026-12-01T00:00:00Z"), "directory_early"),
    ("changed after signing", SignedDirectory(directory={**FIRST.directory, "version": 2}, signatures=FIRST.signatures),
     "directory_unsigned"),
    ("a city twice", directory(KEEPER, [*MEMBERS, MEMBERS[0]], version=2), "directory_unreadable"),
    ("nobody keeps it", directory(KEEPER, MEMBERS, version=2, keepers=[]), "directory_unreadable"),
    ("no address", directory(KEEPER, [member(OURS, "ftp://x")], version=2), "directory_unreadable"),
    ("an address that ends in a slash", directory(KEEPER, [member(OURS, "https://x/")], version=2),
     "directory_unreadable"),
    ("a query in an address", directory(KEEPER, [member(OURS, "https://x?y=")], version=2), "directory_unreadable"),
    ("a short key", directory(KEEPER, [member(OURS, "https://x", signing=[dated(KEEPER, public="AAAA")])], version=2),
     "directory_unreadable"),
    ("no zone", directory(KEEPER, MEMBERS, version=2, expires_at="2027-01-01T00:00:00"), "directory_unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_may_not_take_its_place(file: SignedDirectory, code: str):
    with pytest.raises(HejieError) as error:
        successor(PRESENT, ANCHORS, file, START)
    assert error.value.code == code


def test_keepers_hand_over_from_version_to_version():
    second = successor(PRESENT, (), directory(KEEPER, MEMBERS, version=2, keepers=BOTH), START)
    gone = [{"name": "杭州", "key": dated(KEEPER, revoked_at=START.isoformat())}, BOTH[1]]
    third = successor(second, (), directory(HEIR, MEMBERS, version=3, keepers=gone), START)
    assert successor(third, (), directory(HEIR, MEMBERS, version=7, keepers=gone), START).version == 7
    with pytest.raises(Refused, match="directory_unsigned"):
        successor(third, ANCHORS, directory(KEEPER, MEMBERS, version=4), START)


@pytest.mark.parametrize(
    ("span", "believed"),
    [
        ({}, True),
        ({"begins": "2026-12-01T00:00:00Z"}, False),
        ({"ends": START.isoformat()}, False),
        ({"revoked_at": START.isoformat()}, False),
        ({"revoked_at": "2026-12-24T00:00:00Z"}, True),
    ],
)
def test_a_key_is_believed_within_its_span(span: dict[str, Any], believed: bool):  # noqa: FBT001  what the table says
    keys = [dated(OURS.signing, **span)]
    found = read_directory(directory(KEEPER, [member(OURS, "https://x", signing=keys)]).directory)
    assert (OURS.name in found.members[0].signing_keys(START)) is believed
    if not believed:
        with pytest.raises(Refused, match="exchange_key_wrong"):
            found.signer(OURS.name, START)


def test_two_keys_stand_side_by_side_and_letters_are_closed_for_the_newer():
    older, newer = Keys(HERE), Keys(HERE)
    sealing = [dated(older.opening), dated(newer.opening, begins="2026-06-01T00:00:00Z")]
    signing = [dated(older.signing), dated(newer.signing)]
    found = read_directory(directory(KEEPER, [member(OURS, "https://x", signing=signing, sealing=sealing)]).directory)
    assert len(found.members[0].signing_keys(START)) == 2
    assert found.members[0].sealing_key(START)[1] == curves.public_text(newer.opening)
    assert found.members[0].sealing_key(datetime(2026, 3, 1, tzinfo=UTC))[1] == curves.public_text(older.opening)
    with pytest.raises(Refused, match="peer_without_key"):
        found.members[0].sealing_key(START + timedelta(days=400))


def test_a_city_joins_by_its_card():
    own = read_directory(directory(KEEPER, [member(OURS, "https://x")]).directory).members[0]
    card = drafting.card(own, OURS.signing)
    assert drafting.member_of(card).city == HERE
    for wrong in (
        drafting.Card(member={**card.member, "base": "https://evil"}, signature=card.signature),
        drafting.Card(member={**card.member, "signing": []}, signature=card.signature),
        drafting.card(own, STRANGER),
    ):
        with pytest.raises(Refused, match="card_wrong"):
            drafting.member_of(wrong)
    draft = drafting.with_member(FIRST, drafting.member_of(card), (), START)
    assert (draft.directory["version"], draft.signatures, len(draft.directory["members"])) == (2, (), 2)
    again = drafting.with_member(draft, drafting.member_of(card), ("contact",), START)
    assert (again.directory["version"], read_directory(again.directory).member(HERE).rights) == (2, ("contact",))
    assert successor(PRESENT, (), signed(again, KEEPER), START).version == 2


def test_a_revoked_key_is_revoked_in_the_next_version():
    draft = drafting.without_key(FIRST, OURS.name, START)
    assert read_directory(draft.directory).member(HERE).signing_keys(START) == {}
    with pytest.raises(Missing, match="key_unknown"):
        drafting.without_key(FIRST, "330100-0000000000000000", START)
    named = Keeper(name="成都", key=DatedKey(public=curves.public_text(HEIR), begins=START, ends=START))
    more = read_directory(drafting.with_keeper(FIRST, named, START).directory)
    assert [each.name for each in more.keepers] == ["杭州", "成都"]


def test_a_table_of_agreements_that_cannot_be_read_changes_nothing():
    for text in ("[[agreements]]\nkind = 1", "x", "[[agreements]]\nkind = 'a'\nbasis = 'b'\nbegins = 1\nmore = 2"):
        with pytest.raises(Refused, match="agreements_unreadable"):
            drafting.agreements_in(text)
    assert drafting.with_agreements(FIRST, (), START).directory["agreements"] in ((), [])
