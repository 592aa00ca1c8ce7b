"""Sets that are joined and never parted; marked ones keep to one mark."""

from __future__ import annotations

from collections.abc import Mapping


class Joined:
    """Disjoint sets of names; with marks, none ever holds two different ones."""

    def __init__(self, marks: Mapping[str, str] | None = None) -> None:
        self._above: dict[str, str] = {}
        self._marks = dict(marks or {})

    def root(self, name: str) -> str:
        """The name that stands for a set."""
        top = name
        while (above := self._above.get(top, top)) != top:
            top = above
        while name != top:
            self._above[name], name = top, self._above.get(name, name)
        return top

    def mark(self, name: str) -> str:
        """The mark of a name's set, empty for none."""
        return self._marks.get(self.root(name), "")

    def may(self, one: str, other: str) -> bool:
        """Whether two sets are apart and may be joined."""
        left, right = self.root(one), self.root(other)
        marks = {self._marks.get(left, ""), self._marks.get(right, "")} - {""}
        return left != right and len(marks) <= 1

    def join(self, one: str, other: str) -> bool:
        """Join two sets if they may be; the lesser name stands for both."""
        if not self.may(one, other):
            return False
        low, high = sorted((self.root(one), self.root(other)))
        self._above[high] = low
        self._marks[low] = self._marks.get(low, "") or self._marks.get(high, "")
        return True
