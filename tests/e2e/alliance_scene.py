"""An alliance for the examined pages: two cities, their offices, a letter on its way, another city's bulletin."""

from __future__ import annotations

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import HERE, NAMES, START, THERE, Keys, directory, member

from hejie.alliance.bulletin import Bulletin, Level, Reader
from hejie.alliance.contact_list import ContactList, Office

BULLETIN = f"{THERE}-0123456789-0123456789AB"


def ally(url: str) -> str:
    """Put it into a database; the identifier of the bulletin."""
    keys = [Keys(city) for city in NAMES]
    file = directory(Ed25519PrivateKey.generate(), [member(each, "https://example.test") for each in keys])
    bulletin = Bulletin(
        city=HERE, id=BULLETIN, version=1, source=THERE, level=Level.warning, title="预付卡商户失联", words="w",
        until=None, written_at=START, arrived_at=START, readers=(Reader(city=HERE),), changed_at=START,
    )  # fmt: skip
    office = Office(name="消保处", duty="移送", phone="028-12315")
    offices = ContactList(city=HERE, id=THERE, version=1, offices=(office,), changed_at=START)
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [HERE])
        connection.execute(
            "insert into alliance_directory (city, version, digest, body, expires_at, applied_at)"
            " values (%s, 1, '', %s::jsonb, %s, %s)",
            [HERE, msgspec.json.encode(file).decode(), file.directory["expires_at"], START],
        )
        connection.execute(
            "insert into bulletin (city, id, version, source, level, written_at, arrived_at, changed_at, body)"
            " values (%s, %s, 1, %s, 'warning', %s, %s, %s, %s::jsonb)",
            [HERE, BULLETIN, THERE, START, START, START, msgspec.json.encode(bulletin).decode()],
        )
        connection.execute(
            "insert into contact_list (city, id, version, changed_at, body) values (%s, %s, 1, %s, %s::jsonb)",
            [HERE, THERE, START, msgspec.json.encode(offices).decode()],
        )
        connection.execute(
            "insert into letter_out (city, peer, about, number, id, kind, digest, bytes, state, first_at, next_at)"
            " values (%s, %s, 'contacts', 1, 'l-1', 'contact', '', '', 'submitted', %s, '2100-01-01')",
            [HERE, THERE, START],
        )
    return BULLETIN
