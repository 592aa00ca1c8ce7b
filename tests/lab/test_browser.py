"""The visitor without JavaScript reads forms as a browser would send them."""

from __future__ import annotations

import httpx
import pytest

from hejie_lab.browser import Page
from hejie_lab.errors import LabError

HTML = """
<form action="/search"><input name="q" value="tea"><input type="submit" name="go" value="Go"></form>
<form action="filed" method="post" enctype="multipart/form-data">
<input type="hidden" name="csrf" value="s">
<input type="radio" name="problem" value="price"><input type="radio" name="problem" value="quality" checked>
<input type="checkbox" name="escalates" checked><input type="checkbox" name="no">
<textarea name="words">
as it was</textarea>
<select name="agency"><option value="a">A</option><option value="b" selected>B</option></select>
<input type="file" name="pictures"></form>
"""


@pytest.fixture
def page():
    return Page(httpx.Response(200, html=HTML, request=httpx.Request("GET", "http://x.test/a/b")))


def test_a_form_sends_what_stands_in_it(page):
    form = page.form("/a/filed")
    assert (form.method, form.files) == ("post", True)
    assert form.filled({}) == {
        "csrf": ["s"], "problem": ["quality"], "escalates": ["on"], "words": ["as it was"], "agency": ["b"]
    }  # fmt: skip
    assert page.form("/search").filled({}) == {"q": ["tea"]}


def test_answers_take_the_place_of_what_stood_there(page):
    filled = page.form("filed").filled({"problem": "price", "escalates": [], "trade": ["1", "2"]})
    assert filled["problem"] == ["price"]
    assert "escalates" not in filled
    assert filled["trade"] == ["1", "2"]


def test_a_missing_form_is_named(page):
    with pytest.raises(LabError, match="no form /answer"):
        page.form("/answer")
