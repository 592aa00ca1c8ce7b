"""`python -m hejie_sandbox --port P --data DIR`: run the emulated wallet and SMS provider."""

from __future__ import annotations

import argparse
import asyncio
import tomllib
from pathlib import Path

import msgspec

from hejie_sandbox import registry
from hejie_sandbox.app import make_app
from hejie_sandbox.sandbox import Sandbox
from hejie_sandbox.server import make_server

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m hejie_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the ledger and the keys")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token", default="", help="needed to open pages and /admin; required off loopback")
    parser.add_argument("--callback-url", default="", help="where complaint messages go, for applications without one")
    parser.add_argument("--platform-url", default="", help="the platform that entry links open")
    parser.add_argument("--city", default="330100", help="the city part of entry links")
    parser.add_argument("--load", type=Path, help="JSON or TOML file of applications, users, merchants, payments")
    options = parser.parse_args(arguments)
    if options.host not in LOOPBACK and not options.token:
        parser.error("off loopback the sandbox needs --token")
    serve(
        options.data, options.port, host=options.host, token=options.token, callback_url=options.callback_url,
        platform_url=options.platform_url, city=options.city, load=options.load,
    )  # fmt: skip


def serve(
    data: Path, port: int, *, host: str = "127.0.0.1", token: str = "", callback_url: str = "",
    platform_url: str = "", city: str = "330100", load: Path | None = None,
) -> None:  # fmt: skip
    """Serve the sandbox in `data` until a signal comes."""
    box = Sandbox(data, callback_url=callback_url, platform_url=platform_url, city=city)
    try:
        if load is not None:
            text = load.read_bytes()
            raw = tomllib.loads(text.decode()) if load.suffix == ".toml" else msgspec.json.decode(text)
            registry.load(box, msgspec.convert(raw, registry.Seed))
        asyncio.run(make_server(make_app(box, token), host, port).serve())
    finally:
        box.close()


if __name__ == "__main__":
    main()
