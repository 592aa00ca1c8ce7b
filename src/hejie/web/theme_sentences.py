"""English sentences for the codes of every theme that keeps its own in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.web.acquirer_sentences import ACQUIRER
from hejie.web.advance_sentences import ADVANCE
from hejie.web.alliance_sentences import ALLIANCE
from hejie.web.city_sentences import CITY
from hejie.web.clearing_sentences import CLEARING
from hejie.web.conformance_sentences import CONFORMANCE
from hejie.web.entitlement_sentences import ENTITLEMENT
from hejie.web.flow_sentences import FLOWS
from hejie.web.follow_up_sentences import FOLLOW_UP
from hejie.web.handoff_sentences import HANDOFF
from hejie.web.handover_sentences import HANDOVER
from hejie.web.law_sentences import LAW
from hejie.web.measure_sentences import MEASURE
from hejie.web.mediation_sentences import MEDIATION
from hejie.web.moving_sentences import MOVING
from hejie.web.organisation_sentences import ORGANISATION
from hejie.web.paper_sentences import PAPER
from hejie.web.paycode_sentences import PAYCODE
from hejie.web.proof_sentences import PROOF
from hejie.web.statistic_sentences import STATISTIC
from hejie.web.trace_sentences import TRACE

THEMES: Mapping[str, str] = {
    **ACQUIRER,
    **ADVANCE,
    **ALLIANCE,
    **CITY,
    **CLEARING,
    **CONFORMANCE,
    **ENTITLEMENT,
    **FLOWS,
    **FOLLOW_UP,
    **HANDOFF,
    **HANDOVER,
    **LAW,
    **MEASURE,
    **MEDIATION,
    **MOVING,
    **ORGANISATION,
    **PAPER,
    **PAYCODE,
    **PROOF,
    **STATISTIC,
    **TRACE,
}
