"""Where Google stands in for itself: a server on this machine that every Google address is sent to.

For rehearsals and tests. The variable is read once, at the edge; only an address of this very machine is accepted,
so that neither data nor a token can be led to a stranger by an environment variable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text

ADDRESS_VARIABLE: Final = "CCHC_GOOGLE_EMULATOR"
USER_VARIABLE: Final = "CCHC_GOOGLE_EMULATOR_USER"
DEFAULT_USER: Final = "office@example.gov.vn"

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_GOOGLE: Final = ("google.com", "googleapis.com", "googleusercontent.com")
_ADDRESS: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+")


@dataclass(frozen=True, slots=True)
class Emulator:
    """A server on this machine that answers as Google does.

    Attributes:
        origin: `http://127.0.0.1:PORT`, without a path.
        user: the address of the person who is taken as signed in where no credentials file is set.
    """

    origin: str
    user: str = DEFAULT_USER

    def redirected(self, url: str) -> str:
        """Return the emulator's address of a Google address: path and query unchanged.

        Raises:
            CchcError: for the address of anybody else; nothing may leave this machine.
        """
        parts = urlsplit(url)
        if not is_google(url) and f"{parts.scheme}://{parts.netloc}" != self.origin:
            raise _refused(
                text("with the emulator nothing is sent to other machines, and this is no address of Google's"),
                parts.hostname or url,
                text("unset {variable} to work with the real Google", variable=ADDRESS_VARIABLE),
            )
        server = urlsplit(self.origin)
        return urlunsplit((server.scheme, server.netloc, parts.path, parts.query, ""))


def emulator_from(environment: Mapping[str, str]) -> Emulator | None:
    """Return the emulator that the environment names; None if it names none.

    Raises:
        CchcError: if the address is not one of this machine, or the user is no e-mail address.
    """
    address = environment.get(ADDRESS_VARIABLE, "").strip()
    if not address:
        return None
    user = environment.get(USER_VARIABLE, "").strip() or DEFAULT_USER
    if not _ADDRESS.fullmatch(user):
        raise _refused(
            text("the user of the emulator is no e-mail address"),
            f"{USER_VARIABLE}={user!r}",
            text("write an address such as {example}, or unset the variable", example=DEFAULT_USER),
        )
    return Emulator(_origin(address), user)


def is_google(url: str) -> bool:
    """Tell whether this is an https address of Google's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and any(host == name or host.endswith(f".{name}") for name in _GOOGLE)


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _not_of_this_machine(address) from error
    is_bare = parts.path in {"", "/"} and not parts.query and not parts.fragment and "@" not in parts.netloc
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or not port or not is_bare:
        raise _not_of_this_machine(address)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"http://{host}:{port}"


def _not_of_this_machine(address: str) -> CchcError:
    return _refused(
        text("the emulator must run on this machine; this is another kind of address"),
        f"{ADDRESS_VARIABLE}={address}",
        text("write {example}, with the port of the emulator, or unset the variable", example="http://127.0.0.1:8080"),
    )


def _refused(what: Text, where: str, fix: Text) -> CchcError:
    return CchcError(what, where=where, fix=fix, code="emulator")
