"""What may stand inside a Word template, part by part: whatever is not on these lists is refused.

A template is handed on into a paper that is signed. What fetches, embeds, runs or computes something has no place in
it, by whatever name Word knows it; so the lists hold what papers need, and not what is known to be bad.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import Text, text

CONTENT_TYPES: Final = "[Content_Types].xml"
_RELATIONS: Final = ".rels"

_RELATION_KINDS: Final = frozenset((
    "officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail", "intelligence",
    "classificationlabels", "styles", "stylesWithEffects", "settings", "webSettings", "fontTable", "font", "numbering",
    "theme", "printerSettings", "header", "footer", "footnotes", "endnotes", "comments", "commentsExtended",
    "commentsIds", "commentsExtensible", "people", "glossaryDocument", "image", "hdphoto", "hyperlink",
    "customXml", "customXmlProps",
))  # fmt: skip
"""Last words of the types of relations, the same in both editions of the standard."""

_PART_KINDS: Final = re.compile(
    r"application/vnd\.openxmlformats-package\.(?:relationships|core-properties)\+xml"
    r"|application/vnd\.openxmlformats-officedocument\.(?:extended|custom)-properties\+xml"
    r"|application/vnd\.openxmlformats-officedocument\.(?:theme|customXmlProperties|themeOverride)\+xml"
    r"|application/vnd\.openxmlformats-officedocument\.wordprocessingml\.(?:document\.main|document\.glossary|styles"
    r"|settings|webSettings|fontTable|numbering|header|footer|footnotes|endnotes|comments|commentsExtended|commentsIds"
    r"|commentsExtensible|people)\+xml"
    r"|application/vnd\.openxmlformats-officedocument\.wordprocessingml\.printerSettings"
    r"|application/vnd\.openxmlformats-officedocument\.obfuscatedFont"
    r"|application/vnd\.ms-word\.stylesWithEffects\+xml"
    r"|application/vnd\.ms-office\.(?:classificationlabels|intelligence2?)\+xml"
    r"|application/xml|text/xml|image/[\w.+-]+",
    re.IGNORECASE,
)
_EMBEDDED: Final = frozenset(("oleObject", "package", "aFChunk", "control", "frame", "subDocument", "chart"))
_FOREIGN: Final = frozenset((
    "altChunk", "object", "OLEObject", "control", "movie", "subDoc", "frameset", "mailMerge", "entryMacro", "exitMacro",
    "webVideoPr", "dataBinding",
))  # fmt: skip
"""Elements that bring in, or run, what no other list sees; a data binding prints what another part says."""

_VML: Final = "urn:schemas-microsoft-com:"
_LINK: Final = re.compile(r"(?:https?://|mailto:)[^\s{}\\\"]+|#[^\s{}\\\"]*", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|.*\\")

_WORD: Final = r"(?:[\w.]+|\"[^\"{}\\]+\")"
_FORMAT: Final = r"(?:\s*\\\*\s*\"?[A-Za-z]+\"?)*"
_FIELDS: Final = re.compile(
    rf"(?:PAGE|NUMPAGES|SECTIONPAGES|SECTION){_FORMAT}"
    rf"|(?:REF|PAGEREF|NOTEREF|STYLEREF)\s+{_WORD}(?:\s+\\[a-z])*{_FORMAT}"
    rf"|SEQ\s+{_WORD}(?:\s+\\[nch])*(?:\s+\\s\s+[1-9])?{_FORMAT}"
    rf"|TOC(?:\s+\\[abcfhnotuwxz](?:\s+{_WORD})?)*{_FORMAT}"
    r"|HYPERLINK(?:\s+\"(?P<link>[^\"]*)\")?(?:\s+\\[hmn]|\s+\\[lot]\s+\"[^\"{}\\]*\")*",
    re.IGNORECASE,
)
"""What a field may say, switches included: a switch for the look of a number can print any figure (`\\# "'9'"`)."""

_LONGEST: Final = 100


def check_contents(parts: Mapping[str, bytes], where: str) -> None:
    """Look into every part of a template.

    Raises:
        PublicationError: naming the part, what in it is not taken, and what to do.
    """
    types = _Types(_parsed(CONTENT_TYPES, parts[CONTENT_TYPES], where))
    for name, part in parts.items():
        if name == CONTENT_TYPES or name.endswith("/"):
            continue
        place, kind = f"{where}, {name}", types.of(name)
        if not _PART_KINDS.fullmatch(kind):
            raise _not_needed(place, kind or "?")
        if name.casefold().endswith(_RELATIONS):
            _check_relations(_parsed(name, part, where), place)
        elif kind.casefold().endswith(("+xml", "/xml")):  # by its kind: any name may be given to a part
            root = _parsed(name, part, where)
            _check_elements(root, place)
            _check_fields(root, place)


def refused(where: str, what: Text, fix: Text) -> PublicationError:
    """Return the error for a template that is not taken."""
    return PublicationError(what, where=where, fix=fix)


class _Types:
    """What kind each part is of, as the package itself says."""

    def __init__(self, root: etree._Element) -> None:
        self._by_name: dict[str, str] = {}
        self._by_ending: dict[str, str] = {}
        for entry in root:
            kind = str(entry.get("ContentType", ""))
            if entry.get("PartName") is not None:
                self._by_name[str(entry.get("PartName")).lstrip("/").casefold()] = kind
            else:
                self._by_ending[str(entry.get("Extension", "")).casefold()] = kind

    def of(self, name: str) -> str:
        folded = name.casefold()
        return self._by_name.get(folded) or self._by_ending.get(folded.rpartition("/")[2].rpartition(".")[2], "")


def _parsed(name: str, part: bytes, where: str) -> etree._Element:
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refused(
            f"{where}, {name}",
            text("the template is damaged"),
            text("open it in Word and save it again as .docx"),
        ) from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise refused(
            f"{where}, {name}",
            text("the template declares a document type"),
            text("open it in Word and save it again as .docx"),
        )
    return root


def _check_relations(root: etree._Element, where: str) -> None:
    for relation in root.iter(etree.Element):
        if _local(relation) != "Relationship":
            continue
        kind, target = str(relation.get("Type", "")).rpartition("/")[2], str(relation.get("Target", "")).strip()
        if kind == "hyperlink":
            _check_link(target, where)
        elif relation.get("TargetMode", "Internal") != "Internal" or _ELSEWHERE.match(target):
            raise refused(
                where,
                text(
                    "the template refers to something outside itself ({kind}: {target})",
                    kind=kind,
                    target=target[:_LONGEST],
                ),
                text("remove the link or the attached template in Word and save it again"),
            )
        elif kind in _EMBEDDED:
            raise _embedded(where)
        elif kind not in _RELATION_KINDS:
            raise _not_needed(where, kind or "?")


def _check_link(target: str, where: str) -> None:
    if not _LINK.fullmatch(target):
        raise refused(
            where,
            text("a link of the template leads to no page of the web ({target})", target=target[:_LONGEST]),
            text("let it begin with https://, http:// or mailto:, or remove it (right-click, Remove Hyperlink)"),
        )


def _check_elements(root: etree._Element, where: str) -> None:
    for element in root.iter(etree.Element):
        name = _local(element)
        if name in _FOREIGN:
            if name in {"object", "OLEObject", "altChunk", "subDoc", "control"}:
                raise _embedded(where)
            raise _not_needed(where, name)
        if str(element.tag).startswith(f"{{{_VML}"):
            _check_drawing(element, where)


def _check_drawing(element: etree._Element, where: str) -> None:
    """Refuse what a drawing of the old kind names by an address of its own instead of a relation."""
    for attribute, value in element.attrib.items():
        name = etree.QName(attribute).localname
        if name == "href":
            _check_link(str(value).strip(), where)
        elif name in {"src", "althref"} and _ELSEWHERE.match(str(value)):
            raise refused(
                where,
                text(
                    "the template refers to something outside itself ({kind}: {target})",
                    kind=name,
                    target=str(value)[:_LONGEST],
                ),
                text("remove the link or the attached template in Word and save it again"),
            )


def _check_fields(root: etree._Element, where: str) -> None:
    codes = _Codes()
    for element in root.iter(etree.Element):
        codes.see(element)
    for code in codes.all():
        said = " ".join(code.split())
        found = _FIELDS.fullmatch(said)
        if found is None:
            raise refused(
                where,
                text(
                    "a field of the template could fetch something, or print what nobody has checked ({field})",
                    field=said[:_LONGEST],
                ),
                text("replace the field with plain text (select it, Ctrl+Shift+F9) and save the template again"),
            )
        if found["link"]:
            _check_link(found["link"], where)


class _Field:
    """A field of which the end has not come yet."""

    def __init__(self) -> None:
        self.code = ""
        self.says_more = True


class _Codes:
    """What every field of a part says. Word puts it together from pieces, from plain text and from fields within it."""

    def __init__(self) -> None:
        self._ended: list[str] = []
        self._open: list[_Field] = []
        self._strays = ""

    def all(self) -> list[str]:
        """Return the codes of all fields, also of those without an end or a beginning."""
        return [*self._ended, *(field.code for field in self._open), *([self._strays] if self._strays else ())]

    def see(self, element: etree._Element) -> None:
        """Take in the next element of the part."""
        match _local(element):
            case "fldSimple":
                self._ended.append(_attribute(element, "instr"))
            case "fldChar":
                self._mark(_attribute(element, "fldCharType"))
            case "instrText" | "delInstrText" if not self._open:
                self._strays += element.text or ""
            case "instrText" | "delInstrText" | "t" | "delText" if self._open and self._open[-1].says_more:
                self._open[-1].code += element.text or ""

    def _mark(self, kind: str) -> None:
        if kind == "begin":
            self._open.append(_Field())
        elif kind == "separate" and self._open:
            self._open[-1].says_more = False
        elif kind == "end" and self._open:
            ended = self._open.pop()
            self._ended.append(ended.code)
            if self._open and self._open[-1].says_more:
                # What the inner one prints becomes part of what the outer one says; brackets fit no field we take.
                self._open[-1].code += f"{{{ended.code}}}"


def _attribute(element: etree._Element, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _local(element: etree._Element) -> str:
    """Return the name without its namespace: files saved as “Strict Open XML” have another one."""
    return etree.QName(element).localname


def _embedded(where: str) -> PublicationError:
    return refused(
        where,
        text("another file is embedded in the template"),
        text("remove the embedded object in Word and save it again"),
    )


def _not_needed(where: str, kind: str) -> PublicationError:
    return refused(
        where,
        text("the template holds something that no paper needs ({kind})", kind=kind[:_LONGEST]),
        text("remove it in Word, or copy the text into a new document, and save that as .docx"),
    )
