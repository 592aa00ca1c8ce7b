"""Where a consumer says how to be reached: one field for a mobile number or, where the city sends any, an e-mail."""

from __future__ import annotations

from hejie.edge.phones import read_contact
from hejie.web.shell import Visit


def typed_contact(visit: Visit, *, needed: bool = False) -> str:
    """What was typed into the field `phone`; errors as in `read_contact`."""
    return read_contact(visit.form.text("phone"), by_email=visit.city in visit.house.by_email, needed=needed)
