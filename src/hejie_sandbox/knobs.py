"""Faults that people and tests can turn on, each with a count of how often it was injected."""

from __future__ import annotations

from secrets import SystemRandom
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from hejie_sandbox.ledger import Ledger

_chance = SystemRandom()


class Fault(NamedTuple):
    """What a knob does, and the number it takes where it takes one."""

    zh: str
    en: str
    value: float = 0
    unit: str = ""


FAULTS: dict[str, Fault] = {
    "delay": Fault("网关提交后延迟应答", "Gateway answers late, after commit", 3, "s"),
    "drop_after_commit": Fault("网关提交后断开连接，不应答", "Gateway commits, then closes without an answer"),
    "bad_signature": Fault("网关应答用错误的密钥签名", "Gateway signs its answer with a wrong key"),
    "system_error": Fault("网关报系统错误，未提交", "Gateway reports a system error, nothing committed"),
    "system_error_after_commit": Fault("网关已提交，却报系统错误", "Gateway commits, yet reports a system error"),
    "balance_short": Fault("退款时商户余额不足", "Merchant's balance is short at a refund"),
    "window_expired": Fault("退款时交易已过退款期（此后一直如此）", "Refund window is over at a refund (and stays so)"),
    "duplicate_callback": Fault("通知发送两次", "Callback is sent twice"),
    "late_callback": Fault("通知迟到", "Callback is late", 60, "s"),
    "reordered_callback": Fault("通知与下一条颠倒顺序", "Callback changes places with the next one", 30, "s"),
    "lost_callback": Fault("通知丢失，不再发送", "Callback is lost and never sent"),
    "forged_callback": Fault("通知用错误的密钥签名", "Callback is signed with a wrong key"),
    "frequency_limited": Fault("网关报频率超限，未提交", "Gateway says too many requests, nothing committed"),
    "garbage": Fault("网关提交后应答无法解析", "Gateway answers with something unreadable, after commit"),
    "stale_timestamp": Fault("通知带昨天的时间", "Callback carries the time of yesterday"),
    "sms_slow": Fault("短信服务提交后延迟应答", "SMS provider answers late, after commit", 3, "s"),
    "sms_unavailable": Fault("短信服务返回 503", "SMS provider answers 503"),
    "sms_drop_after_commit": Fault("短信服务提交后断开连接", "SMS provider commits, then closes without an answer"),
    "sms_undelivered": Fault("短信送不到（回执：失败）", "A text message does not arrive (receipt: failed)"),
    "sms_number_gone": Fault("短信号码已空号", "The number of a text message is nobody's any more"),
    "voice_no_answer": Fault("语音电话无人接听", "Nobody answers a voice call"),
    "sms_no_receipt": Fault("短信没有回执，也查不到结果", "A text message gets no receipt, and asking tells nothing"),
    "sms_late_receipt": Fault("短信回执迟到", "The receipt of a text message is late", 3600, "s"),
    "sms_receipt_twice": Fault("短信回执发送两次", "The receipt of a text message is sent twice"),
    "email_refused": Fault("邮件服务器拒收", "Mail server refuses a mailbox (550)"),
    "email_unavailable": Fault("邮件服务器暂不可用", "Mail server asks to try later (451)"),
    "email_slow": Fault("邮件服务器收下后延迟应答", "Mail server answers late, after it took the letter", 3, "s"),
    "email_drop_after_data": Fault("邮件服务器收下后断开连接", "Mail server takes the letter, then hangs up"),
    "translation_unavailable": Fault("翻译引擎返回 503", "Translation engine answers 503"),
    "translation_slow": Fault("翻译引擎延迟应答", "Translation engine answers late", 3, "s"),
    "translation_drop": Fault("翻译引擎断开连接，不应答", "Translation engine hangs up without an answer"),
    "translation_markup": Fault("译文中夹带网页代码", "The translation holds markup"),
    "translation_control": Fault("译文中夹带控制字符", "The translation holds control characters"),
    "translation_long": Fault("译文过长", "The translation is far too long"),
    "translation_garbage": Fault("翻译引擎答非所问", "Translation engine's answer is no text"),
    "sms_forged_receipt": Fault("短信回执签名错误", "The receipt of a text message is signed with a wrong secret"),
}


class Knobs:
    """Reads and turns the knobs; `fires` belongs inside the transaction of what it disturbs."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        for name, fault in FAULTS.items():
            ledger.write("INSERT OR IGNORE INTO knobs (name, value) VALUES (?, ?)", name, fault.value)

    def fires(self, name: str, method: str = "") -> float | None:
        """Decide whether the fault happens now, count it if so, and return its number; None otherwise."""
        knob = self._ledger.row("SELECT * FROM knobs WHERE name = ?", name)
        if knob is None or not method.startswith(knob["method"]):
            return None
        if knob["remaining"]:
            self._ledger.write("UPDATE knobs SET remaining = remaining - 1 WHERE name = ?", name)
        elif _chance.random() >= knob["probability"]:
            return None
        self._ledger.write("UPDATE knobs SET injected = injected + 1 WHERE name = ?", name)
        return float(knob["value"])

    def all(self) -> list[dict[str, Any]]:
        """Return every knob: name, probability, remaining, value, method (prefix it is limited to), injected."""
        found = {row["name"]: dict(row) for row in self._ledger.rows("SELECT * FROM knobs")}
        return [found[name] for name in FAULTS]

    def turn(
        self,
        name: str,
        *,
        probability: float = 0,
        remaining: int = 0,
        value: float | None = None,
        method: str = "",
    ) -> None:
        """Set a knob: by chance, or for the next `remaining` times; KeyError for an unknown one."""
        if not (0 <= probability <= 1 and remaining >= 0 and (value is None or 0 <= value <= 86400 * 30)):
            raise ValueError("probability 0..1, remaining from 0, value 0..30 days")
        value = FAULTS[name].value if value is None else value
        with self._ledger.transaction():
            self._ledger.write(
                "UPDATE knobs SET probability = ?, remaining = ?, value = ?, method = ? WHERE name = ?",
                *(probability, remaining, value, method, name),
            )

    def all_off(self) -> None:
        """Turn every knob off; counters stay."""
        with self._ledger.transaction():
            self._ledger.write("UPDATE knobs SET probability = 0, remaining = 0, method = ''")
