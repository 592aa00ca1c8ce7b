"""One platform and a browser for the walks; a machine without Chromium says so."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from playwright.sync_api import sync_playwright
from tests.e2e.browser import CHROMIUM, FLAGS, Chromium, Language, Person, Size
from tests.e2e.world import Payment, World, open_world

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "e2e: a walk through the pages in a real browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them all."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium(lacking: Callable[[str], NoReturn]) -> str:
    """Where the browser is."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        lacking("Chromium")
    return found


@pytest.fixture(scope="session")
def world(chromium: str) -> Iterator[World]:
    """The platform of all this worker's walks: they move its clock, so that no other worker shares it."""
    shelf = Path("/dev/shm")
    roomy = shelf.is_dir() and os.access(shelf, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="hejie-e2e-", dir=shelf if roomy else None) as top:
        Path(top).chmod(0o711)  # the account that runs the database for root must walk through
        opened = open_world(Path(top) / "platform")
        try:
            yield opened
        finally:
            opened.platform.down()


@pytest.fixture(scope="module")
def browser(world: World, chromium: str) -> Iterator[Chromium]:
    """Chromium, one for a module: Playwright's loop must not stand in other tests' way."""
    with sync_playwright() as playwright:
        started = Chromium(lambda: playwright.chromium.launch(executable_path=chromium, args=FLAGS))
        yield started
        started.close()


@pytest.fixture
def size() -> Size:
    """A test that is walked at several sizes parametrises it."""
    return "phone"


@pytest.fixture
def language() -> Language:
    """The same for languages."""
    return "zh"


@pytest.fixture
def person(browser: Chromium, size: Size, language: Language) -> Iterator[Callable[..., Person]]:
    """Somebody with a browser of their own; at the end none of them may have met a fault."""
    people: list[Person] = []

    def come(at: Size = size, speaks: Language = language, **more: Any) -> Person:
        people.append(Person(browser, at, speaks, **more))
        return people[-1]

    yield come
    for each in people:
        each.leave()


@pytest.fixture
def bill_file(world: World, tmp_path: Path) -> Callable[[Payment], Path]:
    """Exports a payer's bill as the wallet does."""

    def export(paid: Payment) -> Path:
        answer = httpx.get(f"{paid.bill}/bill.csv", trust_env=False)
        target = tmp_path / "alipay_record.csv"
        target.write_bytes(answer.raise_for_status().content)
        return target

    return export
