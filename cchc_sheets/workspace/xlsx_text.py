"""Text in the XML of an .xlsx file: what may stand there, how it is escaped and unescaped."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

from cchc_sheets.characters import whole
from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.messages import text

LONGEST_TEXT: Final = 32_767

_CODED = re.compile("_x([0-9A-Fa-f]{4})_")
_LOOKS_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def is_too_long(value: str) -> bool:
    """Tell whether a text is longer than a cell holds, as Excel counts."""
    return len(value) > LONGEST_TEXT // 2 and len(value.encode("utf-16-le", "replace")) // 2 > LONGEST_TEXT


def xml_text(value: str, where: str) -> str:
    """Return `value` as it stands in the XML of a cell; `where` names the cell in errors.

    Raises WorkbookUnreadable (`unwritable`) for a text longer than a cell holds: nothing is cut silently.
    """
    if is_too_long(value):
        raise WorkbookUnreadable(
            text(
                "the text has {length} characters; a cell holds {longest}",
                length=len(value),
                longest=LONGEST_TEXT,
            ),
            where=where,
            fix=text("shorten the text or split it over several cells"),
            code="unwritable",
        )
    # A reader takes `_x0041_` for `A`, and a bare carriage return for a line feed.
    coded = _LOOKS_CODED.sub("_x005F_", value) if "_x" in value else value
    return escape(whole(coded)).replace("\r", "_x000D_")


def xml_attribute(value: str) -> str:
    """Return `value` as it stands between double quotes in XML."""
    return escape(whole(value), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def decoded(value: str) -> str:
    """Return the text that `value` from the XML of a cell stands for: `_x000D_` is a carriage return.

    An escape may say what no text can hold, such as half a character (`_xD800_`): that becomes a visible `�`.
    """
    if "_x" not in value:
        return value
    return whole(_CODED.sub(lambda found: chr(int(found[1], 16)), value))
