"""Answers of `spreadsheets.get` as Google gives them: what is zero, false or empty is left out."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from cchc_sheets.workspace.google_reading import FoundSpreadsheet, found_spreadsheet

Json = dict[str, Any]


def tab(rows: list[list[Json]] | None = None, **more: Any) -> Json:
    """A sheet with these rows of cells."""
    data = {"data": [{"rowData": [{"values": row} if row else {} for row in rows]}]} if rows is not None else {}
    return {"properties": {"sheetId": 1001, "title": "Tự chấm điểm"}, **data, **more}


def found(*tabs: Json, locale: str = "vi_VN") -> FoundSpreadsheet:
    """What is read out of an answer that has come over the wire."""
    answer = {"spreadsheetId": "1AbC", "properties": {"title": "Phiếu", "locale": locale}, "sheets": list(tabs)}
    return found_spreadsheet(json.loads(json.dumps(answer), parse_float=Decimal))


def words(text: str, **more: Any) -> Json:
    return {"userEnteredValue": {"stringValue": text}, "formattedValue": text, **more}


def number(value: float, kind: str = "", shown: str = "", pattern: str = "") -> Json:
    written = {name: each for name, each in (("type", kind), ("pattern", pattern)) if each}
    formats = {"userEnteredFormat": {"numberFormat": written}} if written else {}
    return {"userEnteredValue": {"numberValue": value}, "formattedValue": shown, **formats}


def formula(text: str, **more: Any) -> Json:
    return {"userEnteredValue": {"formulaValue": text}, "formattedValue": "12", **more}


def error(kind: str) -> Json:
    return {"errorValue": {"type": kind, "message": "Lỗi"}}


def run(start: int, uri: str = "") -> Json:
    """A run of rich text; `start` counts UTF-16 code units."""
    return {**({"startIndex": start} if start else {}), "format": {"link": {"uri": uri}} if uri else {}}
