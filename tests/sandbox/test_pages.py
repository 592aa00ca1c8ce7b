"""Pages: every one in both languages, the payer's and the merchant's roads, the entry link, the guard."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_opens_in_both_languages(caller, lang):
    trade = caller.pay()
    caller.admin("POST", "hand-refunds", {"trade_no": trade, "amount": "1.00"})
    caller.token()
    caller.call("alipay.merchant.complain.reconciliation.create", {"merchant_cert_no": caller.CREDIT_CODE})
    complaint = {"reason": "其他", "demand": "退款", "content": "没送到", "user_id": caller.USER, "trade_no": trade}
    event = caller.admin("POST", "cases", complaint)["complain_event_id"]
    caller.admin("POST", f"cases/{event}/say", {"content": "请快一点"})
    payment = f"/wallet/{caller.USER}/payments/{trade}"
    paths = [
        "/",
        "/12315",
        "/shop",
        "/knobs",
        "/sms",
        "/pushes",
        f"/wallet/{caller.USER}",
        payment,
        f"{payment}/complain",
    ]
    paths += [f"/cases/{event}", f"/merchant/{caller.MERCHANT}"]
    paths += [f"/oauth2/appToAppAuth.htm?app_id={caller.APP}&redirect_uri=http://127.0.0.1/back&state=s"]
    for path in paths:
        answer = caller.http.get(path, params={"lang": lang} if "?" not in path else None)
        assert answer.status_code == 200, path
        assert f'lang="{"en" if lang == "en" else "zh-CN"}"' in answer.text
        assert "content-security-policy" in answer.headers


def test_no_phrase_lacks_its_english():
    words = (ROOT / "src/hejie_sandbox/pages/words.py").read_text("utf-8")
    for template in (ROOT / "src/hejie_sandbox/templates").iterdir():
        for phrase in re.findall(r't\("([^"]+)"\)', template.read_text("utf-8")):
            assert f'"{phrase}":' in words, (template.name, phrase)


def test_pay_at_the_shop_then_complain_in_the_wallet(caller):
    form = {"user_id": caller.USER, "merchant_id": caller.MERCHANT, "amount": "12.50", "subject": "面"}
    paid = caller.http.post("/shop", data=form)
    assert paid.status_code == 303
    png = b"\x89PNG\r\n\x1a\n\x00"
    filed = caller.http.post(
        f"{paid.headers['location']}/complain",
        data={"reason": "其他", "demand": "退款", "content": "没送到", "phone": "13811112222"},
        files={"picture": ("a.png", png, "image/png")},
    )
    case = caller.ledger()["cases"][0]
    assert filed.headers["location"] == f"/cases/{case['event_id']}"
    assert caller.http.get(f"/images/{case['images']}").content == png
    assert caller.http.post("/shop", data=form | {"amount": "-1"}).status_code == 400
    assert caller.http.post(f"/cases/{case['event_id']}/escalate").status_code == 409


def test_the_merchant_refunds_by_hand_and_withdraws(caller):
    trade, token = caller.pay("50.00"), caller.token()
    page = f"/merchant/{caller.MERCHANT}"
    assert caller.http.post(f"{page}/refund", data={"trade_no": trade, "amount": "20.00"}).status_code == 303
    assert caller.http.post(f"{page}/refund", data={"trade_no": trade, "amount": "40.00"}).status_code == 409
    assert [row["amount"] for row in caller.ledger()["refunds"]] == [2000]
    caller.http.post(f"{page}/withdraw", data={"app_id": caller.APP})
    answer = caller.call("alipay.trade.query", {"trade_no": trade}, token)
    assert answer["sub_code"] == "aop.invalid-app-auth-token"


def test_agreeing_goes_back_with_a_code(caller):
    form = {
        "app_id": caller.APP,
        "merchant_id": caller.MERCHANT,
        "redirect_uri": "http://127.0.0.1/b?x=1",
        "state": "s",
    }
    back = caller.http.post("/oauth2/appToAppAuth.htm", data=form).headers["location"]
    given = dict(parse_qsl(urlsplit(back).query))
    assert (given["x"], given["state"], given["source"]) == ("1", "s", "alipay_app_auth")
    exchange = {"grant_type": "authorization_code", "code": given["app_auth_code"]}
    assert caller.call("alipay.open.auth.token.app", exchange)["user_id"] == caller.MERCHANT


def test_the_button_makes_a_signed_entry_link(caller):
    trade = caller.pay("12.50")
    url = caller.http.post(f"/wallet/{caller.USER}/payments/{trade}/platform").headers["location"]
    assert url.startswith("http://127.0.0.1:9/330100/entry?")
    given = dict(parse_qsl(urlsplit(url).query))
    signature = given.pop("sign")
    assert given | {"expires": "", "nonce": "", "paid_at": ""} == {
        "wallet": "alipay", "app": caller.APP, "trade_no": trade, "payer": caller.USER, "amount": "12.50",
        "expires": "", "nonce": "", "account": caller.MERCHANT, "payee": "杭州奎元馆面业有限公司",
        "item": "片儿川 / 面", "paid_at": "",
    }  # fmt: skip
    assert abs(int(given["paid_at"]) - time.time()) < 60
    assert len(given["nonce"]) >= 22
    assert 0 < int(given["expires"]) - time.time() <= 300
    text = "&".join(f"{name}={given[name]}" for name in sorted(given))
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    caller.entry_key.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_the_worked_example_of_the_entry_page_is_true():
    document = (ROOT / "docs/protocol/entry.md").read_text("utf-8")
    pem = re.search(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", document, re.DOTALL)
    link = re.search(r"https://\S+/entry\?\S+", document)
    text = re.search(r"^amount=\S+$", document, re.MULTILINE)
    assert pem
    assert link
    assert text
    given = dict(parse_qsl(urlsplit(link[0]).query, strict_parsing=True))
    signature = given.pop("sign")
    assert "&".join(f"{name}={given[name]}" for name in sorted(given)) == text[0]
    key = serialization.load_pem_public_key(pem[0].encode())
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    key.verify(raw, text[0].encode(), padding.PKCS1v15(), hashes.SHA256())


def test_other_sites_cannot_post_here(caller):
    away = {"origin": "http://elsewhere.example"}
    assert caller.http.post("/knobs-off", headers=away).status_code == 403
    assert caller.http.post("/knobs-off", headers={"origin": caller.url}).status_code == 303


def test_with_a_token_only_its_holder_comes_in(guarded):
    assert httpx.get(f"{guarded.url}/admin/ledger", trust_env=False).status_code == 401
    assert httpx.get(f"{guarded.url}/", trust_env=False).status_code == 401
    header = {"x-sandbox-token": "s3cret"}
    assert httpx.get(f"{guarded.url}/admin/ledger", headers=header, trust_env=False).status_code == 200
    assert httpx.get(f"{guarded.url}/?token=s3cret", trust_env=False).status_code == 303
    assert httpx.post(f"{guarded.url}/gateway.do", trust_env=False).json()["error_response"]["code"] == "40001"
