"""Who changes what in one batch: the draft, the person, and the protections that stand in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from google_server.errors import PROTECTED
from google_server.sheets_areas import Area, InvalidRequestError, from_grid_range, left_over, to_grid_range
from google_server.sheets_formulas import parse_formula
from google_server.sheets_grid import Book, Message, Protection, Tab
from google_server.sheets_locale import Locale, locale_of

MOST_CHARACTERS = 50_000


@dataclass(slots=True)
class Edit:
    """One batch of changes by `user` on a draft; `owner` is the address of the file's owner ("" on a Shared Drive)."""

    book: Book
    user: str
    owner: str
    today: date
    groups: frozenset[str] = frozenset()
    is_draft: bool = False
    rules: dict[str, Message] = field(default_factory=dict)

    @property
    def locale(self) -> Locale:
        """Return how the spreadsheet writes numbers and formulas."""
        return locale_of(self.book.locale)

    def may_edit(self, protection: Protection) -> bool:
        """Tell whether the protection lets this person through. The owner always passes."""
        if self.user == self.owner or protection.warning or protection.users is None:
            return True
        same_domain = self.owner.partition("@")[2] == self.user.partition("@")[2]
        return (
            self.user in protection.users
            or not self.groups.isdisjoint(protection.groups)
            or (protection.domain and same_domain)
        )

    def allows(self, tab: Tab, area: Area) -> bool:
        """Tell whether every cell of the area may be changed; several protections must all agree."""
        for protection in tab.protections.values():
            common = protection.area.overlap(area)
            if common is not None and not self.may_edit(protection) and left_over(common, protection.holes):
                return False
        return True

    def guard(self, tab: Tab, area: Area) -> None:
        """Refuse a change of cells that are protected."""
        if not self.allows(tab, area.within(tab.rows, tab.columns)):
            raise InvalidRequestError(PROTECTED)

    def guard_sheet(self, tab: Tab) -> None:
        """Refuse what would change a protected sheet as a whole: its lines, its tab, its properties."""
        if any(found.area.whole and not self.may_edit(found) for found in tab.protections.values()):
            raise InvalidRequestError(PROTECTED)

    def place(self, data: Mapping[str, Any] | None) -> tuple[Tab, Area]:
        """Return the tab, ready to be changed, and the area of a GridRange, not yet cut to the grid."""
        if data is None:
            raise InvalidRequestError("range is required")
        return self.book.writable(data.get("sheetId", 0)), from_grid_range(data)

    def target(self, data: Mapping[str, Any] | None) -> tuple[Tab, Area]:
        """Return tab and area of a GridRange whose cells are about to change: inside the grid, not protected."""
        tab, area = self.place(data)
        area = tab.limited(area)
        self.guard(tab, area)
        return tab, area

    def knows(self, kind: str, name: str) -> bool:
        """Tell whether a formula's name stands for a sheet or a named range."""
        return knows(self.book, kind, name)

    def value(self, data: Message | None) -> Message | None:
        """Return a checked ExtendedValue as a cell keeps it: formulas in the sheet's notation, "" as nothing."""
        if not data:
            return None
        if len(data) > 1:
            second = list(data)[1]
            raise InvalidRequestError(f"oneof field 'value' is already set. Cannot set '{second}'")
        ((kind, content),) = data.items()
        match kind, content:
            case "stringValue", str():
                _check_length(content)
                return {"stringValue": content} if content else None
            case "formulaValue", str():
                return {"formulaValue": self._formula(content)}
            case "boolValue", bool():
                return {"boolValue": content}
            case "numberValue", int() | float() if not isinstance(content, bool):
                return {"numberValue": float(content)}
            case _:
                raise InvalidRequestError(f"userEnteredValue: {kind} cannot be written as {content!r}")

    def _formula(self, text: str) -> str:
        _check_length(text)
        if not text.startswith("="):
            raise InvalidRequestError(f"Invalid formula: {text}. A formula starts with '='.")
        return parse_formula(text, self.locale, self.knows).text


def knows(book: Book, kind: str, name: str) -> bool:
    """Tell whether a formula's name stands for a sheet or a named range of the book."""
    if kind == "sheet":
        return book.by_title(name) is not None
    return any(found["name"] == name for found in book.named_ranges.values())


def protection_message(edit: Edit, tab: Tab, protection: Protection) -> Message:
    """Return a ProtectedRange as this person may see it: editors only with the right to edit it."""
    found: Message = {"protectedRangeId": protection.id}
    found["range"] = to_grid_range(protection.area, tab.id)
    if protection.named_range:
        found["namedRangeId"] = protection.named_range
    if protection.description:
        found["description"] = protection.description
    if protection.warning:
        found["warningOnly"] = True
    if protection.holes:
        found["unprotectedRanges"] = [to_grid_range(hole, tab.id) for hole in protection.holes]
    if edit.may_edit(protection):
        found["requestingUserCanEdit"] = True
        if not protection.warning:
            found["editors"] = _editors(protection)
    return found


def _editors(protection: Protection) -> Message:
    editors: Message = {}
    if protection.users:
        editors["users"] = list(protection.users)
    if protection.groups:
        editors["groups"] = list(protection.groups)
    if protection.domain:
        editors["domainUsersCanEdit"] = True
    return editors


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequestError("Your input contains more than the maximum of 50000 characters in a single cell.")
