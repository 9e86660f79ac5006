"""Sheets v4: everything under /v4/spreadsheets, for HTTP and for people at a browser alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from google_server import sheets_values as values
from google_server.errors import invalid_sheets, sheets_forbidden, sheets_not_found
from google_server.masks import BadMask, Mask, apply, parse
from google_server.sheets_areas import InvalidRequestError
from google_server.sheets_edit import Edit
from google_server.sheets_grid import Book, Message, Tab
from google_server.sheets_protections import fresh_id
from google_server.sheets_reading import spreadsheet_message
from google_server.sheets_requests import run
from google_server.sheets_tabs import sheet_properties
from google_server.world import SPREADSHEET, World

_PATH = re.compile(r"^/v4/spreadsheets(?:/(?P<id>[^/:]+))?(?P<rest>.*)$")
Query = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Call:
    """What a request says besides its path."""

    query: Query
    body: Message
    user: str
    mask: Mask


class SheetsService:
    """All spreadsheets of a world. The caller holds `world.lock`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._books: dict[str, Book] = {}

    # -------------------------------------------------------------------------------------------- called by Drive

    def create_spreadsheet(self, file_id: str, title: str) -> None:
        """Give a new file its content: one empty sheet with id 0, American locale."""
        self._books[file_id] = Book(file_id, title, tabs=[Tab(0, "Sheet1")])

    def copy_spreadsheet(self, source_id: str, new_id: str, title: str) -> None:
        """Copy the content; of the editors of protected ranges only the new owner stays."""
        copied = self._books[source_id].draft()
        copied.id, copied.title = new_id, title
        owner = self.world.file(new_id).owner
        for number in [tab.id for tab in copied.tabs]:
            tab = copied.writable(number)
            for key, found in tab.protections.items():
                tab.protections[key] = replace(found, users=(owner,) if owner else (), groups=(), domain=False)
        self._books[new_id] = copied

    # --------------------------------------------------------------------------------------------------- sessions

    @contextmanager
    def reading(self, file_id: str, user: str) -> Iterator[Edit]:
        """Lend the spreadsheet for reading.

        Raises:
            GoogleError: 404 if there is none, 403 if it is not for this person; 400 for what is wrong inside.
        """
        book = self._book(file_id)
        if self.world.role(file_id, user) is None:
            raise sheets_forbidden()
        with _refusals():
            yield self._edit(book, user)

    @contextmanager
    def writing(self, file_id: str, user: str) -> Iterator[Edit]:
        """Lend a draft of the spreadsheet; it comes into force when the block ends without an exception.

        Raises:
            GoogleError: as `reading`, and 403 for who may not edit, or if the content is restricted.
        """
        book = self._book(file_id)
        if not self.world.can_edit_content(file_id, user):
            raise sheets_forbidden()
        draft = book.draft()
        with _refusals():
            yield self._edit(draft, user, is_draft=True)
        self._books[file_id] = draft
        if draft.title != book.title:
            self.world.rename(file_id, draft.title)
        self.world.touch(file_id, user)

    def _book(self, file_id: str) -> Book:
        if file_id not in self._books or file_id not in self.world.files:
            raise sheets_not_found()
        book = self._books[file_id]
        book.title = self.world.file(file_id).name  # Drive can rename it, too
        return book

    def _edit(self, book: Book, user: str, *, is_draft: bool = False) -> Edit:
        zone = ZoneInfo(book.properties["timeZone"])
        today = self.world.now().astimezone(UTC).astimezone(zone).date()
        user = user.lower()
        groups = frozenset(name for name, found in self.world.users.items() if user in found.members)
        return Edit(book, user, self.world.file(book.id).owner.lower(), today, groups, is_draft)

    # ------------------------------------------------------------------------------------------------------- HTTP

    def handle(self, method: str, path: str, query: Query, body: Message | None, user: str) -> Message:
        """Answer a request under /v4/spreadsheets.

        Raises:
            GoogleError: whatever Google would refuse, and 400 for what this server does not know.
        """
        found = _PATH.match(path)
        if not found:
            raise sheets_not_found()
        mask = _mask(query)
        answer = self._answer(method, found["id"], found["rest"], Call(query, body or {}, user, mask))
        return apply(mask, answer)  # type: ignore[no-any-return]

    def _answer(self, method: str, file_id: str | None, rest: str, call: Call) -> Message:
        if file_id is None:
            return self._create(call) if method == "POST" and not rest else _unsupported(method, rest)
        file_id = unquote(file_id)
        for verb, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, rest)
            if verb == method and found:
                return act(self, file_id, call, *map(unquote, found.groups()))
        return _unsupported(method, rest)

    def _create(self, call: Call) -> Message:
        """Make a spreadsheet in the caller's My Drive, as spreadsheets.create does; only properties are taken."""
        if set(call.body) - {"properties", "sheets"}:
            raise invalid_sheets("spreadsheets.create: only properties and sheets are supported by this server")
        user = call.user.lower()
        known = self.world.users.get(user)
        if known is not None and known.is_service_account:
            raise sheets_forbidden()
        properties = dict(call.body.get("properties", {}))
        title = properties.pop("title", "Untitled spreadsheet")
        file = self.world.add_file(title, SPREADSHEET, user, parents=[self.world.root_of(user)])
        self.create_spreadsheet(file.id, title)
        requests: list[Message] = []
        if properties:
            fields = ",".join(properties)
            requests.append({"updateSpreadsheetProperties": {"properties": properties, "fields": fields}})
        sheets = call.body.get("sheets", [])
        requests += [{"addSheet": {"properties": one.get("properties", {})}} for one in sheets]
        if sheets and all(one.get("properties", {}).get("sheetId", 1) != 0 for one in sheets):
            requests.append({"deleteSheet": {"sheetId": 0}})
        if requests:
            self._batch_update(file.id, Call({}, {"requests": requests}, user, {}))
        return self._get(file.id, Call({}, {}, user, {}))

    def _get(self, file_id: str, call: Call) -> Message:
        asked = call.query.get("includeGridData", ["false"])[-1].lower() == "true"
        with self.reading(file_id, call.user) as edit:
            ranges = call.query.get("ranges", [])
            return spreadsheet_message(edit, call.mask, ranges, grid_data=asked or bool(call.mask))

    def _batch_update(self, file_id: str, call: Call) -> Message:
        with self.writing(file_id, call.user) as edit:
            replies = run(edit, call.body.get("requests", []))
            answer: Message = {"spreadsheetId": file_id, "replies": replies}
            if call.body.get("includeSpreadsheetInResponse"):
                data = bool(call.body.get("responseIncludeGridData"))
                ranges = call.body.get("responseRanges", [])
                answer["updatedSpreadsheet"] = spreadsheet_message(edit, {}, ranges, grid_data=data)
            return answer

    def _read_values(self, file_id: str, call: Call, text: str) -> Message:
        with self.reading(file_id, call.user) as edit:
            return values.read(edit, text, call.query)

    def _batch_read_values(self, file_id: str, call: Call) -> Message:
        with self.reading(file_id, call.user) as edit:
            return values.batch_read(edit, call.query)

    def _update_values(self, file_id: str, call: Call, text: str) -> Message:
        with self.writing(file_id, call.user) as edit:
            return values.update(edit, text, call.body, call.query)

    def _append_values(self, file_id: str, call: Call, text: str) -> Message:
        with self.writing(file_id, call.user) as edit:
            return values.append(edit, text, call.body, call.query)

    def _clear_values(self, file_id: str, call: Call, text: str) -> Message:
        with self.writing(file_id, call.user) as edit:
            return {"spreadsheetId": file_id, "clearedRange": values.clear(edit, [text])[0]}

    def _batch_update_values(self, file_id: str, call: Call) -> Message:
        with self.writing(file_id, call.user) as edit:
            return values.batch_update(edit, call.body)

    def _batch_clear_values(self, file_id: str, call: Call) -> Message:
        with self.writing(file_id, call.user) as edit:
            return {"spreadsheetId": file_id, "clearedRanges": values.clear(edit, call.body.get("ranges", []))}

    def _copy_to(self, file_id: str, call: Call, sheet_id: str) -> Message:
        """Copy one sheet into another spreadsheet, without its protections."""
        with self.reading(file_id, call.user) as source:
            copied = source.book.tab(int(sheet_id), "sheet").copy()
        with self.writing(call.body.get("destinationSpreadsheetId", ""), call.user) as edit:
            copied.id, copied.protections = fresh_id(edit, "sheet"), {}
            first = f"Copy of {copied.title}"
            numbered = (f"{first} {number}" for number in range(2, len(edit.book.tabs) + 3))
            copied.title = next(title for title in (first, *numbered) if edit.book.by_title(title) is None)
            edit.book.tabs.append(copied)
            edit.book.check_size()
            return sheet_properties(edit.book.tabs, copied)


def _mask(query: Query) -> Mask:
    text = query.get("fields", [""])[-1]
    try:
        return parse(text) if text else {}
    except BadMask as error:
        raise invalid_sheets(f"Request contains an invalid argument: fields {error.path}", "fields") from error


def _unsupported(method: str, rest: str) -> Message:
    raise invalid_sheets(f"{method} …{rest} is not supported by this server")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except InvalidRequestError as error:
        raise invalid_sheets(str(error)) from error


_ROUTES: tuple[tuple[str, str, Callable[..., Message]], ...] = (
    ("GET", "", SheetsService._get),
    ("POST", ":batchUpdate", SheetsService._batch_update),
    ("GET", "/values:batchGet", SheetsService._batch_read_values),
    ("POST", "/values:batchUpdate", SheetsService._batch_update_values),
    ("POST", "/values:batchClear", SheetsService._batch_clear_values),
    ("POST", "/values/(.+):append", SheetsService._append_values),
    ("POST", "/values/(.+):clear", SheetsService._clear_values),
    ("GET", "/values/(.+)", SheetsService._read_values),
    ("PUT", "/values/(.+)", SheetsService._update_values),
    ("POST", r"/sheets/(\d+):copyTo", SheetsService._copy_to),
)
