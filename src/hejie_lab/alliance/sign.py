"""The sign over the cities' doors: every address with what is needed to get in, and what has happened already."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie_lab.alliance.cities import name_of
from hejie_lab.alliance.shops import shops
from hejie_lab.alliance.stories import HOME, THERE, Stories
from hejie_lab.sign import Line, command, entrance, framed, short

_CAME: dict[str, tuple[str, str]] = {
    "taken": ("已移送成都", "handed over and taken"),
    "returned": ("移送后又退回", "handed over, given back"),
    "refused": ("厦门未接收", "handed over, refused"),
    "waiting": ("等您移送", "yours to hand over"),
    "begun_there": ("在成都发起", "begun in Chengdu at once"),
}


def sign(stories: Stories) -> str:
    """Addresses, accounts and disputes, zh and en, one thing a line."""
    cities, visitor, box = stories.cities, shops().visitor, stories.cities.host.sandbox.url
    hejie, option = short(command()), f" --var {short(cities.folder)}"
    lines: list[Line] = [
        ("游客的账单", "the visitor's bill", f"{box}/wallet/{visitor.user}", f"{visitor.name} 杭州 → 成都"),
        ("短信", "the SMS outbox", f"{box}/sms", ""),
        ("故障旋钮", "the fault knobs", f"{box}/knobs", ""),
    ]
    for code, platform in cities.platforms.items():
        owner = shops().of(code)[0].shop
        lines += [
            (f"── {name_of(code)}", "", "", ""),
            ("监管人员工作台", "the officer's desk", f"{platform.url}/{code}/officer", ""),
            *entrance(stories.accounts[code], Role.officer),
            ("商户的收件箱", "the merchant's inbox", f"{platform.url}/{code}/merchant", owner),
            *entrance(stories.accounts[code], Role.merchant),
        ]
    lines.append(("── 已经发生 what has happened", "", "", ""))
    for filed in stories.furnished.filed:
        zh, en = _CAME[filed.road]
        where = THERE if filed.road in {"taken", "begun_there"} else HOME
        lines.append((zh, en, f"{cities[where].url}/{where}/officer/disputes/{filed.dispute}", ""))
    lines += [
        ("── 命令 commands", "", "", ""),
        ("时钟", "the clocks, all at once", f"{hejie} demo-cities --advance 96h{option}", ""),
        ("新的动态口令", "fresh codes", f"{hejie} demo-cities --code{option}", ""),
        ("数据和日志", "data and logs", short(cities.folder), "Ctrl-C 停止 stops · --reset 清空 forgets"),
    ]
    return framed("一键和解 Hejie · " + " · ".join(name_of(code) for code in cities.platforms), lines)
