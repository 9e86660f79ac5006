"""Formulas as a sheet takes them: parsed in its locale, never computed but for HYPERLINK.

A formula that Google could not parse becomes an error cell here, so that a mistake in our notation is seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from google_server.sheets_areas import column_name, column_number
from google_server.sheets_locale import Locale

Message = dict[str, Any]

_TOKENS = r"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<sheet>'(?:[^']|'')*'!|[^\W\d]\w*!)
    |(?P<call>[A-Za-z][A-Za-z0-9_.]*(?=\())
    |(?P<place>\$?[A-Za-z]{1,3}\$?[0-9]+(?![\w(]))
    |(?P<column>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?!\w))
    |(?P<row>\$?[0-9]+:\$?[0-9]+)
    |(?P<number>[0-9]+(?:DECIMAL[0-9]+)?(?:[eE][+-]?[0-9]+)?|DECIMAL[0-9]+)
    |(?P<error>\#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|ERROR!))
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><>|<=|>=|[-+*/^&=<>%:])
    |(?P<argument>[;,\\])
    |(?P<bracket>[(){}])"""
_TOKEN = {sign: re.compile(_TOKENS.replace("DECIMAL", re.escape(sign)), re.VERBOSE) for sign in ".,"}
_PLACE = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]+)")
_LINK = re.compile(
    r'^=\s*HYPERLINK\s*\(\s*"((?:[^"]|"")*)"\s*(?:[;,]\s*(?:"((?:[^"]|"")*)"|[^"]*))?\)\s*$', re.IGNORECASE
)
_OPERANDS = frozenset({"text", "place", "column", "row", "number", "error", "name"})
_FUNCTIONS = frozenset(
    re.findall(
        r"\S+",
        """
        ABS ADDRESS AND ARRAYFORMULA AVERAGE AVERAGEIF AVERAGEIFS CEILING CHAR CHOOSE CLEAN CODE COLUMN COLUMNS CONCAT
        CONCATENATE COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS COUNTUNIQUE DATE DATEVALUE DAY DAYS EDATE EOMONTH
        ERROR.TYPE EXACT FALSE FILTER FIND FIXED FLATTEN FLOOR HLOOKUP HOUR HYPERLINK IF IFERROR IFNA IFS IMAGE
        IMPORTRANGE INDEX INDIRECT INT ISBLANK ISDATE ISEMAIL ISERR ISERROR ISFORMULA ISLOGICAL ISNA ISNUMBER ISTEXT
        ISURL JOIN LAMBDA LARGE LEFT LEN LET LOOKUP LOWER MAP MATCH MAX MAXIFS MEDIAN MID MIN MINIFS MINUTE MOD MONTH
        N NA NETWORKDAYS NOT NOW OFFSET OR PERCENTILE PRODUCT PROPER QUERY QUOTIENT RANK REGEXEXTRACT REGEXMATCH
        REGEXREPLACE REPLACE REPT RIGHT ROUND ROUNDDOWN ROUNDUP ROW ROWS SEARCH SECOND SEQUENCE SIGN SMALL SORT
        SPARKLINE SPLIT SQRT STDEV SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SWITCH T TEXT TEXTJOIN TIME
        TIMEVALUE TODAY TRANSPOSE TRIM TRUE TRUNC TYPE UNICHAR UNIQUE UPPER VALUE VLOOKUP WEEKDAY WEEKNUM WORKDAY
        XLOOKUP XMATCH XOR YEAR
        """,
    )
)


class Token(NamedTuple):
    """A piece of a formula."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A formula in the sheet's notation and, if it cannot stand, the error that the cell shows."""

    text: str
    error: str = ""
    message: str = ""


def parse_formula(text: str, locale: Locale, knows: Callable[[str, str], bool] = lambda *_: True) -> Parsed:
    """Return a formula as the sheet keeps it.

    In a locale with the decimal comma arguments must be separated by `;`. In one with the decimal point `;` is
    corrected to `,`, as Google does. `knows` tells whether there is a "sheet" or a "range" of some name.
    """
    tokens = list(_tokens(text[1:], locale))
    if any(token.kind == "bad" for token in tokens) or not _well_formed(tokens):
        return Parsed(text, "ERROR", "Formula parse error.")
    if locale.argument == "," and not any(token.text == "\\" for token in tokens):
        # `;` parts the rows of an array, so inside braces it stays.
        depth, corrected = 0, []
        for token in tokens:
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            corrected.append(Token("argument", ",") if token == ("argument", ";") and not depth else token)
        tokens = corrected
    elif locale.argument == "," or any(token == ("argument", ",") for token in tokens):
        return Parsed(text, "ERROR", "Formula parse error.")
    kept = "=" + "".join(token.text for token in tokens)
    return next((Parsed(kept, *wrong) for wrong in _unknown(tokens, knows)), Parsed(kept))


def _unknown(tokens: list[Token], knows: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    """Yield the error of every name that stands for nothing."""
    has_variables = any(token.kind == "call" and token.text.upper() in {"LET", "LAMBDA"} for token in tokens)
    for kind, text in tokens:
        if kind == "call" and text.upper() not in _FUNCTIONS:
            yield "NAME", f"Unknown function: '{text}'."
        elif kind == "sheet" and not knows("sheet", _title(text)):
            yield "REF", f"Unresolved sheet name '{_title(text)}'."
        elif kind == "error":
            yield "REF", "Reference does not exist."
        elif (
            kind == "name" and text.upper() not in {"TRUE", "FALSE"} and not has_variables and not knows("range", text)
        ):
            yield "NAME", f"Unknown range name: '{text}'."


def translated(text: str, old: Locale, new: Locale) -> str:
    """Return a formula in another locale's notation; one that cannot be parsed stays as it is."""
    tokens = list(_tokens(text[1:], old))
    if old.argument == new.argument or any(token.kind == "bad" for token in tokens):
        return text
    depth, parts = 0, []
    for kind, part in tokens:
        depth += {"{": 1, "}": -1}.get(part, 0)
        if kind == "number":
            parts.append(part.replace(old.decimal, new.decimal))
        elif kind == "argument" and (part == old.argument or part in ",\\"):
            in_array = depth and part in ",\\"
            parts.append("\\" if in_array and new.argument == ";" else new.argument if not depth or in_array else part)
        else:
            parts.append(part)
    return "=" + "".join(parts)


def moved(text: str, rows: int, columns: int, locale: Locale) -> str:
    """Return a formula as it is when filled `rows` down and `columns` to the right."""

    def shifted(found: re.Match[str]) -> str:
        column = found[2] if found[1] else column_name(column_number(found[2]) + columns)
        row = found[4] if found[3] else str(int(found[4]) + rows)
        return f"{found[1]}{column}{found[3]}{row}"

    parts = (_PLACE.sub(shifted, part) if kind == "place" else part for kind, part in _tokens(text[1:], locale))
    return "=" + "".join(parts)


def hyperlink(formula: str) -> tuple[str, str] | None:
    """Return address and caption of `=HYPERLINK("…";"…")` with texts in it, else None."""
    found = _LINK.match(formula)
    if not found:
        return None
    url = found[1].replace('""', '"')
    return url, (found[2] if found[2] is not None else url).replace('""', '"')


def _tokens(text: str, locale: Locale) -> Iterator[Token]:
    pattern, position = _TOKEN[locale.decimal], 0
    while position < len(text):
        found = pattern.match(text, position)
        if not found:
            yield Token("bad", text[position:])
            return
        yield Token(str(found.lastgroup), found[0])
        position = found.end()


def _well_formed(tokens: list[Token]) -> bool:
    """Tell whether brackets match and operands stand apart, with a sign between them."""
    closing = {")": "(", "}": "{"}
    opened: list[str] = []
    before = Token("sign", "=")
    for token in tokens:
        kind, text = token
        if kind == "space":
            continue
        opens = kind in _OPERANDS or text in {"(", "{"} or kind in {"call", "sheet"}
        if opens and (before.kind in _OPERANDS or before.text in closing):
            return False
        if text in closing and (not opened or opened.pop() != closing[text]):
            return False
        if text in closing.values():
            opened.append(text)
        before = token
    return not opened and (before.text in {")", "}", "%"} or before.kind in _OPERANDS)


def _title(prefix: str) -> str:
    bare = prefix[:-1]
    return bare[1:-1].replace("''", "'") if bare.startswith("'") else bare
