"""`hejie proof verify FILE`: whether a case's proof holds, offline; `hejie proof key` makes a log's key."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.edge.words import LANGUAGES, say
from hejie.peers.opening import read_private
from hejie.transparency.keys import Kind, Signer, Verifier, read_name, read_verifiers
from hejie.transparency.receipt import Closed, Verdict, check
from hejie.web.proof_lines import CLOSED, VERDICTS, facts

NAME = "proof"
HELP = "check the proof of a case, without the platform; make a log's key and tell its public halves"


def arguments(parser: ArgumentParser) -> None:
    """`proof verify FILE`, `proof key NAME FILE`."""
    acts = parser.add_subparsers(dest="act", required=True)
    verify = acts.add_parser("verify", help="does every step stand in the log, and which cities have seen the log?")
    verify.add_argument("file", type=Path, help="the proof, as it was downloaded from a case")
    verify.add_argument("--keys", type=Path, help="public keys of logs and cosigners, one a line (…/CITY/log/keys)")
    verify.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of the words (default: zh)")
    key = acts.add_parser("key", help="make a log's private key if the file is not there; print its public keys")
    key.add_argument("name", help="the log's name: its address without https://, such as hejie.example/330100/log")
    key.add_argument("file", type=Path, help="where the private key lies (PEM, mode 0600)")


def run(args: Namespace) -> int:
    """Do it; 1 for a proof that does not hold or that nobody known has seen."""
    return _verify(args) if args.act == "verify" else _key(args)


def _verify(args: Namespace) -> int:
    keys: tuple[Verifier, ...] = read_verifiers(args.keys.read_text()) if args.keys else ()
    checked = check(args.file.read_bytes(), keys)
    _, what, then = VERDICTS[checked.verdict]
    print(say(args.lang, what))
    print(say(args.lang, then))
    for name, value in facts(checked, args.lang):
        print(f"{name}: {', '.join(value.splitlines())}")
    for each in checked.receipt.steps:
        closed = f" ({say(args.lang, CLOSED)})" if isinstance(each, Closed) else ""
        print(f"{each.version}  {each.at}  {each.by}  {each.event}{closed}")
    return 0 if checked.verdict is Verdict.holds else 1


def _key(args: Namespace) -> int:
    name = read_name(args.name)
    if not args.file.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with os.fdopen(os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
    signer = Signer(name, read_private(args.file))
    print(f"log {signer.verifier(Kind.log)}")
    print(f"witness {signer.verifier(Kind.witness)}")
    return 0
