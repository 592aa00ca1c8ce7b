"""One signed call to Alipay's v2 gateway: everything but a verified answer is unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from hejie.base.clock import Clock
from hejie.connectors.alipay.certificates import root_serial, serial
from hejie.connectors.alipay.codes import SUCCESS, failure
from hejie.connectors.alipay.fields import Fields
from hejie.connectors.alipay.keys import AlipayKeys, alipay_key
from hejie.connectors.alipay.moments import beijing
from hejie.connectors.alipay.reply import read
from hejie.connectors.alipay.signing import content
from hejie.connectors.rsa import private_key, sign
from hejie.connectors.transport import fetch

MOST_REPLY = 4 * 1024 * 1024
"""Bytes of a gateway answer, at most."""

File = tuple[str, str, bytes]
"""A form field's name, the file's name and its bytes; files are never signed."""


class Gateway:
    """The gateway as one application sees it."""

    def __init__(self, keys: AlipayKeys, clock: Clock, client: httpx.AsyncClient) -> None:
        self.app_id = keys.app_id
        self.client = client
        self.clock = clock
        self.alipay_key = alipay_key(keys)
        self._url = keys.gateway_url
        self._private = private_key(keys.private_key)
        self._serials: dict[str, str] = {}
        self._alipay_serial = ""
        if keys.certified:
            self._alipay_serial = serial(keys.alipay_certificate)
            self._serials = {
                "app_cert_sn": serial(keys.app_certificate),
                "alipay_root_cert_sn": root_serial(keys.root_certificates),
            }

    async def call(self, method: str, biz: Mapping[str, Any], authority: str = "") -> Fields:
        """Send `biz` (empty values left out) as `biz_content` to `method`; the fields of the verified 10000 answer.

        Errors: `Unknown` for anything that leaves the outcome open, `Refused` for a signed no (see `codes.failure`).
        """
        body = {key: value for key, value in biz.items() if value not in ("", None)}
        form = {"biz_content": json.dumps(body, ensure_ascii=False, separators=(",", ":"))}
        return await self._ask(method, form, authority, None)

    async def upload(self, method: str, form: Mapping[str, str], file: File) -> Fields:
        """Send plain form fields and one file as multipart; answers and errors as for `call`."""
        return await self._ask(method, form, "", file)

    async def _ask(self, method: str, form: Mapping[str, str], authority: str, file: File | None) -> Fields:
        common = self._common(method, authority)
        common["sign"] = sign(self._private, content({**common, **form}).encode())
        if file is None:
            request = self.client.build_request("POST", self._url, params=common, data=dict(form))
        else:
            name, filename, data = file
            files = {name: (filename, data, "application/octet-stream")}
            request = self.client.build_request("POST", self._url, params=common, data=dict(form), files=files)
        body = await fetch(self.client, request, MOST_REPLY)
        node = read(body, method, self.alipay_key, self._alipay_serial)
        if node.get("code") != SUCCESS:
            raise failure(node)
        return Fields(node)

    def _common(self, method: str, authority: str) -> dict[str, str]:
        named = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": beijing(self.clock.now()),
            "version": "1.0",
            "app_auth_token": authority,
            **self._serials,
        }
        return {key: value for key, value in named.items() if value}
