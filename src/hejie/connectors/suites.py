"""The ways in which partners and we sign, each with its own keys: RSA and Ed25519 ready, SM2 as an extra."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from http_message_signatures import HTTPSignatureAlgorithm
from http_message_signatures.algorithms import ED25519, RSA_PSS_SHA512, RSA_V1_5_SHA256

from hejie.base import curves
from hejie.base.errors import Refused
from hejie.connectors import rsa

LEAST_BITS = 2048


class Suite(NamedTuple):
    """One algorithm, and how its keys are read from text."""

    algorithm: type[HTTPSignatureAlgorithm]
    private: Callable[[str], Any]
    public: Callable[[str], Any]


def _private(text: str) -> RSAPrivateKey:
    key = rsa.private_key(text)
    if key.key_size < LEAST_BITS:
        raise Refused("key_short", least=LEAST_BITS)
    return key


def _public(text: str) -> RSAPublicKey:
    key = rsa.public_key(text)
    if key.key_size < LEAST_BITS:
        raise Refused("key_short", least=LEAST_BITS)
    return key


_RSA: Mapping[str, Suite] = {
    algorithm.algorithm_id: Suite(algorithm, _private, _public) for algorithm in (RSA_PSS_SHA512, RSA_V1_5_SHA256)
}
SM2_SM3 = "sm2-sm3"
EDWARDS = Suite(ED25519, curves.signing_key, curves.verifying_key)
"""What cities sign with."""


def suite(name: str) -> Suite:
    """An algorithm by the name that `alg` carries.

    Errors: `Refused("sign_method_unknown")`, also for SM2 where its extra is not installed.
    """
    if name == ED25519.algorithm_id:
        return EDWARDS
    found = _RSA.get(name)
    if found is not None:
        return found
    if name != SM2_SM3 or importlib.util.find_spec("gmalg") is None:
        raise Refused("sign_method_unknown", method=name)
    from hejie.connectors import sm2

    return Suite(sm2.Sm2Sm3, sm2.private_key, sm2.public_key)
