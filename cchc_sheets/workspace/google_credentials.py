"""The credentials file: which kind it is, and what is wrong with those that are none.

Google's console hands out many files that look alike. Two are of use here: the OAuth client of a *desktop app*
(Google's page "OAuth 2.0 for Mobile & Desktop Apps") and the key of a *service account* ("Using OAuth 2.0 for Server
to Server Applications"). Secrets never go into an error or a `repr`.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text

TOKEN_ADDRESS: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no secret
SIGN_IN_ADDRESS: Final = "https://accounts.google.com/o/oauth2/auth"

# Not all that ends in google.com is Google's own: scripts and forms of anybody's live there too.
_TOKEN_HOSTS: Final = frozenset({"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"})

LARGEST_FILE: Final = 100_000
PLACEHOLDER: Final = "YOUR-"


@dataclass(frozen=True, slots=True)
class DesktopClient:
    """An OAuth client of the kind "desktop app": a person signs in with it."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str
    token_uri: str


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The key of a service account; `info` is the whole file, with the private key."""

    email: str
    client_id: str
    token_uri: str
    info: Mapping[str, Any] = field(repr=False)


def credentials_in(file: Path) -> DesktopClient | ServiceAccount:
    """Read a credentials file.

    Raises:
        CchcError: in words, for a file that is missing, unreadable, of another kind, or our example unchanged.
    """
    content = _content(file)
    installed = content.get("installed")
    if isinstance(installed, dict):
        return _desktop_client(installed, file)
    if content.get("type") == "service_account":
        return _service_account(content, file)
    raise _of_another_kind(content, file)


def _content(file: Path) -> dict[str, Any]:
    raw = _bytes(file)
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        what = text("the credentials file is not written in UTF-8, so it is not as Google handed it out")
        raise _wrong(what, file, _download()) from error
    except (ValueError, RecursionError) as error:
        raise _wrong(text("the credentials file is not whole JSON"), file, _download()) from error
    if not isinstance(content, dict):
        raise _wrong(text("the credentials file is JSON, but no credentials of Google's"), file, _download())
    return content


def _bytes(file: Path) -> bytes:
    """Return the content of a file that may be JSON."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        what = text("there is no credentials file")
        fix = text("download it from the Google Cloud console and put it there, or correct `credentials` in cycle.yaml")
        raise CchcError(what, where=str(file), fix=fix, code="credentials_missing") from error
    except OSError as error:
        what = text("the credentials file cannot be read: {reason}", reason=error.strerror or str(error))
        fix = text("it must be a file that you may read; correct `credentials` in cycle.yaml if it is another one")
        raise CchcError(what, where=str(file), fix=fix, code="credentials_unreadable") from error
    if what_it_is := _known_content(raw):
        raise _wrong(what_it_is, file, _download())
    return raw


def _known_content(raw: bytes) -> Text | None:
    """Say what else the file is, for those that people take for credentials."""
    start = raw[:1000].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if not start:
        return text("the credentials file is empty")
    if start.startswith(b"%pdf"):
        return text("the credentials file is a PDF")
    if start.startswith((b"<!doctype", b"<html")):
        return text("the credentials file is a saved web page")
    if b"-----begin" in start and not start.startswith(b"{"):
        return text("the credentials file is a bare key; the JSON file around it is needed")
    if start.startswith((b"pk\x03\x04", b"\xd0\xcf\x11\xe0")):
        return text("the credentials file is a Word, Excel or zip file")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text("the credentials file was saved in UTF-16 by an editor; Google hands it out in UTF-8")
    if len(raw) > LARGEST_FILE:
        return text("the credentials file is far too large to be one")
    return None


def _desktop_client(installed: Mapping[str, Any], file: Path) -> DesktopClient:
    values = _values(installed, ("client_id", "client_secret"), file)
    return DesktopClient(
        values["client_id"],
        values["client_secret"],
        str(installed.get("auth_uri") or SIGN_IN_ADDRESS),
        str(installed.get("token_uri") or TOKEN_ADDRESS),
    )


def _service_account(content: Mapping[str, Any], file: Path) -> ServiceAccount:
    values = _values(content, ("client_email", "private_key"), file)
    return ServiceAccount(
        values["client_email"],
        str(content.get("client_id") or ""),
        str(content.get("token_uri") or TOKEN_ADDRESS),
        content,
    )


def _values(content: Mapping[str, Any], names: tuple[str, ...], file: Path) -> dict[str, str]:
    missing = [name for name in names if not isinstance(content.get(name), str) or not content[name].strip()]
    if missing:
        raise _wrong(text("the credentials file lacks {names}", names=missing), file, _download())
    if any(PLACEHOLDER in content[name] for name in names):
        what = text("this is our example of a credentials file; it opens nothing")
        fix = text("put the file that the Google Cloud console gives you for your own project in its place")
        raise CchcError(what, where=str(file), fix=fix, code="credentials_placeholder")
    return {name: content[name].strip() for name in names}


def _of_another_kind(content: Mapping[str, Any], file: Path) -> CchcError:
    desktop = text(
        "make a new OAuth client of the type “Desktop app” in the Google Cloud console and download its JSON"
    )
    if "web" in content:
        what = text("this is an OAuth client for a web site; a person cannot sign in with it from this computer")
        return _wrong(what, file, desktop)
    if content.get("type") == "authorized_user":
        what = text("this is the saved sign-in of another program (`authorized_user`), not a credentials file")
        return _wrong(what, file, desktop)
    if content.get("type") in {"external_account", "impersonated_service_account", "external_account_authorized_user"}:
        what = text(
            "credentials of the type {type} are for servers in a cloud, not for this tool", type=content["type"]
        )
        return _wrong(what, file, desktop)
    if "refresh_token" in content or "access_token" in content or "token" in content:
        what = text("this file holds a saved sign-in (a token), not credentials")
        return _wrong(what, file, desktop)
    if any("key" in name.lower() and "private" not in name.lower() for name in content):
        what = text("this is an API key; with one, public files can be read, but none made and none shared")
        return _wrong(what, file, desktop)
    if "private_key" in content or "client_email" in content:
        what = text("this looks like the key of a service account, but without `type: service_account`")
        return _wrong(what, file, _download())
    if "client_id" in content:
        what = text("this looks like the inside of an OAuth client, without the word `installed` around it")
        return _wrong(what, file, desktop)
    return _wrong(text("the credentials file is JSON, but no credentials of Google's"), file, _download())


def token_address(token_uri: str, file: Path) -> str:
    """Return where this file's tokens are asked for: only Google may be asked.

    Raises:
        CchcError: for any other address; a doctored file would hand the secret to a stranger.
    """
    parts = urlsplit(token_uri)
    if parts.scheme == "https" and parts.netloc in _TOKEN_HOSTS:
        return token_uri
    what = text(
        "the credentials file wants to fetch its token elsewhere than from Google ({address})", address=token_uri
    )
    fix = text("do not use this file; download it again from the Google Cloud console")
    raise CchcError(what, where=str(file), fix=fix, code="credentials_kind")


def _download() -> Text:
    return text(
        "download the JSON file again from the Google Cloud console (OAuth client “Desktop app”, or the key of a "
        "service account) and do not edit it"
    )


def _wrong(what: Text, file: Path, fix: Text) -> CchcError:
    return CchcError(what, where=str(file), fix=fix, code="credentials_kind")
