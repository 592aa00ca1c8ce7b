"""What the face of an agreement says, in its own language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hejie.edge import words
from hejie.edge.words import mark
from hejie.papers.agreement import Agreement, Kind, Party, Side, Term

_TITLES: Mapping[Kind, str] = {
    Kind.settlement: mark("Settlement agreement"),
    Kind.mediation: mark("Mediation agreement"),
}
_SIDES: Mapping[Side, str] = {Side.consumer: mark("Consumer"), Side.merchant: mark("Merchant")}
_WHAT: Mapping[Kind, str] = {
    Kind.settlement: mark(
        "Reached by the two parties themselves, each by its own act on the platform; the record of it is kept there."
    ),
    Kind.mediation: mark("Reached by the two parties in a mediation led by {agency}, mediator {mediator}."),
}
_CLAUSES: Mapping[Kind, tuple[str, ...]] = {
    Kind.settlement: (
        mark("This settlement is a contract between the two parties and binds both."),
        mark(
            "A court can confirm it only once it has been made before a registered mediation body. Without that, who"
            " does not get what was agreed may go to arbitration or to court."
        ),
        mark("It settles no breach of the law: what an authority finds is dealt with apart."),
    ),
    Kind.mediation: (
        mark("It binds both parties."),
        mark("It settles no breach of the law: what an authority finds is dealt with apart."),
    ),
}
_TRANSLATED = mark("This is a translation. Where the two differ, the Chinese document governs.")


def face(agreement: Agreement) -> dict[str, Any]:
    """What the template `agreement` is filled with, but for number, digest and address."""
    language = agreement.language

    def say(sentence: str, **facts: object) -> str:
        return words.say(language, sentence, **facts)

    clauses = [say(each) for each in _CLAUSES[agreement.kind]]
    if language != "zh":
        clauses.append(say(_TRANSLATED))
    return {
        "title": say(_TITLES[agreement.kind]),
        "lang": language,
        "region": "cn" if language == "zh" else "gb",
        "what": say(_WHAT[agreement.kind], agency=agreement.agency, mediator=agreement.mediator),
        "says": {
            "number": say(mark("Document number:")),
            "parties": say(mark("The parties")),
            "facts": say(mark("The facts")),
            "terms": say(mark("What is agreed")),
            "dates": say(mark("Dates and effect")),
            "check": say(mark("Is this paper unchanged?")),
            "how": say(
                mark(
                    "Keep the file. Anybody can have it checked at this address: it says whether anything was changed."
                )
            ),
            "picture": say(mark("Code with the address of the page that checks this document")),
            "attached": say(mark("The agreement as data; its digest stands on the document")),
        },
        "parties": [_party(language, each) for each in agreement.parties],
        "facts": list(agreement.facts),
        "terms": [_term(language, number, each) for number, each in enumerate(agreement.terms, 1)],
        "dates": _dates(agreement),
        "clauses": clauses,
        "seals": _seals(agreement),
    }


def _party(language: str, party: Party) -> list[list[str]]:
    rows = [
        (_SIDES[party.side], party.name),
        (mark("Credit code or identity number"), party.number),
        (mark("Address"), party.address),
        (mark("Telephone"), party.phone),
        (mark("Represented by"), party.represented_by),
    ]
    return [[words.say(language, name), value] for name, value in rows if value]


def _term(language: str, number: int, term: Term) -> dict[str, Any]:
    rows = [
        (mark("Who does it"), words.say(language, _SIDES[term.who])),
        (mark("Amount"), words.money(term.amount_fen) if term.amount_fen is not None else ""),
        (mark("By when"), words.instant_with_year(language, term.by) if term.by else ""),
    ]
    shown = [[words.say(language, name), value] for name, value in rows if value]
    return {"number": str(number), "what": term.what, "rows": shown}


def _dates(agreement: Agreement) -> list[list[str]]:
    language, made = agreement.language, agreement.made_at
    rows = [
        (mark("Agreed on"), words.instant_with_year(language, agreement.agreed_at)),
        (mark("Document made on"), words.instant_with_year(language, made) if made else ""),
        (mark("Case number"), agreement.subject),
        (mark("Authority"), agreement.agency),
        (mark("Mediator"), agreement.mediator),
        (mark("Signed and sealed copies"), str(agreement.sealed_copies) if agreement.sealed_copies else ""),
    ]
    return [[words.say(language, name), value] for name, value in rows if value]


def _seals(agreement: Agreement) -> list[str]:
    """Where hands sign and seal; none where the two agreed on the platform."""
    if not agreement.sealed_copies:
        return []
    say, language = words.say, agreement.language
    return [
        say(language, mark("Consumer (signature)")),
        say(language, mark("Merchant (seal)")),
        say(language, mark("Authority (seal)")),
    ]
