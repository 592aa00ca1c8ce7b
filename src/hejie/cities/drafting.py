"""A new city's file: from a few answers to one readable, commented TOML, which says what nobody has confirmed yet."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.cities import divisions
from hejie.cities.papers import USUAL, Kind
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import Clocks, Code

MODEL = "330100"
"""The city whose file is the model."""
MOST_NAME = 40
"""Characters."""

CLOCKS: Mapping[str, str] = {
    "answer_hours": "商户答复的小时数 the merchant answers",
    "confirm_days": "消费者确认的天数 the consumer confirms",
    "confirm_reminder_days": "第几天提醒消费者 when the consumer is reminded",
    "settle_hours": "履行和解协议的小时数 what was agreed is done",
    "offer_days": "和解方案的有效天数 an offer stands",
    "filing_days": "付款后可以发起的天数 a dispute may be filed after the payment",
    "reopen_days": "可以重新打开的天数 a settled one may be opened again",
    "survey_days": "可以评价的天数 the consumer may rate it",
    "reach_hours": "多久联系不上算失联 a merchant that nothing reaches is told to be so",
    "receipt_minutes": "没有回执时多久换联系方式 the next contact is tried without a receipt",
    "invite_days": "邀请未入驻商户的间隔 a merchant that has not joined is asked once",
}
_PAPERS: Mapping[Kind, str] = {
    Kind.impact_assessment: "个人信息保护影响评估（个人信息保护法 55、56） impact assessment",
    Kind.classified_protection: "网络安全等级保护定级备案 classified-protection filing",
    Kind.tls_certificate: "网站证书 the web certificate",
    Kind.wallet_contract: "与支付平台的合同 the contract with a wallet",
    Kind.acquirer_contract: "与收单机构的合同 the contract with an acquirer",
    Kind.sms_signature: "短信签名 the SMS signature",
    Kind.sms_template: "短信模板 the SMS templates",
    Kind.link_12315: "与全国 12315 平台的对接 the connection to 12315",
    Kind.sharing_agreement: "与共建城市的数据共享协议 the agreement with the other cities",
}
_OF = {Kind.wallet_contract: "alipay", Kind.acquirer_contract: ""}


class Answers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new city is asked; only the code has no default."""

    code: Code
    zh: str = ""
    en: str = ""
    valid_from: date | None = None
    sms_signature: str = ""
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    """With Chinese alone, Chinese names stand where English ones would."""
    clocks: dict[str, int | tuple[int, ...]] = {}
    confirmed: tuple[str, ...] = ()
    """Names of the clocks that the city has decided on."""
    promises: tuple[str, ...] | None = None
    """Which of the model's promises shops may make; all where nothing is said."""
    divisions: dict[str, str] = {}
    """English names of districts and counties, by code."""
    duty_phone: str = ""
    """E.164; where a report of danger is sent to."""


def read_answers(text: str) -> Answers:
    """Answers from TOML; `Refused("city_answers_unreadable", why)`."""
    try:
        return msgspec.convert(tomllib.loads(text), Answers)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("city_answers_unreadable", why=str(error)) from None


def must_be_city(code: str) -> None:
    """`Refused("city_code_wrong", code)` unless districts or nothing at all lie below it."""
    below = divisions.children(code) if divisions.exists(code) else ()
    if not divisions.exists(code) or not code.endswith("00") or any(each.endswith("00") for each in below):
        raise Refused("city_code_wrong", division=code)
    if code.endswith("0000") and not below:
        raise Refused("city_code_wrong", division=code)


@cache
def english() -> Mapping[str, str]:
    """English names of divisions that the house knows."""
    told: Mapping[str, str] = tomllib.loads(files("hejie.cities").joinpath("english.toml").read_text("utf-8"))
    return told


def names(answers: Answers) -> tuple[str, str]:
    """The city's name in Chinese and English; `Refused("city_name_wrong")` for letters that cannot be printed."""
    zh = answers.zh.strip() or divisions.name(answers.code)
    en = answers.en.strip() or (english().get(answers.code, zh) if "en" in answers.languages else zh)
    if not (zh + en).isprintable() or max(len(zh), len(en)) > MOST_NAME:
        raise Refused("city_name_wrong")
    return zh, en


def model_promises() -> tuple[str, ...]:
    """The promises of the model, by name."""
    return tuple(each.id for each in read_city(shipped(MODEL)).promises)


def draft(answers: Answers, today: date) -> str:
    """The city's file, as `read_city` takes it; what that refuses is refused here.

    Errors: `Refused` with `city_code_wrong`, `city_name_wrong`, `city_languages_wrong`, `city_promise_unknown`,
    `city_clock_unknown`, and those of `read_city`.
    """
    must_be_city(answers.code)
    if "zh" not in answers.languages:
        raise Refused("city_languages_wrong")
    unknown = sorted({*answers.clocks, *answers.confirmed} - CLOCKS.keys())
    if unknown:
        raise Refused("city_clock_unknown", name=unknown[0])
    names(answers)
    parts = (
        _head(answers, answers.valid_from or today),
        _clocks(answers),
        _model("[[wallet_clocks]]", "# Whether merchants' figures", before="# What a wallet itself asks"),
        _model("[door]", "# Numbers that come before any form"),
        _safety(answers),
        _promises(answers, answers.valid_from or today),
        _agencies(answers),
        _papers(),
    )
    text = "\n".join(part.strip() + "\n" for part in parts)
    read_city(text)
    return text


def _head(answers: Answers, begins: date) -> str:
    zh, en = names(answers)
    signature = answers.sms_signature.strip() or f"{zh.removesuffix('市')}一键和解"
    return f"""\
# {zh} {en}: 本市的设置 the city's settings, made by `hejie city new`. `hejie city apply` puts them in; a later
# change is the same file with a higher version and a later day.
# 标为 provisional 的内容沿用杭州的做法，尚待本市确认。
# What is called `provisional` is Hangzhou's or ours until the city confirms it.

code = {_quoted(answers.code)}
name = {{ zh = {_quoted(zh)}, en = {_quoted(en)} }}
version = 1
valid_from = {begins.isoformat()}
sms_signature = {_quoted(signature)}   # 待服务商审核 the SMS provider has to agree
"""


def _clocks(answers: Answers) -> str:
    usual = msgspec.to_builtins(Clocks())
    lines = ["# 期限 How long each step may take; days are spans of 24 hours.", "", "[clocks]"]
    for name, meaning in CLOCKS.items():
        value = answers.clocks.get(name, usual[name])
        shown = f"[{', '.join(map(str, value))}]" if isinstance(value, (list, tuple)) else str(value)
        lines.append(f"{name} = {shown}   # {meaning}")
    open_ones = [name for name in CLOCKS if name not in answers.confirmed]
    lines += ["provisional = [   # 尚待确认 not confirmed yet", *(f"  {_quoted(name)}," for name in open_ones), "]"]
    return "\n".join(lines)


def _safety(answers: Answers) -> str:
    text = _model("[safety]", "# What shops may promise", before="# Numbers that come before any form")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
    duty = ""
    if answers.duty_phone:
        duty = f"""
[[safety.on_duty]]
division = {_quoted(answers.code)}
phone = {_quoted(answers.duty_phone.strip())}
"""
    told = (
        "值班电话 duty phone"
        if duty
        else "值班电话尚缺 no duty phone is known yet: [[safety.on_duty]]  division  phone"
    )
    return f"# 先于一切的求助电话 Numbers that come before any form. {told}.\n{text}\n{duty}"


def _promises(answers: Answers, begins: date) -> str:
    known = {each.id: each for each in read_city(shipped(MODEL)).promises}
    chosen = tuple(known) if answers.promises is None else answers.promises
    for name in chosen:
        if name not in known:
            raise Refused("city_promise_unknown", name=name)
    lines = [
        "# 商户可以作出的承诺 What shops may promise behind a paycode. 措辞沿用杭州，尚待本市确认",
        "# The wording is Hangzhou's, provisional until the city confirms it.",
    ]
    for promise in (known[name] for name in chosen):
        lines += ["", "[[promises]]", f"id = {_quoted(promise.id)}", f"valid_from = {begins.isoformat()}"]
        for language, said in (("zh", promise.zh), ("en", promise.en)):
            lines.append(f"{language} = {{ title = {_quoted(said.title)}, sentence = {_quoted(said.sentence)} }}")
    return "\n".join(lines)


def _agencies(answers: Answers) -> str:
    zh, en = names(answers)
    known = {**english(), **answers.divisions} if "en" in answers.languages else {}
    lines = ["# 市局和各区县局 The city's bureau and those of its districts and counties; codes are GB/T 2260."]
    for code in (answers.code, *divisions.children(answers.code)):
        own = code == answers.code
        local = zh if own else divisions.name(code)
        foreign = en if own else known.get(code, local)
        bureau = f"{zh if own else zh + local}市场监督管理局"
        note = "" if foreign != local or "en" not in answers.languages else "   # 英文名未知 English name unknown"
        lines += [
            "",
            "[[agencies]]",
            f"code = {_quoted(code)}",
            f"division = {_quoted(foreign)}{note}",
            f"name = {{ zh = {_quoted(bureau)}, en = {_quoted(f'{foreign} Administration for Market Regulation')} }}",
        ]
    return "\n".join(lines)


def _papers() -> str:
    lines = [
        "# 上线前需要的文件 What is needed from outside before going live, for `hejie city check`.",
        "# 有了以后写上 since（起始日）和 expires（到期日） Once one is there, write `since` and `expires`.",
        "# 负责方和天数是估计 Owners and days are our guesses.",
    ]
    for kind, usual in USUAL.items():
        lines += ["", f"# {_PAPERS[kind]}"]
        if kind in _OF and not _OF[kind]:
            lines += ["# [[papers]]", f'# kind = "{kind.value}"', '# of = "48030001"   # 机构号 its number']
            lines += [f"# owner = {_quoted(usual.owner)}", f"# lead_days = {usual.lead_days}"]
            continue
        lines += ["[[papers]]", f'kind = "{kind.value}"', *([f'of = "{_OF[kind]}"'] if kind in _OF else [])]
        lines += [f"owner = {_quoted(usual.owner)}", f"lead_days = {usual.lead_days}"]
    return "\n".join(lines)


def _model(begin: str, end: str, *, before: str = "") -> str:
    """The model's lines from one on to another; with `before`, from the comment above it."""
    text = shipped(MODEL)
    start = text.index(before or begin)
    return text[start : text.index(end, start)]


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return msgspec.json.encode(text).decode()
