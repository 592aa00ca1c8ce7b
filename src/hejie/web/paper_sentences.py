"""English sentences for the codes of documents that are given out and checked."""

from __future__ import annotations

PAPER = {
    "agreement_party_missing": "Both sides must be named on the agreement.",
    "agreement_term_missing": "Please write what is agreed: who does what.",
    "agreement_amount_wrong": "An amount in the agreement is not possible. Please check it.",
    "agreement_agency_missing": "A mediation agreement names the authority and the mediator.",
    "agreement_missing": "Nothing stands agreed here, so there is no agreement to take away.",
    "paper_character": (
        "The document cannot be made, because no font here has these characters: {characters}. Please tell the site's "
        "operator; the record holds what was agreed."
    ),
    "paper_file_missing": "Please choose one PDF file.",
    "paper_too_large": "The file is too large: at most {most} MB.",
    "paper_not_pdf": "This is not a PDF file. Please choose the file as you received it.",
    "paper_nothing_attached": (
        "No agreement is attached inside this PDF, so it cannot be checked. A scan or a printed copy has none: please "
        "choose the file as you received it."
    ),
    "paper_attachments_many": (
        "More than one file is attached inside this PDF. A document from here holds one: please do not rely on it."
    ),
    "paper_attachment_broken": (
        "What is attached inside this PDF cannot be read. It is not as it was given out: please do not rely on it."
    ),
    "paper_attachment_large": (
        "What is attached inside this PDF is too large ({most} KB at most). It is not from here: do not rely on it."
    ),
    "paper_not_ours": "What is attached inside this PDF is no agreement from here. Please do not rely on it.",
    "paper_number_unreadable": (
        "This is no document's number. It begins with HJ or TJ and ends in two groups of five; you may also leave it "
        "empty."
    ),
}
"""Code → sentence; `code_sentences.py` takes them in."""
