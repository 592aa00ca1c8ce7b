"""What is said to the wallet that holds a case too: once, in its own words, whatever becomes of the answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from hejie.base.errors import Refused
from hejie.base.money import yuan
from hejie.connectors.wallet import CaseHolder, Completer, WalletCase
from hejie.desk.act import subject_of
from hejie.disputes.model import REFUNDS, Dispute, Offer, Remedy
from hejie.disputes.states import OPEN, WALLET_NAMES, State
from hejie.duties.authority import authority_for
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.worker import Work

MOST_WORDS = 200
"""Characters the wallet takes in one feedback."""
MOST_IMAGES = 4
"""Pictures it takes beside them."""
SEE_PICTURES = "请查看图片。"
"""What is said with pictures alone: no wallet takes them without words."""


async def tell_wallet(work: Work, tools: Tools) -> None:
    """Bring one of our acts to the wallet that holds the case too."""
    dispute = await read_dispute(tools, work.city, work.subject)
    connector = tools.case_holder(work.city, dispute.wallet)
    words = await _words(work, tools, dispute)
    if not words:
        return
    if isinstance(connector, Completer):
        await _tell_completer(work, tools, connector, dispute, words)
    elif work.payload["act"] not in ONLY_COMPLETERS:
        await _tell(work, tools, connector, dispute, words)


ONLY_COMPLETERS = frozenset({"approve", "performed"})
"""Acts for which other wallets have no word: there the money, or the consumer, speaks."""


async def _tell_completer(work: Work, tools: Tools, connector: Completer, dispute: Dispute, words: str) -> None:
    """A wallet in which the merchant's side grants refunds and completes: those calls look before they act."""
    told, event = work.payload, work.payload["event"]
    offer = dispute.offer(told["offer"]) if "offer" in told else None
    match told["act"]:
        case "approve" | "agreed" if offer and offer.remedy in REFUNDS:
            await connector.approve(event, offer.amount_fen, words)
        case "feedback" if told.get("code") == REFUNDED:
            await connector.complete(event, words)
        case "performed":
            await connector.complete(event, words)
        case "finish":
            await connector.finish(event, words, told["agency"])
        case act:
            await _reply_once(work, tools, connector, act, words)


async def _reply_once(work: Work, tools: Tools, connector: CaseHolder, act: str, words: str) -> None:
    """A message into the talk, unless an earlier attempt has arrived; an ended case is told nothing."""
    event = work.payload["event"]
    if work.attempts > 1 and _stands(await connector.case(event), act, words, work.due_at):
        return
    images = await _images(work, tools, connector)
    try:
        await connector.reply(event, words, images)
    except Refused as error:
        if error.code != "case_moved_on" or (await connector.case(event)).status in _TALKS:
            raise


async def _tell(work: Work, tools: Tools, connector: CaseHolder, dispute: Dispute, words: str) -> None:
    """A wallet whose interface takes no key of ours: before a telling is repeated the case is looked at.

    What stands there already is not said twice. A case that takes no more feedback is told in its talk, an ended one
    nothing.
    """
    act, event = work.payload["act"], work.payload["event"]
    authority = ""
    if act != "finish":
        authority = await authority_for(tools, work.city, dispute.wallet, dispute.payments[0].trade_no)
    if work.attempts > 1 and _stands(await connector.case(event), act, words, work.due_at):
        return
    images = await _images(work, tools, connector)
    try:
        if act == "finish":
            await connector.finish(event, words, work.payload["agency"])
        elif act == "reply":
            await connector.reply(event, words, images, authority)
        else:
            await connector.feedback(event, work.payload.get("code", "04"), words, images, "", authority)
    except Refused as error:
        if error.code != "case_moved_on":
            raise
        if (await connector.case(event)).status in _TALKS and act != "finish":
            await connector.reply(event, words, images, authority)


async def _images(work: Work, tools: Tools, connector: CaseHolder) -> tuple[str, ...]:
    """The first pictures of what is said, put up at the wallet: its ids. What it does not take holds up no words."""
    names = list(work.payload.get("pictures", ()))[:MOST_IMAGES]
    if not names:
        return ()
    async with city_transaction(tools.pool, work.city) as connection:
        subject = subject_of("dispute", work.subject)
        found = await read_contents(connection, tools.vaults(work.city), work.city, subject, names)
    images = []
    for kind, plain in (found[name] for name in names if name in found):
        try:
            images.append(await connector.upload(plain, kind))
        except Refused:
            continue
    return tuple(images)


REFUNDED = "02"
"""The wallet's feedback code of money that went back."""
_TALKS = frozenset(WALLET_NAMES[state] for state in OPEN)
"""Where the wallet's case still takes words."""
TELLING_SKEW = timedelta(minutes=5)
"""By how much the wallet's clock may be behind ours."""


def _stands(case: WalletCase, act: str, words: str, since: datetime) -> bool:
    """Whether an earlier attempt has arrived: the case is closed by us, or has these words of ours since then."""
    if act == "finish":
        return case.status == WALLET_NAMES[State.mediated]
    return any(
        reply.role != "user" and reply.content == words and reply.at >= since - TELLING_SKEW for reply in case.replies
    )


_REMEDIES = {
    Remedy.refund_full: "全额退款",
    Remedy.refund_part: "部分退款",
    Remedy.exchange: "换货",
    Remedy.goods_return: "退货退款",
    Remedy.repair: "维修",
    Remedy.voucher: "代金券",
    Remedy.apology: "道歉",
    Remedy.compensation: "额外补偿",
    Remedy.other: "其他方案",
}


_OFFERS = {
    "offer": "商家提出和解方案",
    "agreed": "商家已同意",
    "approve": "商家已同意",
    "performed": "商家表示已履行",
}


def _in_words(act: str, offer: Offer | None) -> str:
    amount = f" {yuan(offer.amount_fen)} 元" if offer and offer.amount_fen else ""
    return f"{_OFFERS[act]}：{_REMEDIES[offer.remedy]}{amount}" if offer else ""


async def _words(work: Work, tools: Tools, dispute: Dispute) -> str:
    """What is to be said; empty where nothing was written, or it has been erased."""
    told = work.payload
    if told["act"] in _OFFERS:
        return _in_words(told["act"], dispute.offer(told["offer"]))
    if "sentence" in told:
        return str(told["sentence"])
    identifier = told.get("words") or told.get("memo") or ""
    if not identifier:
        alone = SEE_PICTURES if told.get("pictures") else ""
        return "已退款" if told.get("code") == REFUNDED else alone
    async with city_transaction(tools.pool, work.city) as connection:
        subject = subject_of("dispute", work.subject)
        found = await read_contents(connection, tools.vaults(work.city), work.city, subject, [identifier])
    _, plain = found.get(identifier, ("text", b""))
    return plain.decode()[:MOST_WORDS]
