"""`hejie city new`: the questions, the city's one file, its keys, and what to do next."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from hejie.app import make_keys
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Refused
from hejie.cities import divisions
from hejie.cities.drafting import Answers, draft, english, model_promises, must_be_city, names, read_answers
from hejie.cities.settings import Clocks
from hejie.cli._city_words import told
from hejie.cli.alliance import make_pair
from hejie.settings import CityConnections, Exchange
from hejie.web.code_words import sentence

if TYPE_CHECKING:
    import argparse

ASKED_CLOCKS = ("answer_hours", "confirm_days", "settle_hours", "filing_days")


def arguments(parser: argparse.ArgumentParser) -> None:
    """`city new [--answers FILE] [--folder FOLDER] [--lang zh|en]`."""
    parser.add_argument("--answers", type=Path, help="a TOML file of answers instead of questions")
    parser.add_argument("--folder", type=Path, help="where its files go (default: a folder named by its code)")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of the questions (default: zh)")


def run(args: argparse.Namespace) -> int:
    """Ask, write, tell; nothing is ever overwritten: `Refused("city_exists", file)`."""
    today = datetime.now(UTC).astimezone(SHANGHAI).date()
    answers = read_answers(args.answers.read_text(encoding="utf-8")) if args.answers else _asked(args.lang, today)
    text = draft(answers, today)
    folder: Path = args.folder or Path(answers.code)
    file = folder / f"{answers.code}.toml"
    if file.exists():
        raise Refused("city_exists", file=str(file))
    folder.mkdir(parents=True, exist_ok=True)
    secrets = _keys(folder, answers.code)
    file.write_text(text, encoding="utf-8")
    _tell(args.lang, folder, file, secrets)
    return 0


def _keys(folder: Path, code: str) -> list[Path]:
    """The city's own keys and its pair for the exchange, mode 0600, and the file that says where they lie."""
    keys = folder / "keys"
    secrets = [make_keys(keys, code)]
    connections, environment = folder / "connections.json", folder / "hejie.env"
    if not connections.exists():
        pair = make_pair(keys / "exchange", code)
        exchange = Exchange(
            signing_keys=(pair["signing"].absolute(),), opening_keys=(pair["opening"].absolute(),), keepers=()
        )
        secrets += pair.values()
        _write(connections, msgspec.json.format(_json({code: CityConnections(exchange=exchange)})))
    lines = {"HEJIE_KEYS": keys.absolute(), "HEJIE_CONNECTIONS": connections.absolute()}
    _write(environment, "".join(f"export {name}={shlex.quote(str(where))}\n" for name, where in lines.items()).encode())
    return secrets


def _json(told_of: dict[str, CityConnections]) -> bytes:
    return msgspec.json.encode(told_of, enc_hook=str)


def _write(file: Path, text: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(text)


def _tell(language: str, folder: Path, file: Path, secrets: list[Path]) -> None:
    print(told("tell", "made", language, file=file))
    for each in secrets:
        print(told("tell", "secret", language, file=each))
    print(told("tell", "unknown", language))
    print(told("tell", "next", language))
    environment = folder / "hejie.env"
    for name, command in (
        ("rehearse", f"hejie rehearse {file}"),
        ("apply", f"hejie city apply {file}"),
        ("check", f"hejie city check {file.stem} --file {file}"),
    ):
        print(f"  {command:<50} # {told('tell', name, language, env=environment)}")


# Questions. --------------------------------------------------------------------------------------


def _asked(language: str, today: date) -> Answers:
    """Answers by questions; each is refused at once where it is nonsense, and asked again."""
    found = _ask(language, "code", "", _with_code)
    zh, en = names(found)
    found = _ask(language, "zh", zh, _checked(lambda text: replace(found, zh=text), today))
    found = _ask(language, "languages", "zh en", _checked(lambda text: _with_languages(found, text), today))
    if "en" in found.languages:
        found = _ask(language, "en", en, _checked(lambda text: replace(found, en=text), today))
        for code in divisions.children(found.code):
            if code not in english():
                found = _ask_division(language, found, code, today)
    day = today.isoformat()
    found = _ask(language, "valid_from", day, _checked(lambda text: replace(found, valid_from=_day(text)), today))
    signature = f"{zh.removesuffix('市')}一键和解"
    found = _ask(language, "sms_signature", signature, _checked(lambda text: replace(found, sms_signature=text), today))
    for clock in ASKED_CLOCKS:
        usual = str(getattr(Clocks(), clock))
        found = _ask(language, clock, usual, _checked(_clock(found, clock), today))
    found = _ask(language, "confirmed", "", _checked(lambda text: replace(found, confirmed=tuple(text.split())), today))
    promises = " ".join(model_promises())
    found = _ask(
        language, "promises", promises, _checked(lambda text: replace(found, promises=tuple(text.split())), today)
    )
    return _ask(language, "duty_phone", "", _checked(lambda text: replace(found, duty_phone=_phone(text)), today))


def _ask_division(language: str, found: Answers, code: str, today: date) -> Answers:
    name = divisions.name(code)

    def put(text: str) -> Answers:
        return replace(found, divisions={**found.divisions, code: text})

    return _ask(language, "division", name, _checked(put, today), name=name)


def _clock(found: Answers, clock: str) -> Callable[[str], Answers]:
    return lambda text: replace(found, clocks={**found.clocks, clock: _number(text)})


def _ask(language: str, asked: str, usual: str, take: Callable[[str], Answers], **facts: str) -> Answers:
    """One question until its answer is taken; an empty answer is the usual one; the end of input ends it all."""
    question = told("ask", asked, language, **facts) + (f" [{usual}]" if usual else "")
    while True:
        try:
            answer = input(f"{question}: ").strip() or usual
            return take(answer)
        except HejieError as error:
            print(f"  {sentence(language, error.code, error.facts)}")
        except EOFError:
            raise KeyboardInterrupt from None


def _checked(take: Callable[[str], Answers], today: date) -> Callable[[str], Answers]:
    def taken(text: str) -> Answers:
        found = take(text)
        draft(found, today)
        return found

    return taken


def _with_code(text: str) -> Answers:
    if not (text.isascii() and text.isdigit()):
        raise Refused("city_code_wrong", division=text)
    must_be_city(text)
    return Answers(code=text)


def _with_languages(found: Answers, text: str) -> Answers:
    wanted = text.replace(",", " ").split()
    if not wanted or not {*wanted} <= {"zh", "en"}:
        raise Refused("city_languages_wrong")
    return replace(found, languages=tuple(wanted))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("city_day_wrong", day=text) from None


def _phone(text: str) -> str:
    if text and not re.fullmatch(r"\+[1-9][0-9]{6,14}", text):
        raise Refused("city_phone_wrong")
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):  # noqa: PLR2004  no span is longer
        raise Refused("city_number_wrong", number=text)
    return int(text)
