"""How an acquirer writes the simulator's merchants down: names, addresses and numbers with gaps and slips."""

from __future__ import annotations

import hashlib
from random import Random

from hejie.merchants.linking import Sighting
from hejie_lab.identity.rates import Rates
from hejie_lab.identity.world import Address, Entity, Face, Tool, World

_MOST_LETTERS = 12


def records(rates: Rates, world: World, seed: int) -> tuple[list[Sighting], dict[str, int]]:
    """Every snapshot of every tool in a mixed order, and the true entity of each by its id."""
    writer = _Writer(rates, Random(seed + 1))
    found = [(entity.name, *taken) for entity in world.entities for taken in _snapshots(rates, entity, writer)]
    writer.chance.shuffle(found)
    rows, truth = [], {}
    for at, (name, tool, face, day) in enumerate(found):
        identity = writer.record(f"r{at:06}", tool, face, day)
        rows.append(identity)
        truth[identity.id] = name
    return rows, truth


def _snapshots(rates: Rates, entity: Entity, writer: _Writer) -> list[tuple[Tool, Face, int]]:
    chances = rates.life.snapshots
    taken = []
    for tool in entity.tools:
        for _ in range(writer.chance.choices(range(1, len(chances) + 1), chances)[0]):
            day = writer.chance.randrange(tool.first, max(tool.first, tool.last) + 1)
            taken.append((tool, entity.face(day), day))
    return taken


class _Writer:
    """One hand that writes, by chance."""

    def __init__(self, rates: Rates, chance: Random) -> None:
        self._rates, self._writing, self.chance = rates, rates.record, chance
        groups = rates.words.homophones.split()
        self._homophones = {letter: group.replace(letter, "") for group in groups for letter in group}
        self._traditional = {ord(pair[0]): pair[1] for pair in rates.words.traditional.split()}

    def _happens(self, rate: float) -> bool:
        return self.chance.random() < rate

    def record(self, name: str, tool: Tool, face: Face, day: int) -> Sighting:
        """One snapshot as it is written."""
        writing = self._writing
        return Sighting(
            id=name,
            acquirer=tool.acquirer,
            number=tool.number,
            terminal="" if self._happens(writing.terminal_missing) else tool.terminal,
            name=self._name(face, tool.branch),
            address="" if self._happens(writing.address_missing) else self._address(tool.address),
            phone="" if self._happens(writing.telephone_missing) else _digest(face.telephone),
            account="" if self._happens(writing.account_missing) else _digest(face.account),
            code="" if self._happens(writing.code_missing) else self._mistyped(face.code, writing.code_mistyped),
            day=day,
        )

    def _name(self, face: Face, branch: str) -> str:
        writing = self._writing
        legal = self._happens(writing.legal_name)
        text = self._legal(face) if legal else self._sign(face)
        text = self._slips(text, face.core)
        if branch and not legal and self._happens(writing.branch):
            text += f"（{branch}）" if self._happens(writing.wide_brackets) else f"({branch})"
        if self._happens(writing.traditional):
            text = text.translate(self._traditional)
        return text[:_MOST_LETTERS] if self._happens(writing.truncated) else text

    def _legal(self, face: Face) -> str:
        writing = self._writing
        city, district = "杭州市", face.division
        if self._happens(writing.division_dropped):
            front = ""
        else:
            front = "杭州" if face.company or self._happens(writing.division_short) else city + district
        if face.company:
            form = "" if self._happens(writing.form_dropped) else "有限公司"
            return front + face.core + face.trade.company + form
        form = "" if self._happens(writing.form_dropped) else "(个体工商户)"
        return front + face.core + face.sign + form

    def _sign(self, face: Face) -> str:
        return face.core + ("" if self._happens(self._writing.trade_dropped) else face.sign)

    def _slips(self, text: str, core: str) -> str:
        """A letter of the core written as another that sounds alike, or left out."""
        slip = core
        at = self.chance.randrange(len(core))
        if self._happens(self._writing.homophone) and core[at] in self._homophones:
            slip = core[:at] + self.chance.choice(self._homophones[core[at]]) + core[at + 1 :]
        elif self._happens(self._writing.letter_dropped) and len(core) > 2:  # noqa: PLR2004  # two letters are least
            slip = core[:at] + core[at + 1 :]
        return text.replace(core, slip, 1)

    def _address(self, address: Address) -> str:
        writing = self._writing
        front = f"杭州市{address.division}" if self._happens(writing.address_division) else ""
        number = address.number
        if self._happens(writing.number_mistyped):
            number += self.chance.choice((-10, -1, 1, 10))
        inside = "" if not address.mall or self._happens(writing.unit_missing) else address.unit
        return f"{front}{address.street}{max(number, 1)}号{address.mall}{inside}"

    def _mistyped(self, code: str, rate: float) -> str:
        if not self._happens(rate):
            return code
        at = self.chance.randrange(len(code))
        return code[:at] + self.chance.choice("0123456789") + code[at + 1 :]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
