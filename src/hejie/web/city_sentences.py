"""English sentences for the codes of a new city's answers."""

from __future__ import annotations

CITY = {
    "city_answers_unreadable": "The answers cannot be read: {why}",
    "city_code_wrong": (
        "{division} is not the division code of a city. Please give the six digits of GB/T 2260, such as 330100."
    ),
    "city_name_wrong": "A name may have 40 letters at most, and none that cannot be printed.",
    "city_languages_wrong": "Pages come in Chinese (zh) and English (en). Please name zh, or both.",
    "city_promise_unknown": "There is no promise {name}. Please take those of the list.",
    "city_clock_unknown": "There is no span {name}. Please use the names of the list.",
    "city_day_wrong": "{day} is no day. Please write it as 2027-01-01.",
    "city_number_wrong": "{number} is no whole number that fits here. Please write digits only.",
    "city_phone_wrong": "Please write the phone number with its country, such as +8657112345678.",
    "city_part_unknown": "There is no part {part}. Please take one of the list, such as door_12315 or wallet:alipay.",
    "city_exists": "{file} is there already and was left alone. Please choose another folder.",
}
