"""One signed form to UnionPay's online gateway 5.1.0, and the verified answer: everything else is unknown."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.rsa import certificate_key, private_key
from hejie.connectors.transport import send
from hejie.connectors.unionpay import signing
from hejie.connectors.unionpay.keys import Chain, UnionpayKeys, believed, read_certificate
from hejie.connectors.unionpay.reply import read_reply

VERSION = "5.1.0"
MOST_REPLY = 256 * 1024
MOST_FILE = 128 * 1024 * 1024
_DOUBTS = {"signature_missing": "reply_unsigned", "reply_unreadable": "reply_unreadable"}


class Gateway:
    """The gateway as one member sees it.

    Errors of making one: `Refused("key_unreadable" | "key_not_rsa" | "certificate_unreadable")`.
    """

    def __init__(self, keys: UnionpayKeys, clock: Clock, client: httpx.AsyncClient) -> None:
        self.member = keys.member
        self.voids = keys.voids
        self.clock = clock
        self._client = client
        self._method = keys.sign_method
        self._urls = (keys.gateway_url.rstrip("/"), keys.file_url.rstrip("/"))
        self._access = {"accessType": keys.access_type, **({"acqInsCode": keys.acquirer} if keys.acquirer else {})}
        self._secret = keys.secret.encode()
        if self._method == signing.RSA:
            self._private = private_key(keys.private_key)
            self._access["certId"] = str(read_certificate(keys.certificate).serial_number)
            self._chain = Chain(read_certificate(keys.root), read_certificate(keys.middle), keys.sha1_chain)
        elif not self._secret:
            raise Refused("key_unreadable")

    async def act(self, params: Mapping[str, str]) -> dict[str, str]:
        """Move money (`backTransReq.do`); errors as `ask`."""
        return await self.ask(f"{self._urls[0]}/gateway/api/backTransReq.do", params, MOST_REPLY)

    async def query(self, params: Mapping[str, str]) -> dict[str, str]:
        """Ask for a transaction by `orderId` and `txnTime` (`queryTrans.do`); errors as `ask`."""
        return await self.ask(f"{self._urls[0]}/gateway/api/queryTrans.do", params, MOST_REPLY)

    async def file(self, params: Mapping[str, str]) -> dict[str, str]:
        """Fetch a file; errors as `ask`."""
        return await self.ask(f"{self._urls[1]}/", params, MOST_FILE)

    async def ask(self, url: str, params: Mapping[str, str], most: int) -> dict[str, str]:
        """The verified answer, which must be about the order it was asked for.

        Errors: `Unknown` for everything that leaves the outcome open, a wrong signature among it.
        """
        signed = self.signed(params)
        try:
            request = self._client.build_request("POST", url, data=signed)
        except (httpx.InvalidURL, ValueError):
            raise Unknown("wallet_unreachable") from None
        answer = await send(self._client, request, most)
        if answer.status != httpx.codes.OK:
            raise Unknown("wallet_unavailable", status=answer.status)
        told = self.believe(answer.body)
        for name in ("orderId", "txnTime", "merId"):
            if name in params and told.get(name) != params[name]:
                raise Unknown("reply_mismatch", field=name)
        return told

    def signed(self, params: Mapping[str, str]) -> dict[str, str]:
        """A whole form, signed."""
        whole = {"version": VERSION, "encoding": "UTF-8", "signMethod": self._method, **self._access, **params}
        if self._method == signing.RSA:
            return whole | {"signature": signing.rsa_signature(self._private, whole)}
        return whole | {"signature": signing.keyed_signature(self._method, self._secret, whole)}

    def believe(self, body: bytes) -> dict[str, str]:
        """The parameters of an answer, verified; `Unknown("reply_unsigned" | "reply_signature_wrong" | ...)`."""
        try:
            told = read_reply(body.decode())
            self.verified(told)
        except UnicodeDecodeError:
            raise Unknown("reply_unreadable") from None
        except Refused as error:
            raise Unknown(_DOUBTS.get(error.code, "reply_signature_wrong"), why=error.code) from None
        return told

    def verified(self, told: Mapping[str, str]) -> None:
        """Check a signature by the method that we use, and by no other.

        Errors: `Refused("signature_missing" | "signature_wrong")`, and those of `believed`.
        """
        if not told.get("signature"):
            raise Refused("signature_missing")
        if told.get("signMethod") != self._method or told.get("version") != VERSION:
            raise Refused("signature_wrong")
        if self._method == signing.RSA:
            leaf = believed(told.get("signPubKeyCert", ""), self._chain, self.clock.now())
            stands = signing.rsa_verifies(certificate_key(leaf), told)
        else:
            stands = signing.keyed_verifies(self._method, self._secret, told)
        if not stands:
            raise Refused("signature_wrong")
