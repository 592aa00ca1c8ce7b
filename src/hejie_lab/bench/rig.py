"""What benchmarks run on: a platform in a temporary folder, and shops, consumers and payments put into it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from hejie.app import App
from hejie.base.actor import SYSTEM, Role
from hejie.desk.merchants import MERCHANTS
from hejie.edge import sessions
from hejie.edge.sessions import Viewer
from hejie.intake.payments import payer_handle, person_of
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment
from hejie.store import embedded
from hejie.store.pool import city_transaction
from hejie_lab.bench import load
from hejie_lab.bench.load import Outcome
from hejie_lab.platform import Addresses, Platform
from hejie_lab.settling import WALLET, settle
from hejie_lab.traders import Place, Trader

CITY = "330100"
ACCOUNT = "2088000000000001"
WORDS = "面是凉的，汤里有一根头发，服务员说换一碗，等了半个小时也没有来，我想退款，不想再去第二次了。"
FILINGS_EACH = 10
"""What one consumer files: few, as people do, and below the limit on one session's acts."""
TRADER = Trader(
    code="91330106MA2CFLDC09",
    name="杭州奎元馆面业有限公司",
    kind="enterprise",
    places=(Place(store="bench", name="奎元馆解放路店", district="330102", address="解放路154号", category="food"),),
    goods=(("片儿川", 20, 30),),
    account=ACCOUNT,
    owner="沈国强",
    phone="+8613800000001",
    stall=False,
    enrolled=False,
)
"""A shop whose account is open without a wallet having been asked: no sandbox runs beside most benchmarks."""
Out = TypeVar("Out")


@contextmanager
def platform(
    *,
    servers: int = 1,
    workers: int = 0,
    durable: bool = True,
    database: Addresses | None = None,
    environment: Mapping[str, str] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Platform]:
    """A platform of real processes in a folder of its own, both gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hejie-bench-"))
    folder.chmod(0o711)  # the account that runs the database for root must walk through
    here = Platform(
        folder,
        city=CITY,
        servers=servers,
        workers=workers,
        durable=durable,
        database=database,
        environment=environment,
        tell=tell,
    )
    try:
        with here:
            yield here
    finally:
        if database is None:
            embedded.forget(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)


def apart(module: str, order: Struct, answer: type[Out]) -> Out:
    """Run a module of ours as a process of its own on an order; its answer."""
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", module], input=msgspec.msgpack.encode(order), stdout=subprocess.PIPE, check=True
    )
    return msgspec.msgpack.decode(done.stdout, type=answer)


def generated(order: Struct) -> Outcome:
    """What the load generator found."""
    return apart("hejie_lab.bench.load", order, Outcome)


def ports(here: Platform) -> tuple[int, ...]:
    """Where its servers listen."""
    return tuple(urlsplit(url).port or 0 for url in here.urls)


class Consumer(Struct, frozen=True):
    """Somebody who pays and files, signed in."""

    person: str
    handle: bytes
    token: str
    csrf: str


class Payment(Struct, frozen=True):
    """One payment of a consumer."""

    trade_no: str
    amount_fen: int


async def open_shop(app: App, here: Platform, trader: Trader = TRADER) -> tuple[str, str]:
    """A merchant with one shop, moved in as the lab's towns do; its identifier and its shop's."""
    merchant = (await settle(app, here, [trader]))[trader.code]
    if not trader.enrolled:
        opened = m.NoteEnrolment(
            wallet=WALLET, account=trader.account, kind=AccountKind.direct, enrolment=Enrolment.open
        )
        await app.desk.act(MERCHANTS, CITY, merchant.id, opened, SYSTEM)
    return merchant.id, merchant.shops[0].id


async def consumers(app: App, users: Sequence[str], city: str = CITY) -> list[Consumer]:
    """Consumers by their numbers at the wallet, each with a session."""
    found = []
    async with city_transaction(app.pool, city) as connection:
        for user in users:
            handle = payer_handle(app.house.vaults(city), "alipay", user)
            person = await person_of(connection, city, handle, app.desk.mint(city), "zh", app.clock.now())
            viewer = Viewer(city=city, role=Role.consumer, person=person)
            token = await sessions.begin(connection, app.house.chance, viewer)
            secret = (await sessions.find(connection, city, [token]))[Role.consumer].secret
            found.append(Consumer(person, handle, token, sessions.csrf_of(secret)))
    return found


_BRING = """
insert into payment (city, wallet, trade_no, order_no, payer, account, merchant, shop, item, paid_fen, currency,
  paid_at, proven, source)
select %s, 'alipay', t, '', %s, %s, %s, %s, '片儿川', f, 'CNY', %s, true, 'entry'
from unnest(%s::text[], %s::bigint[]) as p (t, f)
"""


async def bring(
    app: App, consumer: Consumer, merchant: str, shop: str, payments: Sequence[Payment], city: str = CITY
) -> None:
    """Proven payments of one consumer to one shop, in one statement."""
    trades, amounts = [paid.trade_no for paid in payments], [paid.amount_fen for paid in payments]
    async with city_transaction(app.pool, city) as connection:
        await connection.execute(
            _BRING, [city, consumer.handle, ACCOUNT, merchant, shop, app.clock.now(), trades, amounts]
        )


def filing(consumer: Consumer, trade_no: str) -> bytes:
    """One filing by the open platform, as it goes over the wire."""
    body = {"trades": [trade_no], "problem": "quality", "remedy": "refund_full", "words": WORDS}
    headers = {
        "authorization": f"Bearer {consumer.token}",
        "idempotency-key": f"bench-{trade_no}",
        "content-type": "application/json",
    }
    return load.request("POST", f"/api/{CITY}/disputes", headers, msgspec.json.encode(body))


def filing_by_form(consumer: Consumer, trade_no: str) -> bytes:
    """The same by the form of the consumer's pages, as a browser sends it."""
    fields = {
        "trade": trade_no,
        "problem": "quality",
        "remedy": "refund_full",
        "words": WORDS,
        "escalates": "on",
        "csrf": consumer.csrf,
        "once": f"bench-form-{trade_no}",
    }
    headers = {
        "cookie": f"hejie-consumer={consumer.token}",
        "content-type": "application/x-www-form-urlencoded",
    }
    return load.request("POST", f"/{CITY}/disputes", headers, urlencode(fields).encode())


def dealt(requests: Sequence[bytes], clients: int) -> tuple[tuple[bytes, ...], ...]:
    """Requests dealt out to clients in turn."""
    return tuple(tuple(requests[number::clients]) for number in range(clients))
