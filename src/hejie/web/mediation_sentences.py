"""English sentences for the codes of mediation by the authority."""

from __future__ import annotations

MEDIATION = {
    "mediation_unknown": "There is no such mediation for you to see. Please check the address.",
    "mediation_elsewhere": (
        "This is not with your authority. The authority where the shop is, or where the merchant is registered, "
        "handles it; the city's bureau can say which one."
    ),
    "county_missing": "Please choose the authority of one of this city's districts or counties.",
    "identity_given": "Name, address and document have been given already; nobody has to give them twice.",
    "identity_missing": (
        "It is not known yet who complains. Please give name, address and document, or have them checked at the "
        "counter."
    ),
    "reasons_missing": "Please write the reasons; both sides read them.",
    "ways_missing": "Please name at least one other way that stays open to the consumer.",
    "link_unreadable": "Please choose 12315 or 12345, and give the number as it stands there.",
    "duplicate_itself": "Please choose another case than this one.",
    "recusal_pending": "A wish for another mediator has not been decided yet. Until then mediation waits.",
    "recusal_none": "Nobody asks for another mediator here.",
    "recusal_own": "Nobody decides about themselves. Please ask a colleague to decide.",
    "recused_before": "You stepped back from this case, so a colleague has to go on with it.",
    "appraisal_runs": "An appraisal is under way. Please note its end first.",
    "appraisal_none": "No appraisal is under way.",
    "mediation_time_over": "The time to mediate has run out, so this cannot be done any more.",
    "mediation_time_left": "The time to mediate has not run out yet. Please choose another ground.",
    "join_unknown": "Only cases of the same merchant that your authority has accepted can be handled together.",
    "join_representatives": "At most two of the joined consumers may speak for the others.",
    "commission_once": "A body mediates this case already, and may not pass it on.",
    "consent_of_both_missing": "Both sides have to agree first. Please note down when they do.",
    "body_missing": "Please give the name of the body, at most sixty characters.",
    "terms_missing": "Please write down at least one thing that is agreed, at most twenty.",
    "term_unreadable": "Please say of each thing who does it, what, and by which day from today on.",
    "facts_missing": "Please write in a few words what both sides agree has happened.",
}
