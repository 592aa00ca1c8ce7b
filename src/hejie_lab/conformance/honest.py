"""What an honest city may rely on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
import msgspec

from hejie.alliance.directory import read_directory
from hejie.alliance.letter import Letter, written
from hejie.alliance.messages import DirectoryAnswer, LetterResult, LettersAnswer, Receipts, ReceiptsAnswer
from hejie.alliance.receipt import Event, Receipt, signed
from hejie_lab.conformance.caller import Caller


class UnmetError(Exception):
    """It is not as the protocol says; in zh and en."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Check(NamedTuple):
    """One thing to look at: what it is, in both languages, and how it is looked at."""

    id: str
    zh: str
    en: str
    look: Callable[[Caller], None]


def must(holds: bool, zh: str, en: str) -> None:  # noqa: FBT001  the one thing it asks
    """`UnmetError` unless it holds."""
    if not holds:
        raise UnmetError(zh, en)


def results(caller: Caller, *letters: Letter) -> list[LetterResult]:
    """Bring letters honestly; one believed result for each."""
    body = caller.body(*map(caller.item, letters))
    told = caller.send(caller.signed(body), body)
    must(told.status == httpx.codes.OK, f"应答状态 {told.status}，应为 200", f"status {told.status} instead of 200")
    must(not told.fault, f"应答签名不可信（{told.fault}）", f"the answer's signature does not hold ({told.fault})")
    answer: LettersAnswer = caller.read(told, LettersAnswer, body)
    named = [each.id for each in answer.results] == [each.id for each in letters]
    must(named, "逐项结果与信件不对应", "the results are not those of the letters")
    return list(answer.results)


def _directory(caller: Caller) -> None:
    asked = caller.signed(None, "/directory", method="GET")
    told = caller.send(asked, None)
    must(told.status == httpx.codes.OK and not told.fault, "成员名录没有可信的应答", "no answer to be believed")
    answer: DirectoryAnswer = caller.read(told, DirectoryAnswer, asked.url.encode())
    found = read_directory(answer.file.directory)
    must(found.version >= caller.directory.version, "名录版本比我们的旧", "its directory is older than ours")
    must(datetime.now(UTC) < found.expires_at, "名录已过期", "its directory has expired")


def _taken(caller: Caller) -> None:
    letter = caller.letter(caller.about(), 1)
    (result,) = results(caller, letter)
    must(result.result == "taken", f"结果为 {result.result}，应为 taken", f"{result.result} instead of taken")
    receipt = caller.receipt(result.receipt)
    right = receipt.sha256 == hashlib.sha256(written(letter)).hexdigest() and receipt.letter == letter.id
    must(right, "回执与信件不符", "the receipt is not this letter's")


def _again(caller: Caller) -> None:
    letter = caller.letter(caller.about(), 1)
    first, second = results(caller, letter)[0], results(caller, letter)[0]
    told = (first.result, second.result)
    must(told == ("taken", "again"), f"两次结果为 {told}", f"taken, then {second.result} instead of again")


def _done(caller: Caller) -> None:
    letter = caller.letter(caller.about(), 1)
    results(caller, letter)
    (step,) = caller.ended(letter.id)
    must(step == "retrieved", f"信件停在 {step}", f"the letter stays {step}")


def _sealed(caller: Caller) -> None:
    letter = caller.sealed_letter(caller.about())
    results(caller, letter)
    (step,) = caller.ended(letter.id)
    must(step == "retrieved", f"加密字段的信件停在 {step}", f"a letter with a closed member ends as {step}")


def _order(caller: Caller) -> None:
    about = caller.about()
    first, second, third = (caller.letter(about, number) for number in (1, 2, 3))
    results(caller, first)
    (held,) = results(caller, third)
    must(held.result == "held", f"先到的第3封结果为 {held.result}", f"number 3 before 2 is {held.result}, not held")
    results(caller, second)
    steps = caller.ended(first.id, second.id, third.id)
    must(steps == ["retrieved"] * 3, f"补齐后状态为 {steps}", f"after number 2 came they end as {steps}")


def _batch(caller: Caller) -> None:
    about = caller.about()
    good, bad, other = (
        caller.letter(about, 1),
        caller.letter(about, 1, kind="no_such"),
        caller.letter(caller.about(), 1),
    )
    found = [each.result for each in results(caller, good, bad, other)]
    must(found == ["taken", "refused", "taken"], f"逐项结果为 {found}", f"a bad letter among good ones gives {found}")


def _unknown(caller: Caller) -> None:
    must(
        caller.is_unknown(caller.letter(caller.about(), 1)),
        "对从未收到的信件没有答“未知”",
        "it knows a letter that was never sent",
    )


def _receipt_unknown(caller: Caller) -> None:
    never = caller.letter(caller.about(), 1)
    told = Receipt(
        letter=never.id,
        source=caller.target.city,
        target=caller.me.city,
        event=Event.retrieved,
        sha256="0" * 64,
        at=datetime.now(UTC),
    )
    proof = signed(told, caller.key, caller.private)
    body = msgspec.json.encode(Receipts(directory=caller.directory.version, receipts=(proof,)))
    answer = caller.send(caller.signed(body, "/receipts"), body)
    must(answer.status == httpx.codes.OK, f"状态 {answer.status}", f"status {answer.status}")
    found: ReceiptsAnswer = caller.read(answer, ReceiptsAnswer, body)
    must(
        found.results[0].result in {"unknown", "refused"}, "接受了不存在信件的回执", "it takes a receipt for no letter"
    )


CHECKS = (
    Check("H1", "成员名录可取且已签名、未过期", "its directory is there, signed and in force", _directory),
    Check("H2", "信件即收，回执含信件摘要", "a letter is taken, its receipt names the letter's digest", _taken),
    Check("H3", "同一信件再到，不重复", "the same letter again is the same letter", _again),
    Check("H4", "信件办结后有回执", "a letter comes to its end, with a receipt", _done),
    Check("H5", "只有对方能读的字段可以解开", "a member closed for it can be opened", _sealed),
    Check("H6", "第3封先到则等第2封，补齐后依次办理", "number 3 waits for number 2, then both are handled", _order),
    Check("H7", "一批中有一封坏信，其余照收", "a bad letter in a batch spoils no other", _batch),
    Check("H8", "从未收到的信件答“未知”", "a letter that never came is unknown", _unknown),
    Check("H9", "不存在的信件，其回执不算数", "a receipt for no letter counts for nothing", _receipt_unknown),
)
