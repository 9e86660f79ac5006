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
from cchc_sheets.zips import DAMAGE, Bounds, TooMuch, open_zip

DOCUMENT: Final = "word/document.xml"
LARGEST_FILE: Final = 20 * 1024 * 1024
LARGEST_CONTENT: Final = 100 * 1024 * 1024
LARGEST_XML: Final = 4 * 1024 * 1024
"""Of all parts that are not pictures together; the templates of the program have 0.2 MB."""

_CONTENT_TYPES = "[Content_Types].xml"
_REQUIRED = (_CONTENT_TYPES, "_rels/.rels", DOCUMENT)
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MACROS = re.compile(rb"macroEnabled|vbaProject|ms-office\.vba|activeX", re.IGNORECASE)
_EMBEDDED = re.compile(rb"/(?:oleObject|package|aFChunk|control|frame|subDocument)\"")
_FETCHING_FIELD = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE)\b")
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
        raise _refused(
            where, text("the template is damaged"), text("open it in Word and save it again as .docx")
        ) from error
    if any(name not in parts for name in _REQUIRED):
        raise _refused(where, text("this is no Word document"), text("save it in Word as .docx"))
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
        for name in sorted(parts, key=lambda name: (name != _CONTENT_TYPES, name)):
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
            raise _refused(
                where,
                text("the template is locked with a password"),
                text("open it in Word and remove the password (File, Info, Protect Document)"),
            )
        raise _refused(where, text("this is an old .doc file"), text("save it in Word as .docx"))
    if len(content) > LARGEST_FILE:
        raise _too_large(where)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise _refused(where, text("this is no Word document"), text("save it in Word as .docx"))


def _check_inside(parts: Mapping[str, bytes], where: str) -> None:
    types = parts[_CONTENT_TYPES]
    if _MACROS.search(types) or any(_MACROS.search(name.encode()) for name in parts):
        raise _refused(where, text("the template carries macros"), text("save it in Word as .docx, without macros"))
    for name, part in parts.items():
        if not name.endswith(_XML):
            continue
        root = _parsed(name, part, where)
        if name.endswith(".rels"):
            _check_relationships(root, part, where)
        else:
            _check_fields(root, where)


def _parsed(name: str, part: bytes, where: str) -> etree._Element:
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise _refused(
            f"{where}, {name}",
            text("the template is damaged"),
            text("open it in Word and save it again as .docx"),
        ) from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise _refused(
            f"{where}, {name}",
            text("the template declares a document type"),
            text("open it in Word and save it again as .docx"),
        )
    return root


def _check_relationships(root: etree._Element, part: bytes, where: str) -> None:
    for relation in root:
        kind = str(relation.get("Type", "")).rsplit("/", 1)[-1]
        if relation.get("TargetMode") == "External" and kind != "hyperlink":
            raise _refused(
                where,
                text(
                    "the template refers to something outside itself ({kind}: {target})",
                    kind=kind,
                    target=str(relation.get("Target"))[:100],
                ),
                text("remove the link or the attached template in Word and save it again"),
            )
    if _EMBEDDED.search(part):
        raise _refused(
            where,
            text("another file is embedded in the template"),
            text("remove the embedded object in Word and save it again"),
        )


def _check_fields(root: etree._Element, where: str) -> None:
    codes = ["".join(str(code.text or "") for code in root.iter(f"{_W}instrText"))]  # Word splits them
    codes += [str(field.get(f"{_W}instr", "")) for field in root.iter(f"{_W}fldSimple")]
    fetching = next((code.strip() for code in codes if _FETCHING_FIELD.search(code.upper())), None)
    if fetching:
        raise _refused(
            where,
            text("a field of the template fetches another file ({field})", field=fetching[:100]),
            text("replace the field with plain text and save the template again"),
        )


def _too_large(where: str) -> PublicationError:
    what = text(
        "the template is too large (at most {file} MB, {text} MB of text)",
        file=LARGEST_FILE // 1024 // 1024,
        text=LARGEST_XML // 1024 // 1024,
    )
    return _refused(where, what, text("take the pictures and foreign text out of it"))


def _refused(where: str, what: Text, fix: Text) -> PublicationError:
    return PublicationError(what, where=where, fix=fix)
