"""Secrets that must not sing: where to look for them, and in which disguises."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

_PIECE = 16
"""Bytes of a secret that give it away: a tenth of a token is a token half guessed."""


def disguises(secret: str) -> set[bytes]:
    """Return the forms in which a secret can be hidden in a text: in pieces, as base64, percent-encoded, as JSON.

    Forms are compared without white space, quotes and escapes (see `found_in`), so that a line break hides nothing.
    """
    whole = secret.encode()
    forms = {whole, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), whole[::-1]}
    for start in range(3):  # base64 looks different at each of its three alignments
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(b"\0" * start + whole)
            forms.add(inner[4 if start else 0 : len(inner) // 4 * 4 - 4])
    forms.add(whole.hex().encode())
    compared = {_plain(form) for form in forms}
    pieces = {form[at : at + _PIECE] for form in compared for at in range(0, len(form) - _PIECE + 1, _PIECE)}
    return {piece for piece in compared | pieces if len(piece) >= 8}


def found_in(haystack: bytes, canaries: Iterable[str]) -> set[str]:
    """Return those canaries that can be heard in these bytes, or in any file packed into them."""
    plain = b"\n".join(_plain(content) for content in _unpacked(haystack))
    return {canary for canary in canaries if any(form in plain for form in disguises(canary))}


def found_below(folder: Path, canaries: Iterable[str], *, kept: Iterable[Path] = ()) -> dict[str, set[str]]:
    """Return which files of a folder, hidden ones included, tell which canaries; `kept` are where they belong."""
    canaries, kept = list(canaries), set(kept)
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file not in kept)
    found = {file.relative_to(folder).as_posix(): found_in(file.read_bytes(), canaries) for file in files}
    return {name: heard for name, heard in found.items() if heard}


def _unpacked(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name in package.namelist():
                yield from _unpacked(package.read(name))


def _plain(content: bytes) -> bytes:
    return re.sub(rb"\\[nrt]|[\s\"'\\]+", b"", content)
