"""What a member that keeps a log owes the others as a witness of theirs."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import httpx

from hejie.alliance.directory import COSIGN, Member
from hejie.peers.cosigners import FRESH
from hejie.transparency.checkpoints import cosigners, read
from hejie.transparency.keys import Kind, Verifier
from hejie_lab.conformance.caller import Caller
from hejie_lab.conformance.honest import Check, must


def _keys(member: Member, kind: Kind) -> list[Verifier]:
    now = datetime.now(UTC)
    held = [key for key in member.log_keys if key.holds(now)]
    return [Verifier(key.name, kind, base64.b64decode(key.public)) for key in held]


def _seen(caller: Caller) -> None:
    mine, theirs = _keys(caller.me, Kind.log), _keys(caller.target, Kind.witness)
    if not mine or not theirs or COSIGN not in caller.target.rights:
        return
    address = f"{caller.target.base}/api/{caller.target.city}/witness/seen"
    answer = caller.client.get(address, params={"origin": mine[0].name})
    must(answer.status_code == httpx.codes.OK, f"状态 {answer.status_code}", f"status {answer.status_code}")
    note, told = read(answer.content)
    must(told.origin == mine[0].name, "答的是另一个日志", "it answers for another log")
    now = datetime.now(UTC)
    fresh = [each for each in cosigners(note, theirs) if abs(each.at - now) <= FRESH]
    must(bool(fresh), "不是名录中的密钥此刻所签", "it is not signed at this moment by a key of the directory")


CHECKS = (
    Check(
        "H10",
        "名录列有双方日志的，作为见证方答出所见，并以名录中的密钥签名",
        "where the directory names the logs of both: as a witness it says what it has seen, signed by its key there",
        _seen,
    ),
)
