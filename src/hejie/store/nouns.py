"""Every noun of the house: its row, its events, and how one becomes the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from hejie.alerts import safety
from hejie.alliance import bulletin, contact_list, library
from hejie.cities import city, item_custody
from hejie.disputes import events as dispute_events
from hejie.disputes import fold as dispute_fold
from hejie.disputes.model import Dispute
from hejie.handovers import events as handover_events
from hejie.handovers import fold as handover_fold
from hejie.handovers.model import Handover
from hejie.mediations import events as mediation_events
from hejie.mediations import fold as mediation_fold
from hejie.mediations import follow_ups
from hejie.mediations.model import Mediation
from hejie.merchants import agreements, bindings, handling, measures, publicity, successions
from hejie.merchants import events as merchant_events
from hejie.merchants import fold as merchant_fold
from hejie.merchants.model import Merchant
from hejie.papers import paper
from hejie.payments import advance, fund, paycode, refund, trace_request


class Noun(NamedTuple):
    """One noun."""

    row: Any
    """Its type."""
    events: Any
    evolve: Callable[[Any, Any], Any]


NOUNS: Mapping[str, Noun] = MappingProxyType(
    {
        "advance": Noun(advance.Advance, advance.AnyEvent, advance.evolve),
        "agreement": Noun(agreements.Agreement, agreements.AnyEvent, agreements.evolve),
        "binding": Noun(bindings.Binding, bindings.AnyEvent, bindings.evolve),
        "bulletin": Noun(bulletin.Bulletin, bulletin.AnyEvent, bulletin.evolve),
        "city": Noun(city.City, city.SettingsApplied, city.evolve),
        "contact_list": Noun(contact_list.ContactList, contact_list.OfficesListed, contact_list.evolve),
        "dispute": Noun(Dispute, dispute_events.AnyEvent, dispute_fold.evolve),
        "follow_up": Noun(follow_ups.FollowUp, follow_ups.AnyEvent, follow_ups.evolve),
        "fund": Noun(fund.Fund, fund.AnyEvent, fund.evolve),
        "handover": Noun(Handover, handover_events.AnyEvent, handover_fold.evolve),
        "handling": Noun(handling.Handling, handling.AnyEvent, handling.evolve),
        "item_custody": Noun(item_custody.ItemCustody, item_custody.AnyEvent, item_custody.evolve),
        "library_case": Noun(library.LibraryCase, library.AnyEvent, library.evolve),
        "measure": Noun(measures.Measure, measures.AnyEvent, measures.evolve),
        "mediation": Noun(Mediation, mediation_events.AnyEvent, mediation_fold.evolve),
        "merchant": Noun(Merchant, merchant_events.AnyEvent, merchant_fold.evolve),
        "paper": Noun(paper.Paper, paper.Issued, paper.evolve),
        "paycode": Noun(paycode.Paycode, paycode.AnyEvent, paycode.evolve),
        "publicity": Noun(publicity.Publicity, publicity.AnyEvent, publicity.evolve),
        "refund": Noun(refund.Refund, refund.AnyEvent, refund.evolve),
        "safety_report": Noun(safety.SafetyReport, safety.AnyEvent, safety.evolve),
        "succession": Noun(successions.Succession, successions.AnyEvent, successions.evolve),
        "trace_request": Noun(trace_request.TraceRequest, trace_request.AnyEvent, trace_request.evolve),
    }
)
"""By name, which is that of its table and of its lines in the log; every row has a `version`."""

WITHOUT_ROW = frozenset({"intake"})
"""What stands in the log and has no row: files that came in have a line each."""
