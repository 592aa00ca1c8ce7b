"""Standing rules: what the house may answer at once in a merchant's name, by the same road as a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

REFUND_CLAIMS = frozenset({"refund_full", "refund_part"})
"""Claims that ask for money back and nothing else; goods coming back need a person."""


class StandingRule(Struct, frozen=True, kw_only=True):
    """Refund claims up to an amount are accepted at once."""

    id: str
    kind: Literal["refund_up_to"] = "refund_up_to"
    most_fen: int
    problems: tuple[str, ...] = ()
    """Problems it covers; empty for every one."""
    shops: tuple[str, ...] = ()
    """Shops it covers; empty for every one."""

    def covers(self, *, problem: str, shop: str, claim: str, claim_fen: int) -> bool:
        """Whether this rule accepts a claim."""
        return (
            claim in REFUND_CLAIMS
            and 0 < claim_fen <= self.most_fen
            and (not self.problems or problem in self.problems)
            and (not self.shops or shop in self.shops)
        )


def standing_answer(
    rules: Iterable[StandingRule], *, problem: str, shop: str, claim: str, claim_fen: int
) -> StandingRule | None:
    """The rule that accepts a claim as it stands, so that the answer can name it; none leaves it to a person.

    `claim` is the dispute's remedy, `claim_fen` its amount over all payments. The house
    then accepts the claim as the merchant would, by the same command.
    """
    fitting = (rule for rule in rules if rule.covers(problem=problem, shop=shop, claim=claim, claim_fen=claim_fen))
    return next(fitting, None)
