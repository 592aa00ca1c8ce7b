"""English sentences for the codes of a city that moves to another installation."""

from __future__ import annotations

MOVING = {
    "city_moved": (
        "This city has moved to another address. Everything of yours is there: please go on at the new address."
    ),
    "city_moving": (
        "This city is moving to another address and is closed here for now. Nothing is lost. Please come again later."
    ),
    "city_busy": (
        "Something of {city} was still under way after {seconds} seconds. Nothing has changed. Please try "
        "again in a moment."
    ),
    "city_not_moved": "{city} has not moved away from here.",
    "move_address_wrong": "{to} is no address. Please write it as https://hejie.example, without a path.",
    "file_exists": "{file} is there already and was left alone. Please name another file.",
    "file_readable": (
        "At {file} others could read the file, which holds personal data. Nothing was left there. Please name"
        " another place."
    ),
    "moved_file_unreadable": "This is no file of a city that moves, or it is not whole.",
    "moved_file_format": (
        "The file is of form {format}, which this version does not read. Please use the version that wrote it."
    ),
    "moved_file_changed": (
        "The file was changed after it was written ({part}). Nothing was taken in. Please fetch it again."
    ),
    "city_key_wrong": (
        "The key file here is not the one of {city}, or lacks an older master key. Nothing was taken in. "
        "Please carry over the old place's key file as it is."
    ),
    "moved_key_missing": (
        "The key file of {city} is not at {file}. Nothing was taken in. Please carry over the old place's key"
        " file as it is; a new one would open nothing."
    ),
    "moved_log_key_wrong": (
        "The settings here lack the key of the log {name}, or have another. Nothing was taken in. Please "
        "carry it over and name it in the connections."
    ),
    "moved_exchange_key_wrong": (
        "The settings here lack the exchange keys that the directory lists for {city}. Nothing was taken in. "
        "Please carry them over and name them in the connections."
    ),
    "city_here_already": "{city} is here already. Nothing has changed.",
    "city_of_other_version": (
        "The file was written by a database at {there}, this one is at {here}. Nothing was taken in. Please "
        "bring both to the same version."
    ),
    "rows_differ": "Read back, table {table} does not hold what the file says. Nothing was taken in.",
    "rows_not_of_log": ("{noun} {id} is not what its log gives. Please have this looked into before the city moves."),
    "log_not_of_tree": (
        "At entry {number} the log is not what its tree says. Please have this looked into before the city moves."
    ),
}
