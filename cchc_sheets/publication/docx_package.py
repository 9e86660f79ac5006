"""The outer shell of a .docx file: what is let in as a template, and how a finished paper is packed.

A template is somebody's file: encrypted ones, macros, embedded objects and anything that reaches outside the file
when it is opened are refused with their reason. Packing is the same everywhere and at every time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.template_contents import CONTENT_TYPES, check_contents, refused
from cchc_sheets.zips import DAMAGE, Bounds, TooMuch, open_zip

DOCUMENT: Final = "word/document.xml"
LARGEST_FILE: Final = 20 * 1024 * 1024
LARGEST_CONTENT: Final = 100 * 1024 * 1024
LARGEST_XML: Final = 4 * 1024 * 1024
"""Of all parts that are not pictures together; the templates of the program have 0.2 MB."""

_REQUIRED = (CONTENT_TYPES, "_rels/.rels", DOCUMENT)
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MACROS = re.compile(rb"macroEnabled|vbaProject|ms-office\.vba|activeX", re.IGNORECASE)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_PARTS = 2_000
_XML = (".xml", ".rels")


def read_parts(content: bytes, where: str) -> Mapping[str, bytes]:
    """Return the parts of a .docx file that may be used as a template.

    Raises:
        PublicationError: if it is no .docx, is locked, carries macros or objects, or refers to other files.
    """
    _check_outside(content, where)
    try:
        with open_zip(content, Bounds(LARGEST_FILE, LARGEST_CONTENT, _MOST_PARTS)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except TooMuch as error:
        raise _too_large(where) from error
    except DAMAGE as error:
        raise refused(
            where, text("the template is damaged"), text("open it in Word and save it again as .docx")
        ) from error
    if any(name not in parts for name in _REQUIRED):
        raise refused(where, text("this is no Word document"), text("save it in Word as .docx"))
    if sum(len(part) for name, part in parts.items() if name.endswith(_XML)) > LARGEST_XML:
        raise _too_large(where)
    _check_inside(parts, where)
    return parts


def read_template(file: Path) -> bytes:
    """Return the bytes of a template, without reading more than one can have.

    Raises:
        PublicationError: if it cannot be read, or is larger.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise _too_large(file.name)
        return file.read_bytes()
    except OSError as error:
        raise PublicationError(
            text("the template cannot be read"),
            where=str(file),
            fix=text("put the file there, or close it in Word if it is open"),
        ) from error


def packed(content: bytes) -> bytes:
    """Return the same parts in a file that depends on nothing else: fixed order, times and system."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts, key=lambda name: (name != CONTENT_TYPES, name)):
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, parts[name])
    return target.getvalue()


def package_problems(content: bytes) -> list[Text]:
    """Return what would make Word call the file damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            parts = {name: archive.read(name) for name in names}
    except DAMAGE:
        return [text("the file is no whole .docx package")]
    problems = [text("part {name} is in the file twice", name=n) for n, times in Counter(names).items() if times > 1]
    problems += [text("part {name} is missing", name=name) for name in _REQUIRED if name not in parts]
    for name, part in parts.items():
        if name.endswith(_XML):
            problems += _xml_problems(name, part)
    return problems


def _xml_problems(name: str, part: bytes) -> Iterator[Text]:
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError:
        yield text("part {name} is not well-formed", name=name)
        return
    for cell in root.iter(f"{_W}tc"):
        if not len(cell) or cell[-1].tag != f"{_W}p":
            yield text("a table cell does not end in a paragraph: Word calls that damaged")
            return


def _check_outside(content: bytes, where: str) -> None:
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise refused(
                where,
                text("the template is locked with a password"),
                text("open it in Word and remove the password (File, Info, Protect Document)"),
            )
        raise refused(where, text("this is an old .doc file"), text("save it in Word as .docx"))
    if len(content) > LARGEST_FILE:
        raise _too_large(where)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise refused(where, text("this is no Word document"), text("save it in Word as .docx"))


def _check_inside(parts: Mapping[str, bytes], where: str) -> None:
    types = parts[CONTENT_TYPES]
    if _MACROS.search(types) or any(_MACROS.search(name.encode()) for name in parts):
        raise refused(where, text("the template carries macros"), text("save it in Word as .docx, without macros"))
    check_contents(parts, where)


def _too_large(where: str) -> PublicationError:
    what = text(
        "the template is too large (at most {file} MB, {text} MB of text)",
        file=LARGEST_FILE // 1024 // 1024,
        text=LARGEST_XML // 1024 // 1024,
    )
    return refused(where, what, text("take the pictures and foreign text out of it"))
