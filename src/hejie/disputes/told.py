"""What a wallet's word changes in a dispute's row."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.disputes import events as e
from hejie.disputes import wallet_events as w
from hejie.disputes.model import Dispute

WalletWord = e.Mirrored | e.Linked | w.WalletEvent


def told(dispute: Dispute, event: WalletWord) -> Dispute:
    """The row after the wallet's word."""
    match event:
        case e.Mirrored():
            return _mirrored(dispute, event)
        case e.Linked():
            return replace(dispute, wallet_event=event.wallet_event, wallet_status=event.status)
        case w.WalletTimeOver(rule=rule):
            return replace(dispute, wallet_over=(*dispute.wallet_over, rule))
        case w.WalletPictures(seen=seen):
            return replace(dispute, wallet_seen=(*dispute.wallet_seen, *seen))
        case _:
            assert_never(event)


def _mirrored(dispute: Dispute, event: e.Mirrored) -> Dispute:
    begun = {due.start for due in dispute.wallet_dues}
    again = any(due.start not in begun for due in event.wallet_dues)
    return replace(
        dispute,
        wallet_event=event.wallet_event,
        wallet_status=event.status,
        wallet_at=event.at,
        wallet_dues=event.wallet_dues,
        wallet_over=() if again else dispute.wallet_over,
        wallet_images=dispute.wallet_images + event.images,
        state=event.state,
        due=event.due,
        escalated_at=event.escalated_at,
        escalated_because="asked" if event.escalated_at else "",
        closed_at=event.closed_at,
        outcome=event.outcome,
    )
