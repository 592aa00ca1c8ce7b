"""Canonical forms agree with RFC 8785; sealed content opens where it was sealed and nowhere else."""

from __future__ import annotations

import json
import os
import struct
from itertools import pairwise

import pytest
from msgspec.structs import replace

from hejie.base.errors import Refused
from hejie.base.seals import Vault, canonical, commitment, fresh_keys, rotated

KEYS = fresh_keys(os.urandom)
VAULT = Vault("330100", KEYS, os.urandom)
PLACE = "content/dispute:D1/C1"

# RFC 8785, appendix B: IEEE 754 bits and the text they must have.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "becbf647612f3696": "-0.0000033333333333333333",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_of_rfc_8785(bits, text):
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(value).decode() == text


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000"])
def test_what_is_no_number_has_no_form(bits):
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(ValueError):
        canonical(value)


def test_the_sample_of_rfc_8785():
    text = r"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    expected = (
        r'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA'
        "'"
        r'B\"\\\\\"/"}'
    )
    assert canonical(json.loads(text)).decode() == expected


def test_keys_sort_by_utf_16():
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    sorted_by_rfc = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 1)))) == sorted_by_rfc


def test_a_commitment_depends_on_salt_and_every_value():
    salt = b"s" * 16
    assert commitment(salt, {"a": 1, "b": 2}) == commitment(salt, {"b": 2, "a": 1})
    made = {commitment(s, v) for s in (salt, b"t" * 16) for v in ({"a": 1}, {"a": 2}, {"b": 1})}
    assert len(made) == 6


def test_sealed_content_opens_in_its_own_place():
    key, wrapped = VAULT.new_data_key()
    assert VAULT.unwrap(wrapped) == key
    sealed = VAULT.seal(key, PLACE, "退一赔三".encode())
    assert VAULT.open(key, PLACE, sealed) == "退一赔三".encode()
    assert "退".encode() not in sealed
    assert VAULT.seal(key, PLACE, b"x") != VAULT.seal(key, PLACE, b"x")


def test_sealed_content_moved_or_touched_is_refused():
    key, _ = VAULT.new_data_key()
    sealed = VAULT.seal(key, PLACE, b"words")
    elsewhere = Vault("510100", KEYS, os.urandom)
    touched = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for open_it in (
        lambda: VAULT.open(key, "content/dispute:D1/C2", sealed),
        lambda: VAULT.open(key, "content/dispute:D2/C1", sealed),
        lambda: VAULT.open(os.urandom(32), PLACE, sealed),
        lambda: VAULT.open(key, PLACE, touched),
        lambda: VAULT.open(key, PLACE, sealed[:11]),
        lambda: VAULT.open(key, PLACE, b""),
        lambda: elsewhere.open(key, PLACE, sealed),
    ):
        with pytest.raises(Refused, match="seal_broken"):
            open_it()


def test_a_data_key_of_another_city_is_refused():
    _, wrapped = VAULT.new_data_key()
    with pytest.raises(Refused, match="seal_broken"):
        Vault("510100", KEYS, os.urandom).unwrap(wrapped)
    with pytest.raises(Refused, match="seal_broken"):
        Vault("330100", fresh_keys(os.urandom), os.urandom).unwrap(wrapped)
    with pytest.raises(Refused):
        VAULT.unwrap(b"")
    with pytest.raises(Refused, match="master_key_missing"):
        Vault("330100", fresh_keys(os.urandom, "other"), os.urandom).unwrap(wrapped)


def test_after_a_rotation_old_keys_still_open_and_new_ones_are_wrapped_anew():
    key, wrapped = VAULT.new_data_key()
    keys = rotated(KEYS, os.urandom)
    turned = Vault("330100", keys, os.urandom)
    assert turned.unwrap(wrapped) == key
    again = turned.wrap(key)
    assert turned.unwrap(again) == key
    with pytest.raises(Refused, match="master_key_missing"):
        VAULT.unwrap(again)
    assert turned.handle("phone", "13800000000") == VAULT.handle("phone", "13800000000")
    assert turned.link_tag("D1") == VAULT.link_tag("D1")


def test_a_rotation_never_takes_the_name_of_a_master_that_is_in_use():
    keys = rotated(KEYS, os.urandom)
    alone = replace(keys, masters={keys.active: keys.masters[keys.active]})
    steps = [alone]
    for _ in range(3):
        steps.append(rotated(steps[-1], os.urandom))
    for before, after in pairwise(steps):
        assert before.masters.items() < after.masters.items()
        assert after.active not in before.masters


def test_look_up_values_are_keyed_and_kept_apart():
    other = Vault("330100", fresh_keys(os.urandom), os.urandom)
    assert VAULT.handle("phone", "1") != VAULT.handle("name", "1")
    assert VAULT.handle("phone", "1") != other.handle("phone", "1")
    assert len(VAULT.link_tag("D1")) == 16
    assert VAULT.link_tag("D1") != Vault("510100", KEYS, os.urandom).link_tag("D1")
