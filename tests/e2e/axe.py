"""axe on a page at two widths and in two languages, and what axe does not look at."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.browser import Person

SCRIPT = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
WIDTHS = (320, 1280)
TAGS = {"zh": "zh-CN", "en": "en"}
_RUN = """rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})
  .then(found => found.violations.map(each => [each.id, each.help, each.nodes.map(node => node.target.join(' ')
    + ' ' + (node.any.concat(node.all, node.none)[0] || {message: ''}).message)]))"""
_WIDE = """() => [...document.querySelectorAll('body *')].filter(each =>
  each.getBoundingClientRect().right > innerWidth + 1
  && !each.closest('.sr, .skip')).slice(0, 3).map(each => each.outerHTML.slice(0, 120))"""


@cache
def _script() -> str:
    return SCRIPT.read_text("utf-8")


def examine(person: Person, language: str) -> list[str]:
    """What is wrong with the page that is open, at both widths; the folded parts are opened first."""
    page, wrong = person.page, []
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wrong += glance(person, f"{page.url} {language} {width}")
    headings = page.locator("h1").count()
    if headings != 1:
        wrong.append(f"{page.url} {language}: {headings} h1")
    if (tag := page.locator("html").get_attribute("lang")) != TAGS[language]:
        wrong.append(f"{page.url}: lang is {tag}, not {TAGS[language]}")
    if not page.title().strip():
        wrong.append(f"{page.url}: no title")
    return wrong


def glance(person: Person, where: str) -> list[str]:
    """The same of the page as it stands before its reader, at this one width."""
    page = person.page
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_script())
    violations: list[Any] = page.evaluate(_RUN, RULES)
    wrong = [f"{where}: {rule} ({told}): {nodes}" for rule, told, nodes in violations]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{where}: wider than the screen: {page.evaluate(_WIDE)}")
    return wrong
