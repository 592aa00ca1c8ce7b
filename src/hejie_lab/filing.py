"""A payer files a dispute through the real pages: the wallet's link, the form, the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hejie_lab.browser import Browser
from hejie_lab.errors import LabError


def file_by_pages(link: str, city: str, answers: Mapping[str, str]) -> str:
    """The dispute's identifier; `LabError` where the form is not there or its answer is no dispute."""
    with Browser() as browser:
        asked = browser.open(link)
        answered = browser.send(asked.form(f"/{city}/disputes"), answers)
        filed = re.search(rf"/{city}/disputes/([^/?]+)\?done=filed", answered.url)
        if filed is None:
            raise LabError(f"{answered.url} answered {answered.status} to a filing.")
        return filed[1]
