"""The demo's sign over the door: every address with what is needed to get in, for a terminal."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hejie.base.actor import Role
from hejie_lab.accounts import Account
from hejie_lab.platform import Platform
from hejie_lab.town import Town

Line = tuple[str, str, str, str]
_RULE = "─"
_WIDTH = 100


def sign(platform: Platform, town: Town, accounts: Sequence[Account], paycode: str) -> str:
    """Addresses and accounts, zh and en, one thing a line."""
    base, box, city = platform.url, platform.sandbox.url, platform.city
    shown = short(platform.folder)
    hejie = short(command())
    option = "" if shown == "var/demo" else f" --var {shown}"
    lines = [
        ("消费者的账单", "the consumer's bill", f"{box}/wallet/{town.consumer.user}", town.consumer.name),
        ("微信和银联账单", "other wallets' bills", f"{box}/others/wechatpay", f"{box}/others/unionpay"),
        ("商户的收件箱", "the merchant's inbox", f"{base}/{city}/merchant", town.merchant.name),
        *entrance(accounts, Role.merchant),
        ("放心消费收款码", "the payment code's page", f"{base}/{city}/code/{paycode}", town.merchant.name),
        (
            "监管人员工作台",
            "the officer's desk",
            f"{base}/{city}/officer",
            "officer 市局 the bureau · district 商户所在区 the merchant's",
        ),
        *entrance(accounts, Role.officer),
        ("代为提交", "filing for others", f"{base}/{city}/officer/assist", "12345 热线"),
        *entrance(accounts, Role.clerk),
        ("短信", "the SMS outbox", f"{box}/sms", f"{town.merchant.name} {town.merchant.phone}"),
        ("故障旋钮", "the fault knobs", f"{box}/knobs", ""),
        ("钱包的全部入口", "every door of the wallet", box, ""),
        ("时钟", "the clock", f"{hejie} clock advance 96h{option}", "同时拨动平台和钱包 both sides at once"),
        ("新的动态口令", "a fresh code", f"{hejie} demo --code{option}", ""),
        ("数据和日志", "data and logs", shown, "Ctrl-C 停止 stops · make demo-reset 清空 forgets"),
    ]
    return framed("一键和解 Hejie · 杭州 Hangzhou", lines)


def framed(title: str, lines: Sequence[Line]) -> str:
    """Lines of four columns (zh, en, where, what) under a title; a line with zh alone begins a part."""
    rule = _RULE * _WIDTH
    rows = [f" {_wide(zh, 16)}{_wide(en, 26)}{_wide(where, 52)}{what}".rstrip() for zh, en, where, what in lines]
    return "\n".join(["", rule, f" {title}", rule, *rows, rule, ""])


def codes(accounts: Sequence[Account]) -> str:
    """Accounts with their codes of this half minute."""
    return "\n".join(line for role in Role for _, _, line, _ in entrance(accounts, role))


def entrance(accounts: Sequence[Account], role: Role) -> list[Line]:
    """What the accounts of a role type to get in, one a line."""
    now = datetime.now(UTC)
    return [
        (
            "",
            "",
            f"{each.login} · {each.password} · {each.code(now)} ({30 - now.second % 30} s)",
            f"TOTP {each.totp_secret}",
        )
        for each in accounts
        if each.role is role
    ]


def command() -> Path:
    """`hejie` as it can be typed here."""
    beside = Path(sys.executable).with_name("hejie")
    return Path("hejie") if shutil.which("hejie") or not beside.exists() else beside


def short(folder: Path) -> str:
    """A path as it is typed from here."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)


def _wide(text: str, width: int) -> str:
    """The text filled up with blanks, Chinese letters counted as two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(1, width - taken)
