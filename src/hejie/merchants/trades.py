"""Trades by the divisions of GB/T 4754-2017 in which consumers buy: the first two digits of a category."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from hejie.base.errors import Refused


class Trade(NamedTuple):
    """A division's name: the standard's own in Chinese, a plain one in English."""

    zh: str
    en: str


TRADES: Mapping[str, Trade] = MappingProxyType(
    {
        "51": Trade("批发业", "Wholesale"),
        "52": Trade("零售业", "Retail"),
        "54": Trade("道路运输业", "Road transport"),
        "61": Trade("住宿业", "Lodging"),
        "62": Trade("餐饮业", "Catering"),
        "63": Trade("电信服务", "Telecommunications"),
        "64": Trade("互联网和相关服务", "Internet services"),
        "66": Trade("货币金融服务", "Financial services"),
        "68": Trade("保险业", "Insurance"),
        "70": Trade("房地产业", "Property services"),
        "71": Trade("租赁业", "Rental"),
        "72": Trade("商务服务业", "Business and travel services"),
        "80": Trade("居民服务业", "Personal services"),
        "81": Trade("机动车、电子产品和日用产品修理业", "Repair"),
        "82": Trade("其他服务业", "Other services"),
        "83": Trade("教育", "Education"),
        "84": Trade("卫生", "Health"),
        "86": Trade("新闻和出版业", "News and publishing"),
        "87": Trade("广播、电视、电影和录音制作业", "Film and broadcasting"),
        "88": Trade("文化艺术业", "Culture and art"),
        "89": Trade("体育", "Sports"),
        "90": Trade("娱乐业", "Entertainment"),
    }
)
_LONGEST = 4


def division(category: str) -> str:
    """The two digits under which a category is counted; empty for none and for what is no code."""
    return category[:2] if category[:2] in TRADES else ""


def trade_code(text: str) -> str:
    """A category as it is stored, from what a list says: two to four digits, or a division's Chinese name.

    Errors: `Refused("trade_unknown")`; nothing said is no error.
    """
    typed = text.strip()
    if not typed:
        return ""
    named = next((code for code, trade in TRADES.items() if typed == trade.zh), "")
    if named:
        return named
    digits = typed.isascii() and typed.isdigit() and 2 <= len(typed) <= _LONGEST  # noqa: PLR2004  a division
    if not (digits and division(typed)):
        raise Refused("trade_unknown")
    return typed
