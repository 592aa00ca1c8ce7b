"""A third reader: the public package `wechatpayv3`, in an environment of its own, agrees with the emulator."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from tests.connectors.alipay.alipay_wall import private_pem
from tests.connectors.wechatpay.wechatpay_lab import API_KEY, MERCHANT, PARTNER, SERIAL, Lab

from hejie.base.clock import SHANGHAI
from hejie_sandbox.wechatpay import wire

REQUIREMENTS = Path(__file__).parents[2] / "contract" / "wechatpay" / "requirements.lock"
INSTALL_SECONDS, RUN_SECONDS = 180, 60
OPENING = """
import json, sys
from wechatpayv3 import WeChatPay, WeChatPayType
told = json.load(sys.stdin)
bare = lambda pem: "".join(line for line in pem.splitlines() if "-----" not in line)
pay = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE, mchid=told["mchid"], private_key=bare(told["private_key"]),
    cert_serial_no=told["serial"], appid="wx0000000000000001", apiv3_key=told["api_key"], partner_mode=True,
    public_key=told["public_key"], public_key_id=told["public_key_id"],
)
pay._core._gate_way = told["url"]
"""
READER = """
paid = pay.query(transaction_id=told["trade"], sub_mchid=told["account"])
amount = {"refund": 1200, "total": 5000, "currency": "CNY"}
back = pay.refund("ORACLE-1", amount, transaction_id=told["trade"], sub_mchid=told["account"], reason="\u548c\u89e3")
asked = pay.query_refund("ORACLE-1", sub_mchid=told["account"])
forged = pay.decrypt_callback(told["forged"]["headers"], told["forged"]["body"])
opened = pay.decrypt_callback(told["push"]["headers"], told["push"]["body"])
print(json.dumps({"paid": paid, "back": back, "asked": asked, "opened": opened, "forged": forged}))
"""
COMPLAINTS = """
number, url = told["number"], "https://house.example/callbacks"
listed = pay.complaint_list_query(told["day"], told["day"], 5, 0, told["mchid"])
seen = pay.complaint_detail_query(number)
phone = pay.decrypt(json.loads(seen[1])["payer_phone"])
picture = pay.complaint_image_download(json.loads(seen[1])["complaint_media_list"][0]["media_url"][0])[1].hex()
yes = pay.complaint_update_refund(number, "APPROVE", launch_refund_day=0)
words = pay.complaint_response(number, "\u5df2\u6362\u4e00\u7897")
done = pay.complaint_complete(number)
past = pay.complaint_history_query(number)
made = pay.complaint_notification_create(url)
changed = pay.complaint_notification_update(url + "/2")
asked = pay.complaint_notification_query()
gone = pay.complaint_notification_delete()
opened = pay.decrypt_callback(told["push"]["headers"], told["push"]["body"])
pay._core._update_certificates()
serials = [format(each.serial_number, "X") for each in pay._core._certificates]
print(json.dumps({
    "listed": listed, "seen": seen, "phone": phone, "picture": picture, "yes": yes[0], "words": words[0],
    "done": done[0], "past": past, "made": made, "changed": changed, "asked": asked, "gone": gone[0],
    "opened": opened, "serials": serials,
}))
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, lacking: Callable[[str], NoReturn]) -> Path:
    """The interpreter of an environment in which nothing but that package is installed."""
    folder = tmp_path_factory.mktemp("wechatpayv3")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=INSTALL_SECONDS)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python]
    install = [*pip, "install", "--quiet", "--require-hashes", "-r", REQUIREMENTS]
    done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        lacking("package index from which wechatpayv3 can be installed")
    return python


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A sandbox of its own: the reader knows only the real time, so no test may have moved this clock on."""
    lab = Lab(tmp_path)
    yield lab
    lab.stop()


def ask(python: Path, script: str, lab: Lab, **more: Any) -> dict[str, Any]:
    told = {
        "mchid": PARTNER,
        "private_key": private_pem(lab.own),
        "serial": SERIAL,
        "api_key": API_KEY,
        "public_key": lab.public["public_key"],
        "public_key_id": lab.public["public_key_id"],
        "url": lab.url,
        **more,
    }
    command, given = [python, "-c", OPENING + script], json.dumps(told)
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_it_reads_what_the_emulator_writes_and_the_emulator_takes_what_it_signs(lab: Lab, reader: Path):
    trade = lab.pay("50.00")
    event = {"sp_mchid": PARTNER, "transaction_id": trade, "refund_status": "SUCCESS"}
    pushed, forged = wire.push(lab.box, PARTNER, "REFUND.SUCCESS", event), wire.push(
        lab.box, PARTNER, "REFUND.SUCCESS", event, forged=True
    )  # fmt: skip
    found = ask(
        reader,
        READER,
        lab,
        trade=trade,
        account=MERCHANT,
        push={"headers": pushed[0], "body": pushed[1].decode()},
        forged={"headers": forged[0], "body": forged[1].decode()},
    )
    for name in ("paid", "back", "asked"):
        assert found[name][0] == 200, found[name]
    assert json.loads(found["paid"][1])["amount"]["total"] == 5000
    assert json.loads(found["back"][1])["out_refund_no"] == "ORACLE-1"
    assert json.loads(found["asked"][1])["amount"]["refund"] == 1200
    assert ("ORACLE-1", 1200) in lab.refunds()
    assert json.loads(found["opened"]) == event
    assert found["forged"] is None


def test_it_reads_complaints_answers_them_and_opens_what_is_sealed(lab: Lab, reader: Path):
    """It knows merchants that act for themselves only: the partner is its own merchant here."""
    lab.post("wechatpay", merchants=[{"sub_mchid": PARTNER, "name": "奎元馆"}])
    trade = lab.pay("50.00", sub_mchid=PARTNER)
    picture = b"\x89PNG\r\n\x1a\n" + b"picture"
    number = lab.complain(trade=trade, phone="13800001111", pictures=[base64.b64encode(picture).decode()])
    event = {"complaint_id": number, "action_type": "CREATE_COMPLAINT"}
    headers, body = wire.push(lab.box, PARTNER, "COMPLAINT.CREATE", event)
    day = lab.now().astimezone(SHANGHAI).date().isoformat()
    found = ask(reader, COMPLAINTS, lab, number=number, day=day, push={"headers": headers, "body": body.decode()})
    listed, seen, past = (json.loads(found[name][1]) for name in ("listed", "seen", "past"))
    assert (listed["total_count"], listed["data"][0]["complaint_id"]) == (1, number)
    assert (seen["complaint_state"], seen["complaint_order_info"][0]["transaction_id"]) == ("PENDING", trade)
    assert (found["phone"], found["picture"]) == ("13800001111", picture.hex())
    assert [found[name] for name in ("yes", "words", "done", "gone")] == [204] * 4
    assert [line["operate_type"] for line in past["data"]] == [
        "MERCHANT_CONFIRM_COMPLETE", "MERCHANT_RESPONSE", "MERCHANT_APPROVE_REFUND", "USER_CREATE_COMPLAINT",
    ]  # fmt: skip
    for name, url in (("made", "/callbacks"), ("changed", "/callbacks/2"), ("asked", "/callbacks/2")):
        assert found[name][0] == 200, found[name]
        assert json.loads(found[name][1])["url"] == f"https://house.example{url}"
    assert json.loads(found["opened"]) == event
    assert found["serials"] == [f"{lab.box.keys.wechatpay_certificate.serial_number:X}"]
