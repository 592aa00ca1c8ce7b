"""What two officers, a consumer and two shops do with the disputes of a demo of two cities, page by page."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.browser import Person
from tests.lab.walk_cities import HOME, THERE, Walk, download, due, hand_over, judged, lose_the_network, press

WARNED = "近期有商家收取大额预付款后关门。"


def read_what_has_happened(walk: Walk, qian: Person, shu: Person) -> None:
    """One dispute is in Chengdu, another has been there and is back; officers of both cities read why."""
    taken = walk.happened("已移送成都")
    shu.go(taken)
    shu.sees("This dispute came from Hangzhou")
    qian.go(taken.replace(walk.city(THERE), walk.city(HOME)))
    qian.sees("这件纠纷由成都市处理", "店铺在该城市")
    walk.look(qian, shu)
    back = walk.happened("移送后又退回")
    qian.go(back)
    qian.sees("成都市已将这件纠纷退回")
    qian.page.locator("#handover a", has_text="成都市移送").click()
    qian.sees("退回移送来的城市")
    shu.go(back.replace(walk.city(HOME), walk.city(THERE)))
    shu.sees("Hangzhou decides this dispute", "It goes back to where it came from")
    walk.look(qian)


def refuse(walk: Walk, lin: Person, qian: Person, shu: Person) -> str:
    """The dispute that waits is offered to Chengdu, which says no; both read why, and it goes on in Hangzhou."""
    qian.go(walk.happened("等您移送"))
    case = qian.dispute
    hand_over(qian, "店在成都宽窄巷子。")
    walk.bill_of(lin, "储值卡")
    lin.reload_until("#handed")
    lin.sees("正请成都市接收您的纠纷")
    walk.look(qian, lin)
    shu.go(f"{walk.city(THERE)}/officer/handovers")
    shu.reload_until(f'#waits [data-handover="{case}-1"]')
    shu.page.locator(f'#waits [data-handover="{case}-1"]').click()
    shu.sees("店在成都宽窄巷子", "¥500.00")
    shu.unfold("refuse")
    shu.choose("refusal", "other")
    shu.type("refusal_words", "请附上购卡协议。", "#refuse")
    walk.look(shu)
    lose_the_network(shu, "refuse")
    assert shu.page.locator('[name="refusal_words"]:visible').input_value() == "请附上购卡协议。"
    shu.tap("refuse")
    shu.sees("not taken over", "请附上购卡协议。")
    qian.go(f"{walk.city(HOME)}/officer/handovers/{case}-1")
    qian.reload_until("#handover-state.tag_bad")
    qian.sees("未接收", "其他理由", "请附上购卡协议。")
    lin.reload_until("details.due")
    lin.sees("对方城市没有接收")
    walk.look(qian, lin)
    return case


def take_over(walk: Walk, case: str, lin: Person, qian: Person, shu: Person) -> None:
    """Offered again and taken by keyboard alone; consumer and shops are led there, and it is due when it was."""
    owner, head, promised = walk.phone(), walk.phone(), due(lin)
    qian.go(f"{walk.city(HOME)}/officer/disputes/{case}")
    hand_over(qian, "购卡协议见图片。")
    shu.go(f"{walk.city(THERE)}/officer/handovers")
    shu.reload_until(f'#waits [data-handover="{case}-2"]')
    walk.look(shu)
    press(shu, f'[data-handover="{case}-2"]')
    shu.sees("No merchant was found")
    press(shu, "#q", "Control+A")
    shu.page.keyboard.type("湖畔茶铺")
    shu.page.keyboard.press("Enter")
    shu.sees("成都宽巷茶文化有限公司")
    press(shu, 'input[name="seller"]', "Space")
    press(shu, '[data-act="accept"]')
    shu.page.wait_for_url("**done=accept")
    lin.reload_until('[data-act="follow"]')
    lin.sees("您的纠纷现由成都市处理")
    walk.look(lin)
    lin.tap("follow")
    lin.page.wait_for_url(f"**/{THERE}/disputes/{case}")
    lin.sees("这件纠纷由杭州市移送而来")
    assert due(lin) == promised
    walk.message(owner, THERE, "500元")
    owner.sees("这件纠纷由杭州市移送而来")
    walk.message(head, HOME, "500元")
    head.sees("这件纠纷现由成都市处理")
    walk.look(lin, owner, head)


def warn(walk: Walk, qian: Person, shu: Person) -> None:
    """A bulletin is written in Chengdu, read and acknowledged in Hangzhou, and Chengdu sees that."""
    shu.go(f"{walk.city(THERE)}/officer/alliance/bulletins")
    shu.type("title", "预付卡提示")
    shu.type("words", WARNED)
    shu.tap("write-bulletin")
    shu.page.wait_for_url("**done=written")
    qian.go(f"{walk.city(HOME)}/officer/alliance/bulletins")
    qian.reload_until("a:has-text('预付卡提示')")
    walk.look(qian)
    qian.page.locator("a", has_text="预付卡提示").click()
    qian.sees(WARNED)
    qian.tap("acknowledge")
    qian.page.wait_for_url("**done=seen")
    shu.reload_until("#readers li:has-text('20')")
    walk.look(shu)


def look_at_the_link(walk: Walk, qian: Person, shu: Person) -> None:
    """Each end tells that it stands well."""
    for officer, here, peer, well in ((qian, HOME, THERE, "正常"), (shu, THERE, HOME, "well")):
        officer.go(f"{walk.city(here)}/officer/alliance")
        officer.sees(well, within=f'[data-link="{peer}"]')
        walk.look(officer)


def prove(walk: Walk, lin: Person, folder: Path) -> None:
    """The proof of the case that was taken is whole and signed in Chengdu too; one digit changed is found out."""
    walk.bill_of(lin, "-88.00")
    file, page = download(lin, folder), f"{walk.city(HOME)}/proof"
    assert judged(lin, page, file) == "holds"
    lin.sees(f"demo.hejie.example/{THERE}/log")
    walk.look(lin)
    raw = file.read_bytes()
    assert b":8800" in raw
    file.write_bytes(raw.replace(b":8800", b":8801", 1))
    assert judged(lin, page, file) == "refused"
