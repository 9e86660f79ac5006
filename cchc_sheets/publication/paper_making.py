"""Making one paper from its content: filled, laid out, held against the form and the data, or not handed over."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.paper_content import Content, Picture
from cchc_sheets.publication.paper_kinds import PaperKind
from cchc_sheets.publication.paper_readback import Promise
from cchc_sheets.publication.wording import plain

if TYPE_CHECKING:
    from docx.document import Document
    from lxml import etree

    from cchc_sheets.publication.finished_paper import SectionPart
    from cchc_sheets.publication.grid import Grid
    from cchc_sheets.publication.paper_template import Prepared

_CHARTS: Final = "charts"
_MOST_TOLD: Final = 20
_LONGEST_PROPERTY: Final = 255
_SIGNS: Final = ("{", "}", "%", "None", "(")


def prepared(kind: PaperKind, template: bytes, where: str, offered: Content) -> Prepared:
    """Check a template once, to fill it for one unit or for all.

    Raises:
        PublicationError: if it may not be used or names what is not offered.
    """
    from cchc_sheets.publication.paper_template import Prepared

    return Prepared.checked(template, where, _offered(offered), kind.required)


def make_paper(
    kind: PaperKind, content: Content, promise: Promise, template: Prepared, pictures: Sequence[Picture] = ()
) -> bytes:
    """Return one paper as a .docx file, the same bytes for the same content.

    Args:
        promise: what the data say, worked out apart from the content; the finished paper is held against it.

    Raises:
        PublicationError: if the template cannot be filled, or the finished paper breaks a rule of form or does not
            say what the data say; no file is handed over then.
    """
    from cchc_sheets.publication.nd30_check import form_problems
    from cchc_sheets.publication.paper_readback import broken_promises
    from cchc_sheets.publication.paper_template import packed_paper

    document = template.filled({**_offered(content), "has_charts": bool(pictures)})
    left_out = promise.named.keys() - template.names
    grids = {name: grid for name, grid in content.grids.items() if name not in left_out}
    _lay_out(document, grids, pictures, template.where)
    _fix_properties(document, content)
    made = packed_paper(document, template.where)
    fix = text("mend the template in Word or the wording in cycle.yaml; nothing was handed over")
    if problems := form_problems(made, quoted=_quoted(content), form=kind.form):
        raise PublicationError(
            text("the paper breaks rules of form: {problems}", problems=_first(problems)), where=template.where, fix=fix
        )
    if problems := broken_promises(made, promise.for_names(template.names)):
        raise PublicationError(
            text("the paper does not say what the data say: {problems}", problems=_first(problems)),
            where=template.where,
            fix=text("take the template that comes with the program; nothing was handed over"),
        )
    return made


def _offered(content: Content) -> dict[str, object]:
    """Return every name a template may use; where a table or the charts go, a mark stands in the filled text."""
    marks = {name: _mark(name) for name in (*content.grids, _CHARTS)}
    return {**content.names, **marks, "has_charts": False}


def _mark(name: str) -> str:
    return f"⟦{name}⟧"  # such brackets occur in no Vietnamese paper


def _lay_out(document: Document, grids: Mapping[str, Grid], pictures: Sequence[Picture], where: str) -> None:
    from cchc_sheets.publication.finished_paper import Paper, words_of
    from cchc_sheets.publication.grid import grid_table
    from cchc_sheets.publication.nd30 import fit_rules

    sections = Paper(document).sections
    places = {words_of(p): (p, section) for section in sections for p in section.paragraphs if "⟦" in words_of(p)}
    for name, grid in grids.items():
        if _mark(name) not in places:
            raise PublicationError(
                text("{{{{ {name} }}}} does not stand alone in one paragraph of the text", name=name),
                where=where,
                fix=text("give it a paragraph of its own, outside every table"),
            )
        paragraph, section = places[_mark(name)]
        _replace(paragraph, grid_table(grid, section.text_width), section)
    if _mark(_CHARTS) in places:
        paragraph, section = places[_mark(_CHARTS)]
        _put_pictures(document, paragraph, section, pictures)
    for section in sections:
        fit_rules(section.blocks, section.text_width)


def _replace(paragraph: etree._Element, table: etree._Element, section: SectionPart) -> None:
    """Put a table where its mark stood; the paragraph stays, empty, where the file format asks for one."""
    paragraph.addprevious(table)
    _empty_or_remove(paragraph, section)


def _empty_or_remove(paragraph: etree._Element, section: SectionPart) -> None:
    from docx.oxml.ns import qn

    following = paragraph.getnext()
    if following is not None and following.tag == qn("w:p") and section.properties not in paragraph.iter():
        next(paragraph.iterancestors()).remove(paragraph)
        return
    for run in paragraph.findall(qn("w:r")):
        paragraph.remove(run)


def _put_pictures(document: Document, mark: etree._Element, section: SectionPart, pictures: Sequence[Picture]) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Twips

    from cchc_sheets.publication.nd30 import write

    for place, picture in enumerate(pictures, start=1):
        shown, caption = document.add_paragraph(), document.add_paragraph()
        write(shown, align="center", before=120, keep_with_next=True)
        shown.add_run().add_picture(io.BytesIO(picture.png), width=Twips(section.text_width))
        for side in ("distT", "distB", "distL", "distR"):  # unsaid, LibreOffice takes 3 mm and leaves the margin
            next(shown._p.iter(qn("wp:inline"))).set(side, "0")  # noqa: SLF001 - distances have no interface
        properties = next(shown._p.iter(qn("wp:docPr")))  # noqa: SLF001 - what is said to the blind has no interface
        properties.set("name", f"Biểu đồ {place}")
        properties.set("descr", plain(picture.description))
        write(caption, (f"Biểu đồ {place}. {plain(picture.caption)}", "i"), size=13, align="center", after=120)
        for paragraph in (shown, caption):
            mark.addprevious(paragraph._p)  # noqa: SLF001
    _empty_or_remove(mark, section)


def _fix_properties(document: Document, content: Content) -> None:
    properties = document.core_properties
    properties.title = plain(content.title)[:_LONGEST_PROPERTY]
    properties.author = str(content.names["issued_by"])[:_LONGEST_PROPERTY]
    properties.last_modified_by = properties.comments = properties.keywords = properties.subject = ""
    properties.created = properties.modified = datetime(content.year, 1, 1)  # noqa: DTZ001 - stored as UTC
    properties.revision = 1


def _quoted(content: Content) -> tuple[str, ...]:
    """Return the texts put into the paper that look like a template's tag; whatever stands in them is text."""
    return tuple({words.rstrip(".;") for words in _strings(content) if any(sign in words for sign in _SIGNS)} - {""})


def _strings(content: Content) -> Iterator[str]:
    for value in content.names.values():
        yield from value if isinstance(value, list) else [value] if isinstance(value, str) else []
    for grid in content.grids.values():
        for line in grid.lines:
            yield from (cell.replace("\n", " ") for cell in line.cells)


def _first(problems: Sequence[Text]) -> list[Text]:
    shown = list(problems[:_MOST_TOLD])
    if len(problems) > _MOST_TOLD:
        shown.append(text("and {count} more", count=len(problems) - _MOST_TOLD))
    return shown
