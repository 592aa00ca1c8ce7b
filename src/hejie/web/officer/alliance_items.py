"""What happened and what to do, for work items that have to do with other cities: letters, hand-overs, logs."""

from __future__ import annotations

from hejie.edge.words import mark

ALLIANCE_ITEMS = {
    "exchange_stands_still": (
        mark("The exchange with {peer} stands still"),
        mark("Nothing can be sent: {said}"),
        mark("Ask whoever keeps the city's keys and the directory of members. It goes on by itself once that is"
             " mended."),
    ),
    "exchange_ending": (
        mark("The exchange with other cities will stop within a month"),
        mark("Unless something is done, this will then be so: {said}"),
        mark("Have the keepers sign a newer list of members, with a fresh key of this city where its own one ends."),
    ),
    "directory_not_believed": (
        mark("{peer} goes by a directory that we do not believe"),
        mark("Its newer list of members was not taken over: {said}"),
        mark("Call the keepers of the directory by telephone. If they did not sign it, keys may have been stolen."),
    ),
    "letter_waiting": (
        mark("Letters to {peer} have waited for a day"),
        mark("{letters} letters have not arrived. They are tried again and again and nothing is lost, but nobody"
             " there has read them."),
        mark("Call the city, its offices are listed under “Alliance”. What cannot wait, tell by telephone."),
    ),
    "letter_not_taken": (
        mark("{peer} does not take a letter"),
        mark("The letter about {about} came back without a receipt: {said}"),
        mark("Have it looked at by whoever runs the platform. It is sent again meanwhile."),
    ),
    "letter_refused": (
        mark("{peer} has refused a letter"),
        mark("The letter about {about} arrived and was refused: {said}"),
        mark("Settle with the city by telephone what is to be done, and write it down here."),
    ),
    "letter_not_written": (
        mark("A letter to {peer} could not be written"),
        mark("What was to be sent about {about} may not be sent: {said}"),
        mark("If it has to reach the city, have the agreement or the directory changed, or tell it another way."),
    ),
    "receipt_not_taken": (
        mark("{peer} does not know a letter of its own"),
        mark("We told it that its letter was handled, and it does not know the letter. It may have restored an older"
             " backup."),
        mark("Call the city and compare what each of you has."),
    ),
    "letter_not_opened": (
        mark("A letter of {peer} cannot be opened"),
        mark("Personal fields of the letter about {about} were closed for a key that is not among ours."),
        mark("Have the older key put back by whoever keeps the city's keys. After three days the letter is refused."),
    ),
    "bulletin_arrived": (
        mark("A bulletin of {peer}: {name}"),
        mark("Another city has sent a bulletin or an early warning."),
        mark("Read it and acknowledge it. This item closes by itself then."),
    ),
    "letter_gap": (
        mark("A letter of {peer} is missing"),
        mark("About {about} letter {number} has not come, though later ones have. They wait for it."),
        mark("Call the city: it should see the letter under “Alliance”. This item closes once it has come."),
    ),
    "letter_conflict": (
        mark("{peer} sent two letters under one number"),
        mark("The second one is kept as evidence and was not handled."),
        mark("Compare both with the city. Two signed letters under one number come of a broken backup or of misuse."),
    ),
    "handover_came": (
        mark("Another city hands a dispute over to yours"),
        mark("Its merchant could not be found by itself, or your city has its officers decide."),
        mark("Open the hand-over, read what came, and take it over for the right merchant, or refuse with a reason."),
    ),
    "handover_unanswered": (
        mark("Another city has not answered in time"),
        mark("It was asked to take a dispute over, and its time to answer has run out. The dispute rests meanwhile."),
        mark("Write or call its officers; you can take the dispute back as long as they have not said yes."),
    ),
    "handover_back": (
        mark("A dispute was not taken over and goes on here"),
        mark("The other city has refused it, or gave it free again. Every deadline is as it was."),
        mark("Read why on the dispute's page, and go on with it here, or hand it to the right city."),
    ),
    "handover_note": (
        mark("Officers of another city have written about a hand-over"),
        mark("A new line stands beside it."),
        mark("Read it on the page of the hand-over, and answer there if it asks for that."),
    ),
    "log_behind": (
        mark("Our log is older than what others have seen"),
        mark("Another city has seen {count} entries of log {name}; this database has fewer. It was probably restored"
             " from an older backup. Nothing is signed until this is cleared."),
        mark("Find a newer backup and restore that. If there is none, tell the other cities what was lost, and begin a"
             " log under a new name."),
    ),
    "log_split": (
        mark("A log shows different things to different people"),
        mark("Log {name} has signed two different trees, or others have seen another one. Both are kept as evidence."),
        mark("Compare the two checkpoints with the log's city. Tell all cities; do not rely on this log meanwhile."),
    ),
}  # fmt: skip
