"""The private link on a slip of paper: it opens one dispute for its consumer, without any phone, until a newer slip."""

from __future__ import annotations

import hmac
import re
from datetime import datetime

from hejie.base.errors import Refused
from hejie.base.seals import Vault
from hejie.disputes.assist import Holder
from hejie.disputes.model import Dispute
from hejie.edge.sessions import Viewer

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are misread on paper."""
_LENGTH = 16
_MISREAD = str.maketrans("OIL", "011")
SLIP = "slip"
"""The session's fact that names the slip it was opened with."""


def slip_code(vault: Vault, dispute: Dispute, holder: Holder) -> str:
    """The 16 letters (80 bits) of the holder's newest slip, in fours: `K7QM-2X9T-8HNW-3PVC`."""
    bare = _bare(vault, dispute, holder)
    return "-".join(bare[at : at + 4] for at in range(0, _LENGTH, 4))


def slip_number(dispute: str) -> str:
    """The dispute's number as the slip has it: its city stands in the address."""
    return dispute.partition("-")[2]


def slip_address(vault: Vault, public_url: str, dispute: Dispute, holder: Holder) -> str:
    """The whole private address."""
    token = f"{slip_number(dispute.id)}.{_bare(vault, dispute, holder)}"
    return f"{public_url.rstrip('/')}/{dispute.city}/p/{token}"


def home_code(vault: Vault, dispute: Dispute) -> str:
    """The letters that open a dispute for its consumer in the city it was handed to; others when it comes again.

    They last while the dispute is on its way from there too: the page then tells where it is.
    """
    return _letters_of(vault.link_tag(f"home\0{dispute.id}\0{dispute.arrived}"))


def home_address(vault: Vault, public_url: str, dispute: Dispute) -> str:
    """The whole private address in the city that has the dispute now."""
    return f"{public_url.rstrip('/')}/{dispute.city}/h/{dispute.id}.{home_code(vault, dispute)}"


def slip_holder(vault: Vault, dispute: Dispute, typed: str, now: datetime) -> Holder:
    """Whose slip this code is on; `Refused("slip_wrong")` for a wrong one, an older one, or a mandate that ended."""
    given = plain_code(typed)
    for holder in Holder:
        fits = hmac.compare_digest(_bare(vault, dispute, holder), given)
        if fits and dispute.assist and dispute.assist.opens(holder, dispute.assist.slip(holder), now):
            return holder
    raise Refused("slip_wrong")


def plain_code(typed: str) -> str:
    """A code as it was meant: misread letters mended, spaces and dashes forgotten."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper().translate(_MISREAD))


def plain_number(city: str, typed: str) -> str:
    """The dispute's identifier from a number copied off paper, with or without the city's code in front."""
    bare = plain_code(typed)
    bare = bare.removeprefix(city) if len(bare) > _DIGITS else bare
    return f"{city}-{bare[:10]}-{bare[10:]}"


_DIGITS = 22
"""Letters of a dispute's number without its city."""


def slip_of(dispute: Dispute, holder: Holder) -> str:
    """The fact that a session opened with the newest slip carries."""
    return f"{holder.value}:{dispute.assist.slip(holder) if dispute.assist else 0}"


def must_open(dispute: Dispute, viewer: Viewer, now: datetime) -> None:
    """The session's bounds: its one dispute, and while its slip still opens it.

    Errors: `Missing("dispute_unknown")`, `Refused("slip_wrong")`.
    """
    viewer.must_reach(dispute.id)
    if SLIP not in viewer.facts:
        return
    holder, _, number = viewer.facts[SLIP].partition(":")
    if dispute.assist is None or not dispute.assist.opens(Holder(holder), int(number), now):
        raise Refused("slip_wrong")


def _bare(vault: Vault, dispute: Dispute, holder: Holder) -> str:
    number = dispute.assist.slip(holder) if dispute.assist else 0
    return _letters_of(vault.link_tag(f"slip\0{dispute.id}\0{holder.value}\0{number}"))


def _letters_of(given: bytes) -> str:
    tag = int.from_bytes(given[:10], "big")
    return "".join(_LETTERS[(tag >> 5 * place) & 31] for place in reversed(range(_LENGTH)))
