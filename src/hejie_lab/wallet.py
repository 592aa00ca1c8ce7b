"""The sandbox as the lab's hands reach it: its admin's API over HTTP."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from hejie_lab.errors import LabError


class SandboxDoor:
    """What is put into the sandbox, moved on and looked at; every answer is its JSON."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/admin", trust_env=False, timeout=30)

    def get(self, path: str, **query: str) -> Any:
        """Look at something; `LabError` where the sandbox refuses."""
        return _told(self._http.get(path, params=query))

    def post(self, path: str, body: object = None) -> Any:
        """Put something in; `LabError` where the sandbox refuses."""
        return _told(self._http.post(path, json={} if body is None else body))

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return self._http.get("clock", timeout=1).is_success
        except httpx.HTTPError:
            return False

    def load(self, **seed: Sequence[object]) -> list[str]:
        """Bring in apps, users, merchants, payments; the trade numbers of the payments."""
        return list(self.post("load", seed)["trade_nos"])

    def pay(self, **payment: str) -> str:
        """Make one payment (user_id, merchant_id, amount in yuan, subject, ...); its trade number."""
        return self.load(payments=[payment])[0]

    def entry_link(self, trade_no: str) -> str:
        """The signed address by which the payer of a payment enters the platform."""
        return str(self.post("entry-links", {"trade_no": trade_no})["url"])

    def authorise(self, app_id: str, account: str) -> str:
        """Have a merchant agree; its one-time code."""
        return str(self.post("authorise", {"app_id": app_id, "merchant_id": account})["app_auth_code"])

    def sms(self, to: str = "") -> list[dict[str, Any]]:
        """Messages sent, newest first; `to` (+86… or digits) limits them to one number."""
        return list(self.get("sms", to=to.removeprefix("+")))

    def await_sms(self, to: str, template: str = "", seconds: float = 10) -> dict[str, Any]:
        """The newest message to a number whose template begins so, waited for; `LabError` where none comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in self.sms(to):
                if message["template"].startswith(template):
                    return message
            time.sleep(0.1)
        raise LabError(f"No message {template!r} came to {to}.")

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """What the wallet booked, row by row: merchants, openings, trades, refunds, cases, replies."""
        found: dict[str, list[dict[str, Any]]] = self.get("ledger")
        return found

    def refunded_fen(self, trade_no: str) -> int:
        """What went back of a payment by the wallet's own ledger, in fen."""
        return sum(row["amount"] for row in self.ledger()["refunds"] if row["trade_no"] == trade_no)

    def knob(self, name: str, **settings: float | str) -> None:
        """Turn a fault's knob: probability, remaining, value, method."""
        self.post("knobs", {"name": name, **settings})

    def injected(self) -> Mapping[str, int]:
        """How often each fault was injected."""
        return {knob["name"]: knob["injected"] for knob in self.get("knobs")}

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def _told(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise LabError(f"The sandbox answered {answer.status_code} to {answer.request.url.path}: {answer.text[:200]}")
    return answer.json()
