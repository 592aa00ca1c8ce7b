"""What the parties do in each kind of dispute of a fault run, from filing to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from hejie.disputes import commands as c
from hejie.disputes.model import Outcome, Performance, Remedy, Road
from hejie.disputes.states import State
from hejie_lab.faults.hands import Hands
from hejie_lab.faults.passing import until_seen
from hejie_lab.faults.place import OFFICER
from hejie_lab.faults.plan import Story

Telling = Callable[[Hands, Story], Awaitable[None]]

CLAIM = c.AcceptOffer(offer="claim", road=Road.api)
PAID = ("settled/performed",)
UNPAID = ("lapsed/silent",)
"""Where the wallet refuses for good: agreed money that never came, and a consumer who lets it be."""
NEXT_DAY, SILENCE, LATE_ANSWER, LAPSED = 38.0, 97.0, 98.0, 290.0
"""Hours: the bill file of the first day is in; the merchant's 96 have passed; the consumer's 7 days as well."""


async def accepted(h: Hands, s: Story) -> None:
    """The whole claim, accepted at once."""
    dispute = await h.file(s)
    h.may_end(dispute, *PAID, *UNPAID)
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)


async def partial(h: Hands, s: Story) -> None:
    """A part is claimed and accepted; over several payments it is spread."""
    part = max(1, sum(s.paid_fen) * 2 // 3)
    dispute = await h.file(s, remedy="refund_part", amount_fen=part)
    h.may_end(dispute, *PAID, *UNPAID)
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)


async def wrong_amount(h: Hands, s: Story) -> None:
    """Too much was paid: the difference comes back."""
    right = sum(s.paid_fen) // 10
    dispute = await h.file(s, problem="wrong_amount", remedy="refund_part", should_have_been_fen=right)
    h.may_end(dispute, *PAID, *UNPAID)
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)


async def counter_offer(h: Hands, s: Story) -> None:
    """Offer, counter-offer, agreement in between."""
    paid = sum(s.paid_fen)
    dispute = await h.file(s)
    h.may_end(dispute, *PAID, *UNPAID)
    first = c.MakeOffer(id=h.mint(), remedy=Remedy.refund_part, amount_fen=max(1, paid // 4), road=Road.api)
    await h.merchant(s, dispute, first)
    await h.consumer(s, dispute, "offer", remedy="refund_part", amount_fen=max(1, paid // 2))
    row = await h.see(dispute, lambda row: row.offers[-1].id not in {"claim", first.id}, "countered")
    await h.merchant(s, dispute, c.AcceptOffer(offer=row.offers[-1].id))
    await h.see_through(s, dispute)


async def standing_rule(h: Hands, s: Story) -> None:
    """The merchant's rule says yes in its name; nobody does anything."""
    dispute = await h.file(s)
    h.may_end(dispute, *PAID, *UNPAID)
    await h.see(dispute, lambda row: row.agreed_at is not None, "answered by rule")
    await h.see_through(s, dispute)


async def unproven(h: Hands, s: Story) -> None:
    """Known from a file only: a refund goes out once the wallet has told of the payment itself."""
    dispute = await h.file(s)
    h.may_end(dispute, *PAID, *UNPAID)
    await h.see(dispute, lambda row: row.proven, "proven")
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)


async def own_tool_number(h: Hands, s: Story) -> None:
    """Refunded in the merchant's own tool, found by the number it gives."""
    dispute = await h.file(s)
    h.may_end(dispute, *PAID)
    await h.merchant(s, dispute, c.AcceptOffer(offer="claim", road=Road.own_tool))
    number = await h.place.wallet.refund_by_hand(s.trades[0], s.paid_fen[0])
    await h.merchant(s, dispute, c.ClaimPerformed(refund_no=number))
    await h.see(dispute, lambda row: row.state is State.settled, "seen by its number")


async def own_tool_file(h: Hands, s: Story) -> None:
    """Refunded in the merchant's own tool without a word: the bill file shows it."""
    dispute = await h.file(s)
    h.may_end(dispute, *PAID)
    await h.merchant(s, dispute, c.AcceptOffer(offer="claim", road=Road.own_tool))
    await h.place.wallet.refund_by_hand(s.trades[0], s.paid_fen[0])
    await h.time.after(NEXT_DAY)
    await h.see(dispute, lambda row: row.state is State.settled, "seen in the bill file")


async def unasked_refund(h: Hands, s: Story) -> None:
    """The merchant pays back before it answers: that is its answer; the consumer confirms."""
    dispute = await h.file(s)
    h.may_end(dispute, "settled/confirmed")
    await h.place.wallet.refund_by_hand(s.trades[0], s.paid_fen[0])
    await h.time.after(NEXT_DAY)
    await h.see(dispute, lambda row: row.state is State.awaiting_consumer, "answered by money")
    await h.consumer(s, dispute, "confirm")


async def by_hand(h: Hands, s: Story) -> None:
    """A voucher, handed over and confirmed."""
    dispute = await h.file(s)
    h.may_end(dispute, "settled/confirmed")
    await _agree_voucher(h, s, dispute)
    await h.merchant(s, dispute, c.ClaimPerformed(words=h.mint()), words="券已交给顾客")
    await h.consumer(s, dispute, "confirm")


async def denied(h: Hands, s: Story) -> None:
    """Agreed by hand, never done: the consumer denies it, asks the officer in, who closes without a settlement."""
    dispute = await h.file(s)
    h.may_end(dispute, "mediated/unsettled")
    await _agree_voucher(h, s, dispute)
    await h.consumer(s, dispute, "deny", words="没有收到")
    await h.consumer(s, dispute, "escalate")
    await _close(h, dispute, Outcome.unsettled)


async def _agree_voucher(h: Hands, s: Story, dispute: str) -> None:
    offer = c.MakeOffer(id=h.mint(), remedy=Remedy.voucher, road=Road.by_hand)
    await h.merchant(s, dispute, offer)
    await h.consumer(s, dispute, "accept", offer=offer.id)


async def refused(h: Hands, s: Story) -> None:
    """The merchant refuses; the officer proposes, both agree, the money moves, the officer closes."""
    dispute = await h.file(s)
    h.may_end(dispute, "mediated/mediated", "mediated/unsettled")
    await h.merchant(s, dispute, c.Answer(words=h.mint()), words="商品没有问题")
    await h.consumer(s, dispute, "escalate")
    await h.officer(dispute, c.Take())
    proposal = c.MakeOffer(id=h.mint(), remedy=Remedy.refund_part, amount_fen=max(1, s.paid_fen[0] // 3))
    await h.officer(dispute, proposal)
    await h.consumer(s, dispute, "accept", offer=proposal.id)
    await h.merchant(s, dispute, c.AcceptOffer(offer=proposal.id))
    await h.see_through(s, dispute)
    row = await h.see(dispute, lambda row: not row.refund_under_way, "told")
    await _close(h, dispute, Outcome.mediated if row.performance is Performance.seen else Outcome.unsettled)


async def _close(h: Hands, dispute: str, outcome: Outcome) -> None:
    await h.officer(dispute, c.Take())
    memo = c.Close(memo=h.mint(), agency=OFFICER.organisation, outcome=outcome)
    await h.officer(dispute, memo, words="调解结束")


async def silent_merchant(h: Hands, s: Story) -> None:
    """96 hours of silence escalate by themselves."""
    dispute = await h.file(s)
    h.may_end(dispute, "mediated/unsettled")
    await h.time.after(SILENCE)
    await h.see(dispute, lambda row: row.state is State.mediating, "escalated by itself")
    await _close(h, dispute, Outcome.unsettled)


async def late_answer(h: Hands, s: Story) -> None:
    """The consumer chose otherwise at filing: the merchant is overdue, and answers late after all."""
    dispute = await h.file(s, escalates_by_itself=False)
    h.may_end(dispute, *PAID, *UNPAID)
    await h.time.after(SILENCE)
    await h.see(dispute, lambda row: row.state is State.overdue, "overdue")
    await h.time.after(LATE_ANSWER)
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)


async def silent_consumer(h: Hands, s: Story) -> None:
    """An answer that the consumer never looks at."""
    dispute = await h.file(s)
    h.may_end(dispute, *UNPAID)
    await h.merchant(s, dispute, c.Answer(words=h.mint()), words="请到店处理")


async def reopened(h: Hands, s: Story) -> None:
    """Lapsed, reopened by one tap, confirmed."""
    dispute = await h.file(s)
    h.may_end(dispute, "settled/confirmed")
    await h.merchant(s, dispute, c.Answer(words=h.mint()), words="请到店处理")
    await h.time.after(LAPSED)
    await h.see(dispute, lambda row: row.state is State.lapsed, "lapsed")
    await h.consumer(s, dispute, "reopen")
    await h.consumer(s, dispute, "confirm")


async def withdrawn(h: Hands, s: Story) -> None:
    """Filed and taken back."""
    dispute = await h.file(s)
    h.may_end(dispute, "withdrawn/withdrawn")
    await h.consumer(s, dispute, "say", words="已经解决了")
    await h.consumer(s, dispute, "withdraw")


async def wallet_accepted(h: Hands, s: Story) -> None:
    """Born in the wallet; accepted and paid here, told there, confirmed there."""
    event, dispute = await _born(h, s)
    h.may_end(dispute, *PAID, "settled/confirmed", "overdue", *UNPAID)
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)
    if await _told(h, dispute):
        await h.place.wallet.move(event, "confirm")


async def wallet_offered(h: Hands, s: Story) -> None:
    """Born in the wallet; two offers are told there, the second is accepted here and paid."""
    event, dispute = await _born(h, s)
    h.may_end(dispute, *PAID, "settled/confirmed", "lapsed/unconfirmed", *UNPAID)
    for part in (4, 2):
        amount = max(1, s.paid_fen[0] // part)
        offer = c.MakeOffer(id=h.mint(), remedy=Remedy.refund_part, amount_fen=amount, road=Road.api)
        await h.merchant(s, dispute, offer)
    await h.consumer(s, dispute, "accept", offer=offer.id)
    await h.see_through(s, dispute)
    if await _told(h, dispute):
        await h.place.wallet.move(event, "confirm")


async def _told(h: Hands, dispute: str) -> bool:
    """Wait until the wallet has been told of the money; False where none came."""
    row = await h.see(dispute, lambda row: not row.refund_under_way, "told")
    if row.performance is not Performance.seen:
        return False

    async def answered() -> bool | None:
        found = h.place.wallet.rows("select status from cases where event_id = ?", row.wallet_event)
        return True if found[0]["status"] == "MERCHANT_FEEDBACKED" else None

    return await until_seen(answered, f"case {row.wallet_event} answered in the wallet")


async def wallet_cancelled(h: Hands, s: Story) -> None:
    """Born in the wallet and cancelled there."""
    event, dispute = await _born(h, s)
    h.may_end(dispute, "withdrawn/withdrawn")
    await h.place.wallet.move(event, "cancel")


async def wallet_mediated(h: Hands, s: Story) -> None:
    """Born in the wallet; answered here, escalated there, closed by the officer here, which ends it there."""
    event, dispute = await _born(h, s)
    h.may_end(dispute, "mediated/unsettled", "mediated/mediated")
    await h.merchant(s, dispute, c.Answer(words=h.mint()), words="商品没有问题")
    await h.place.wallet.move(event, "escalate")
    await h.see(dispute, lambda row: row.state is State.mediating, "escalated in the wallet")
    await _close(h, dispute, Outcome.unsettled)


async def wallet_silent(h: Hands, s: Story) -> None:
    """Born in the wallet; nobody answers."""
    _, dispute = await _born(h, s)
    h.may_end(dispute, "overdue")


async def _born(h: Hands, s: Story) -> tuple[str, str]:
    event = await h.place.wallet.complain(h.place.payers[s.payer].account, s.trades[0])
    return event, await h.mirrored(event)


async def both_doors(h: Hands, s: Story) -> None:
    """The same payment complained of here and in the wallet is one dispute, led here."""
    dispute = await h.file(s)
    h.may_end(dispute, *PAID, *UNPAID)
    event = await h.place.wallet.complain(h.place.payers[s.payer].account, s.trades[0])
    await h.see(dispute, lambda row: row.wallet_event == event, "linked")
    await h.merchant(s, dispute, CLAIM)
    await h.see_through(s, dispute)


TELLINGS: Mapping[str, Telling] = MappingProxyType(
    {
        telling.__name__: telling
        for telling in (
            accepted, partial, wrong_amount, counter_offer, standing_rule, unproven, own_tool_number, own_tool_file,
            unasked_refund, by_hand, denied, refused, silent_merchant, late_answer, silent_consumer, reopened,
            withdrawn, wallet_accepted, wallet_offered, wallet_cancelled, wallet_mediated, wallet_silent, both_doors,
        )
    }
    | {"several": partial}
)  # fmt: skip
"""Kind of dispute → how it goes."""
