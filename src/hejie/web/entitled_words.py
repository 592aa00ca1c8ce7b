"""What may be owed, in the words of the house: kinds, who pays, amounts."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.edge.words import mark, money, say
from hejie.law.entitlement_answers import Answer
from hejie.law.entitlement_rules import Kind, Payer

_KINDS: Mapping[Kind, str] = {
    Kind.refund: mark("Refund"),
    Kind.goods_return: mark("Return"),
    Kind.repair: mark("Exchange or repair"),
    Kind.prepaid: mark("Prepaid balance"),
    Kind.freight: mark("Freight"),
    Kind.multiple: mark("More than the price"),
    Kind.compensation: mark("Compensation"),
    Kind.proof: mark("Who must prove it"),
    Kind.duty: mark("What must be done"),
}
_PAYERS: Mapping[Payer, str] = {
    Payer.merchant: mark("on the merchant's side"),
    Payer.consumer: mark("on the consumer's side"),
    Payer.platform: mark("on the platform's side"),
    Payer.courier: mark("on the courier's side"),
    Payer.either: mark("on the maker's or the seller's side, whoever is asked first"),
}


def kind(language: str, answer: Answer) -> str:
    """What may be owed."""
    return say(language, _KINDS[answer.kind])


def payer(language: str, answer: Answer) -> str:
    """On whose side it lies."""
    return say(language, _PAYERS[answer.payer])


def amount(language: str, answer: Answer) -> str:
    """How much; empty where it is no money, or nobody knows yet."""
    if answer.least_fen is None or answer.most_fen is None:
        return ""
    if answer.least_fen == answer.most_fen:
        return money(answer.most_fen)
    return say(language, mark("{least} to {most}"), least=money(answer.least_fen), most=money(answer.most_fen))


def total(answer: Answer) -> str:
    """Together with the price or the freight; empty where that is no more than the amount, or nobody knows yet."""
    if answer.total_fen is None or answer.amount_fen is None or answer.total_fen == answer.amount_fen:
        return ""
    return money(answer.total_fen)
