"""The setting `ledger:` of `cycle.yaml`: the address of a PostgreSQL database, or nothing for the file `ledger.db`.

The file is recorded, archived and passed around: a password has no place in it, and is never repeated in a message.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import BeforeValidator

from cchc_sheets.cycle.schema import OptionalWords
from cchc_sheets.cycle.yaml_document import Document
from cchc_sheets.messages import Text, text

SETTING: Final = "ledger"
_EXAMPLE: Final = "postgresql://cchc@may-chu/cchc_2026"
_SCHEMES: Final = {"postgresql", "postgres"}
_PARAMETERS: Final = {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey"}


def _nothing_is_empty(value: object) -> object:
    return "" if value is None else value


LedgerAddress = Annotated[OptionalWords, BeforeValidator(_nothing_is_empty)]
"""Where the ledger is; empty for the file in the cycle folder."""


def check_ledger(document: Document, address: str) -> None:
    """Report an address that is none of PostgreSQL's, or that holds a password."""
    found = _mistake(address) if address else None
    if found is not None:
        document.report((SETTING,), *found)


def _mistake(address: str) -> tuple[str, Text, Text] | None:
    form = text("write e.g. `ledger: {example}`", example=_EXAMPLE)
    try:
        parts = urlsplit(address)
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        is_whole = parts.scheme in _SCHEMES and len(parts.path) > 1 and (parts.port is None or parts.port > 0)
    except ValueError:
        return "ledger_address", text("this is no address of a PostgreSQL database"), form
    if parts.password is not None or any("pass" in name.casefold() for name in names):
        return (
            "ledger_password",
            text("there is a password in the ledger's address; this file is recorded and archived"),
            text("take it out and put it into .pgpass or PGPASSWORD; change it if the file was passed on"),
        )
    if not is_whole or parts.fragment:
        return "ledger_address", text("this is no address of a PostgreSQL database"), form
    if names - _PARAMETERS:
        return (
            "ledger_address",
            text("the ledger's address has a parameter that is not known: {names}", names=sorted(names - _PARAMETERS)),
            text("known are: {names}", names=sorted(_PARAMETERS)),
        )
    return None
