"""A brand answers for what its franchisee was paid, and the franchisee may read along; or may not."""

from __future__ import annotations

import re
from datetime import date

from tests.support import unjoined
from tests.support.town import CITY, OFFICER, PHONE, Town
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base.actor import SYSTEM, Role
from hejie.desk.agreements import AGREEMENTS
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.merchants.agreements import Bond, Counts, MakeAgreement, Part, Terms
from hejie.merchants.model import Staff


async def under(here: Town, browser: Browser, *, both_see: bool) -> tuple[str, str]:
    """A brand answers for what the town's merchant is paid; a dispute about that, and the brand."""
    brand = await unjoined.register(here)
    staff = m.AddStaff(staff=Staff(person="owner-2", rank="owner"))
    await here.app.desk.act(MERCHANTS, CITY, brand, staff, SYSTEM)
    command = MakeAgreement(
        id="A1", kind=Bond.franchise, principal=brand, member=here.merchant, shop="",
        terms=Terms(answers=Part.principal, pays=Part.member, both_see=both_see, counts=Counts.both),
        begins=date(2020, 1, 1), ends=None, principal_words="C1", member_words="C2",
    )  # fmt: skip
    await here.app.desk.act(AGREEMENTS, CITY, "A1", command, OFFICER)
    dispute = await filed(here, browser, words="面里有头发")
    await here.work()
    return dispute, brand


def texts(here: Town, phone: str) -> list[str]:
    return [each["text"] for each in here.wallet.get("sms") if each["to"] == phone.removeprefix("+")]


async def test_the_other_side_is_told_and_reads_along(here: Town, browser: Browser):
    dispute, other = await under(here, browser, both_see=True)
    row = await here.read(dispute)
    assert (row.merchant, row.counts_for) == (other, (other, here.merchant))
    (told,) = texts(here, PHONE)
    assert "按约定由另一方答复" in told
    link = re.search(r"/\d{6}/m/\w+", told)
    assert link
    phone = Browser(here)
    await phone.open(link[0])
    assert "按约定由对方答复" in phone.text
    assert "面里有头发" in phone.text
    assert "<textarea" not in phone.html
    answers = await signed_in(here, Role.merchant, "owner-2", other)
    await answers.open(f"merchant/disputes/{dispute}")
    await answers.send("answer", reason="请带小票来")
    assert answers.page.status_code == 200
    await phone.open(f"merchant/disputes/{dispute}")
    assert "请带小票来" in phone.text
    assert "商户 ·" in phone.text
    assert "您 ·" not in phone.text
    inbox = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await inbox.open("merchant")
    assert dispute in inbox.html
    assert "按约定由对方答复的纠纷" in inbox.text
    await inbox.open("merchant/settings")
    assert "与其他商户的约定" in inbox.text


async def test_or_it_sees_nothing(here: Town, browser: Browser):
    dispute, _ = await under(here, browser, both_see=False)
    assert texts(here, PHONE) == []
    inbox = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await inbox.open(f"merchant/disputes/{dispute}")
    assert inbox.page.status_code == 404
    await inbox.open("merchant")
    assert dispute not in inbox.html


async def test_who_answers_lets_who_pays_pay_back(here: Town, browser: Browser):
    dispute, other = await under(here, browser, both_see=True)
    answers = await signed_in(here, Role.merchant, "owner-2", other)
    await answers.open(f"merchant/disputes/{dispute}")
    await answers.send("accept-claim", road="api")
    await here.work()
    assert [refund.amount_fen for refund in (await here.read(dispute)).refunds] == [5000]
    assert sum(row["amount"] for row in here.wallet.get("ledger")["refunds"]) == 5000
