"""The saved sign-in of a person: one file per OAuth client in the user's own folder, for nobody else to read.

With an emulator it is another file, one per emulator, so that a real sign-in is never sent to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text
from cchc_sheets.workspace.google_emulator import Emulator

PROGRAM: Final = "cchc-sheets"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class SavedToken:
    """What Google gave when a person signed in.

    Attributes:
        scopes: what the person allowed.
        expiry: when `access` ends, an hour at most after it was given.
        made: when the person signed in.
        ends: when Google ends the sign-in itself; None if it did not limit it.
    """

    refresh: str = field(repr=False)
    access: str = field(repr=False)
    scopes: tuple[str, ...]
    expiry: datetime | None
    made: datetime | None
    ends: datetime | None


class TokenFile:
    """The file in which the sign-in with one OAuth client is kept."""

    def __init__(self, client_id: str, *, emulator: Emulator | None, folder: Path | None) -> None:
        kind = "emulator-token" if emulator else "token"
        owner = f"{client_id} {emulator.origin}" if emulator else client_id
        self._client_id = client_id
        self.path = (folder or _user_folder()) / f"{kind}-{hashlib.sha256(owner.encode()).hexdigest()[:16]}.json"

    def load(self) -> SavedToken | None:
        """Return what is saved; None if nothing is, or nothing that can be used.

        Raises:
            CchcError: if the system does not let us read it.
        """
        try:
            content = self.path.read_bytes()
            if os.name == "posix" and self.path.stat().st_mode & _OTHERS:
                self.path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        try:
            return _token_from(json.loads(content), self._client_id)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None  # damaged, or of another program: signing in again replaces it

    def save(self, token: SavedToken) -> None:
        """Put the token in the file's place in one step; it is never readable to others, not for a moment.

        Raises:
            CchcError: if it cannot be written.
        """
        content = json.dumps(_plain(token, self._client_id), indent=1).encode()
        temporary = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
            if os.name == "posix" and self.path.parent.stat().st_mode & _OTHERS:
                self.path.parent.chmod(stat.S_IRWXU)
            try:
                _write_own(temporary, content)
                temporary.replace(self.path)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
        except OSError as error:
            raise self._unusable(error) from error

    def forget(self) -> bool:
        """Delete the saved sign-in; tell whether there was one.

        Raises:
            CchcError: if it cannot be deleted.
        """
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unusable(error) from error
        return True

    def _unusable(self, error: OSError) -> CchcError:
        return CchcError(
            text("the saved sign-in cannot be read or written: {reason}", reason=error.strerror or str(error)),
            where=str(self.path),
            fix=text("see that you may write into this folder and that the disk has room"),
            code="token_unwritable",
        )


def _user_folder() -> Path:
    import platformdirs

    return platformdirs.user_config_path(PROGRAM, appauthor=False)


def _write_own(file: Path, content: bytes) -> None:
    """Write a new file down to the disk, born with rights for its owner only."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(file, flags, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _plain(token: SavedToken, client_id: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "client_id": client_id,
        "scopes": list(token.scopes),
        "refresh_token": token.refresh,
        "access_token": token.access,
        "expiry": _written(token.expiry),
        "made": _written(token.made),
        "ends": _written(token.ends),
    }


def _token_from(data: Mapping[str, Any], client_id: str) -> SavedToken:
    """Raises KeyError, ValueError or TypeError for anything but a token of this client."""
    if data["schema"] != 1 or data["client_id"] != client_id or not data["refresh_token"]:
        raise ValueError(client_id)
    return SavedToken(
        refresh=str(data["refresh_token"]),
        access=str(data["access_token"]),
        scopes=tuple(str(scope) for scope in data["scopes"]),
        expiry=_read(data["expiry"]),
        made=_read(data["made"]),
        ends=_read(data["ends"]),
    )


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _read(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None
