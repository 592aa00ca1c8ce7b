"""The form of what may be owed asks for every fact that there is, and for no other."""

from __future__ import annotations

from msgspec import Struct
from msgspec.inspect import StructType, UnionType, type_info

from hejie.law.entitlement_facts import Excepted, Facts, Goods, Multiple
from hejie.web.entitlement_fields import CASES, MORE

NOT_TYPED = {"city", "refund", "opened_by_officer", "promise.zh", "promise.en"}
"""The page's own city, what the case itself says, the officer's tick, and one text for both languages."""


def paths(kind: type[Struct], above: str = "") -> set[str]:
    found: set[str] = set()
    info = type_info(kind)
    assert isinstance(info, StructType)
    for field in info.fields:
        kinds = field.type.types if isinstance(field.type, UnionType) else (field.type,)
        inner = [each.cls for each in kinds if isinstance(each, StructType)]
        found |= paths(inner[0], f"{field.name}.") if inner else {above + field.name}
    return found


def test_every_fact_has_its_field():
    fields = {each.path for case in (*CASES, MORE) for each in case.fields}
    assert fields - {"promise.words"} == paths(Facts) - NOT_TYPED


def test_every_kind_can_be_chosen():
    offered = {each.path: {value for value, _ in each.choices} for case in (*CASES, MORE) for each in case.fields}
    for path, kind in (("returns.exception", Excepted), ("returns.goods", Goods), ("more.ground", Multiple)):
        assert offered[path] == {each.value for each in kind}
