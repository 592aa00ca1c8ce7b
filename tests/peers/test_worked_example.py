"""The bytes in docs/protocol/exchange.md are those that the code makes and believes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hejie.alliance import receipt as receipts
from hejie.alliance.letter import Letter, carried, digest_of, written
from hejie.alliance.messages import TAG, Letters
from hejie.alliance.receipt import Event, Receipt
from hejie.alliance.sealing import seal, unseal
from hejie.base import curves
from hejie.connectors import signing
from hejie.connectors.signing import Asked, Key
from hejie.connectors.suites import EDWARDS

PAGE = Path(__file__).parents[2] / "docs" / "protocol" / "exchange.md"
AT = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
SENDER, RECEIVER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
OPENER = X25519PrivateKey.from_private_bytes(bytes([3]) * 32)
IDENTIFIER = "330100-01KBA7Z5G0-0123456789AB"


def chance(count: int) -> bytes:
    return bytes([4]) * count


def example() -> dict[str, str]:
    """What the page shows, by name."""
    sender, receiver = curves.public_text(SENDER), curves.public_text(RECEIVER)
    opener = (curves.key_name("510100", curves.public_text(OPENER)), curves.public_text(OPENER))
    closed = seal({"name": "王女士"}, opener, IDENTIFIER, chance)
    assert unseal(closed, {opener[0]: OPENER}, IDENTIFIER) == {"name": "王女士"}
    letter = Letter(
        id=IDENTIFIER, source="330100", target="510100", kind="greeting", time=AT, about="case-1", number=1,
        data={"words": "你好"}, sealed=closed,
    )  # fmt: skip
    raw, name = written(letter), curves.key_name("330100", sender)
    item = carried(raw, name, SENDER)
    body = msgspec.json.encode(Letters(directory=1, letters=(item,)))
    asked = Asked("POST", "https://chengdu.example/api/510100/exchange/letters", {"content-type": "application/json"})
    asked.headers["idempotency-key"] = digest_of(body)[:40]
    signing.sign_request(Key(name, EDWARDS, SENDER), asked, body, AT, "nonce-0123456789abcdef", tag=TAG)
    told = Receipt(
        letter=IDENTIFIER, source="330100", target="510100", event=Event.delivered, sha256=digest_of(raw), at=AT
    )
    proof = receipts.signed(told, curves.key_name("510100", receiver), RECEIVER)
    return {
        "the sender's public key": sender,
        "the sender's key name": name,
        "the receiver's opening key": opener[1],
        "the letter": raw.decode(),
        "its SHA-256": digest_of(raw),
        "its signature": item.signature,
        "the body": body.decode(),
        "idempotency-key": asked.headers["idempotency-key"],
        "content-digest": asked.headers["content-digest"],
        "signature-input": asked.headers["signature-input"],
        "signature": asked.headers["signature"],
        "the receipt": msgspec.json.encode(proof).decode(),
    }


def shown(text: str) -> str:
    """As a block of lines of at most 110 signs."""
    return "\n".join(wrap(text, 110, break_on_hyphens=False, drop_whitespace=False, replace_whitespace=False))


def test_the_page_shows_what_the_code_makes():
    page = PAGE.read_text(encoding="utf-8")
    for name, text in example().items():
        assert f"**{name}**\n\n```\n{shown(text)}\n```" in page, name
