"""From the parts of an .xlsx file to cells under their addresses, streamed: no tree is built of a part."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError

from cchc_sheets.reading import Cell
from cchc_sheets.workspace.cell_numbers import Meaning, iso_cell, number_cell, whole_number
from cchc_sheets.workspace.found import FoundRow
from cchc_sheets.workspace.links import links_in_formula, with_links_in
from cchc_sheets.workspace.placement import letter, place_of
from cchc_sheets.workspace.xlsx_formats import meaning
from cchc_sheets.workspace.xlsx_package import LAST_ROW, Attributes, Package, too_long
from cchc_sheets.workspace.xlsx_text import decoded, is_too_long

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_MOST_LINKED = 1_000  # cells of one link over a range
_LONGEST_REFERENCE = 40

Handler = Callable[[str], None]


@dataclass(slots=True)
class StyledRow(FoundRow):
    """A row with the style numbers of its cells by column letter."""

    styles: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Styles:
    """What the style numbers of a file mean: their number formats, and which of them leave a cell open."""

    meanings: tuple[Meaning, ...] = ()
    unlocked: frozenset[int] = frozenset()


class TextReader:
    """Collects texts out of a stream of elements: rich runs joined, readings of East Asian words left out."""

    def __init__(self, holder: str, take: Callable[[str, str], None]) -> None:
        """Hand the text of every element `holder` to `take`, after the holder's `ref` if it has one."""
        self._holder = holder
        self._take = take
        self._ref = ""
        self._parts: list[str] | None = None
        self._wanted = False
        self._phonetic = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """See an element begin."""
        local = name.rpartition(" ")[2]
        if local == self._holder:
            self._parts, self._ref = [], attributes.get("ref", "")
        elif local == "rPh":
            self._phonetic += 1
        self._wanted = local in {"t", "text"} and not self._phonetic

    def end(self, name: str) -> None:
        """See an element end."""
        local = name.rpartition(" ")[2]
        if local == "rPh":
            self._phonetic -= 1
        elif local == self._holder and self._parts is not None:
            self._take(self._ref, decoded("".join(self._parts)))
            self._parts = None
        self._wanted = False

    def characters(self, data: str) -> None:
        """See text."""
        if self._wanted and self._parts is not None:
            self._parts.append(data)


def read_strings(package: Package, part: str) -> list[str]:
    """Return the shared texts of the workbook."""
    strings: list[str] = []
    reader = TextReader("si", lambda _, words: strings.append(words))
    package.parse(part, reader.start, reader.end, reader.characters)
    return strings


def read_styles(package: Package, part: str) -> Styles:
    """Return what the style numbers of the workbook mean."""
    codes: dict[int, str] = {}
    meanings: list[Meaning] = []
    unlocked: set[int] = set()
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        local = name.rpartition(" ")[2]
        if local == "cellXfs":
            inside = True
        elif local == "numFmt" and "numFmtId" in attributes:
            codes.setdefault(whole_number(attributes["numFmtId"]), attributes.get("formatCode", ""))
        elif local == "xf" and inside:
            number = whole_number(attributes.get("numFmtId", "0"))
            meanings.append(meaning(number, codes.get(number)))
        elif local == "protection" and inside and attributes.get("locked") in {"0", "false"}:
            unlocked.add(len(meanings) - 1)

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and not name.endswith(" cellXfs")

    package.parse(part, start, end, lambda _: None)
    return Styles(tuple(meanings), frozenset(unlocked))


class SheetParser:
    """Reads the cells of one sheet after the other; `strings` and `styles` are those of the workbook.

    `used_styles` are the style numbers of all cells of the sheet read last, blank ones included; `merged` the ranges
    (`B2:B40`) of which one cell was made.
    """

    def __init__(self, package: Package, strings: list[str], styles: Styles, *, since_1904: bool) -> None:
        self._package = package
        self._strings = strings
        self._meanings = styles.meanings
        self.unlocked = styles.unlocked
        self._since_1904 = since_1904
        self._texts: dict[str, Cell | None] = {}
        self._begin_sheet({})

    def read(self, part: str) -> list[StyledRow]:
        """Return the rows that hold anything, from top to bottom."""
        relations = self._package.relations(part)
        self._begin_sheet({key: target for key, (_, target) in relations.items()})
        self._package.parse(part, self._start, self._end, self._characters)
        self._attach("links", self._links)
        self._attach("note", _notes(self._package, relations))
        return [self._rows[number] for number in sorted(self._rows)]

    def _begin_sheet(self, targets: Mapping[str, str]) -> None:
        self._targets = targets
        self.used_styles: set[int] = set()
        self.merged: list[str] = []
        self._rows: dict[int, StyledRow] = {}
        self._row = StyledRow(0)
        self._column = 0
        self._type = ""
        self._style = 0
        self._in_cell = False
        self._phonetic = False
        self._collected: list[str] | None = None
        self._value = ""
        self._words = ""
        self._formula: str | None = None
        self._shared_id = ""
        self._shared: dict[str, tuple[str, str]] = {}
        self._links: dict[str, str] = {}
        self._held = 0
        self._characters_held = 0

    def _start(self, name: str, attributes: Attributes) -> None:
        local = name.rpartition(" ")[2]
        if local == "c":
            self._begin_cell(attributes)
        elif local == "row":
            number = whole_number(attributes["r"]) if "r" in attributes else self._row.number + 1
            if number > LAST_ROW:
                raise self._package.too_large()
            self._row = self._rows.get(number) or StyledRow(number)
            self._column = 0
        elif not self._in_cell:
            if local == "hyperlink":
                self._take_link(attributes)
            elif local == "mergeCell":
                self.merged.append(attributes.get("ref", "")[:_LONGEST_REFERENCE])
                self._held += 1
                self._refuse_too_much()
        elif local in {"v", "t"}:
            self._collected = None if self._phonetic else []
        elif local == "f":
            self._collected = []
            self._shared_id = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif local == "rPh":
            self._phonetic = True

    def _begin_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        self._column = self._column_of(reference) if reference else self._column + 1
        self._type = attributes.get("t", "n")
        self._style = whole_number(attributes.get("s", "0"))
        self.used_styles.add(self._style)
        self._in_cell = True
        self._value = self._words = ""
        self._formula = None

    def _column_of(self, reference: str) -> int:
        """Return the column of a cell; one that says it stands in another row is shown there, and not read here."""
        match = _ADDRESS.fullmatch(reference)
        if match is None or int(match[2]) != self._row.number:
            raise self._package.misplaced(reference)
        return place_of(match[1])

    def _characters(self, data: str) -> None:
        if self._collected is not None:
            self._collected.append(data)

    def _end(self, name: str) -> None:
        if not self._in_cell:
            return
        local = name.rpartition(" ")[2]
        if local == "c":
            self._in_cell = False
            self._end_cell()
        elif local == "rPh":
            self._phonetic = False
        elif self._collected is not None and local in {"v", "t", "f"}:
            words, self._collected = "".join(self._collected), None
            self._refuse_too_long(words, self._address)
            if local == "v":
                self._value = words
            elif local == "t":
                self._words += words
            else:
                self._formula = words

    def _end_cell(self) -> None:
        if self._formula is not None:
            cell: Cell | None = self._formula_cell(self._formula)
        elif self._type in {"s", "inlineStr", "str"}:
            cell = self._text_cell()
        elif not self._value:
            cell = None
        elif self._type == "n":
            means = self._meanings[self._style] if self._style < len(self._meanings) else "number"
            cell = number_cell(self._value, means, since_1904=self._since_1904)
        else:
            cell = self._other_cell()
        if cell is not None:
            self._keep(cell)

    def _text_cell(self) -> Cell | None:
        match self._type:
            case "s":
                words = self._strings[whole_number(self._value)] if self._value else ""
            case "inlineStr":
                words = decoded(self._words)
            case _:
                words = decoded(self._value)
        try:
            return self._texts[words]
        except KeyError:
            self._refuse_too_long(words, self._address)
            cell = Cell(words, links=with_links_in(words)) if words.strip() else None
            self._texts[words] = cell
            return cell

    def _other_cell(self) -> Cell:
        match self._type:
            case "b":
                return Cell(self._value in {"1", "true"})
            case "e":
                return Cell(error=self._value)
            case "d":
                return iso_cell(self._value)
            case _:
                return Cell(self._value)

    def _formula_cell(self, words: str) -> Cell:
        address = self._address
        if self._shared_id:
            if words:
                self._shared[self._shared_id] = (f"={words}", address)
            elif self._shared_id in self._shared:
                pattern, origin = self._shared[self._shared_id]
                with suppress(TokenizerError, TranslatorError):  # no formula: kept as it stands
                    pattern = str(Translator(pattern, origin=origin).translate_formula(address))
                words = pattern.removeprefix("=")
            self._shared_id = ""
        formula = f"={decoded(words)}"
        self._refuse_too_long(formula, address)
        return Cell(formula=formula, links=with_links_in("", links_in_formula(formula)))

    @property
    def _address(self) -> str:
        return f"{letter(self._column)}{self._row.number}"

    def _refuse_too_long(self, words: str, place: str) -> None:
        if is_too_long(words):
            raise too_long(place, len(words), self._package.where)

    def _keep(self, cell: Cell) -> None:
        if letter(self._column) in self._row.cells:
            raise self._package.misplaced(self._address)
        self._row.cells[letter(self._column)] = cell
        self._row.styles[letter(self._column)] = self._style
        self._held += 1
        self._characters_held += len(cell.formula) + (len(cell.value) if isinstance(cell.value, str) else 0)
        if self._row.number not in self._rows:
            self._rows[self._row.number] = self._row
        self._refuse_too_much()

    def _refuse_too_much(self) -> None:
        limits = self._package.limits
        is_beyond = self._held > limits.cells or self._characters_held > limits.characters
        if is_beyond or len(self._rows) > limits.rows:
            raise self._package.too_large()

    def _take_link(self, attributes: Attributes) -> None:
        relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
        url = self._targets.get(relation, "")
        location = attributes.get("location", "")
        if location:
            url = f"{url}#{location}"
        if url:
            self._refuse_too_long(url, attributes.get("ref", "")[:_LONGEST_REFERENCE])
            for address in _addresses(attributes.get("ref", "")):
                self._links.setdefault(address, url)
                self._held += 1
                self._characters_held += len(url)
            self._refuse_too_much()

    def _attach(self, what: str, found: Mapping[str, str]) -> None:
        for address, words in found.items():
            match = _ADDRESS.fullmatch(address)
            if match is None or not words.strip():
                continue
            self._refuse_too_long(words, address)
            row = self._rows.setdefault(int(match[2]), StyledRow(int(match[2])))
            name = match[1].upper()
            cell = row.cells.get(name, Cell())
            if what == "links":
                text = cell.value if isinstance(cell.value, str) else ""
                attached = (words, *links_in_formula(cell.formula))
                row.cells[name] = replace(cell, links=with_links_in(text, attached))
            else:
                row.cells[name] = replace(cell, note=words)


def _notes(package: Package, relations: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the notes by address; where a note is the shadow of a discussion, the discussion itself."""
    notes: dict[str, str] = {}
    threads: dict[str, str] = {}

    def add(ref: str, words: str) -> None:
        threads[ref] = f"{threads[ref]}\n{words}" if ref in threads else words

    for kind, part in relations.values():
        if kind == "comments":
            reader = TextReader("comment", notes.__setitem__)
            package.parse(part, reader.start, reader.end, reader.characters)
        elif kind == "threadedComment":
            reader = TextReader("threadedComment", add)
            package.parse(part, reader.start, reader.end, reader.characters)
    return {**notes, **threads}


def _column(reference: str) -> int:
    return place_of(reference.rstrip("0123456789"))


def _addresses(reference: str) -> list[str]:
    first, _, last = reference.replace("$", "").partition(":")
    if not last:
        return [first]
    start, stop = _ADDRESS.fullmatch(first), _ADDRESS.fullmatch(last)
    if start is None or stop is None:
        return []
    columns = range(_column(start[1]), _column(stop[1]) + 1)
    rows = range(int(start[2]), int(stop[2]) + 1)
    if len(columns) * len(rows) > _MOST_LINKED:
        return [first]
    return [f"{letter(column)}{row}" for row in rows for column in columns]
