"""The merchant's side of a complaint: words, yes or no to a refund, completion; none of these calls takes a key."""

from __future__ import annotations

from collections.abc import Sequence

from hejie.base.errors import Refused
from hejie.connectors.wechatpay.complaints import detail, history, path_of
from hejie.connectors.wechatpay.gateway import Gateway
from hejie.connectors.wechatpay.told_complaint import (
    ANSWERED,
    APPROVED,
    PENDING,
    PROCESSED,
    REFUND,
    Complaint,
    Line,
    since_begun,
)

_MOST_WORDS, _MOST_REASON, _MOST_IMAGES = 500, 200, 4
_MOVED_ON = "INVALID_REQUEST"


async def respond(gateway: Gateway, event_id: str, words: str, images: Sequence[str] = ()) -> None:
    """POST …/response: words and at most four pictures; the first answer takes a complaint to PROCESSING.

    Errors: `Refused("feedback_too_long")` before anything is sent; `Refused("case_moved_on")` where the complaint
    takes no more of it.
    """
    if len(words) > _MOST_WORDS:
        raise Refused("feedback_too_long", most=_MOST_WORDS)
    told = await detail(gateway, event_id)
    content: dict[str, object] = {"complainted_mchid": told.complainted_mchid, "response_content": words}
    if images:
        content["response_images"] = list(images[:_MOST_IMAGES])
    await _post(gateway, path_of(event_id, "/response"), content)


async def approve(gateway: Gateway, event_id: str, amount_fen: int, words: str) -> None:
    """POST …/update-refund-progress APPROVE where all that is asked for is agreed to; in other words otherwise.

    It moves no money: the refund's own call does. Nothing is sent where it stands there already, or all is over.
    """
    told, lines = await _looked(gateway, event_id)
    if told.complaint_state == PROCESSED or _stands(lines, APPROVED) or _stands(lines, ANSWERED, words):
        return
    if told.problem_type != REFUND or amount_fen < told.apply_refund_amount:
        await _unless_over(gateway, event_id, "/response", _words(told, words))
        return
    content = {"action": "APPROVE", "launch_refund_day": 0, "remark": words[:_MOST_REASON]}
    await _unless_over(gateway, event_id, "/update-refund-progress", content)


async def refuse(gateway: Gateway, event_id: str, words: str) -> None:
    """POST …/update-refund-progress REJECT with its reason (200 characters at most): that ends the complaint there.

    So it is for a last word only; whoever still wants to talk answers with `respond`. Nothing is sent where all is
    over. Errors: `Refused("feedback_too_long")` before anything is sent; `Refused("case_moved_on")` where no refund is
    asked for, or it has been judged.
    """
    if len(words) > _MOST_REASON:
        raise Refused("feedback_too_long", most=_MOST_REASON)
    if (await detail(gateway, event_id)).complaint_state != PROCESSED:
        content: dict[str, object] = {"action": "REJECT", "reject_reason": words}
        await _unless_over(gateway, event_id, "/update-refund-progress", content)


async def complete(gateway: Gateway, event_id: str, words: str) -> None:
    """POST …/response with these words, unless they stand there, then POST …/complete; nothing where all is over.

    A complaint that nobody has answered yet cannot be completed: the words come first.
    """
    told, lines = await _looked(gateway, event_id)
    if told.complaint_state == PROCESSED:
        return
    if told.complaint_state == PENDING or not _stands(lines, ANSWERED, words):
        await _unless_over(gateway, event_id, "/response", _words(told, words))
    await _unless_over(gateway, event_id, "/complete", {"complainted_mchid": told.complainted_mchid})


async def _looked(gateway: Gateway, event_id: str) -> tuple[Complaint, list[Line]]:
    """The complaint, and what happened since the payer complained (again)."""
    told = await detail(gateway, event_id)
    return told, since_begun(told, await history(gateway, event_id))


def _stands(lines: Sequence[Line], kind: str, words: str | None = None) -> bool:
    return any(line.operate_type == kind and words in {None, line.operate_details} for line in lines)


def _words(told: Complaint, words: str) -> dict[str, object]:
    return {"complainted_mchid": told.complainted_mchid, "response_content": words[:_MOST_WORDS]}


async def _unless_over(gateway: Gateway, event_id: str, after: str, content: dict[str, object]) -> None:
    """Tell; a no of a complaint that has ended meanwhile (the payer, or the money, was quicker) is no failure."""
    try:
        await _post(gateway, path_of(event_id, after), content)
    except Refused as error:
        if error.code != "case_moved_on" or (await detail(gateway, event_id)).complaint_state != PROCESSED:
            raise


async def _post(gateway: Gateway, path: str, content: dict[str, object]) -> None:
    try:
        await gateway.tell("POST", path, content)
    except Refused as error:
        if error.facts.get("said") == _MOVED_ON:
            raise Refused("case_moved_on") from None
        raise
