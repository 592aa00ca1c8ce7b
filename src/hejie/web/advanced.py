"""What a dispute's pages say of the advance a fund has paid or will pay."""

from __future__ import annotations

from msgspec import Struct

from hejie.edge.words import mark
from hejie.payments.advance import AdvanceState
from hejie.queries.advances import advance_of
from hejie.store.contents import read_contents
from hejie.web.shell import Visit

STATES = {
    AdvanceState.granted: mark("granted, not paid yet"),
    AdvanceState.paid: mark("paid to the consumer"),
    AdvanceState.closed: mark("paid to the consumer, and closed"),
    AdvanceState.cancelled: mark("called off"),
}


class Shown(Struct, frozen=True, kw_only=True):
    """The advance in the reader's words; amounts in fen."""

    fund: str
    amount_fen: int
    state: AdvanceState
    state_words: str
    finding: str
    reason: str
    """Why it was called off, or what was owed given up; empty for neither."""
    owed_fen: int
    recovered_fen: int
    lost_fen: int

    @property
    def over(self) -> bool:
        """Whether another one may be granted."""
        return self.state is AdvanceState.cancelled


async def shown(visit: Visit, dispute: str) -> Shown | None:
    """None where no advance was ever granted."""
    async with visit.connection() as connection:
        found = await advance_of(connection, visit.city, dispute)
        if found is None:
            return None
        row, fund = found
        wanted = [each for each in (row.finding, row.reason) if each]
        vault = visit.house.vaults(visit.city)
        texts = await read_contents(connection, vault, visit.city, f"advance:{dispute}", wanted)
    said = {name: plain.decode() for name, (_, plain) in texts.items()}
    return Shown(
        fund=fund,
        amount_fen=row.amount_fen,
        state=row.state,
        state_words=visit.say(STATES[row.state]),
        finding=said.get(row.finding, ""),
        reason=said.get(row.reason, ""),
        owed_fen=row.owed_fen,
        recovered_fen=row.recovered_fen,
        lost_fen=row.lost_fen,
    )
