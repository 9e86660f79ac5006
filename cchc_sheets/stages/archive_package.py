"""The outer shell of an archive: a zip without compression, whose every byte follows from its members.

So the same year gives the same file on every machine, nothing in it can grow when it is opened, and a byte that was
changed anywhere shows. What is not packed so is refused before anything of it is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text
from cchc_sheets.zips import DAMAGE, TooMuch, refuse_directory

MANIFEST: Final = "manifest.json"
LARGEST: Final = 1024 * 1024 * 1024
_MOST_MEMBERS: Final = 20_000
_LONGEST_NAME: Final = 200
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)
_LOCAL_HEADER: Final = 30
_ENCRYPTED: Final = 0x1


@dataclass
class Package:
    """The members of an archive by name, and where the shell around them is not as it should be."""

    members: dict[str, bytes]
    shell: list[Text] = field(default_factory=list)


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return the archive of these members: the manifest first, the others by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members, key=lambda name: (name != MANIFEST, name)):
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.create_system = 0
            archive.writestr(entry, members[name])
    return target.getvalue()


def unpacked(file: Path) -> Package:
    """Return what an archive holds, wrong check sums and all; nothing is written anywhere.

    Raises:
        CchcError: if it is no archive of ours, or holds what could do harm: names that lead out of a folder, links,
            compressed, encrypted or doubled members, or more than an archive can hold.
    """
    content = _read(file)
    try:
        refuse_directory(content, _MOST_MEMBERS)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except TooMuch as error:
        what = text("it has more than {most} members", most=_MOST_MEMBERS)
        raise _refused(file, "archive_bomb", what) from error
    except DAMAGE as error:
        raise _refused(file, "archive_damaged", text("this is no whole zip file: {error}", error=error)) from error
    _check(file, entries)
    members = {}
    for entry in entries:
        start = entry.header_offset + _LOCAL_HEADER + len(entry.filename)
        members[entry.filename] = content[start : start + entry.file_size]
    if sum(map(len, members.values())) > len(content):
        raise _refused(file, "archive_bomb", text("its members lie upon one another"))
    if MANIFEST not in members:
        raise _refused(file, "not_an_archive", text("this is no archive of a cycle: it has no {name}", name=MANIFEST))
    return Package(members, _shell_problems(content, packed(members), entries))


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """Return the digest of everything a manifest says but this digest itself."""
    told = {name: value for name, value in manifest.items() if name != "digest"}
    return hashlib.sha256(as_json(told)).hexdigest()


def as_json(value: object) -> bytes:
    """Return plain JSON values in the one form in which an archive holds them."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise _refused(file, "too_large", text("the file is too large for an archive of a cycle"))
        return file.read_bytes()
    except OSError as error:
        raise _refused(
            file, "missing", text("the file cannot be read: {reason}", reason=error.strerror or str(error))
        ) from error


def _check(file: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_MEMBERS:
        raise _refused(file, "archive_bomb", text("it has {count} members", count=len(entries)))
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise _refused(file, "archive_path", text("a member has the name «{name}»", name=name[:_LONGEST_NAME]))
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refused(file, "archive_link", text("{name} is a link to something else", name=name))
        if entry.flag_bits & _ENCRYPTED:
            raise _refused(file, "archive_encrypted", text("{name} is encrypted", name=name))
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise _refused(file, "archive_bomb", text("{name} is compressed; `archive` never does that", name=name))
        if name.casefold() in seen:
            raise _refused(file, "archive_twice", text("{name} is there twice", name=name))
        seen.add(name.casefold())


def _shell_problems(content: bytes, right: bytes, entries: list[zipfile.ZipInfo]) -> list[Text]:
    """Say beside which member the shell is not as it is packed; the members themselves are compared elsewhere."""
    if content == right:
        return []
    at = next((at for at, (a, b) in enumerate(zip(content, right, strict=False)) if a != b), len(right))
    before = [entry for entry in entries if entry.header_offset <= at]
    last = max(before, key=lambda entry: entry.header_offset, default=None)
    end = 0 if last is None else last.header_offset + _LOCAL_HEADER + len(last.filename) + last.file_size
    if last is None or at >= end:
        return [text("byte {at}, in the list of members", at=at + 1)]
    return [text("byte {at}, before {name}", at=at + 1, name=last.filename)]


def _refused(file: Path, code: str, what: Text) -> CchcError:
    return CchcError(what, where=str(file), fix=text("name an archive that `archive` made, as it was made"), code=code)
