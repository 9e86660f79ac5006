"""Internal notes (ghi chú nội bộ) in a remark: for the office alone, kept where they were typed and told by `trace`.

What begins with «Nội bộ:» at the beginning of a line or sentence, or with «[nội bộ]» anywhere, is one, up to the end of
its line. Whatever is read as a remark or a reason is read without them, so that no sheet, paper or page has them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cchc_sheets.assessment.sheet_reader import SheetReader
from cchc_sheets.messages import text
from cchc_sheets.reading import RowReading

_NOTE: Final = re.compile(
    r"(?:(?:^|(?<=[.;!?]))[^\S\n]*[-+*•]?[^\S\n]*(?:ghi\s+chu\s+)?noi\s+bo\s*[:：]|\[\s*noi\s+bo\s*:?\s*\])[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)


def without_internal_notes(words: str) -> str:
    """Return a remark as others than the office may see it; one without notes stays as it is."""
    composed = unicodedata.normalize("NFC", words)
    notes = list(_NOTE.finditer(_plain(composed)))
    if not notes:
        return words
    words = composed
    kept, at = [], 0
    for note in notes:
        kept.append(words[at : note.start()])
        at = note.end()
    lines = "".join((*kept, words[at:])).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def report_unseen(reader: SheetReader, row: RowReading, column: str) -> None:
    """Warn that of a reason nothing is left for the unit; the points count all the same: a note moves none."""
    reader.report(
        "remark_internal",
        row,
        column,
        text("all of it is an internal note; the unit sees no reason for the points"),
        text("write before «Nội bộ:» what the unit may read"),
        "warning",
    )


def _plain(words: str) -> str:
    """Return words sign by sign without marks; as long as before, so that places stay the same."""
    return "".join(unicodedata.normalize("NFD", sign)[0] for sign in words)
