r"""Formulas between our notation and that of a spreadsheet whose locale is `vi_VN`.

Ours is Excel's: commas between arguments, decimal points, `{1,2;3,4}` for an array. In `vi_VN` the same formula has
semicolons, decimal commas and `{1\2;3\4}`; the API takes and gives formulas in the spreadsheet's locale
(Google's page "Spreadsheet locale" and the field `ExtendedValue.formulaValue`).

openpyxl's Tokenizer knows only the first notation and refuses whatever a person's formula may hold besides; what
the two notations differ in needs no more than the lexemes below.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_LEXEME: Final = r"""
    (?P<fixed> "(?:[^"]|"")*"?          # a text
             | '(?:[^']|'')*'?          # the quoted name of a sheet
             | [^\W\d] [\w.]*           # a name, a function, a reference
    )
  | (?P<number> (?: \d+ {point}? \d* | {point} \d+ ) (?: [eE] [+-]? \d+ )? )
  | (?P<bracket> [(){{}}] )
  | (?P<separator> [{separators}] )
"""
_OURS: Final = re.compile(_LEXEME.format(point=r"\.", separators=","), re.VERBOSE)
_VIETNAMESE: Final = re.compile(_LEXEME.format(point=",", separators=r";\\"), re.VERBOSE)


def to_vietnamese(formula: str) -> str:
    """Return a formula of our notation as a `vi_VN` spreadsheet writes it; texts and names stay as they are."""
    return _rewritten(formula, _OURS, (".", ","), lambda _, in_array: "\\" if in_array else ";")


def from_vietnamese(formula: str) -> str:
    """Return a formula of a `vi_VN` spreadsheet in our notation; the way back from `to_vietnamese`."""
    return _rewritten(formula, _VIETNAMESE, (",", "."), _our_separator)


def _our_separator(sign: str, in_array: bool) -> str:
    if in_array:
        return "," if sign == "\\" else sign
    return "," if sign == ";" else sign


def _rewritten(
    formula: str, lexeme: re.Pattern[str], point: tuple[str, str], separator: Callable[[str, bool], str]
) -> str:
    opened: list[str] = []

    def rewritten(found: re.Match[str]) -> str:
        sign = found[0]
        match found.lastgroup:
            case "number":
                return sign.replace(*point)
            case "separator":
                return separator(sign, opened[-1:] == ["{"])
            case "bracket" if sign in "({":
                opened.append(sign)
            case "bracket" if opened:
                opened.pop()
        return sign

    return lexeme.sub(rewritten, formula)
