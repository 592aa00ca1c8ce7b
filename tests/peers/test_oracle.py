"""A third implementation: the npm package `http-message-signatures`, in a folder of its own, agrees with our wire."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.peers.test_hostile import Caller
from tests.support.alliance import HERE, THERE, Alliance, Keys

from hejie.base import curves
from hejie.base.errors import Refused
from hejie.connectors import signing
from hejie.connectors.signing import Answered, Asked

LOCK = Path(__file__).parents[1] / "contract" / "exchange"
INSTALL_SECONDS, RUN_SECONDS = 180, 30
PRELUDE = """
const { httpbis: { signMessage, verifyMessage }, createSigner, createVerifier } = require('http-message-signatures');
const told = JSON.parse(require('fs').readFileSync(0));
const params = ['created', 'keyid', 'alg', 'nonce', 'tag'];
const at = new Date(told.created * 1000);
const request = ['@method', '@target-uri', 'content-type', 'content-digest', 'idempotency-key'];
const answer = ['@status', 'content-type', 'content-digest', '"signature";req;key="hejie"'];
const sign = (fields, nonce, message, req) => signMessage({
    key: createSigner(told.private, 'ed25519', told.keyid), name: 'hejie', fields, params,
    paramValues: { created: at, keyid: told.keyid, alg: 'ed25519', nonce, tag: 'hejie-exchange' },
}, message, req);
const look = async (message, requiredFields, req) => {
    const keyLookup = async ({ keyid }) => keyid === told.keyid
        ? { id: keyid, algs: ['ed25519'], verify: createVerifier(told.public, 'ed25519') } : null;
    try { return await verifyMessage({ keyLookup, requiredFields, all: true }, message, req) === true }
    catch (error) { return String(error) }
};
const say = (found) => console.log(JSON.stringify(found));
"""
SIGNS = "sign(request, told.nonce, told.request).then(say);"
VERIFIES = "look(told.request, request).then(say);"
ANSWERED = "look(told.answer, ['@status', 'content-digest'], told.request).then(say);"
ANSWERS = "sign(answer, undefined, told.answer, told.request).then(say);"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, lacking: Callable[[str], NoReturn]) -> Path:
    """A folder in which nothing but that package is installed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        lacking("Node with npm")
    folder = tmp_path_factory.mktemp("oracle") / "npm"
    shutil.copytree(LOCK, folder)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=folder, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        lacking("npm registry from which http-message-signatures can be installed")
    return folder


def run(reader: Path, script: str, keys: Keys, **told: Any) -> Any:
    public = keys.signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    given = {"private": curves.private_text(keys.signing), "public": public, "keyid": keys.name, **told}
    done = subprocess.run(
        ["node", "-e", PRELUDE + script], cwd=reader, input=json.dumps(given), capture_output=True, text=True,
        timeout=RUN_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


async def test_it_joins_the_exchange_and_believes_the_answer(two: Alliance, reader: Path):
    caller = Caller(two, two.keys[HERE])
    body, created = caller.body(), int(two.clock.now().timestamp())
    headers = {"content-type": "application/json", "content-digest": digest(body), "idempotency-key": "k" * 20}
    request = {"method": "POST", "url": caller.url, "headers": headers}
    sent = run(reader, SIGNS, caller.keys, request=request, created=created, nonce="nonce-0123456789abcdef")
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(caller.url, content=body, headers=sent["headers"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"][0]["result"] == "taken"
    told = {"status": 200, "headers": dict(answer.headers)}
    assert answer.headers["content-digest"] == digest(answer.content)
    there = two.keys[THERE]
    assert run(reader, ANSWERED, there, request=sent, answer=told, created=created) is True
    told["headers"]["content-digest"] = digest(b"{}")
    assert run(reader, ANSWERED, there, request=sent, answer=told, created=created) is not True


async def test_it_believes_our_request_and_we_believe_its_answer(two: Alliance, reader: Path):
    caller = Caller(two, two.keys[HERE])
    body, created = caller.body(), int(two.clock.now().timestamp())
    asked = caller.signed(body)
    request = {"method": "POST", "url": caller.url, "headers": asked.headers}
    assert run(reader, VERIFIES, caller.keys, request=request, created=created) is True
    other = {**request, "url": caller.url + "?a=b"}
    assert run(reader, VERIFIES, caller.keys, request=other, created=created) is not True
    headers = {"content-type": "application/json", "content-digest": digest(b"{}")}
    there = two.keys[THERE]
    told = run(reader, ANSWERS, there, request=request, answer={"status": 200, "headers": headers}, created=created)
    keys = {there.name: signing.Key(there.name, caller.key.suite, there.signing.public_key())}
    small = signing.single(told["headers"].items())
    signing.verify_answer(keys, Answered(200, asked, small), b"{}", two.clock.now(), tag="hejie-exchange")
    another = Asked("POST", caller.url, {**asked.headers, "signature": "hejie=:AAAA:"})
    with pytest.raises(Refused, match="signature_wrong"):
        signing.verify_answer(keys, Answered(200, another, small), b"{}", two.clock.now(), tag="hejie-exchange")
