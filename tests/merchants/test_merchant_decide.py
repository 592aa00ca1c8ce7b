"""A merchant's rules as tables: what follows from a command, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from hejie.base.errors import HejieError, Missing, Refused
from hejie.merchants import commands as c
from hejie.merchants import events as e
from hejie.merchants.decide import decide
from hejie.merchants.fold import evolve
from hejie.merchants.model import AccountKind, Ending, Enrolment, Kind, Merchant, Rank, Shop, Staff, State
from hejie.merchants.standing import StandingRule

NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
REGISTER = c.RegisterMerchant(
    city="330100", id="M1", credit_code="91350203m0001xyt25", name="杭州某某餐饮有限公司", kind=Kind.enterprise
)
SHOP = Shop(id="S1", name="湖滨店", district="330102", address="湖滨路1号", category="6210")
OWNER = Staff(person="P1", rank=Rank.owner)
CLERK = Staff(person="P2", rank=Rank.clerk, refund_limit_fen=5000, shops=("S1",))
OPEN = c.NoteEnrolment(
    wallet="alipay", account="2088", kind=AccountKind.direct, enrolment=Enrolment.open, status="OPENED"
)
GRANT = c.GrantAuthorisation(wallet="alipay", account="2088", content="T1", expires_at=NOW + timedelta(days=365))
WITHDRAW = c.WithdrawAuthorisation(wallet="alipay", account="2088")
LET = c.LetAnswer(acquirer="48021000", most_fen=5000, expires_at=NOW + timedelta(days=1))
EXPIRE = c.ExpireAuthorisation(wallet="alipay", account="2088")
CLOSE = c.CloseEnrolment(wallet="alipay", account="2088")


def after(*commands: c.Command, at: datetime = NOW) -> Merchant:
    merchant = None
    for command in (REGISTER, c.AddShop(shop=SHOP), *commands):
        for event in decide(merchant, command, at):
            merchant = evolve(merchant, event)
    assert merchant is not None
    return merchant


def test_registration_stores_the_checked_code() -> None:
    merchant = after()
    assert (merchant.credit_code, merchant.state, merchant.version) == ("91350203M0001XYT25", State.invited, 2)
    assert merchant.link_limit_fen == 0
    assert merchant.needs_code(1)
    assert not merchant.needs_code(0)


def test_staff_limits() -> None:
    merchant = after(c.AddStaff(staff=OWNER), c.AddStaff(staff=CLERK))
    clerk = merchant.member("P2")
    assert clerk is not None
    assert (merchant.may_give(clerk, 5000), merchant.may_give(clerk, 5001)) == (True, False)
    assert (clerk.works_for("S1"), clerk.works_for("S2")) == (True, False)
    assert merchant.may_give(OWNER, 10**9)
    assert OWNER.works_for("S2")


def test_a_second_place_replaces_the_first() -> None:
    merchant = after(c.AddStaff(staff=CLERK), c.AddStaff(staff=replace(CLERK, rank=Rank.manager)))
    assert [staff.rank for staff in merchant.staff] == [Rank.manager]


def test_a_shop_without_its_own_contact_uses_the_merchants() -> None:
    whole = after(c.SetContact(content="C1"))
    assert whole.number_for("S1") == "C1"
    own = after(c.SetContact(content="C1"), c.SetContact(content="C2", shop="S1"))
    assert (own.number_for("S1"), own.number_for("elsewhere")) == ("C2", "C1")
    assert after(*[c.SetContact(content=x, shop="S1") for x in ("C2", "")]).number_for("S1") == ""


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([Enrolment.opening], State.invited),
        ([Enrolment.opening, Enrolment.open], State.enrolled),
        ([Enrolment.open, Enrolment.closed], State.closed),
        ([Enrolment.open, Enrolment.closed, Enrolment.open], State.enrolled),
    ],
)
def test_state_follows_from_the_accounts(steps: list[Enrolment], state: State) -> None:
    assert after(*(replace(OPEN, enrolment=step) for step in steps)).state is state


def test_one_open_account_keeps_a_merchant_enrolled() -> None:
    other = replace(OPEN, account="2089", kind=AccountKind.indirect, trade_no="T9")
    merchant = after(OPEN, other, CLOSE, replace(OPEN, enrolment=Enrolment.closed))
    assert merchant.state is State.enrolled
    found = merchant.account("alipay", "2089")
    assert found is not None
    assert found.trade_no == "T9"


def test_closing_without_an_account_closes_all() -> None:
    merchant = after(OPEN, replace(OPEN, account="2089"), CLOSE, c.CloseEnrolment())
    assert [account.enrolment for account in merchant.accounts] == [Enrolment.closing, Enrolment.closing]


def test_a_sample_payment_is_not_forgotten_by_a_later_query() -> None:
    merchant = after(replace(OPEN, trade_no="T9", enrolment=Enrolment.opening), OPEN)
    assert merchant.accounts[0].trade_no == "T9"


def test_an_authority_is_usable_until_it_expires() -> None:
    merchant = after(OPEN, GRANT)
    last = GRANT.expires_at - timedelta(microseconds=1)
    assert merchant.authority("alipay", "2088", last) is not None
    assert merchant.authority("alipay", "2088", GRANT.expires_at) is None
    assert merchant.authority("wechat", "2088", NOW) is None


def test_a_renewal_takes_the_place_of_the_old_authority() -> None:
    merchant = after(OPEN, GRANT, replace(GRANT, content="T2"))
    assert [each.content for each in merchant.authorisations] == ["T2"]


def test_withdrawal_and_a_new_grant() -> None:
    merchant = after(OPEN, GRANT, WITHDRAW)
    ended = merchant.authorisation("alipay", "2088")
    assert ended is not None
    assert (ended.ending, ended.ended_at) == (Ending.withdrawn, NOW)
    assert merchant.authority("alipay", "2088", NOW) is None
    assert after(OPEN, GRANT, WITHDRAW, GRANT).authority("alipay", "2088", NOW) is not None


def test_expiry_by_the_timer() -> None:
    [event] = decide(after(OPEN, GRANT), EXPIRE, GRANT.expires_at)
    ended = evolve(after(OPEN, GRANT), event).authorisation("alipay", "2088")
    assert ended is not None
    assert ended.ending is Ending.expired


def test_an_acquirer_has_one_leave_which_the_last_word_changes() -> None:
    later = replace(LET, most_fen=9, expires_at=NOW + timedelta(days=2))
    (leave,) = after(LET, replace(LET, acquirer="1"), later, c.StopAnswers(acquirer="1")).answer_leaves
    assert (leave.acquirer, leave.most_fen, leave.expires_at) == ("48021000", 9, NOW + timedelta(days=2))
    assert leave.holds(NOW + timedelta(days=1))
    assert not leave.holds(NOW + timedelta(days=2))


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ((), c.AddShop(shop=SHOP)),
        ((c.AddStaff(staff=OWNER),), c.AddStaff(staff=OWNER)),
        ((OPEN,), OPEN),
        ((c.SetContact(content="C1"),), c.SetContact(content="C1")),
        ((), c.SetLinkLimit(limit_fen=0)),
        ((), c.SetStandingRules(rules=())),
        ((LET,), LET),
    ],
)
def test_what_is_so_already_needs_no_event(before: tuple[c.Command, ...], command: c.Command) -> None:
    assert decide(after(*before), command, NOW) == []


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ((), REGISTER, "merchant_exists"),
        ((), c.AddShop(shop=replace(SHOP, name="改名")), "shop_exists"),
        ((), c.AddShop(shop=replace(SHOP, id="S2", district="510104")), "shop_outside_city"),
        ((), c.AddShop(shop=replace(SHOP, id="S2", district="33010")), "shop_outside_city"),
        ((), c.AddShop(shop=replace(SHOP, id="S2", name="  ")), "name_missing"),
        ((), c.AddShop(shop=replace(SHOP, id="S2", address="a\u202eb")), "name_unusable"),
        ((), c.AddShop(shop=replace(SHOP, id="S2", name="名" * 101)), "name_unusable"),
        ((), c.AddStaff(staff=replace(CLERK, refund_limit_fen=-1)), "limit_negative"),
        ((), c.AddStaff(staff=replace(CLERK, shops=("S9",))), "shop_unknown"),
        ((), c.RemoveStaff(person="P9"), "staff_unknown"),
        ((c.AddStaff(staff=OWNER),), c.RemoveStaff(person="P1"), "last_owner"),
        ((c.AddStaff(staff=OWNER),), c.AddStaff(staff=replace(OWNER, rank=Rank.clerk)), "last_owner"),
        ((), c.SetContact(content=""), "contact_missing"),
        ((), c.SetContact(content="C", shop="S9"), "shop_unknown"),
        ((), c.SetLinkLimit(limit_fen=-1), "limit_negative"),
        ((), c.SetLinkLimit(limit_fen=10**16), "amount_too_large"),
        ((), c.SetStandingRules(rules=(StandingRule(id="a", most_fen=0),)), "amount_not_positive"),
        ((), c.SetStandingRules(rules=(StandingRule(id="a", most_fen=1),) * 2), "standing_rule_repeated"),
        ((), c.SetStandingRules(rules=(StandingRule(id="a", most_fen=1, shops=("S9",)),)), "shop_unknown"),
        ((), c.CloseEnrolment(), "enrolment_not_open"),
        ((), CLOSE, "account_unknown"),
        ((OPEN, CLOSE), CLOSE, "enrolment_not_open"),
        ((), GRANT, "account_unknown"),
        ((OPEN,), replace(GRANT, content=""), "authorisation_without_token"),
        ((OPEN,), replace(GRANT, expires_at=NOW), "authorisation_expired"),
        ((OPEN,), WITHDRAW, "authorisation_not_given"),
        ((OPEN, GRANT, WITHDRAW), WITHDRAW, "authorisation_not_given"),
        ((OPEN, GRANT), EXPIRE, "authorisation_still_valid"),
        ((OPEN, GRANT, WITHDRAW), EXPIRE, "authorisation_not_given"),
        ((), replace(LET, most_fen=-1), "limit_negative"),
        ((), replace(LET, acquirer=""), "answer_leave_days"),
        ((), replace(LET, expires_at=NOW), "answer_leave_days"),
        ((), replace(LET, expires_at=NOW + timedelta(days=367)), "answer_leave_days"),
        ((), c.StopAnswers(acquirer="48021000"), "answer_leave_missing"),
        ((LET, c.StopAnswers(acquirer="48021000")), c.StopAnswers(acquirer="48021000"), "answer_leave_missing"),
    ],
)
def test_refusals(before: tuple[c.Command, ...], command: c.Command, code: str) -> None:
    merchant = after(*before)
    with pytest.raises(HejieError) as caught:
        decide(merchant, command, NOW)
    assert caught.value.code == code
    assert merchant == after(*before)


def test_nothing_is_done_to_a_merchant_nobody_registered() -> None:
    with pytest.raises(Missing) as caught:
        decide(None, OPEN, NOW)
    assert caught.value.code == "merchant_unknown"


@pytest.mark.parametrize(("field", "value"), [("credit_code", "91350203M0001XYT26"), ("name", "")])
def test_a_bad_registration_is_refused(field: str, value: str) -> None:
    with pytest.raises(Refused):
        decide(None, replace(REGISTER, **{field: value}), NOW)


@pytest.mark.parametrize(
    ("city", "district", "inside"),
    [
        ("310000", "310101", True),
        ("310000", "330102", False),
        ("331000", "331002", True),
        ("331000", "330102", False),
        ("429004", "429004", True),
        ("429004", "429005", False),
    ],
)
def test_a_shop_lies_in_its_merchants_city(city: str, district: str, *, inside: bool) -> None:
    merchant = replace(after(), city=city)
    command = c.AddShop(shop=replace(SHOP, id="S2", district=district))
    if inside:
        assert len(decide(merchant, command, NOW)) == 1
    else:
        with pytest.raises(Refused):
            decide(merchant, command, NOW)


def test_one_invitation_in_a_time_to_who_is_known_and_has_not_joined() -> None:
    contact = c.SetContact(content="C1")
    invite = c.Invite(quiet_days=30, shop="S1")
    (invited,) = decide(after(contact), invite, NOW)
    assert isinstance(invited, e.Invited)
    assert (invited.contact, invited.campaign) == ("C1", "")
    merchant = evolve(after(contact), invited)
    assert merchant.invited_at == NOW
    assert decide(merchant, invite, NOW + timedelta(days=30, seconds=-1)) == []
    assert len(decide(merchant, invite, NOW + timedelta(days=30))) == 1
    assert decide(after(contact, OPEN), invite, NOW) == []
    assert decide(after(contact, OPEN, replace(OPEN, enrolment=Enrolment.closed)), invite, NOW) == []
    with pytest.raises(Refused, match="contact_missing"):
        decide(after(), invite, NOW)
