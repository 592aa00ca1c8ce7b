"""The README's pictures: made anew with HEJIE_SCREENSHOTS=1, otherwise only looked at."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from tests.e2e.steps import SETTLED, enter, file, open_case, sign_in

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
NAMES = ("1-wallet", "2-file", "3-merchant", "4-talk", "5-settled", "6-officer")
LANGUAGES = ("zh", "en")
MOST_BYTES = 120_000
COLOURS = 96
WORDS = {
    "zh": ("面端上来是凉的，肉片有异味，跟店里说没人理。", "实在抱歉，今天后厨出了差错。先退您一半，您看行吗？"),
    "en": (
        "The noodles came cold and the meat smelled off. I told the shop and nobody cared.",
        "We are sorry, our kitchen made a mistake today. Would half the price back be all right?",
    ),
}
BROKEN_PROMISE = {
    "zh": "说好七天无理由退货，现在不给退。",
    "en": "They promised returns within seven days, and now refuse.",
}
WANTED = os.environ.get("HEJIE_SCREENSHOTS") == "1"


def shoot(person, name):
    """What the person sees now, without the parts of the browser, in few colours."""
    person.page.evaluate("document.activeElement?.blur()")
    with Image.open(io.BytesIO(person.page.screenshot())) as shot:
        few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{person.language}-{name}.png", optimize=True)


def top(person, selector="h1"):
    """Put this part under the top of the screen."""
    person.page.locator(selector).first.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 16)")


def officer_picture(world, person, language):
    """A case of a merchant who was silent, at an officer's desk."""
    paid = world.pay(world.tailor, "268.00", item="真丝围巾")
    dispute = file(person(), paid, "promise_broken", words=BROKEN_PROMISE[language])
    world.advance(97)
    paid.await_state("mediating")
    officer = person("desk")
    sign_in(officer, world)
    officer.go(f"{world.url}/330100/officer/disputes/{dispute}")
    officer.tap("take")
    officer.page.locator("#propose").wait_for()
    officer.go(f"{world.url}/330100/officer/disputes/{dispute}")
    shoot(officer, "6-officer")


def road_in_pictures(world, person, language):
    """From the bill to the refund, and a case at an officer's desk."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    said, answered = WORDS[language]
    paid = world.pay(world.noodles, "28.00")
    lin, owner = person(), person()
    lin.go(f"{paid.page}?lang={language}")
    shoot(lin, "1-wallet")
    enter(lin, paid)
    lin.choose("problem", "quality")
    top(lin, "#file fieldset")
    shoot(lin, "2-file")
    dispute = file(lin, paid, words=said)
    open_case(owner, world, paid, dispute)
    owner.sees(said)
    top(owner)
    shoot(owner, "3-merchant")
    owner.unfold("offer")
    owner.choose("remedy", "refund_part")
    owner.type("amount", "14", "#offer")
    owner.type("offer_words", answered, "#offer")
    owner.tap("offer", "#offer")
    lin.sees(answered)
    lin.page.reload()
    top(lin, ".offer")
    shoot(lin, "4-talk")
    lin.tap("accept")
    paid.await_state("settled")
    lin.page.reload()
    lin.sees(SETTLED[language])
    top(lin)
    shoot(lin, "5-settled")
    officer_picture(world, person, language)


if WANTED:
    test_the_road_in_pictures = pytest.mark.parametrize("language", LANGUAGES)(road_in_pictures)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_each_picture_is_there_and_small(language, name):
    picture = FOLDER / f"{language}-{name}.png"
    assert picture.stat().st_size < MOST_BYTES
    with Image.open(picture) as shot:
        assert shot.width == (1280 if name == "6-officer" else 360)
