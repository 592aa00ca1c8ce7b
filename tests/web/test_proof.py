"""The proof of a case: the consumer takes it, anybody checks it on the page or offline, and erasing leaves it valid."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.peers.cities import City
from tests.support import copies
from tests.support.town import CITY, OFFICER, Town
from tests.transparency import making
from tests.web.consumer_lab import Browser, filed, paid_in_wallet, signed_in

from hejie.base.actor import Role
from hejie.cities.custody import GiveBack
from hejie.cli import main
from hejie.disputes import commands as d
from hejie.peers.signing import go_on
from hejie.store.contents import erase
from hejie.store.pool import city_transaction
from hejie.transparency.keys import Kind, Signer
from hejie.transparency.parties import OwnLog, Peer
from hejie.transparency.receipt import Closed, read_receipt, write
from hejie.transparency.witnessing import Signing

WITNESS = "510100"


@pytest.fixture
async def watched(here: Town, tmp_path, module_database):
    """The town with a log, and Chengdu on a socket that cosigns it; gives what the duty does."""
    copies.administrators[module_database.app_url] = module_database.superuser_url
    witness = City(WITNESS, tmp_path / WITNESS, module_database.app_url)
    signer = Signer(f"{uuid4().hex}.example/log", Ed25519PrivateKey.generate())
    witness.knows([SimpleNamespace(signer=signer, url="", code=CITY)])
    verifiers = {kind.name: (witness.signer.verifier(kind),) for kind in Kind}
    peer = Peer(url=f"{witness.url}/api/{WITNESS}/witness", **verifiers)
    tools = here.app.tools
    tools.logs[CITY] = own = OwnLog(signer=signer, peers=(peer,))

    async def once() -> Signing:
        return await go_on(tools.pool, CITY, own, tools.cities, tools.clock, tools.desk.mint)

    try:
        async with witness.serving(here.wallet):
            yield once
    finally:
        witness.listening.close()


async def settled(here: Town, browser: Browser) -> str:
    dispute = await filed(here, browser)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    return dispute


async def looked_at(browser: Browser, raw: bytes):
    await browser.open("proof")
    return await browser.send("check", {"file": ("p.json", raw, "application/json")})


async def test_a_consumer_takes_it_and_anybody_checks_it(here: Town, browser: Browser, watched, tmp_path, capsys):
    dispute = await settled(here, browser)
    assert f"disputes/{dispute}/proof.json" in (await browser.open(f"disputes/{dispute}")).text
    early = await browser.open(f"disputes/{dispute}/proof.json")
    assert early.status_code == 422
    assert "凭证还没有准备好" in early.text
    assert await watched() is Signing.may
    taken = await browser.open(f"disputes/{dispute}/proof.json")
    assert taken.headers["content-disposition"] == f'attachment; filename="hejie-proof-{dispute}.json"'
    receipt = read_receipt(taken.content)
    row = await here.read(dispute)
    assert [each.version for each in receipt.steps] == list(range(1, row.version + 1))
    assert "面是凉的" not in taken.text

    stranger = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    page = await looked_at(stranger, taken.content)
    assert 'data-verdict="holds"' in page.text
    assert "510100.example/log" in page.text
    assert here.consumer not in page.text
    changed = taken.content.replace(b'"claim"', b'"clajm"', 1)
    assert "data-verdict" not in (page := await looked_at(stranger, changed)).text
    assert page.status_code == 422
    assert (await looked_at(stranger, b"")).status_code == 422
    made_up = write(making.receipt())
    assert 'data-verdict="stranger"' in (await looked_at(stranger, made_up)).text
    assert "hejie-proof/1" not in (await stranger.open(f"disputes/{dispute}/proof.json")).text
    other = await signed_in(here, Role.consumer, "somebody-else", "")
    assert (await other.open(f"disputes/{dispute}/proof.json")).status_code == 404

    file, keys = tmp_path / "proof.json", tmp_path / "public-keys"
    file.write_bytes(taken.content)
    keys.write_text("".join(f"{key}\n" for key in here.app.house.logs[CITY].keys))
    assert main(["proof", "verify", str(file), "--keys", str(keys), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "other cities saw the same log" in told
    assert "Seen by: 510100.example/log (" in told
    assert main(["proof", "verify", str(file)]) == 1
    assert "任何人都可能做出" in capsys.readouterr().out
    file.write_bytes(changed)
    assert main(["proof", "verify", str(file), "--keys", str(keys)]) == 2
    assert "已损坏、被改动" in capsys.readouterr().err


async def test_erasing_a_person_leaves_the_proof_valid_and_the_content_gone(here: Town, browser: Browser, watched):
    await browser.arrive(paid_in_wallet(here))
    await browser.send("file", problem="quality", remedy="refund_full", words="面是凉的")
    dispute = browser.path.partition("?")[0].rpartition("/")[2]
    await watched()
    before = (await browser.open(f"disputes/{dispute}/proof.json")).content
    assert "面是凉的" in (await browser.open(f"disputes/{dispute}")).text
    async with city_transaction(here.app.pool, CITY) as connection:
        await erase(connection, CITY, f"dispute:{dispute}")
    assert await here.rows("select 1 from content where subject = %s", f"dispute:{dispute}") == []
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await watched()
    after = (await browser.open(f"disputes/{dispute}/proof.json")).content

    assert "面是凉的" not in (await browser.open(f"disputes/{dispute}")).text
    assert len(read_receipt(after).steps) > len(read_receipt(before).steps)
    for raw in (before, after):
        assert "面是凉的".encode() not in raw
        assert 'data-verdict="holds"' in (await looked_at(browser, raw)).text


async def test_steps_among_officers_are_there_without_their_content(here: Town, browser: Browser, watched):
    dispute = await filed(here, browser)
    here.advance(hours=97)
    await here.work()
    await here.act(dispute, d.Take(), OFFICER)
    await here.act(dispute, d.Move(what=GiveBack(words="C9")), OFFICER)
    await watched()
    raw = (await browser.open(f"disputes/{dispute}/proof.json")).content
    steps = read_receipt(raw).steps
    assert [each.event for each in steps if isinstance(each, Closed)] == ["CustodyChanged"]
    assert b"GivenBack" not in raw
    page = await looked_at(browser, raw)
    assert 'data-verdict="holds"' in page.text
    assert "其中 1 步的内容不在本文件中" in page.text
