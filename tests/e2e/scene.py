"""A city in which every page has something to show, and who may see it there."""

from __future__ import annotations

import random

from PIL import Image
from tests.e2e import bank, measures, paycodes
from tests.e2e import test_assist as assisting
from tests.e2e import test_mediation as mediating
from tests.e2e.alliance_scene import ally
from tests.e2e.browser import Person
from tests.e2e.steps import agree, enter, file, open_case, sign_in
from tests.e2e.world import aside

from hejie.app import build
from hejie.base.actor import SYSTEM, Role
from hejie.cities.posts import Function
from hejie.desk.handovers import HANDOVERS
from hejie.handovers.commands import Receive
from hejie.handovers.model import Bought, Payee
from hejie_lab.traders import credit_code

CITY = "/330100"


class Scene:
    """Real things for every page to show."""

    def __init__(self, world, browser, tmp_path_factory) -> None:
        self.world = world
        self.people = {
            name: Person(browser, "narrow", "zh")
            for name in ("stranger", "consumer", "merchant", "officer", "clerk", "auditor", "district")
        }
        self.links = Person(browser, "narrow", "zh")
        proof = tmp_path_factory.mktemp("proof") / "proof.jpg"
        Image.effect_noise((320, 240), 60).convert("RGB").save(proof)
        lin, owner = self.people["consumer"], self.people["merchant"]
        payer = world.payer()
        self.fresh, self.free = (world.pay(world.noodles, yuan, payer=payer) for yuan in ("28.00", "30.00"))
        self.talked, self.done = (world.pay(world.noodles, yuan, payer=payer) for yuan in ("50.00", "12.00"))
        self.agreed, self.gone = (world.pay(world.tailor, yuan, payer=payer) for yuan in ("60.00", "70.00"))
        self.unknown = world.pay(world.snacks, "8.00", payer=payer)
        self.ids = {paid.trade_no: file(lin, paid, words="面是凉的。") for paid in self._disputed}
        sign_in(owner, world, Role.merchant)
        self._talk(proof)
        self._settle()
        self._similar()
        self._press()
        self.hung = self._hang()
        self.ended = self._ended_link()
        self.item = self._work_item()
        sign_in(self.people["officer"], world)
        sign_in(self.people["auditor"], world, function=Function.auditor)
        self.paycodes = self._paycodes()
        self.fund = self._fund()
        self.bulletin = ally(self.world.platform.memory.app_url)
        measures.climb(world, world.noodles, self.dispute(self.fresh))
        self.report = self._danger()
        self.traced = bank.dispute_through(world, world.tailor, "898330000000001")
        self.question = bank.ask(world, *self.traced)
        self._mediate()
        self.list = self._bring_list(proof.with_name("list.csv"))
        self.assisted = self._assist()
        self.handover = aside(self._offered)
        enter(lin, self.free)

    @property
    def _disputed(self):
        return (self.fresh, self.talked, self.done, self.agreed, self.gone)

    def dispute(self, paid):
        return self.ids[paid.trade_no]

    def _talk(self, proof):
        lin, link = self.people["consumer"], self.links
        open_case(link, self.world, self.talked, self.dispute(self.talked))
        link.unfold("offer")
        link.choose("remedy", "refund_part")
        link.type("amount", "10", "#offer")
        link.tap("offer", "#offer")
        link.page.locator("#done").wait_for(state="attached")
        lin.go(f"{self.world.url}{CITY}/disputes/{self.dispute(self.talked)}")
        lin.type("words", "这是照片", "#say")
        lin.attach("pictures", [proof], "#say")
        lin.tap("say", "#say")
        lin.sees("这是照片")

    def _settle(self):
        link = self.links
        for paid, road in ((self.done, "api"), (self.agreed, "own_tool")):
            open_case(link, self.world, paid, self.dispute(paid))
            agree(link, road)
            link.page.locator("#done").wait_for(state="attached")
        self.done.await_state("settled")

    def _similar(self):
        """Enough settled cases for a band, and enough that ended without money."""
        import psycopg

        with psycopg.connect(self.world.platform.memory.app_url) as connection:
            connection.execute("select set_config('hejie.city', '330100', false)")
            for remedy, fen in (("refund_part", 2_000), ("exchange", 0)):
                connection.execute(
                    "insert into settlement select '330100', %s || n, now() - interval '1 day', 'quality', '62',"
                    " '330106', 4000, %s * (1 + n %% 2), %s from generate_series(1, 30) n",
                    [remedy, fen, remedy],
                )

    def _press(self):
        """A merchant whose question an officer has still to decide."""
        link = self.links
        open_case(link, self.world, self.fresh, self.dispute(self.fresh))
        link.unfold("pressure")
        link.type("pressure_words", "一周里第四次了。", "#pressure")
        link.tap("pressure", "#pressure")
        link.page.locator("#done").wait_for(state="attached")

    def _hang(self):
        """The owner has a code made for the counter."""
        owner = self.people["merchant"]
        owner.go(f"{self.world.url}{CITY}/merchant/settings")
        owner.tap("stall")
        owner.page.locator("#hung").wait_for()
        return f"{CITY}{owner.page.locator('#hung .mono').inner_text().partition(CITY)[2]}"

    def _paycodes(self):
        """One payment code that is in force, and one that waits."""
        owner, officer = self.people["merchant"], self.people["officer"]
        found: list[str] = []
        for account in ("", "898330000000778"):
            paycodes.ask(owner, self.world, paycodes.acquirers(self.world.noodles, account))
            owner.page.locator("#done").wait_for(state="attached")
            found.append(paycodes.open_first(officer, self.world) if found else paycodes.grant(officer, self.world))
        return found

    def _ended_link(self):
        """A token that once opened a dispute."""
        import psycopg

        from hejie.app import vaults_in

        token = "0123456789ab"
        handle = vaults_in(self.world.platform.settings.keys)("330100").handle("link", token)
        with psycopg.connect(self.world.platform.memory.app_url) as connection:
            connection.execute("select set_config('hejie.city', '330100', false)")
            connection.execute(
                "insert into short_link values ('330100', %s, %s, '', now() - interval '1 day')",
                [handle, self.dispute(self.talked)],
            )
        return token

    def _mediate(self):
        link, lin, officer = self.links, self.people["consumer"], self.people["officer"]
        open_case(link, self.world, self.gone, self.dispute(self.gone))
        link.unfold("answer")
        link.type("reason", "不同意。", "#answer")
        link.tap("answer", "#answer")
        link.page.locator("#done").wait_for(state="attached")
        lin.go(f"{self.world.url}{CITY}/disputes/{self.dispute(self.gone)}")
        lin.tap("escalate")
        officer.go(f"{self.world.url}{CITY}/officer/disputes/{self.dispute(self.gone)}")
        officer.tap("take")
        officer.page.locator("#propose").wait_for()
        district = self.people["district"]
        sign_in(district, self.world, authority=mediating.DISTRICT)
        mediating.receive(district, self.world, self.dispute(self.gone))

    def _fund(self):
        """The city's promise, and what came in for it."""
        officer = self.people["officer"]
        officer.go(f"{self.world.url}{CITY}/officer/funds")
        officer.unfold("found")
        officer.type("fund_name", "杭州市先行赔付金", "#found")
        officer.type("cap", "500", "#found")
        officer.tap("found-fund", "#found")
        officer.page.locator("#contribute").wait_for()
        officer.type("amount", "1000", "#contribute")
        officer.type("reference", "T20261130001", "#contribute")
        officer.tap("contribute", "#contribute")
        officer.page.locator("#ledger").wait_for()
        return officer.page.url.partition("?")[0].rpartition("/")[2]

    def _danger(self):
        """Somebody without a payment reports; the officer finds it on the board."""
        stranger, officer = self.people["stranger"], self.people["officer"]
        stranger.go(f"{self.world.url}{CITY}/safety")
        stranger.choose("danger", "injury")
        stranger.type("what", "吃了凉菜后呕吐，三个人。")
        stranger.tap("report")
        stranger.page.locator("#told").wait_for()
        officer.go(f"{self.world.url}{CITY}/officer")
        href = officer.page.locator("a[href*='/officer/safety/']").first.get_attribute("href")
        return href.rpartition("/")[2]

    def _bring_list(self, path):
        """A list of merchants, checked and waiting, with a line that is refused."""
        lines = (
            "统一社会信用代码,商户名称,店铺名称,区县,地址,行业,手机号",
            f"{credit_code(random.Random(7), '330106')},山外山餐饮有限公司,山外山,西湖区,玉泉路8号,6210,13900001234",
            "x,无此商户,无此店,西湖区,玉泉路9号,6210,13900001235",
        )
        path.write_bytes("\n".join(lines).encode("gb18030"))
        officer = self.people["officer"]
        officer.go(f"{self.world.url}{CITY}/officer/enrol")
        officer.type("campaign", "秋季邀请")
        officer.attach("list", [path])
        officer.tap("check")
        officer.page.locator("#refused").wait_for()
        return officer.page.url.rpartition("/")[2].partition("?")[0]

    def _assist(self):
        """A dispute that a clerk filed for a caller whose son may act."""
        clerk, typed = self.people["clerk"], {"relative": "孙大力，儿子", "mandate_words": "商量退款"}
        assisting.clerk_in(clerk, self.world)
        assisting.to_form(clerk, self.world)
        self.form = clerk.page.url.removeprefix(self.world.url)
        assisting.fill(clerk, self.world, **typed, until="2099-12-31")
        return assisting.agree(clerk)

    async def _offered(self):
        """A dispute that another city offers; nobody has answered yet."""
        name, at = "510100-E2E-1", self.world.now
        paid = Bought(
            wallet="alipay", trade_no="E2E", account="2088", paid_fen=8800, before_fen=0, paid_at=at, proven=True
        )
        command = Receive(
            dispute="510100-E2E", sender="510100", turn=1, because="shop_elsewhere", offered_at=at, answer_by=at,
            finish_by=at, due_at=at, payments=(paid,), payee=Payee(name="青荷面馆"), pieces=(),
        )  # fmt: skip
        async with build(self.world.platform.settings) as app:
            await app.desk.act(HANDOVERS, "330100", name, command, SYSTEM)
        return name

    def _work_item(self):
        import psycopg

        with psycopg.connect(self.world.platform.memory.app_url) as connection:
            connection.execute("select set_config('hejie.city', '330100', false)")
            connection.execute(
                "insert into work_item (city, id, kind, noun, subject, body, opened_at) values"
                " ('330100', '330100-E2E', 'case_without_merchant', 'wallet_case', '1', '{\"trade_no\": \"1\"}', now())"
            )
        return "330100-E2E"

    def visits(self):
        """Route → (who, address)."""
        case = {paid.trade_no: f"{CITY}/disputes/{self.dispute(paid)}" for paid in self._disputed}
        cases = list(case.values())
        link = self.world.case_link(self.fresh.at, self.dispute(self.fresh)).removeprefix(self.world.url)
        ours = [f"{CITY}/merchant/disputes/{self.dispute(p)}" for p in (self.fresh, self.talked, self.done)]
        filing = f"trade={self.free.trade_no}"
        return {
            "/": [("stranger", "/")],
            "/{city:str}": [("stranger", CITY)],
            "/{city:str}/start": [("stranger", f"{CITY}/start"), ("consumer", f"{CITY}/start")],
            "/{city:str}/entry": [("stranger", f"{CITY}/entry?wallet=alipay")],
            "/{city:str}/back": [("stranger", f"{CITY}/back")],
            "/{city:str}/bill": [("consumer", f"{CITY}/bill")],
            "/{city:str}/bill/file": [("stranger", f"{CITY}/bill/file")],
            "/{city:str}/12315": [("stranger", f"{CITY}/12315"), ("consumer", f"{CITY}/12315?{filing}&why=late")],
            "/{city:str}/check": [("stranger", f"{CITY}/check")],
            "/{city:str}/join": [("stranger", f"{CITY}/join")],
            "/{city:str}/disputes": [("consumer", f"{CITY}/disputes")],
            "/{city:str}/disputes/new": [("consumer", f"{CITY}/disputes/new?{filing}")],
            "/{city:str}/disputes/{id:str}": [
                *(("consumer", each) for each in cases),
                ("consumer", f"{CITY}/disputes/330100-0"),
                ("stranger", cases[0]),
            ],
            "/{city:str}/disputes/{id:str}/12315": [("consumer", f"{cases[0]}/12315")],
            "/{city:str}/m/{token:str}": [("stranger", f"{link}x"), ("stranger", f"{CITY}/m/{self.ended}")],
            "/{city:str}/stall/{code:str}": [("stranger", self.hung), ("stranger", f"{CITY}/stall/00000000")],
            "/{city:str}/merchant": [("merchant", f"{CITY}/merchant"), ("merchant", f"{CITY}/merchant?state=ended")],
            "/{city:str}/merchant/authority/alipay": [("merchant", f"{CITY}/merchant/authority/alipay?state=x")],
            "/{city:str}/merchant/cities/{id:str}": [("merchant", f"{CITY}/merchant/cities/310000")],
            "/{city:str}/merchant/office": [("merchant", f"{CITY}/merchant/office")],
            "/{city:str}/merchant/sign-in": [("stranger", f"{CITY}/merchant/sign-in")],
            "/{city:str}/merchant/disputes/{id:str}": [
                *(("merchant", each) for each in ours),
                ("links", f"{CITY}/merchant/disputes/{self.dispute(self.gone)}"),
            ],
            "/{city:str}/code/{number:str}": [
                ("stranger", paycodes.page_of(self.world, self.paycodes[0])),
                ("stranger", f"{CITY}/code/0000000000"),
            ],
            "/{city:str}/units": [("stranger", f"{CITY}/units"), ("stranger", f"{CITY}/units?q=没有的店")],
            "/{city:str}/verify": [("stranger", f"{CITY}/verify?number=HJ-330100-2026-7K3FM-92QDA")],
            "/{city:str}/proof": [("stranger", f"{CITY}/proof"), ("consumer", f"{CITY}/proof")],
            "/{city:str}/merchant/publicity": [("merchant", f"{CITY}/merchant/publicity")],
            "/{city:str}/merchant/measures": [("merchant", f"{CITY}/merchant/measures")],
            "/{city:str}/public/disputes": [("stranger", f"{CITY}/public/disputes")],
            **self._law_visits(),
            "/{city:str}/merchant/paycode": [("merchant", f"{CITY}/merchant/paycode")],
            "/{city:str}/merchant/settings": [("merchant", f"{CITY}/merchant/settings")],
            "/{city:str}/h/{token:str}": [("stranger", f"{CITY}/h/x.y")],
            "/{city:str}/p": [("stranger", f"{CITY}/p")],
            "/{city:str}/p/{token:str}": [("stranger", f"{CITY}/p/x.y")],
            "/{city:str}/call-me": [
                ("stranger", f"{CITY}/call-me"),
                ("consumer", f"{CITY}/call-me?dispute={self.dispute(self.fresh)}"),
            ],
            "/{city:str}/safety": [("stranger", f"{CITY}/safety"), ("consumer", f"{CITY}/safety")],
            **self._desk_visits(),
        }

    def _law_visits(self):
        """The law for everybody, with answers and refusals; and what may be owed."""
        ask, asked = f"{CITY}/entitlements", "case=prepaid&event_on=2026-11-20&prepaid-paid_fen=800&prepaid-units=10"
        counted = "start=2026-06-01&from-1=2026-06-20&to-1=2026-07-09"
        more = "case=more&event_on=2026-11-20&price_fen=100&more-ground=fraud&opened_by_officer=yes"
        law = ("", "?q=zzz", "?on=2026-04-14&q=M1", "?on=x")
        rules = ("R1", f"M1?{counted}", "M4?start=2026-12-25", "M1?start=x&from-1=2026-06-20", "R8", "V1", "Z9")
        desk = ("", "?case=prepaid", f"?{more}")
        return {
            "/{city:str}/law": [("stranger", f"{CITY}/law{each}") for each in law],
            "/{city:str}/law/{id:str}": [("stranger", f"{CITY}/law/{each}") for each in rules],
            "/{city:str}/entitlements": [
                ("stranger", f"{ask}{each}") for each in ("", "?case=return", f"?{asked}", f"?{asked}&prepaid-used=11")
            ],
            "/{city:str}/officer/entitlements": [("officer", f"{CITY}/officer/entitlements{each}") for each in desk],
        }

    def _desk_visits(self):
        """The same for the officers' pages."""
        shop = self.world.merchants[self.world.noodles.code].id
        desk = [f"{CITY}/officer/disputes/{self.dispute(p)}" for p in (self.fresh, self.talked, self.done, self.gone)]
        assisted = f"{CITY}/officer/assist/{self.assisted}"
        return {
            "/{city:str}/officer/coverage": [("officer", f"{CITY}/officer/coverage")],
            "/{city:str}/officer/publicity": [("officer", f"{CITY}/officer/publicity")],
            "/{city:str}/officer/measures": [
                ("officer", f"{CITY}/officer/measures"),
                ("officer", f"{CITY}/officer/measures?merchant={shop}"),
            ],
            "/{city:str}/officer/alliance": [("officer", f"{CITY}/officer/alliance")],
            "/{city:str}/officer/alliance/bulletins": [("officer", f"{CITY}/officer/alliance/bulletins")],
            "/{city:str}/officer/alliance/bulletins/{id:str}": [
                ("officer", f"{CITY}/officer/alliance/bulletins/{self.bulletin}")
            ],
            "/{city:str}/officer/statistics": [("officer", f"{CITY}/officer/statistics")],
            "/{city:str}/officer/enrol": [("officer", f"{CITY}/officer/enrol")],
            "/{city:str}/officer/enrol/{id:str}": [("officer", f"{CITY}/officer/enrol/{self.list}")],
            "/{city:str}/officer/assist": [
                ("officer", f"{CITY}/officer/assist"),
                ("clerk", f"{CITY}/officer/assist?q={self.world.noodles.places[0].name}"),
            ],
            "/{city:str}/officer/assist/new": [("clerk", self.form)],
            "/{city:str}/officer/assist/{id:str}": [("clerk", assisted), ("officer", assisted)],
            "/{city:str}/officer/assist/{id:str}/slip": [
                ("clerk", f"{assisted}/slip"),
                ("clerk", f"{assisted}/slip?holder=relative"),
            ],
            "/{city:str}/officer": [("officer", f"{CITY}/officer"), ("officer", f"{CITY}/officer?state=mediating")],
            "/{city:str}/officer/sign-in": [("stranger", f"{CITY}/officer/sign-in")],
            "/{city:str}/officer/passkey": [("officer", f"{CITY}/officer/passkey")],
            "/{city:str}/officer/disputes/{id:str}": [("officer", each) for each in desk],
            "/{city:str}/officer/disputes/{id:str}/advance": [("officer", f"{desk[0]}/advance")],
            "/{city:str}/officer/handovers": [("officer", f"{CITY}/officer/handovers")],
            "/{city:str}/officer/handovers/{id:str}": [("officer", f"{CITY}/officer/handovers/{self.handover}")],
            "/{city:str}/officer/funds": [("officer", f"{CITY}/officer/funds")],
            "/{city:str}/officer/funds/{id:str}": [("officer", f"{CITY}/officer/funds/{self.fund}")],
            "/{city:str}/officer/duties": [("officer", f"{CITY}/officer/duties")],
            "/{city:str}/officer/supervision": [("officer", f"{CITY}/officer/supervision")],
            "/{city:str}/officer/histories": [("officer", f"{CITY}/officer/histories")],
            "/{city:str}/officer/library": [("officer", f"{CITY}/officer/library")],
            "/{city:str}/officer/disputes/{id:str}/library": [("officer", f"{each}/library") for each in desk],
            "/{city:str}/officer/alliance/figures": [("officer", f"{CITY}/officer/alliance/figures")],
            "/{city:str}/officer/units": [("officer", f"{CITY}/officer/units")],
            "/{city:str}/officer/trail": [("auditor", f"{CITY}/officer/trail")],
            "/{city:str}/officer/mediations/{id:str}": [
                (who, f"{CITY}/officer/mediations/m:{self.dispute(self.gone)}") for who in ("officer", "district")
            ],
            "/{city:str}/officer/items": [("officer", f"{CITY}/officer/items")],
            "/{city:str}/officer/items/{id:str}": [("officer", f"{CITY}/officer/items/{self.item}")],
            "/{city:str}/officer/merchants": [("officer", f"{CITY}/officer/merchants")],
            "/{city:str}/officer/merchants/new": [("officer", f"{CITY}/officer/merchants/new")],
            "/{city:str}/officer/merchants/{id:str}": [("officer", f"{CITY}/officer/merchants/{shop}")],
            "/{city:str}/officer/paycodes": [("officer", f"{CITY}/officer/paycodes")],
            "/{city:str}/officer/paycodes/{id:str}": [
                ("officer", f"{CITY}/officer/paycodes/{each}") for each in self.paycodes
            ],
            "/{city:str}/officer/trace": [
                ("officer", f"{CITY}/officer/trace"),
                ("officer", f"{CITY}/officer/trace?dispute={self.traced[0]}"),
            ],
            "/{city:str}/officer/trace/{id:str}": [("officer", f"{CITY}/officer/trace/{self.question}")],
            "/{city:str}/officer/safety": [("officer", f"{CITY}/officer/safety")],
            "/{city:str}/officer/safety/{id:str}": [("officer", f"{CITY}/officer/safety/{self.report}")],
            "/{city:str}/officer/settings": [("officer", f"{CITY}/officer/settings")],
        }

    def close(self):
        paycodes.end_all(self.people["officer"], self.world)
        for each in (*self.people.values(), self.links):
            each.leave()
