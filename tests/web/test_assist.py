"""Filing for somebody else: read back first, a slip that opens one dispute, newer slips, and a mandate taken back."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import msgspec
import pyotp
import pytest
from msgspec import Struct
from pypdf import PdfReader
from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, filed, png, signed_in

from hejie.base.actor import Role
from hejie.disputes.events import AnyEvent
from hejie.disputes.fold import evolve
from hejie.disputes.model import Dispute, Road
from hejie.disputes.states import State
from hejie.edge.members import add_member

WORDS, NAME, RELATIVE, COVERS = "面里有头发，店员不理。", "孙阿婆", "孙大力，儿子", "代她商量退款"
SHOP = "奎元馆"
PHONE = "+447700900123"


class Desk(Struct):
    """A town with a hotline's clerk."""

    here: Town
    clerk: Browser

    async def read_aloud(self, **fields: str) -> Browser:
        """To the page that is read to the person."""
        clerk = self.clerk
        await clerk.open("officer/assist")
        await clerk.open(f"officer/assist?q={SHOP}")
        address = re.search(r'href="([^"]+/assist/new\?shop=[^"]+)"', clerk.html)
        assert address
        await clerk.open(address[1])
        told = {"channel": "telephone", "paid": "28", "paid_on": self.day(-1), "item": "片儿川", "proof": "receipt"}
        wish = {"problem": "quality", "remedy": "refund_full", "words": WORDS, "name": NAME}
        await clerk.send("assist", **(told | wish | fields))
        return clerk

    async def file(self, **fields: str) -> str:
        """Read, agreed and filed; the dispute's identifier."""
        clerk = await self.read_aloud(**fields)
        await clerk.send("agree", agreed="yes")
        assert clerk.page.status_code == 200, clerk.text
        return clerk.path.partition("?")[0].rpartition("/")[2]

    async def relative(self) -> str:
        return await self.file(relative=RELATIVE, mandate_words=COVERS, until=self.day(30))

    async def slip(self, dispute: str, holder: str = "person") -> tuple[str, str]:
        """The private address and the code on the newest slip."""
        await self.clerk.open(f"officer/assist/{dispute}/slip?holder={holder}")
        code = re.search(r'id="code">([^<]+)<', self.clerk.html)
        assert code
        return f"p/{dispute.partition('-')[2]}.{code[1].replace('-', '')}", code[1]

    def day(self, days: int) -> str:
        return (self.here.app.clock.now() + timedelta(days=days, hours=8)).date().isoformat()


async def refolded(here: Town, dispute: str) -> Dispute | None:
    """What its log alone gives."""
    query = "select body::text from log where noun = 'dispute' and id = %s order by version"
    row = None
    for (body,) in await here.rows(query, dispute):
        row = evolve(row, msgspec.json.decode(body, type=AnyEvent))
    return row


@pytest.fixture
async def desk(here: Town) -> Desk:
    return Desk(here, await signed_in(here, Role.clerk, "clerk-1", "hotline"))


async def test_what_was_read_out_is_filed_and_stays_unverified(desk: Desk):
    here = desk.here
    clerk = await desk.read_aloud()
    for part in (WORDS, "28", "小票", SHOP):
        assert part in clerk.text
    await clerk.send("agree")
    assert clerk.page.status_code == 422
    assert "请先把全文读给当事人听" in clerk.text
    assert await here.rows("select 1 from dispute") == []
    await clerk.send("agree", {"pictures": ("a.png", png(), "image/png")}, agreed="yes")
    dispute = clerk.path.partition("?")[0].rpartition("/")[2]
    row = await here.read(dispute)
    assert row.assist
    assert (row.assist.helper, row.assist.office, row.assist.proof) == ("clerk-1", "hotline", "receipt")
    assert (row.state, row.proven, row.offers[0].road) == (State.awaiting_merchant, False, Road.by_hand)
    assert row.assist.read_back_at
    assert await here.rows("select source, proven from payment") == [("assisted", False)]


async def test_nothing_typed_gets_lost_between_form_and_reading(desk: Desk):
    clerk = await desk.read_aloud(paid="x", words="")
    assert clerk.page.status_code == 422
    assert NAME in clerk.html
    await desk.read_aloud(relative=RELATIVE)
    assert "请写明代办人、委托范围和截止日期" in clerk.text
    await desk.read_aloud(phone=PHONE)
    await clerk.send("change")
    assert clerk.page.status_code == 200
    for part in (WORDS, NAME, PHONE, "片儿川"):
        assert part in clerk.html


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("paid_on", "2099-01-01", "这一天还没到"),
        ("paid_on", "昨天", "请按"),
        ("proof", "oath", "请选择一项"),
        ("channel", "", "请选择一项"),
        ("problem", "injury", "问题"),
        ("phone", "12", "号码"),
    ],
)
async def test_what_cannot_be_is_told_at_its_field(desk: Desk, field: str, typed: str, told: str):
    clerk = await desk.read_aloud(**{field: typed})
    assert clerk.page.status_code in {400, 404, 422}
    assert f'id="{field}-fault"' in clerk.html
    assert told in clerk.text


async def test_sent_twice_it_is_one_dispute(desk: Desk):
    clerk = await desk.read_aloud()
    page = clerk.page
    await clerk.send("agree", agreed="yes")
    first = clerk.path
    clerk.page = page
    await clerk.send("agree", agreed="yes")
    assert clerk.path == first
    assert await desk.here.rows("select count(*)::integer from payment where source = 'assisted'") == [(1,)]


async def test_without_the_tick_the_same_text_stands_there_once_more(desk: Desk):
    clerk = await desk.read_aloud()
    read = clerk.page.text[clerk.page.text.index("<blockquote>") :].partition("</section>")[0]
    await clerk.send("agree")
    assert clerk.page.status_code == 422
    assert read.partition("<form")[0] in clerk.page.text
    assert "¥28.00" in clerk.text
    assert await desk.here.rows("select 1 from dispute") == []


async def test_a_changed_text_is_not_taken(desk: Desk):
    clerk = await desk.read_aloud()
    await clerk.send("agree", agreed="yes", box="AAAA")
    assert clerk.page.status_code == 400
    assert await desk.here.rows("select 1 from dispute") == []


async def test_the_slip_opens_the_dispute_and_nothing_else_and_settles_it(desk: Desk):
    here, dispute = desk.here, await desk.file()
    link, _ = await desk.slip(dispute)
    person = Browser(here)
    await person.open(link)
    assert person.path == f"/{CITY}/disputes/{dispute}"
    assert WORDS in person.text
    await person.send("say", words="我还在等。")
    assert "我还在等。" in person.text
    for elsewhere in ("bill", "disputes", "disputes/new", f"disputes/{dispute}0"):
        await person.open(elsewhere)
        assert WORDS not in person.text
        assert person.page.status_code in {401, 404} or "回执" in person.text
    merchant = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await merchant.open(f"merchant/disputes/{dispute}")
    assert "未核实" in merchant.text
    assert NAME not in merchant.text
    assert not re.search(r'value="(api|own_tool)"', merchant.html)
    await merchant.tap("accept", road="by_hand")
    assert (await here.read(dispute)).state is State.settling
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.send("perform", proof_words="已付现金 28 元。")
    await person.open(f"disputes/{dispute}")
    await person.tap("confirm")
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.refunds) == (State.settled, ())
    assert await here.rows("select 1 from refund") == []


async def test_number_and_code_open_it_too_however_they_are_typed(desk: Desk):
    dispute = await desk.file()
    _, code = await desk.slip(dispute)
    person = Browser(desk.here)
    await person.open("p")
    await person.send("slip", number=f" {dispute.lower()} ", code=code.replace("-", " ").lower().replace("0", "o"))
    assert person.path == f"/{CITY}/disputes/{dispute}"


async def test_no_other_code_opens_anything(desk: Desk):
    dispute = await desk.file()
    link, _ = await desk.slip(dispute)
    own = await filed(desk.here, Browser(desk.here))
    for wrong in (
        link[:-1],
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        f"p/{own[7:]}.{link[-16:]}",
        "p/x.y",
        "p/x",
    ):
        person = Browser(desk.here)
        await person.open(wrong)
        assert person.page.status_code == 403
        assert "12315" in person.text
        assert dispute not in person.html


async def test_a_new_slip_stops_the_old_one_and_whoever_is_in_by_it(desk: Desk):
    dispute = await desk.file()
    old, _ = await desk.slip(dispute)
    finder = Browser(desk.here)
    await finder.open(old)
    assert WORDS in finder.text
    await desk.clerk.open(f"officer/assist/{dispute}")
    await desk.clerk.send("new-slip")
    new, _ = await desk.slip(dispute)
    assert new != old
    await finder.open(f"disputes/{dispute}")
    assert WORDS not in finder.text
    await finder.open(old)
    assert "换一张" in finder.text
    await finder.open(new)
    assert WORDS in finder.text
    assert (await desk.here.read(dispute)).version == 2


async def test_a_mandate_taken_back_stops_the_relative_and_not_the_dispute(desk: Desk):
    here, dispute = desk.here, await desk.relative()
    links = [(await desk.slip(dispute, holder))[0] for holder in ("person", "relative")]
    person, relative = Browser(here), Browser(here)
    for each, link in zip((person, relative), links, strict=True):
        await each.open(link)
        assert WORDS in each.text
    before = await here.read(dispute)
    await desk.clerk.open(f"officer/assist/{dispute}")
    assert RELATIVE in desk.clerk.text
    await desk.clerk.send("withdraw-mandate")
    await relative.open(f"disputes/{dispute}")
    assert WORDS not in relative.text
    await relative.open(links[1])
    assert relative.page.status_code == 403
    await person.open(f"disputes/{dispute}")
    assert "亲属不再代办" in person.text
    after = await here.read(dispute)
    assert (after.state, after.due) == (before.state, before.due)
    assert await refolded(here, dispute) == after
    await desk.clerk.open(f"officer/assist/{dispute}/slip?holder=relative")
    assert desk.clerk.page.status_code == 422


async def test_a_mandate_ends_for_who_is_in_by_it(desk: Desk):
    dispute = await desk.file(relative=RELATIVE, mandate_words=COVERS, until=desk.day(0))
    link, _ = await desk.slip(dispute, "relative")
    relative = Browser(desk.here)
    await relative.open(link)
    assert WORDS in relative.text
    desk.here.advance(hours=25)
    await relative.open(f"disputes/{dispute}")
    assert WORDS not in relative.text


async def test_a_clerk_sees_the_filings_of_their_own_hand_and_no_desk(desk: Desk):
    here, dispute = desk.here, await desk.file()
    theirs = await filed(here, Browser(here))
    other = await signed_in(here, Role.clerk, "clerk-2", "hotline")
    await desk.clerk.open(f"officer/assist?number={dispute.partition('-')[2].lower()}")
    assert desk.clerk.path == f"/{CITY}/officer/assist/{dispute}"
    assert WORDS not in desk.clerk.text
    for page in (f"officer/assist/{dispute}", f"officer/assist/{dispute}/slip", f"officer/assist/{theirs}"):
        await other.open(page)
        assert other.page.status_code == 404
    await other.open("officer/assist")
    assert "您还没有为别人提交过" in other.text
    await other.open(f"officer/assist?number={dispute}")
    assert other.page.status_code == 404
    for page in ("officer", "officer/items", f"officer/disputes/{dispute}", "officer/merchants", "officer/settings"):
        await desk.clerk.open(page)
        assert desk.clerk.path.startswith(f"/{CITY}/officer/assist") or desk.clerk.page.status_code in {401, 403}
        assert WORDS not in desk.clerk.text
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    await officer.open(f"officer/assist/{dispute}")
    assert officer.page.status_code == 200


async def test_the_slip_on_paper_says_all_that_the_person_needs(desk: Desk):
    dispute = await desk.file()
    _, code = await desk.slip(dispute)
    await desk.clerk.open(f"officer/assist/{dispute}/slip.pdf")
    read = PdfReader(io.BytesIO(desk.clerk.page.content))
    assert len(read.pages) == 1
    text = re.sub(r"\s", "", read.pages[0].extract_text())
    for part in (dispute.partition("-")[2], code, "12315", "全额退款", "下一步期限"):
        assert part in text
    assert desk.clerk.page.headers["cache-control"] == "no-store"


async def test_messages_to_the_person_carry_the_private_link(desk: Desk):
    here, dispute = desk.here, await desk.file(phone=PHONE)
    await here.work()
    merchant = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.tap("accept", road="by_hand")
    await here.work()
    texts = [each["text"] for each in here.wallet.get("sms") if each["to"] == PHONE.removeprefix("+")]
    assert texts
    link = re.search(r"/\d{6}/\S+", texts[-1])
    assert link
    person = Browser(here)
    await person.open(link[0])
    assert WORDS in person.text


async def test_a_clerk_comes_in_at_the_officers_door(here: Town):
    made = await add_member(
        here.app.house, CITY, login="hotline-1", display_name="小陈", password="correct horse battery",
        role=Role.clerk, organisation="hotline",
    )  # fmt: skip
    clerk = Browser(here)
    await clerk.open("officer/sign-in?next=/330100/officer/items")
    told = {"login": "hotline-1", "password": "correct horse battery", "code": pyotp.TOTP(made.totp_secret).now()}
    await clerk.tap("sign-in", **told)
    assert clerk.path == f"/{CITY}/officer/assist"
    assert "小陈" in clerk.text
