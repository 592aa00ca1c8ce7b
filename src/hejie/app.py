"""The composition root: builds clock, pool, vaults, connectors, desk and portals once; the only file that knows all."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import httpx
import msgspec
import structlog

from hejie.base.clock import Clock, SystemClock
from hejie.base.errors import Refused, way_of
from hejie.base.seals import CityKeys, Vault, fresh_keys
from hejie.connectors.acquirer import Acquirers, Door
from hejie.connectors.acquirer import door as doors
from hejie.connectors.alipay import Alipay, AlipayKeys
from hejie.connectors.email.protocol import Mail
from hejie.connectors.email.smtp import SmtpMail
from hejie.connectors.exchange_keys import Own, own_keys
from hejie.connectors.national12315.platform import Platform
from hejie.connectors.national12315.protocol import National
from hejie.connectors.signing import private_key, public_key
from hejie.connectors.sms.protocol import Sms
from hejie.connectors.sms.provider import HttpSms
from hejie.connectors.translation.engine import HttpTranslator
from hejie.connectors.translation.protocol import Translator
from hejie.connectors.transport import http_client, roots
from hejie.connectors.unionpay import Unionpay, UnionpayKeys
from hejie.connectors.wallet import Wallet
from hejie.connectors.wechatpay import Wechatpay, WechatpayKeys
from hejie.desk.act import Desk
from hejie.duties.table import bound
from hejie.duties.tools import Tools, no_mail, no_national, no_translator
from hejie.edge.entry import EntryDoor
from hejie.edge.house import House
from hejie.edge.live import Live
from hejie.payments.bank_hours import BankHours
from hejie.peers.opening import own_logs
from hejie.settings import (
    Acquirer,
    AlipayApplication,
    CityConnections,
    Exchange,
    Settings,
    UnionpayMember,
    WechatpayApplication,
    read_connections,
)
from hejie.store.certificates import KeptCertificates
from hejie.store.clock import DatabaseClock
from hejie.store.pool import Pool, open_pool
from hejie.worker import Worker


@dataclass(frozen=True, kw_only=True)
class App:
    """One process's whole."""

    settings: Settings
    pool: Pool
    clock: Clock
    desk: Desk
    tools: Tools
    house: House

    def worker(self) -> Worker:
        """A worker with every duty."""
        return Worker(self.pool, self.clock, bound(self.tools), self.settings)


@asynccontextmanager
async def build(settings: Settings, clock: Clock | None = None) -> AsyncIterator[App]:
    """Everything a process needs, opened; closed again at the end. The clock is the one the settings name, or given."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, settings.pool_size)
        stack.push_async_callback(pool.close)
        clock = clock or await _clock(settings, pool, stack)
        vaults = vaults_in(settings.keys)
        desk = Desk(pool, clock, vaults, os.urandom)
        connections = read_connections(settings.connections)
        wallets = await stack.enter_async_context(http_client())
        cities = await stack.enter_async_context(http_client())
        exchange = _exchange(connections)
        messages = await stack.enter_async_context(httpx.AsyncClient(timeout=10, trust_env=False, verify=roots()))
        tools = Tools(
            pool=pool,
            desk=desk,
            clock=clock,
            vaults=vaults,
            wallet=_wallets(connections, clock, wallets, pool, settings.public_url),
            sms=_messengers(connections, clock, messages),
            mail=_carriers(connections, clock),
            translator=_translators(connections, clock, messages),
            national=_nationals(connections, clock, wallets),
            exchange=exchange,
            cities=cities,
            settings=settings,
            logs=own_logs(connections),
        )
        live = Live(settings.database_url)
        stack.push_async_callback(live.close)
        house = House(
            settings=settings,
            pool=pool,
            desk=desk,
            clock=clock,
            vaults=vaults,
            chance=os.urandom,
            live=live,
            wallets=tools.wallet,
            messengers=tools.sms,
            entries={
                (city, name): EntryDoor(app=wallet.app_id, keys=(wallet.entry_key.read_text(),))
                for city, found in connections.items()
                for name, wallet in found.wallets.items()
            },
            authorise={
                (city, "alipay"): f"{found.alipay.authorise_url}?{urlencode({'app_id': found.alipay.app_id})}"
                for city, found in connections.items()
                if found.alipay
            },
            acquirers={
                (city, each.id): acquirer_door(each) for city, found in connections.items() for each in found.acquirers
            },
            exchange=exchange,
            to_12315=frozenset(city for city, found in connections.items() if found.national12315),
            logs=tools.logs,
            by_email=frozenset(city for city, found in connections.items() if found.email),
        )
        yield App(settings=settings, pool=pool, clock=clock, desk=desk, tools=tools, house=house)


async def _clock(settings: Settings, pool: Pool, stack: AsyncExitStack) -> Clock:
    if settings.clock == "system":
        return SystemClock()
    clock = DatabaseClock()
    await clock.start(pool)
    stack.push_async_callback(clock.stop)
    return clock


def vaults_in(folder: Path) -> Callable[[str], Vault]:
    """City → its vault, from `CITY.json` in a folder; `Refused("city_keys_missing")`."""

    @cache
    def vault(city: str) -> Vault:
        file = folder / f"{city}.json"
        if not file.is_file():
            raise Refused("city_keys_missing", city=city)
        return Vault(city, msgspec.json.decode(file.read_bytes(), type=CityKeys), os.urandom)

    return vault


def make_keys(folder: Path, city: str) -> Path:
    """A city's key file, made with mode 0600 if it is not there yet; its path."""
    file = folder / f"{city}.json"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_keys(file, fresh_keys(os.urandom))
    return file


def write_keys(file: Path, keys: CityKeys) -> None:
    """Write a key file in one step, readable by its owner only."""
    fresh = file.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.encode(keys))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _wallets(
    connections: dict[str, CityConnections], clock: Clock, client: httpx.AsyncClient, pool: Pool, public_url: str
) -> Callable[[str, str], Wallet]:
    @cache
    def wallet(city: str, name: str) -> Wallet:
        found = connections[city].wallets.get(name) if city in connections else None
        match found:
            case AlipayApplication():
                return Alipay(alipay_keys(found), clock, client)
            case WechatpayApplication():
                callbacks = f"{public_url.rstrip('/')}/api/{city}/callbacks/{name}/{found.app_id}"
                shelf = KeptCertificates(pool, clock, city, name)
                return Wechatpay(wechatpay_keys(found, callbacks), clock, client, shelf)
            case UnionpayMember():
                return Unionpay(unionpay_keys(found), clock, client)
            case None if name == Acquirers.name and city in connections and connections[city].acquirers:
                known = {each.id: acquirer_door(each) for each in connections[city].acquirers}
                return Acquirers(known, clock, client)
            case None:
                raise Refused("wallet_not_connected", wallet=name)

    return wallet


def alipay_keys(application: AlipayApplication) -> AlipayKeys:
    """An application's credentials, read from the files its settings name."""
    return AlipayKeys(
        app_id=application.app_id,
        private_key=_text(application.private_key),
        gateway_url=application.gateway,
        alipay_public_key=_text(application.alipay_public_key),
        app_certificate=_text(application.app_certificate),
        alipay_certificate=_text(application.alipay_certificate),
        root_certificates=_text(application.root_certificate),
    )


def wechatpay_keys(application: WechatpayApplication, callback_url: str = "") -> WechatpayKeys:
    """A partner's credentials, read from the files its settings name; `callback_url` is where pushes reach us."""
    return WechatpayKeys(
        mchid=application.app_id,
        serial=application.serial,
        private_key=_text(application.private_key),
        api_key=_text(application.api_key).strip(),
        base_url=application.gateway,
        public_key_id=application.public_key_id,
        public_key=_text(application.public_key),
        platform_certificates=tuple(_text(file) for file in application.platform_certificates),
        callback_url=callback_url,
    )


def unionpay_keys(member: UnionpayMember) -> UnionpayKeys:
    """A member's credentials, read from the files its settings name."""
    return UnionpayKeys(
        member=member.app_id,
        access_type=member.access_type,
        acquirer=member.acquirer,
        sign_method=member.sign_method,
        certificate=_text(member.certificate),
        private_key=_text(member.private_key),
        secret=_text(member.secret).strip(),
        root=_text(member.root_certificate),
        middle=_text(member.middle_certificate),
        gateway_url=member.gateway,
        file_url=member.files,
        sha1_chain=member.sha1_chain,
        voids=member.voids,
    )


def acquirer_door(told: Acquirer) -> Door:
    """What we know of an acquirer, with the keys read from the files its settings name."""
    hours = BankHours(**msgspec.structs.asdict(told.hours))
    hours.must_make_sense()
    return Door(
        id=told.id,
        numbers=doors.numbers(told.id, told.numbers),
        keys={each.id: public_key(each.id, each.algorithm, _text(each.public_key)) for each in told.keys},
        networks=doors.networks(told.addresses),
        own=private_key(told.key_id, told.algorithm, _text(told.private_key)) if told.private_key else None,
        gateway=told.gateway,
        hours=hours,
        name=told.name or told.id,
    )


def _text(file: Path | None) -> str:
    return file.read_text() if file else ""


def _messengers(
    connections: dict[str, CityConnections], clock: Clock, client: httpx.AsyncClient
) -> Callable[[str], Sms]:
    @cache
    def sms(city: str) -> Sms:
        found = connections.get(city)
        if found is None or found.sms is None:
            raise Refused("sms_not_connected")
        return HttpSms(found.sms, clock, client)

    return sms


def _carriers(connections: dict[str, CityConnections], clock: Clock) -> Callable[[str], Mail]:
    @cache
    def mail(city: str) -> Mail:
        found = connections.get(city)
        if found is None or found.email is None:
            return no_mail(city)
        return SmtpMail(found.email, clock)

    return mail


def _translators(
    connections: dict[str, CityConnections], clock: Clock, client: httpx.AsyncClient
) -> Callable[[str], Translator]:
    @cache
    def translator(city: str) -> Translator:
        found = connections.get(city)
        if found is None or found.translation is None:
            return no_translator(city)
        return HttpTranslator(found.translation, clock, client)

    return translator


def _nationals(
    connections: dict[str, CityConnections], clock: Clock, client: httpx.AsyncClient
) -> Callable[[str], National]:
    @cache
    def national(city: str) -> National:
        found = connections.get(city)
        told = found.national12315 if found else None
        if told is None:
            return no_national(city)
        own = private_key(told.key_id, told.algorithm, _text(told.private_key))
        keys = {each.id: public_key(each.id, each.algorithm, _text(each.public_key)) for each in told.keys}
        return Platform(told.gateway, own, keys, clock, client)

    return national


def _exchange(connections: dict[str, CityConnections]) -> dict[str, Own]:
    return {city: exchange_keys(city, found.exchange) for city, found in connections.items() if found.exchange}


def exchange_keys(city: str, told: Exchange) -> Own:
    """A city's keys for the exchange, read from the files its settings name."""
    signing, opening = map(_text, told.signing_keys), map(_text, told.opening_keys)
    return own_keys(city, signing, opening, told.keepers)


def log_to_lines(level: str) -> None:
    """One JSON object per line, to standard output; no address, body, local value or visitor is ever logged."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )


def _without_words(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception in a line becomes its kind and its way; a database's words would quote the row."""
    given = line.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    return {**line, **(way_of(error) if error is not None else {})}
