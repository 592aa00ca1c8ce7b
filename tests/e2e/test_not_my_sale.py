"""Not my sale, on phones: the brand says which franchisee sold it, that one takes it, or an officer decides."""

from __future__ import annotations

from tests.e2e.axe import examine
from tests.e2e.steps import AUTHORITY, WAITING, agree, file, open_case, sign_in
from tests.e2e.turns import languages

from hejie_lab.town import CITY

WORDS = "这家店是加盟店，货款由我们代收。"


def deny(owner, world, paid, dispute, to=None):
    """The merchant's own phone: the link, the fold, the reason, and who it was if that is known."""
    open_case(owner, world, paid, dispute)
    owner.unfold("not-ours")
    owner.choose("denial_reason", "franchisee_sold")
    owner.type("denial_words", WORDS)
    if to is not None:
        owner.type("party_code", to.code)
        owner.type("party_shop", to.places[0].name)
    looked = examine(owner, owner.language)
    owner.tap("deny-sale")
    owner.page.locator("#denial").wait_for()
    return looked + examine(owner, owner.language)


def asked(phone, world, at, dispute):
    """The named merchant touches the link in its own message."""
    link = world.case_link(at, dispute)
    phone.go(f"{world.sandbox_url}/sms?to={at.phone[1:]}&lang={phone.language}")
    phone.page.locator(f'a[href="{link}"]').first.click()
    phone.page.locator("#sale").wait_for()


@languages
def test_a_franchisees_sale_moves_to_it_and_it_answers(world, person, language):
    paid = world.pay(world.noodles, "36.00", item="加盟店套餐")
    lin, owner, other = person(), person(), person()
    dispute = file(lin, paid, words="面是凉的，我叫林晓。")
    due = world.rows("select due_at from dispute where id = %s", dispute)
    wrong = deny(owner, world, paid, dispute, world.tailor)
    lin.page.locator("#denial").wait_for()
    wrong += examine(lin, language)
    asked(other, world, world.tailor, dispute)
    other.sees("¥36.00", world.tailor.places[0].name)
    other.misses("林晓", "面是凉的", WORDS, world.noodles.places[0].name)
    wrong += examine(other, language)
    other.tap("ours")
    other.sees("面是凉的", "¥36.00")
    other.cannot("accept-api")
    wrong += examine(other, language)
    assert world.rows("select due_at from dispute where id = %s", dispute) == due
    lin.page.locator("#moved").wait_for()
    lin.sees(world.tailor.places[0].name, WAITING[language])
    wrong += examine(lin, language)
    owner.page.locator("#gone").wait_for()
    wrong += examine(owner, language)
    agree(other, "by_hand")
    paid.await_state("settling")
    assert paid.refunds == []
    assert wrong == []


@languages
def test_the_named_shop_says_no_and_an_officer_finds_that_nobody_knows(world, person, language):
    paid = world.pay(world.noodles, "44.00", item="外摆烤串")
    lin, owner, other, officer = person(), person(), person(), person("desk")
    dispute = file(lin, paid)
    wrong = deny(owner, world, paid, dispute, world.tailor)
    asked(other, world, world.tailor, dispute)
    other.type("sale_words", "那天我们没有出摊。")
    other.tap("not-ours")
    other.page.locator("#refused").wait_for()
    wrong += examine(other, language)
    sign_in(officer, world)
    officer.go(f"{world.url}/{CITY}/officer/disputes/{dispute}")
    officer.page.locator("#judge-denial").wait_for()
    officer.sees("那天我们没有出摊。")
    wrong += examine(officer, language)
    officer.choose("found", "nobody")
    officer.type("denial_words", "现场已查，摊位无登记。", "#judge-denial")
    officer.tap("judge-denial")
    officer.page.wait_for_url("**done=denial_judged")
    lin.sees(AUTHORITY[language])
    wrong += examine(lin, language)
    owner.page.reload()
    wrong += examine(owner, language)
    assert wrong == []


def test_a_denial_that_names_nobody_and_is_untrue_counts(world, person):
    paid = world.pay(world.noodles, "52.00")
    lin, owner, officer = person(), person(), person("desk", "en")
    dispute = file(lin, paid)
    wrong = deny(owner, world, paid, dispute)
    sign_in(officer, world)
    officer.go(f"{world.url}/{CITY}/officer/disputes/{dispute}")
    officer.tap("judge-denial")
    officer.page.locator("#summary").wait_for()
    wrong += examine(officer, "en")
    officer.choose("found", "wrong")
    officer.type("denial_words", "The receipt bears your shop's name.", "#judge-denial")
    officer.tap("judge-denial")
    officer.page.wait_for_url("**done=denial_judged")
    wrong += examine(officer, "en")
    officer.go(f"{world.url}/{CITY}/officer/merchants/{world.merchants[world.noodles.code].id}")
    officer.sees("Untrue denials")
    owner.page.reload()
    owner.cannot("deny-sale")
    owner.page.locator('[data-act^="accept"]').first.wait_for()
    assert wrong == []
