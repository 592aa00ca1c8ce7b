"""Databases kept as patterns, of which a test's own database becomes a copy; only the administrator may do that."""

from __future__ import annotations

from urllib.parse import urlsplit

administrators: dict[str, str] = {}
"""The administrator's address by a test database's address for the ordinary role."""


def keep(url: str, pattern: str) -> None:
    """Keep the database, which nobody has open, under the name of a pattern."""
    _tell(url, f"create database {pattern} template {_name(url)} strategy file_copy")


def renew(url: str, pattern: str) -> None:
    """Make the database what the pattern is."""
    _tell(url, f"drop database {_name(url)} with (force)")
    _tell(url, f"create database {_name(url)} template {pattern} strategy file_copy owner hejie_owner")


def _tell(url: str, statement: str) -> None:
    import psycopg

    address = urlsplit(administrators[url])._replace(path="/postgres").geturl()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _name(url: str) -> str:
    return urlsplit(url).path[1:]
