"""The setting `ledger:` of `cycle.yaml`: the address of a PostgreSQL database, or nothing for the file `ledger.db`.

The file is recorded, archived and passed around: a password has no place in it, and is never repeated in a message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import BeforeValidator

from cchc_sheets.cycle.schema import OptionalWords
from cchc_sheets.cycle.yaml_document import Document
from cchc_sheets.messages import Text, text

if TYPE_CHECKING:
    from sqlalchemy import URL

SETTING: Final = "ledger"
_EXAMPLE: Final = "postgresql://cchc@may-chu/cchc_2026"
_SCHEMES: Final = {"postgresql", "postgres"}
_VALUES: Final = {
    "port": re.compile(r"[1-9][0-9]{0,4}"),
    "sslmode": re.compile(r"disable|allow|prefer|require|verify-ca|verify-full"),
}
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
        understood = _understood(address)
    except ValueError:
        return "ledger_address", text("this is no address of a PostgreSQL database"), form
    if parts.password is not None or any("pass" in name.casefold() for name in names) or understood.password:
        return (
            "ledger_password",
            text("there is a password in the ledger's address; this file is recorded and archived"),
            text("take it out and put it into .pgpass or PGPASSWORD; change it if the file was passed on"),
        )
    if not is_whole or parts.fragment or not understood.database:
        return "ledger_address", text("this is no address of a PostgreSQL database"), form
    if names - _PARAMETERS:
        return (
            "ledger_address",
            text("the ledger's address has a parameter that is not known: {names}", names=sorted(names - _PARAMETERS)),
            text("known are: {names}", names=sorted(_PARAMETERS)),
        )
    return next((_wrong_value(name, form) for name in sorted(_VALUES) if not _may_be(understood, name)), None)


def _understood(address: str) -> URL:
    """Return the address as the library that opens the database understands it.

    Raises:
        ValueError: if it does not.
    """
    # Only where somebody names a database: the library is heavy, and every command reads the settings.
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(address)
    except ArgumentError as error:
        raise ValueError from error


def _may_be(address: URL, name: str) -> bool:
    written = address.query.get(name)
    return written is None or (isinstance(written, str) and _VALUES[name].fullmatch(written) is not None)


def _wrong_value(name: str, form: Text) -> tuple[str, Text, Text]:
    return "ledger_address", text("«{name}» in the ledger's address has a value that it cannot have", name=name), form
