"""Ready sentences: a side's own, in both languages, read by each in its own."""

from __future__ import annotations

import pytest

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import phrases

SIDES = (Role.consumer, Role.merchant, Role.officer)
SOON = phrases.phrases()["consumer.soon"]


@pytest.mark.parametrize("side", SIDES)
def test_every_side_has_its_own_in_both_languages(side: Role):
    zh, en = phrases.choices(side, "zh"), phrases.choices(side, "en")
    assert [name for name, _ in zh] == [name for name, _ in en]
    assert len(zh) >= 3
    assert all(sentence.isascii() for _, sentence in en)
    assert not any(sentence.isascii() for _, sentence in zh)


@pytest.mark.parametrize("name", ["merchant.sorry", "consumer.", "consumer", "soon", "consumer.never", "\x00"])
def test_nobody_sends_anothers_or_none_that_exists(name: str):
    with pytest.raises(Refused, match="phrase_unknown"):
        phrases.chosen(Role.consumer, "zh", name)


def test_nothing_chosen_is_nothing_said():
    assert phrases.chosen(Role.consumer, "zh", "") == ""


def test_it_is_read_in_the_readers_language_and_what_was_added_as_it_is():
    words = phrases.joined(SOON.en, "I fly home on Friday.\nThank you!")
    read = phrases.read("consumer.soon", words, "zh")
    whole = f"{SOON.zh}\nI fly home on Friday.\nThank you!"
    assert read == phrases.Read(words=whole, sentence=SOON.en, written_in="en")
    assert phrases.own_words("consumer.soon", words) == "I fly home on Friday.\nThank you!"
    assert phrases.read("consumer.soon", words, "en") is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", SOON.en),
        ("gone.phrase", SOON.en),
        ("consumer.soon", ""),
        ("consumer.soon", f"{SOON.en} And this."),
        ("consumer.soon", "Something else"),
    ],
)
def test_words_that_are_not_the_sentence_are_only_themselves(name: str, words: str):
    assert phrases.read(name, words, "zh") is None
    assert phrases.own_words(name, words) == words
