"""A customer of a shop that never joined is not sent away with empty hands."""

from __future__ import annotations

from tests.e2e.axe import SCRIPT, examine
from tests.e2e.steps import enter
from tests.e2e.turns import both

from hejie.documents.paper import can_print


@both
def test_the_customer_of_a_shop_that_never_joined_leaves_with_the_12315_form(world, person, language, lacking):
    if not SCRIPT.exists():
        lacking("axe (make setup brings it)")
    paid = world.pay(world.snacks, "18.50", item="煎饼")
    lin = person()
    lin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(lin, paid)
    lin.page.wait_for_url("**/12315?*")
    lin.sees("路边小吃", "¥18.50", paid.trade_no)
    assert lin.page.locator('a[href="tel:12315"]').is_visible()
    assert examine(lin, language) == []
    lin.page.locator('#fill [name="problem"]').select_option("quality")
    lin.page.locator('#fill [name="remedy"]').select_option("refund_full")
    lin.type("words", "饼里有头发。", "#fill")
    lin.tap("fill")
    lin.sees("饼里有头发。", within="section[aria-labelledby=statement-1]")
    lin.tap("copy")
    copied = lin.page.evaluate("navigator.clipboard.readText()")
    for told in ("路边小吃", "¥18.50", paid.trade_no, "饼里有头发。"):
        assert told in copied
    if can_print():
        with lin.page.expect_download() as taken:
            lin.tap("paper")
        assert taken.value.path().read_bytes().startswith(b"%PDF")
    assert paid.disputes() == []
    assert world.rows("select count(*) from content where subject like 'statement%%'") == [(0,)]
