"""How a payment is resolved before any form opens."""

from __future__ import annotations

import pytest

from hejie.merchants.model import State
from hejie.merchants.reach import FOUND, Reach, reach


@pytest.mark.parametrize(
    ("here", "elsewhere", "found"),
    [
        (State.enrolled, False, Reach.enrolled),
        (State.enrolled, True, Reach.enrolled),
        (State.invited, False, Reach.known),
        (State.closed, False, Reach.known),
        (State.invited, True, Reach.elsewhere),
        (None, True, Reach.elsewhere),
        (None, False, Reach.unknown),
    ],
)
def test_a_payment_is_resolved(here, elsewhere, found):
    assert reach(here, elsewhere=elsewhere) is found


def test_only_a_merchant_that_takes_part_is_found():
    assert {Reach.enrolled, Reach.elsewhere} == FOUND
