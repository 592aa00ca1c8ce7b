"""English sentences for the codes of the law: its rules, its clock, who is competent."""

from __future__ import annotations

LAW = {
    "law_rule_unknown": "There is no rule “{rule}” here. `hejie law list` shows all of them.",
    "law_rule_unlisted": "There is no rule “{rule}” here. The list of rules shows all of them.",
    "law_zone_without_time": "Please give the time too where it is not Shanghai time.",
    "law_rule_elsewhere": "Rule {rule} is one of another province ({province}). Please name a city of that province.",
    "law_rule_not_in_force": "Rule {rule} was not in force on {day}; what is known of it begins on {first}.",
    "law_no_limit": "Rule {rule} sets no time limit, so there is nothing to count.",
    "law_span_missing": "Rule {rule} lasts as long as was promised. Please say how long, such as 48h, 3d or 5wd.",
    "law_span_not_here": "Rule {rule} sets its own time limit; another one cannot be given.",
    "law_span_unreadable": "“{said}” is no length of time. Please write it such as 48h, 3d, 5wd, 2m or 1y.",
    "law_extension_none": "The limit of rule {rule} cannot be extended.",
    "law_pause_not_here": "Nothing stops the clock of rule {rule}, so no pause can be given.",
    "law_pause_reversed": "The pause ends on {last}, before it begins on {first}. Please correct it.",
    "law_pause_unreadable": "“{said}” is no pause. Please write two days, such as 2026-06-20..2026-07-09.",
    "law_start_unreadable": "“{said}” is no day and no time. Please write it such as 2026-04-30 or 2026-04-30T16:20.",
    "law_start_time_missing": "Rule {rule} is counted in hours. Please give the time too, such as {said}T18:00.",
    "law_day_out_of_range": "Only days from {first} to {last} can be counted. Please check the dates.",
    "law_division_unknown": "{division} was no district or county on {day}. Please check the code.",
    "law_place_missing": "No address by which an authority would be competent is known. Please give one.",
    "law_file_wrong": "The file {file} of the law's data cannot be used (rule {rule}, {field}): {why} {said}",
    "law_files_none": "There is no file of rules (.toml) at {place}.",
}
"""Code → sentence; `code_sentences.py` takes them in."""
