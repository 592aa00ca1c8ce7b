"""The mail server's own housekeeping; how letters travel is tests/connectors/email/test_smtp.py."""

from __future__ import annotations

import asyncio

import pytest

from hejie_sandbox import smtp
from hejie_sandbox.sandbox import Sandbox


@pytest.mark.parametrize("greeted", [True, False], ids=["in the middle of a talk", "before the first word"])
async def test_a_server_that_stops_hangs_up(tmp_path, greeted):
    box = Sandbox(tmp_path)
    try:
        async with smtp.serving(box):
            reader, writer = await asyncio.open_connection(smtp.HOST, smtp.account(box)["port"])
            if greeted:
                assert await reader.readline() == b"220 sandbox ESMTP\r\n"
        async with asyncio.timeout(5):
            await reader.read()
        assert reader.at_eof()
    finally:
        writer.close()
        box.close()
