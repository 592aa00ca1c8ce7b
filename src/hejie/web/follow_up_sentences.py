"""English sentences for the codes of calls afterwards."""

from __future__ import annotations

FOLLOW_UP = {
    "follow_up_unknown": "There is no such call here, or it has been made.",
    "follow_up_own": "You had a part in this case. Somebody else has to make this call.",
    "follow_up_noted": "This call has been made and written down already.",
}
"""Code → sentence; `theme_sentences.py` takes them in."""
