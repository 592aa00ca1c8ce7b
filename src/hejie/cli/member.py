"""`hejie member add | give | end`: an account, its secrets shown once; an officer's functions, given and ended."""

from __future__ import annotations

import asyncio
import getpass
import json
import secrets
import sys
from typing import TYPE_CHECKING

from hejie.app import build
from hejie.base.actor import Role
from hejie.cities.posts import Function
from hejie.edge.functions import end_function, give_function
from hejie.edge.members import NewMember, add_member
from hejie.settings import read_settings

if TYPE_CHECKING:
    import argparse

NAME = "member"
HELP = "add an account for an officer, a clerk or a merchant's member of staff; give or end an officer's functions"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`member add --city CITY --role ROLE --organisation ID LOGIN`, `member give | end --city CITY LOGIN FUNCTION`."""
    acts = parser.add_subparsers(dest="act", required=True)
    for name, told in (("give", "give an officer a function"), ("end", "end an officer's function")):
        one = acts.add_parser(name, help=told)
        one.add_argument("login", help="the account's name")
        one.add_argument("function", choices=[each.value for each in Function])
        one.add_argument("--city", required=True, help="six-digit code of the city")
        one.add_argument("--json", action="store_true", help="print JSON")
        if name == "give":
            one.add_argument("--authority", default="", help="division code of the officer's authority")
    add = acts.add_parser("add", help="add an account")
    add.add_argument("login", help="the account's name: 3 to 64 letters, digits, or . - _ @")
    add.add_argument("--city", required=True, help="six-digit code of the city")
    roles = [Role.officer.value, Role.clerk.value, Role.merchant.value]
    add.add_argument("--role", choices=roles, default=Role.officer.value)
    whose = "the authority's division code, the merchant's identifier, or the name of a clerk's office"
    add.add_argument("--organisation", required=True, help=whose)
    add.add_argument("--name", default="", help="the person's name as pages show it (default: the login)")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.add_argument("--generate-password", action="store_true", help="make a password and print it")
    add.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Add it; print its identifier, its TOTP secret and the address for authenticator apps. Or the functions held."""
    if args.act != "add":
        held = asyncio.run(_function(args))
        told = {"login": args.login.lower(), "functions": [each.value for each in held]}
        print(json.dumps(told) if args.json else f"{told['login']}: {', '.join(told['functions']) or '-'}")
        return 0
    return _added(args)


def _added(args: argparse.Namespace) -> int:
    password = _password(args)
    made = asyncio.run(_add(args, password))
    told = {"id": made.id, "login": args.login.lower(), "totp_secret": made.totp_secret, "otpauth": made.uri}
    if args.generate_password:
        told["password"] = password
    print(json.dumps(told, ensure_ascii=False) if args.json else "\n".join(f"{k}: {v}" for k, v in told.items()))
    return 0


def _password(args: argparse.Namespace) -> str:
    if args.generate_password:
        return secrets.token_urlsafe(15)
    return sys.stdin.readline().rstrip("\n") if args.password_stdin else getpass.getpass("Password: ")


async def _function(args: argparse.Namespace) -> list[Function]:
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        if args.act == "end":
            return await end_function(app.house, args.city, args.login, Function(args.function))
        return await give_function(app.house, args.city, args.login, Function(args.function), args.authority)


async def _add(args: argparse.Namespace, password: str) -> NewMember:
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        return await add_member(
            app.house,
            args.city,
            login=args.login,
            display_name=args.name or args.login,
            password=password,
            role=Role(args.role),
            organisation=args.organisation,
        )
