"""The page for the chairman (trước khi ký): what is certain, what is close, what to look at; an internal note.

Words and tables are made by `sign_off_words`; the paper is filled into a template that the office may change, read back
and compared with the figures, or not handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.ranking import Policies, Standing
from cchc_sheets.assessment.robustness import Robustness
from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import text
from cchc_sheets.publication.wording import plain

if TYPE_CHECKING:
    from docx.document import Document

    from cchc_sheets.publication.sign_off_words import SmallTable


@dataclass(frozen=True)
class SignOff:
    """Everything the page says.

    Attributes:
        office: who hands the page in; `title` what the results are of.
        departments: their names by id.
        missing: what keeps the results from being final, each a sentence; none once they are.
        remarks: recorded exceptions worth a look, each a sentence.
        ledger_digest: of what the figures rest on.
    """

    office: str
    title: str
    year: int
    standings: tuple[Standing, ...]
    policies: Policies
    criteria: CriteriaSet
    robustness: Robustness
    departments: Mapping[str, str]
    ledger_digest: str
    program_version: str
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


REQUIRED: Final = frozenset(
    {"office", "title", "status", "certain", "close", "boundary_table", "review", "strictness_table", "method"}
)
"""The names without which the page would not say what it has to."""

TABLES: Final = ("boundary_table", "strictness_table")
_LONGEST_PROPERTY: Final = 255
_TABLE_SIZE: Final = 10.5


def make_sign_off(note: SignOff, template: Path) -> bytes:
    """Return the page as a .docx file, the same bytes for the same note.

    Raises:
        PublicationError: if the template may not be used, or the finished page does not say what the figures say; no
            file is handed over then.
    """
    from cchc_sheets.publication.docx_package import package_problems
    from cchc_sheets.publication.paper_template import fill, packed_paper
    from cchc_sheets.publication.sign_off_readback import sign_off_differences
    from cchc_sheets.publication.sign_off_words import boundary_table, strictness_table

    document = fill(template, offered_names(note), REQUIRED)
    _put_table(document, "boundary_table", boundary_table(note), template)
    _put_table(document, "strictness_table", strictness_table(note), template)
    _fix_properties(document, note)
    content = packed_paper(document, template.name)
    if problems := package_problems(content) or sign_off_differences(content, note):
        raise PublicationError(
            text("the paper does not say what the results say: {problems}", problems=list(problems[:20])),
            where=template.name,
            fix=text("take the template that comes with the program; nothing was handed over"),
        )
    return content


def offered_names(note: SignOff) -> Mapping[str, object]:
    """Return everything a template may name, each with its value."""
    from cchc_sheets.publication import sign_off_words as words

    return {
        "office": plain(note.office),
        "title": plain(note.title),
        "year": str(note.year),
        "status": words.status(note),
        "is_provisional": bool(note.missing),
        "certain": words.certain(note),
        "close": words.close(note),
        "review": words.review(note),
        "method": words.method(note),
        **{name: _marker(name) for name in TABLES},
    }


def _marker(name: str) -> str:
    return f"⟦{name}⟧"  # such brackets occur in no Vietnamese paper


def _put_table(document: Document, name: str, table: SmallTable, template: Path) -> None:
    """Put a table where the template names it; nothing where it has no lines."""
    from cchc_sheets.publication.finished_paper import words_of
    from cchc_sheets.publication.nd30_table import Cell, Row, make_table

    places = [paragraph for paragraph in document.element.body if words_of(paragraph) == _marker(name)]
    if len(places) != 1:
        raise PublicationError(
            text("{{{{ {name} }}}} does not stand alone in one paragraph of the text", name=name),
            where=template.name,
            fix=text("give it a paragraph of its own, outside every table"),
        )
    if table.lines:
        rows = [
            Row(
                tuple(
                    Cell(words, "left" if at in table.left else "center") for at, words in enumerate(map(plain, line))
                )
            )
            for line in table.lines
        ]
        heading = Row(tuple(map(Cell, table.headings)), is_bold=True)
        places[0].addprevious(make_table(table.widths, [heading], rows, _TABLE_SIZE))
    places[0].getparent().remove(places[0])


def _fix_properties(document: Document, note: SignOff) -> None:
    properties = document.core_properties
    properties.title = f"Trước khi ký: {plain(note.title)}"[:_LONGEST_PROPERTY]
    properties.author = plain(note.office)[:_LONGEST_PROPERTY]
    properties.last_modified_by = properties.comments = properties.keywords = properties.subject = ""
    properties.created = properties.modified = datetime(note.year, 1, 1)  # noqa: DTZ001 - stored as UTC
    properties.revision = 1
