"""From the bill to the money: three roads of performance, and what else may be claimed; the wallet's ledger decides."""

from __future__ import annotations

from PIL import Image
from tests.e2e.steps import ACCEPT, SETTLED, SETTLING, YOUR_TURN, agree, file, open_case
from tests.e2e.turns import both
from tests.e2e.world import until


@both
def test_three_taps_in_the_bill_one_from_the_merchant_and_the_money_is_back(world, person, language):
    paid = world.pay(world.noodles, "28.00")
    lin, owner = person(), person()
    lin.go(f"{paid.bill}?lang={language}")
    lin.page.locator("a.line", has_text="片儿川").click()
    lin.page.get_by_role("button", name=ACCEPT[language]).click()  # one
    lin.sees("青荷面馆", "¥28.00")
    lin.choose("problem", "not_served")  # two
    lin.tap("send")  # three
    dispute = lin.dispute
    open_case(owner, world, paid, dispute)
    owner.sees("¥28.00")
    agree(owner)
    paid.await_refunds(2800)
    paid.await_state("settled")
    lin.sees(SETTLED[language], "¥28.00")
    lin.page.locator('label:has(input[name="solved"][value="yes"])').click()
    lin.page.locator('button[name="mood"][value="5"]').click()
    lin.sees({"zh": "您的评价：已解决", "en": "You said: solved."}[language])
    assert world.rows(
        "select body->'survey'->>'solved', body->'survey'->>'mood' from dispute where id = %s", dispute
    ) == [("true", "5")]
    assert paid.refunds == [2800]


def refund_in_own_tool(person, world, paid):
    """In the wallet's page for merchants, not in ours; the refund's number."""
    person.go(f"{world.sandbox_url}/merchant/{paid.at.account}?lang={person.language}")
    row = person.page.locator("li", has_text=paid.trade_no)
    row.locator("summary").click()
    row.locator("form button").click()
    until(lambda: paid.refunds, "the refund by hand")
    return next(row["out_request_no"] for row in world.box.ledger()["refunds"] if row["trade_no"] == paid.trade_no)


@both
def test_a_refund_in_the_merchants_own_tool_is_found_by_its_number(world, person, language):
    paid = world.pay(world.noodles, "31.50")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    agree(owner, "own_tool")
    lin.sees(SETTLING[language])
    assert paid.refunds == []
    number = refund_in_own_tool(person(), world, paid)
    owner.page.reload()
    owner.type("refund_no", number)
    owner.tap("perform")
    paid.await_state("settled")
    lin.sees(SETTLED[language])
    assert paid.refunds == [3150]


@both
def test_without_its_number_it_is_found_in_the_bill_file(world, person, language):
    paid = world.pay(world.noodles, "12.34")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    agree(owner, "own_tool")
    lin.sees(SETTLING[language])
    refund_in_own_tool(person(), world, paid)
    for _ in range(2):  # the day's file is there on the next morning
        if "settled" in [state for _, state in paid.disputes()]:
            break
        world.advance(24)
    paid.await_state("settled")
    assert paid.refunds == [1234]
    assert world.rows("select outcome from dispute where id = %s", dispute) == [("performed",)]


def test_where_the_platform_may_not_look_the_consumers_word_counts(world, person, language):
    paid = world.pay(world.tailor, "88.00", item="羊毛围巾")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    agree(owner, "own_tool")
    refund_in_own_tool(person(), world, paid)
    owner.type("proof_words", "已在支付宝退款", "#perform")
    owner.tap("perform")
    lin.sees("已在支付宝退款", SETTLING[language])
    lin.page.reload()
    lin.tap("confirm")
    lin.sees(SETTLED[language])
    assert world.rows("select outcome from dispute where id = %s", dispute) == [("confirmed",)]
    assert paid.refunds == [8800]


@both
def test_money_from_hand_to_hand_with_a_picture_as_proof(world, person, language, tmp_path):
    proof = tmp_path / "proof.jpg"
    Image.effect_noise((640, 480), 60).convert("RGB").save(proof)
    paid = world.pay(world.tailor, "99.00", item="羊毛围巾")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    owner.sees("¥99.00")
    assert owner.page.locator('[value="api"]').count() == 0  # this merchant gave no authority
    owner.unfold("offer")
    owner.choose("remedy", "refund_full")
    owner.choose("road", "by_hand")
    owner.tap("offer", "#offer")
    lin.tap("accept")
    lin.sees(SETTLING[language])
    owner.page.reload()
    owner.type("proof_words", "已当面退现金 99 元")
    owner.attach("proof", [proof])
    owner.tap("perform")
    lin.sees("已当面退现金 99 元")
    shot = lin.page.locator(".shots img").first
    shot.scroll_into_view_if_needed()
    until(lambda: shot.evaluate("image => image.naturalWidth") > 0, "the picture")
    lin.tap("confirm")
    lin.sees(SETTLED[language])
    assert paid.refunds == []
    assert paid.disputes() == [(dispute, "settled")]


@both
def test_part_of_the_price(world, person):
    paid = world.pay(world.noodles, "40.00")
    lin, owner = person(), person()
    dispute = file(lin, paid, "price", remedy="refund_part", amount="12.50")
    open_case(owner, world, paid, dispute)
    owner.sees("¥12.50")
    agree(owner)
    paid.await_refunds(1250)
    paid.await_state("settled")


@both
def test_what_should_it_have_been(world, person):
    paid = world.pay(world.noodles, "280.00")
    lin, owner = person(), person()
    dispute = file(lin, paid, "wrong_amount", right_amount="28")
    lin.sees("¥252.00", "¥28.00")
    open_case(owner, world, paid, dispute)
    owner.sees("¥252.00", "¥28.00")
    agree(owner)
    paid.await_refunds(25200)
    paid.await_state("settled")
    assert world.rows("select undue from dispute where id = %s", dispute) == [(True,)]


def test_an_amount_that_is_none_is_told_where_it_was_typed_and_files_nothing(world, person):
    paid = world.pay(world.noodles, "28.00")
    lin = person()
    lin.go(f"{paid.page}?lang=zh")
    lin.page.get_by_role("button", name=ACCEPT["zh"]).click()
    lin.choose("problem", "price")
    lin.choose("remedy", "refund_part")
    for typed in ("-5", "0", "1.234", "１２", "1e2", "28.01"):
        lin.type("amount", typed)
        lin.tap("send")
        lin.page.locator("#summary").wait_for()
        assert lin.page.locator("#amount").input_value() == typed
        assert lin.page.locator("#amount-fault").is_visible()
    assert paid.disputes() == []


def test_a_dear_answer_from_a_link_needs_the_code_sent_to_the_registered_phone(world, person):
    paid = world.pay(world.teahouse, "60.00", item="龙井")
    lin, owner = person(), person()
    dispute = file(lin, paid)
    open_case(owner, world, paid, dispute)
    before = world.now.timestamp()
    agree(owner)
    owner.page.locator('[name="code"]:visible').wait_for()
    assert paid.refunds == []
    code = world.one_time_code(paid.at.phone, before - 1)
    owner.type("code", "000000" if code != "000000" else "111111")
    agree(owner)
    owner.page.locator("#code-fault").wait_for()
    assert paid.refunds == []
    owner.type("code", code)
    agree(owner)
    paid.await_refunds(6000)
    paid.await_state("settled")


def test_a_cheap_answer_from_the_same_link_needs_none(world, person):
    paid = world.pay(world.teahouse, "19.00", item="龙井")
    lin, owner = person(), person()
    open_case(owner, world, paid, file(lin, paid))
    agree(owner)
    paid.await_refunds(1900)
    paid.await_state("settled")
    assert YOUR_TURN["zh"] not in lin.page.locator("main").inner_text()
