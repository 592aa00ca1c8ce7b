"""A visitor without JavaScript: opens pages, fills in forms by their names, sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from hejie_lab.errors import LabError

Answer = str | Sequence[str]
Files = Sequence[tuple[str, tuple[str, bytes]]]


class Form:
    """One form: where it goes, and what it would send untouched."""

    def __init__(self, action: str, method: str, *, files: bool) -> None:
        self.action, self.method, self.files = action, method, files
        self.fields: dict[str, list[str]] = {}

    def filled(self, answers: Mapping[str, Answer]) -> dict[str, list[str]]:
        """The fields with some answers; an empty list unticks a box."""
        given = {name: [value] if isinstance(value, str) else list(value) for name, value in answers.items()}
        return {name: values for name, values in {**self.fields, **given}.items() if values}


class Page:
    """One page as it came."""

    def __init__(self, response: httpx.Response) -> None:
        self.url, self.status, self.html = str(response.url), response.status_code, response.text
        reading = _Reading(self.url)
        reading.feed(self.html)
        self.forms = reading.forms

    def form(self, end: str) -> Form:
        """The form whose action ends so; `LabError` where the page has none."""
        for form in self.forms:
            if form.action.endswith(end):
                return form
        raise LabError(f"{self.url} ({self.status}) has no form {end}.")


class Browser:
    """Cookies and connections of one visitor; a context manager."""

    def __init__(self, language: str = "zh") -> None:
        self._http = httpx.Client(
            follow_redirects=True, trust_env=False, timeout=30, headers={"accept-language": language}
        )

    def open(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return Page(self._http.get(url))

    def send(self, form: Form, answers: Mapping[str, Answer] | None = None, files: Files | None = None) -> Page:
        """Send a form with these answers in place of what stands in it; `files` as (field, (name, content)) pairs."""
        fields = form.filled(answers or {})
        if form.method == "get":
            return Page(self._http.get(form.action, params=fields))
        if form.files and not files:
            files = [("", ("", b""))]  # makes it multipart, as a browser does
        return Page(self._http.post(form.action, data=fields, files=files))

    def close(self) -> None:
        """Leave."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Reading(HTMLParser):
    """Gathers the forms of a page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._url = url
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form, or note one of its fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self._url, given.get("action", ""))
            files = given.get("enctype", "") == "multipart/form-data"
            self.forms.append(Form(action, given.get("method", "get").lower(), files=files))
        elif tag == "textarea":
            self._area = given.get("name", "")
            self._put(self._area, "")
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and ("selected" in given or self._select not in self._fields):
            self._put(self._select, given.get("value", ""))
        elif tag == "input":
            self._input(given)

    def handle_endtag(self, tag: str) -> None:
        """End a text area or a choice."""
        if tag in {"textarea", "select"}:
            self._area = self._select = ""

    def handle_data(self, data: str) -> None:
        """What stands in a text area."""
        if self._area:
            self._put(self._area, data.removeprefix("\n"))

    @property
    def _fields(self) -> dict[str, list[str]]:
        return self.forms[-1].fields if self.forms else {}

    def _put(self, name: str, value: str) -> None:
        if name:
            self._fields[name] = [value]

    def _input(self, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name or kind in {"file", "submit", "button", "image", "reset"}:
            return
        if kind in {"radio", "checkbox"}:
            if "checked" in given:
                self._fields.setdefault(name, []).append(given.get("value", "on"))
        else:
            self._put(name, given.get("value", ""))
