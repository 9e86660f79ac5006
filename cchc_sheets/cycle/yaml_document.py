"""YAML with the place of every entry, numbers as exact decimals, and no surprises.

Plain YAML would read the codes `1.1` and `1.10` as the same number and `0.1` as a binary fraction. Here a number
stays the decimal that was written, and text is text only if it is quoted or cannot be a number.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text

Path_ = tuple[str | int, ...]
"""Where an entry stands in the document: keys and places in lists."""

LARGEST: Final = 1024 * 1024
"""The most bytes of a file; the criteria of a province come to 90,000."""

PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
"""What is a number in a settings file."""

_MOST_ENTRIES: Final = 50_000
_DEEPEST: Final = 50  # levels; the criteria of a province need 8
_UNSHOWN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST_QUOTE: Final = 60
_TREE_TAGS: Final = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_TEXT_TAGS: Final = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")
_NUMBER_TAGS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


@dataclass
class Document:
    """A YAML file as plain data, with the line and column of every entry and the mistakes found so far."""

    name: str
    data: Any = None
    marks: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: Path_, code: str, what: Text, fix: Text) -> None:
        """Add a mistake at an entry; where the entry itself is absent, at the nearest one around it."""
        self.problems.append(self.problem(path, code, what, fix))

    def problem(self, path: Path_, code: str, what: Text, fix: Text) -> Problem:
        """Return a mistake at an entry."""
        line, column = self.mark(path)
        return Problem(
            code,
            text(
                "{file} line {line}, column {column}: {what}",
                file=self.name,
                line=line,
                column=column,
                what=what,
            ),
            fix,
            sheet=self.name,
            row=line,
            column=column,
        )

    def mark(self, path: Path_) -> tuple[int, int]:
        """Return line and column (from 1) of an entry or of the nearest one around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


def read_yaml(file: Path) -> Document:
    """Read a YAML file. Everything wrong with it as YAML is in the document's `problems`."""
    document = Document(file.name)
    try:
        _understand(document, settings_text(file))
    except FileNotFoundError:
        document.report((), "missing", text("the file is missing"), text("`init` makes it from a template set"))
    except UnicodeDecodeError:
        document.report((), "unreadable", text("cannot be read as text"), text("save the file as UTF-8 text"))
    except OSError as error:
        fix = text("check the drive or the network folder, then try again")
        document.report((), "unreadable", text("cannot be read: {error}", error=error.strerror or error), fix)
    except TooLong:
        what = text("the file is larger than any settings are (at most {size} KB)", size=LARGEST // 1024)
        document.report((), "too_large", what, text("put back the file that was meant to be here"))
    return document


def settings_text(file: Path) -> str:
    """Return the text of a settings file, without reading more than one can have.

    Raises:
        TooLong: if the file is larger.
        OSError, UnicodeDecodeError: if it cannot be read as text.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLong
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()


class TooLong(Exception):
    """The file is larger than any settings file."""


def _understand(document: Document, content: str) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _CountingComposer
    try:
        document.data = _Reader(document).value(yaml.compose(content), ())
    except MarkedYAMLError as error:
        _report_syntax(document, error)
    except (YAMLError, ValueError, OverflowError) as error:
        what = text("not YAML: {error}", error=" ".join(str(error).split())[:_LONGEST_QUOTE])
        document.report((), "syntax", what, text("mend the file in a text editor"))
    except _TooLarge as error:
        document.report((), "too_large", error.what, text("remove repeated aliases (*) and brackets within brackets"))


def _report_syntax(document: Document, error: MarkedYAMLError) -> None:
    mark = error.problem_mark or error.context_mark
    if mark is not None:
        document.marks[()] = (mark.line + 1, mark.column + 1)
    document.report(
        (),
        "syntax",
        text("the YAML cannot be understood: {problem}", problem=error.problem or error.context or ""),
        text("look for a missing colon, quote or dash, or a wrong indent, here or on the line above"),
    )


class _TooLarge(Exception):
    """The file has more entries, or more of them within one another, than any cycle needs."""

    def __init__(self, what: Text) -> None:
        super().__init__(what)
        self.what = what


def _refuse_too_large(entries: int, depth: int) -> None:
    """Stop at aliases that repeat one another or contain themselves, and at brackets within brackets."""
    if entries > _MOST_ENTRIES:
        raise _TooLarge(text("the file has too many entries (at most {most})", most=_MOST_ENTRIES))
    if depth > _DEEPEST:
        raise _TooLarge(text("the entries of the file are nested too deeply (at most {most} levels)", most=_DEEPEST))


class _CountingComposer(Composer):
    """Stops at the first entry too many, not at the end of the file."""

    entries = 0
    level = 0  # `depth` is the library's own count

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.entries += 1
        self.level += 1
        _refuse_too_large(self.entries, self.level)
        node = super().compose_node(parent, index)
        self.level -= 1
        return node


class _Reader:
    """Turns nodes into data; keeps count, so that repeated aliases cannot blow up."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.entries = 0

    def value(self, node: Node | None, path: Path_) -> Any:
        if node is None:
            return None
        self.entries += 1
        _refuse_too_large(self.entries, len(path) + 1)
        self.document.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if not isinstance(node, ScalarNode) and str(node.tag) not in _TREE_TAGS:
            self._refuse_tag(node, path)
        match node:
            case MappingNode():
                return dict(self._entries(node, path))
            case SequenceNode():
                return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node, path)
        raise TypeError(node)

    def _entries(self, node: MappingNode, path: Path_) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.document.marks[path] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
                fix = text("write a word before the colon")
                self._refuse(path, "key", text("what stands before the colon is no word"), fix)
                continue
            key = str(key_node.value)
            if key in seen:
                self.document.marks[(*path, key)] = (
                    key_node.start_mark.line + 1,
                    key_node.start_mark.column + 1,
                )
                self._refuse((*path, key), "twice", text("«{key}» is there twice", key=key), text("keep one of them"))
                continue
            seen.add(key)
            yield key, self.value(value_node, (*path, key))

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:
        tag = str(node.tag)
        if tag in _TEXT_TAGS:
            return self._words(str(node.value), path)
        if tag in _NUMBER_TAGS:
            return self._number(str(node.value), path)
        if tag == "tag:yaml.org,2002:bool":
            return str(node.value).lower() == "true"
        if tag == "tag:yaml.org,2002:null":
            return None
        self._refuse_tag(node, path)
        return None

    def _words(self, written: str, path: Path_) -> str:
        """Return a text; characters that no paper and no workbook can show are escapes that nobody meant."""
        unshown = _UNSHOWN.search(written)
        if unshown:
            what = text("the text holds the character U+{code}, which cannot be shown", code=f"{ord(unshown[0]):04X}")
            self._refuse(path, "character", what, text("remove it"))
        return _UNSHOWN.sub("", written)

    def _refuse_tag(self, node: Node, path: Path_) -> None:
        tag = str(node.tag)[:_LONGEST_QUOTE]
        self._refuse(path, "tag", text("the tag {tag} is not understood", tag=tag), text("remove the tag"))

    def _number(self, written: str, path: Path_) -> Decimal | None:
        if PLAIN_NUMBER.fullmatch(written):
            return Decimal(written)
        self._refuse(
            path,
            "number",
            text("«{written}» is no plain number", written=written[:_LONGEST_QUOTE]),
            text("write digits and a decimal point, e.g. 0.5, or put text in quotes"),
        )
        return None

    def _refuse(self, path: Path_, code: str, what: Text, fix: Text) -> None:
        self.document.report(path, code, what, fix)
