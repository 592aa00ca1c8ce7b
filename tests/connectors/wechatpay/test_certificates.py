"""Platform certificates: fetched while a held one vouches for the list, kept for all, never a stranger's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from tests.connectors.wechatpay.listener import Listener
from tests.connectors.wechatpay.wechatpay_lab import API_KEY, MERCHANT, NOTIFICATIONS, PARTNER, Lab

from hejie.base.errors import Refused, Unknown
from hejie.connectors.transport import http_client
from hejie.connectors.wechatpay import Wechatpay
from hejie_sandbox.wechatpay import wire


class Box:
    """A shelf in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def read(self) -> Sequence[str]:
        return list(self.kept.values())

    async def keep(self, certificates: Mapping[str, str]) -> None:
        self.kept |= certificates


@pytest.fixture
def certified(lab: Lab) -> dict[str, object]:
    """Settings of a partner that lives by certificates: it holds the one that signs now."""
    lab.public = lab.partner(certified=True)
    return {"public_key_id": "", "platform_certificates": (lab.public["platform_certificate"],)}


async def test_a_rotation_is_followed_by_who_fetched_in_time_and_by_the_other_process(lab: Lab, certified):
    shelf, number = Box(), lab.pay()
    async with http_client() as client:
        fetching, beside, alone = (Wechatpay(lab.keys(**certified), lab, client, each) for each in (shelf, shelf, None))
        await fetching.tend()
        fresh = lab.post("wechatpay/certificates/announce")["serial_no"]
        await fetching.tend()
        assert fresh.lstrip("0") in shelf.kept
        assert (await beside.trade(number, MERCHANT)).trade_no == number
        lab.post("wechatpay/certificates/switch")
        assert (await fetching.trade(number, MERCHANT)).trade_no == number
        assert (await beside.trade(number, MERCHANT)).trade_no == number
        for slept in (alone.trade(number, MERCHANT), alone.tend()):
            with pytest.raises(Unknown, match="certificate_rotated"):
                await slept
        headers, body = wire.push(lab.box, PARTNER, "COMPLAINT.CREATE", {"complaint_id": "1"})
        late = Wechatpay(lab.keys(**certified), lab, client, shelf)
        with pytest.raises(Refused, match="signature_wrong"):
            late.callback(headers, body)
        await late.recall(headers)
        assert late.callback(headers, body).event_id == "1"


async def test_what_has_run_out_is_believed_by_nobody(lab: Lab, certified):
    shelf = Box()
    await shelf.keep({"1": lab.public["platform_certificate"], "2": "no certificate"})

    class InTenYears:
        def now(self) -> datetime:
            return lab.now() + timedelta(days=3650)

    async with http_client() as client:
        for clock, known in ((lab, True), (InTenYears(), False)):
            wallet = Wechatpay(lab.keys(), clock, client, shelf)
            await wallet.recall({"Wechatpay-Serial": f"{lab.box.keys.wechatpay_certificate.serial_number:X}"})
            assert (len(wallet._gateway.trust.keys) == 2) is known


@pytest.mark.parametrize("knob", ["bad_signature", "garbage", "system_error"])
async def test_a_list_that_nobody_vouches_for_is_not_kept(lab: Lab, certified, knob):
    shelf = Box()
    lab.knob(knob, "wechatpay.certificates")
    async with http_client() as client:
        with pytest.raises(Unknown):
            await Wechatpay(lab.keys(**certified), lab, client, shelf).tend()
    assert shelf.kept == {}


async def test_what_another_api_key_sealed_is_not_kept(lab: Lab, certified):
    shelf = Box()
    lab.partner(certified=True, api_key=API_KEY[::-1])
    async with http_client() as client:
        with pytest.raises(Unknown, match="reply_unreadable"):
            await Wechatpay(lab.keys(**certified), lab, client, shelf).tend()
    assert shelf.kept == {}


async def test_pushes_are_pointed_to_us_whatever_stood_there(lab: Lab):
    listener = Listener()
    async with http_client() as client:
        first, second = (
            Wechatpay(lab.keys(callback_url=url), lab, client) for url in ("https://old.example/x", listener.url)
        )
        for wallet in (first, second, second):
            await wallet.tend()
        number = lab.complain()
        (headers, body), *more = listener.wait(1)
        assert more == []
        told = second.callback(headers, body)
        assert (told.kind, told.event_id, told.application) == ("case_changed", number, PARTNER)
        with pytest.raises(Refused, match="wallet_parameter_refused"):
            await Wechatpay(lab.keys(callback_url="http://far.example/x"), lab, client).tend()
    assert lab.call("DELETE", NOTIFICATIONS).status_code == 204
    listener.stop()
