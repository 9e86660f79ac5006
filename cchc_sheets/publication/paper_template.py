"""The office's own Word template: checked before it is filled, filled without ever running anything of its own.

The office writes `{{ subject }}` and the like in Word. Names that mean nothing, required names that are missing and
tags that are not closed are told with the paragraph they stand in; Word may break a name over several runs.
"""

from __future__ import annotations

import difflib
import html
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docx.document import Document
from docxtpl import DocxTemplate
from jinja2 import TemplateError, TemplateSyntaxError, meta
from lxml import etree

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.docx_package import packed, read_parts, read_template
from cchc_sheets.publication.finished_paper import NOT_OPENED, Paper
from cchc_sheets.publication.template_language import TemplateLanguage, not_understood

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_MARKUP = re.compile(r"<[^>]+>")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PRINTED = re.compile(r"^word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml$")
_ESCAPE = re.compile(r"(?<=[{}%])_(?=[{}%])")
_GUARD: Final = "\ue000"  # for private use: no text from outside keeps it
_LONGEST_QUOTE: Final = 120
_MARKS = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_OPENING: Final = ("{{", "{%", "{#")
MOST_TAGS: Final = 5_000
"""The longest template that comes with the program has 200."""

_HEADING = re.compile(r"^(?:Điều|Phụ lục|Phần|Chương|Mục)\s+[\dIVX]")
_FAILURES = (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True)
class _Paragraph:
    """One paragraph of the template with its tags whole: its place for a person is its text and its heading."""

    text: str
    heading: str

    @property
    def place(self) -> Text:
        if self.heading and self.heading != self.text:
            return text("«{paragraph}» under «{heading}»", paragraph=_short(self.text), heading=_short(self.heading))
        return text("«{paragraph}»", paragraph=_short(self.text))


def fill(template: Path, offered: Mapping[str, object], required: Collection[str]) -> Document:
    """Return the template with every name replaced by what is offered under it.

    Raises:
        PublicationError: if the file may not be used, a name in it is not offered, a required one is missing, or a
            tag cannot be understood; nothing is filled in then.
    """
    return Prepared.checked(read_template(template), template.name, offered, required).filled(offered)


@dataclass(frozen=True)
class Prepared:
    """A template that was checked once and may be filled many times.

    Attributes:
        where: its name for messages.
        names: those that it uses.
    """

    content: bytes
    where: str
    environment: TemplateLanguage
    names: frozenset[str]

    @classmethod
    def checked(cls, content: bytes, where: str, offered: Mapping[str, object], required: Collection[str]) -> Prepared:
        """Return the template if it may be used.

        Raises:
            PublicationError: if the file may not be used, a name in it is not offered, a required one is missing, or
                a tag cannot be understood.
        """
        parts = read_parts(content, where)
        _refuse_unfinished(parts, where)
        environment = TemplateLanguage()
        used = _used_names(_opened(content, where), environment, where, offered)
        missing = sorted(set(required) - used)
        if missing:
            raise PublicationError(
                text("the template lacks {names}", names=[f"{{{{ {name} }}}}" for name in missing]),
                where=where,
                fix=text("write the names where they belong, or start from the template that comes with the program"),
            )
        return cls(content, where, environment, frozenset(used))

    def filled(self, offered: Mapping[str, object]) -> Document:
        """Return the template with every name replaced by what is offered under it.

        Raises:
            PublicationError: if something in it goes wrong with these values.
        """
        paper = DocxTemplate(io.BytesIO(self.content))
        values = {name: _guarded(value) for name, value in offered.items()}
        self.environment.begin()
        try:
            paper.render(values, self.environment, autoescape=True)
        except _FAILURES as error:
            raise PublicationError(
                text("the template cannot be filled in: {reason}", reason=str(error)[:200]),
                where=self.where,
                fix=text("use only the names offered, as plain {{{{ name }}}} or in a loop over a list"),
            ) from error
        document: Document = paper.docx  # get_docx() would load the template afresh
        for words in document.element.body.iter(f"{_W}t"):
            words.text = (words.text or "").replace(_GUARD, "")
        return document


def packed_paper(document: Document, where: str) -> bytes:
    """Return the file of a filled template, the same bytes for the same content.

    Raises:
        PublicationError: if a part of the template that nothing looked at so far is broken.
    """
    target = io.BytesIO()
    try:
        document.save(target)
    except NOT_OPENED as error:
        raise _damaged(where) from error
    return packed(target.getvalue())


def _damaged(where: str) -> PublicationError:
    return PublicationError(
        text("the template is damaged"), where=where, fix=text("open it in Word and save it again as .docx")
    )


def _opened(content: bytes, where: str) -> DocxTemplate:
    paper = DocxTemplate(io.BytesIO(content))
    try:
        paper.render_init()
        paper.patch_xml(paper.get_xml())
        whole = Paper(paper.docx)
        _ = whole.styles, whole.printed_parts, whole.sections
        for key in _relations_named(whole.body):
            _ = paper.docx.part.rels[key]
    except NOT_OPENED as error:
        raise _damaged(where) from error
    return paper


def _relations_named(body: etree._Element) -> Iterator[str]:
    """Yield the relation of every header, picture and link that the text names."""
    for element in body.iter():
        yield from (str(value) for name, value in element.attrib.items() if str(name).startswith(_RELATIONS))


def _guarded(value: object) -> object:
    """Keep the filling library from reading `{_{` in a text from outside as its own escape for `{{`."""
    if isinstance(value, list):
        return [_guarded(item) for item in value]
    return _ESCAPE.sub(_GUARD + "_", value) if isinstance(value, str) else value


def _refuse_unfinished(parts: Mapping[str, bytes], where: str) -> None:
    """Refuse changes that nobody accepted, which would be printed as both old and new, and tags without an end."""
    for name, part in parts.items():
        if not _PRINTED.match(name):
            continue
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False))
        change = next(root.iter(f"{_W}ins", f"{_W}del", f"{_W}moveFrom", f"{_W}moveTo"), None)
        if change is not None:
            paragraph = next(change.iterancestors(f"{_W}p"), change)
            raise PublicationError(
                text("the template has tracked changes that nobody accepted"),
                where=f"{where}: «{_short(_text_of(paragraph))}»",
                fix=text("accept or reject all changes in Word (Review) and save the template again"),
            )
        _refuse_tags(root, where)


def _refuse_tags(root: etree._Element, where: str) -> None:
    """The filling library looks for the end of every tag up to the end of the document: each must have its own."""
    count = 0
    for paragraph in root.iter(f"{_W}p"):
        words = _text_of(paragraph)
        is_open = False
        for mark in _MARKS.findall(words):
            if is_open and mark in _OPENING:
                break
            is_open = mark in _OPENING
            count += is_open
        if is_open:
            raise _not_a_tag(text("it is not closed"), _Paragraph(" ".join(words.split()), "").place, where)
    if count > MOST_TAGS:
        raise PublicationError(
            text("the template has {count} tags; a paper needs at most {most}", count=count, most=MOST_TAGS),
            where=where,
            fix=text("start from the template that comes with the program"),
        )


def _text_of(paragraph: etree._Element) -> str:
    return "".join(str(words.text or "") for words in paragraph.iter(f"{_W}t"))


def _used_names(paper: Any, environment: TemplateLanguage, where: str, offered: Mapping[str, object]) -> set[str]:
    used: set[str] = set()
    unknown: dict[str, _Paragraph] = {}
    for source in _sources(paper):
        paragraphs = list(_paragraphs(source))
        names = _names(environment, source, paragraphs, where)
        used |= names
        for name in sorted(names - set(offered)):
            unknown.setdefault(name, _holding(name, paragraphs))
    if unknown:
        raise _unknown(unknown, offered, where)
    return used


def _sources(paper: Any) -> Iterator[str]:
    """Yield the text of every printed part as it will be filled in, one paragraph a line."""
    paper.render_init()
    yield _one_paragraph_a_line(paper.patch_xml(paper.get_xml()))
    for uri in (paper.HEADER_URI, paper.FOOTER_URI):
        for _, part in paper.get_headers_footers(uri):
            yield _one_paragraph_a_line(paper.patch_xml(paper.get_part_xml(part)))


def _one_paragraph_a_line(xml: str) -> str:
    return re.sub(r"(?<=</w:p>)(?=\{)", "\n", re.sub(r"<w:p([ >])", r"\n<w:p\1", xml))


def _names(environment: TemplateLanguage, source: str, paragraphs: list[_Paragraph], where: str) -> set[str]:
    def place(line: int) -> Text:
        return paragraphs[min(max(line, 1), len(paragraphs)) - 1].place

    try:
        tree = environment.parse(source)
        refused = next(not_understood(tree), None)
        if refused is None:
            environment.from_string(source)
            return meta.find_undeclared_variables(tree)
    except TemplateSyntaxError as error:
        raise _not_a_tag((error.message or "").rstrip("."), place(error.lineno), where) from error
    except (RecursionError, SyntaxError, MemoryError, ValueError) as error:
        raise _not_a_tag(text("it is nested too deeply"), place(1), where) from error
    line, what = refused
    raise PublicationError(
        text("the template uses {what}, which is not understood here, in {place}", what=what, place=place(line)),
        where=where,
        fix=text("use only the names offered, as plain {{{{ name }}}} or in a loop over a list"),
    )


def _not_a_tag(reason: Text | str, place: Text, where: str) -> PublicationError:
    return PublicationError(
        text("a tag of the template cannot be understood: {reason}, in {place}", reason=reason, place=place),
        where=where,
        fix=text("mend the tag in Word: every {{{{ needs its }}}}, every {{% for %}} its {{% endfor %}}"),
    )


def _paragraphs(source: str) -> Iterator[_Paragraph]:
    heading = ""
    for line in source.split("\n"):
        words = " ".join(html.unescape(_MARKUP.sub("", line)).split())
        if _is_heading(words):
            heading = words
        yield _Paragraph(words, heading)


def _is_heading(words: str) -> bool:
    letters = [c for c in _TAG.sub("", words) if c.isalpha()]
    return bool(_HEADING.match(words)) or (len(letters) > 1 and all(c.isupper() for c in letters))


def _holding(name: str, paragraphs: Iterable[_Paragraph]) -> _Paragraph:
    word = re.compile(rf"\b{re.escape(name)}\b")
    return next(p for p in paragraphs if any(word.search(tag) for tag in _TAG.findall(p.text)))


def _unknown(unknown: Mapping[str, _Paragraph], offered: Mapping[str, object], where: str) -> PublicationError:
    places = [
        text("{{{{ {name} }}}} in {place}", name=name, place=paragraph.place) for name, paragraph in unknown.items()
    ]
    near = [match for name in unknown for match in difflib.get_close_matches(name, list(offered), 1)]
    fix = text("the names are: {names}", names=sorted(offered))
    if near:
        fix = text("did you mean {near}? the names are: {names}", near=near, names=sorted(offered))
    return PublicationError(
        text("the template has names that mean nothing here: {places}", places=places), where=where, fix=fix
    )


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST_QUOTE else words[:_LONGEST_QUOTE] + "…"
