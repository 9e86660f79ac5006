"""Files that are not read: each refused with its exact reason, before it can do harm."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pytest
from memory import memory_below

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.reading import WorkbookReading
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.local import LocalWorkspace
from cchc_sheets.workspace.xlsx_reading import found_in


def read(content: bytes) -> WorkbookReading:
    return reading_of(found_in(content, "x.xlsx").sheets, "version", datetime(2023, 12, 10, tzinfo=UTC))


def stamped() -> bytes:
    """A workbook with one stamped sheet."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["cchc-sheets/1 form tay-son-2023 phu-phong", "value"])
    book.worksheets[0].append(["k", "x"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    assert change(parts[name]) != parts[name]
    return zipped({**parts, name: change(parts[name])})


def zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def encrypted() -> bytes:
    target = io.BytesIO()
    file = msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(stamped()))
    file.encrypt("matkhau", target)
    return target.getvalue()


def with_sheet(xml: bytes) -> bytes:
    return with_part(stamped(), "xl/worksheets/sheet1.xml", lambda _: xml)


def sheet_xml(rows: bytes, prolog: bytes = b"") -> bytes:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return prolog + b'<worksheet xmlns="' + main + b'"><sheetData>' + rows + b"</sheetData></worksheet>"


LAUGHS = b'<!DOCTYPE worksheet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def with_directory_of(name: str) -> bytes:
    """A workbook whose directory gives a wrong checksum for one part."""
    content = bytearray(stamped())
    place = content.index(b"PK\x01\x02")
    while content[place + 46 : place + 46 + len(name)] != name.encode():
        place = content.index(b"PK\x01\x02", place + 4)
    content[place + 16 : place + 20] = struct.pack("<I", 0xDEADBEEF)
    return bytes(content)


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda: b"", "empty_file", "the file is empty (0 bytes)"),
        (encrypted, "encrypted", "the workbook is encrypted with a password"),
        (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "not_a_workbook", ".xls file"),
        (lambda: b"M\xc3\xa3,\xc4\x90i\xe1\xbb\x83m\n1.1,0.5\n", "not_a_workbook", "no .xlsx"),
        (lambda: zipped({"word/document.xml": b"<document/>"}), "not_a_workbook", "no .xlsx"),
        (lambda: stamped()[:-300], "truncated", "the workbook is damaged or was not copied completely"),
        (lambda: stamped()[:900], "truncated", "the workbook is damaged or was not copied completely"),
        (
            lambda: with_directory_of("xl/worksheets/sheet1.xml"),
            "truncated",
            "the workbook is damaged or was not copied completely",
        ),
        (
            lambda: with_sheet(b"<worksheet><sheetData><row>"),
            "truncated",
            "the workbook is damaged or was not copied completely",
        ),
        (
            lambda: with_sheet(sheet_xml(b'<row r="x"/>')),
            "truncated",
            "the workbook is damaged or was not copied completely",
        ),
        (lambda: with_sheet(sheet_xml(b"", LAUGHS)), "not_a_workbook", "document type"),
        (lambda: stamped() + bytes(26 * 1024 * 1024), "too_large", "25 MB"),
        (lambda: with_sheet(sheet_xml(b" " * 210_000_000)), "too_large", "200 MB"),
        (lambda: with_sheet(sheet_xml(b"<row/>" * 1_048_577)), "too_large", "200 MB"),
        (
            lambda: with_sheet(sheet_xml(b"<row><c><v>1</v></c></row>" * 200_001)),
            "too_large",
            "200000 rows",
        ),
        (
            lambda: with_sheet(sheet_xml(b'<row><c r="A1" t="str"><v>' + b"x" * 32_768 + b"</v></c></row>")),
            "too_large",
            "the text in A1 has 32768 characters; a cell holds 32767",
        ),
    ],
)
def test_a_file_that_is_no_readable_workbook_is_refused_with_its_reason(
    make: Callable[[], bytes], code: str, words: str
) -> None:
    with pytest.raises(WorkbookUnreadable) as refused:
        read(make())
    assert refused.value.code == code
    assert words in f"{refused.value.what.said_in('en')} {refused.value.fix.said_in('en')}"
    assert refused.value.where == "x.xlsx"


def test_a_workbook_that_the_disk_does_not_give_is_refused_with_the_reason_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "u.xlsx").mkdir()
    with pytest.raises(WorkbookUnreadable) as refused:
        LocalWorkspace(tmp_path).read("u")
    assert (refused.value.code, refused.value.where) == ("unreadable", str(tmp_path / "u.xlsx"))
    assert refused.value.what.said_in("en") == "the file cannot be read: Is a directory"
    assert refused.value.fix.said_in("en") == "check the drive or the network folder, then try again"


def test_a_file_of_200_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "u.xlsx"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with memory_below(1_000_000), pytest.raises(WorkbookUnreadable) as refused:
        LocalWorkspace(tmp_path).read("u")
    assert refused.value.code == "too_large"
    assert refused.value.what.said_in("en") == (
        "the workbook is too large (at most 25 MB, 200 MB unpacked, 200000 rows on a sheet)"
    )


def test_one_endless_row_takes_no_memory() -> None:
    content = with_sheet(sheet_xml(b"<row>" + b"<c/>" * 300_000 + b"</row>"))
    with memory_below(5_000_000):
        assert read(content).sheets == ()
