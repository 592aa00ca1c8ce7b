"""`hejie qr decode TEXT`: what a merchant's payment code says, and what is wrong with a bad one."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from hejie.payments.emvco import ACCOUNTS, Code, Fault, Field, examine
from hejie.payments.emvco_writer import link_in

NAME = "qr"
HELP = "read a merchant's payment code (EMVCo)"

_NAMES = {
    "00": ("format", "格式"),
    "01": ("point of initiation", "发起方式"),
    "52": ("merchant category", "商户类别码"),
    "53": ("currency", "币种"),
    "54": ("amount", "金额"),
    "55": ("tip", "小费方式"),
    "56": ("fixed fee", "固定附加费"),
    "57": ("fee in percent", "附加费比例"),
    "58": ("country", "国家"),
    "59": ("merchant", "商户名称"),
    "60": ("city", "城市"),
    "61": ("postal code", "邮编"),
    "62": ("additional data", "附加信息"),
    "64": ("merchant in another language", "其他语言的商户信息"),
    "63": ("checksum", "校验码"),
}
_SCHEMES = {
    range(2, 4): "Visa",
    range(4, 6): "Mastercard",
    range(9, 11): "Discover",
    range(11, 13): "Amex",
    range(13, 15): "JCB",
    range(15, 17): "UnionPay",
}
_SENTENCES = {
    "qr_empty": ("这里没有内容。", "There is nothing to read."),
    "qr_too_long": ("共 {said} 个字符，最多 {right} 个。", "It has {said} characters; {right} at most."),
    "qr_tag": (
        "第 {place} 个字符处应为两位数字的标签，实际是“{said}”。",
        "At character {place} a tag of two digits is due, not “{said}”.",
    ),
    "qr_length": (
        "第 {place} 个字符处应为两位数字的长度（01 至 99），实际是“{said}”。",
        "At character {place} a length of two digits from 01 to 99 is due, not “{said}”.",
    ),
    "qr_cut_off": (
        "标签 {tag} 应有 {right} 个字符，只剩 {said} 个；长度按字符计，不按字节计。",
        "Tag {tag} should have {right} characters, only {said} are left; lengths count characters, not bytes.",
    ),
    "qr_twice": ("标签 {tag} 出现了两次。", "Tag {tag} stands there twice."),
    "qr_value": ("标签 {tag} 的内容“{said}”不合规范。", "The value of tag {tag}, “{said}”, is not as it must be."),
    "qr_nobody": (
        "标签 {tag} 没有以 00 开头说明由谁定义。",
        "Tag {tag} does not begin with 00, which says who defines it.",
    ),
    "qr_first": ("应以标签 00 开头，实际是 {tag}。", "It must begin with tag 00, not {tag}."),
    "qr_missing": ("缺少必需的标签 {tag}。", "The needed tag {tag} is missing."),
    "qr_no_account": (
        "没有收款信息（标签 02 至 51），无法付款。",
        "There is no account (tags 02 to 51), so nobody can be paid.",
    ),
    "qr_unchecked": ("缺少校验码（标签 63）。", "The checksum (tag 63) is missing."),
    "qr_crc_not_last": ("校验码后面还有内容。", "Something stands behind the checksum."),
    "qr_crc_wrong": (
        "校验码是 {said}，应为 {right}：内容被改动或没有读全。",
        "The checksum is {said} and should be {right}: it was changed, or not read whole.",
    ),
}
"""One for every fault that `payments/emvco.py` names."""


def arguments(parser: ArgumentParser) -> None:
    """`qr decode TEXT [--json]`."""
    decode = parser.add_subparsers(dest="act", required=True).add_parser("decode", help="print what a code says")
    decode.add_argument("text", help="the text that the square holds; - for standard input")
    decode.add_argument("--json", action="store_true", help="print JSON instead of lines")


def run(args: Namespace) -> int:
    """Print what it says; exit 2 where something is wrong with it, each fault in Chinese and in English."""
    text = sys.stdin.read().rstrip("\r\n") if args.text == "-" else args.text
    code = examine(text)
    print(json.dumps(_told(code), ensure_ascii=False, indent=1) if args.json else "\n".join(_lines(code.fields)))
    if not args.json:
        if link := link_in(code):
            print(_printable(f"放心消费收款码 paycode {link.number}  {link.page}"))
        for fault in code.faults:
            for sentence in _said(fault):
                print(_printable(sentence), file=sys.stderr)
    return 2 if code.faults else 0


def _told(code: Code) -> dict[str, object]:
    link = link_in(code)
    return {
        "valid": not code.faults,
        "kind": "dynamic" if code.dynamic else "static",
        "merchant": code.value("59"),
        "city": code.value("60"),
        "country": code.value("58"),
        "currency": code.value("53"),
        "amount": code.value("54"),
        "trade": code.value("52"),
        "paycode": {"number": link.number, "page": link.page} if link else None,
        "accounts": [{"tag": each.tag, "scheme": _scheme(each), "value": each.value} for each in code.accounts],
        "fields": [_field(each) for each in code.fields],
        "faults": [_fault(each) for each in code.faults],
    }


def _field(field: Field) -> dict[str, object]:
    told: dict[str, object] = {"tag": field.tag, "name": _name(field.tag)[0], "value": field.value}
    return {**told, "inside": [_field(each) for each in field.inside]} if field.inside else told


def _fault(fault: Fault) -> dict[str, object]:
    zh, en = _said(fault)
    return {"code": fault.code, "at": fault.at, "tag": fault.tag, "zh": zh, "en": en}


def _said(fault: Fault) -> tuple[str, str]:
    zh, en = _SENTENCES[fault.code]
    facts = {**fault._asdict(), "place": fault.at + 1}
    return zh.format(**facts), en.format(**facts)


def _lines(fields: tuple[Field, ...], indent: str = "") -> list[str]:
    lines = []
    for each in fields:
        en, zh = ("", "") if indent else _name(each.tag)
        lines.append(f"{indent}{each.tag}  {_printable(each.value)}{f'  ({zh} {en})' if en else ''}")
        lines += _lines(each.inside, f"{indent}    ")
    return lines


def _name(tag: str) -> tuple[str, str]:
    return _NAMES.get(tag, ("account", "收款信息") if int(tag) in ACCOUNTS else ("", ""))


def _scheme(field: Field) -> str:
    """Whose account it is: by its tag where EMVCo gave that away, else by the name that its template begins with."""
    given = next((name for tags, name in _SCHEMES.items() if int(field.tag) in tags), "")
    return given or field.part("00")


def _printable(text: str) -> str:
    """A terminal is not to be steered by what somebody printed on a square."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
