"""English sentences for the codes of logs for everybody and the proofs of cases."""

from __future__ import annotations

PROOF = {
    "log_unknown": "This city shows no log under this address.",
    "tile_unknown": "The log has no such part.",
    "log_name_wrong": "A log's name has no spaces and no plus sign, such as hejie.example/330100/log.",
    "log_key_wrong": "A log's key in the settings or in the file of keys cannot be read.",
    "note_unreadable": "What a log signed cannot be read.",
    "note_forged": "A signature in the file is not by {name}, though it says so. Please do not rely on this file.",
    "proof_file_missing": "Please choose one file, as you downloaded it from your case.",
    "proof_unreadable": (
        "This is no proof of a case, or it was damaged or changed. Please choose the file as you downloaded it, or"
        " download it again."
    ),
    "proof_too_large": "The file is too large: at most {most} MB.",
    "proof_step_changed": "Changed: step {version} is not what stands in the log. Please do not rely on this file.",
    "proof_steps_missing": "Steps are missing in this file, or stand in another order. Please do not rely on it.",
    "proof_mixed": "This file was put together from several. Please do not rely on it.",
    "proof_not_yet": (
        "The proof is not ready yet: other cities are still to see the log. Please try again in a few minutes."
    ),
}
"""Code → sentence; `code_sentences.py` takes them in."""
