"""Zip files from outside (.xlsx, .docx, archives), opened within bounds that hold before anything is unpacked.

A directory that would take more memory than the file, members that grow beyond measure, and methods of compression
that cannot be unpacked piece by piece are refused. Who opens one says in its own words what is wrong with it.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    RuntimeError,  # encrypted, or packed in a way that the library does not know
    OverflowError,
)
"""What Python's zip library raises at a file that is damaged, or was made to harm."""

_LONGEST_ENTRY: Final = 300  # of the directory, on average: 46 bytes and the name
_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_END_64, _END_64_SIZE = b"PK\x06\x06", 56
_LONGEST_COMMENT: Final = 0xFFFF
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class TooMuch(Exception):
    """The file is, or would become, larger than its bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most bytes of a file, the most bytes of all its members unpacked, and the most members."""

    file: int
    content: int
    members: int


def open_zip(content: bytes, bounds: Bounds) -> zipfile.ZipFile:
    """Open a zip file of which nothing is trusted.

    Raises:
        TooMuch: if it exceeds its bounds.
        DAMAGE: if it is no zip file, or uses what no office program writes.
    """
    if len(content) > bounds.file:
        raise TooMuch
    refuse_directory(content, bounds.members)
    archive = zipfile.ZipFile(io.BytesIO(content))
    entries = archive.infolist()
    if len(entries) > bounds.members or sum(entry.file_size for entry in entries) > bounds.content:
        raise TooMuch
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise zipfile.BadZipFile("compressed as no office program does it")
    return archive


def refuse_directory(content: bytes, members: int) -> None:
    """Raise TooMuch if the directory alone is larger than that of so many members; nothing of it is read."""
    at = content.rfind(_END, max(0, len(content) - _END_SIZE - _LONGEST_COMMENT))
    if at < 0 or at + _END_SIZE > len(content):
        return  # no zip file: the library says so
    size = int.from_bytes(content[at + 12 : at + 16], "little")
    at_64 = at - _LOCATOR_SIZE - _END_64_SIZE
    if at_64 >= 0 and content.startswith(_LOCATOR, at - _LOCATOR_SIZE) and content.startswith(_END_64, at_64):
        size = int.from_bytes(content[at_64 + 40 : at_64 + 48], "little")
    if size > members * _LONGEST_ENTRY:
        raise TooMuch
