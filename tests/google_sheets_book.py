"""A spreadsheet on our Google server, without HTTP: requests as the office, edits as a commune's officer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from google_server.errors import GoogleError
from google_server.person import Person
from google_server.sheets import SheetsService
from google_server.sheets_areas import parse_area, to_grid_range
from google_server.world import SPREADSHEET, Permission, World

OFFICE = "office@example.gov.vn"
COMMUNE = "phuphong@example.gov.vn"
APPRAISER = "tuphap@example.gov.vn"
READER = "pct@example.gov.vn"
TODAY = datetime(2023, 12, 5, 3, tzinfo=UTC)

Message = dict[str, Any]


class Book:
    """A spreadsheet of the office that a commune and an appraiser may write, and a leader may read."""

    def __init__(self, locale: str = "vi_VN") -> None:
        self.world = World(now=lambda: TODAY)
        self.service = SheetsService(self.world)
        self.file = self.world.add_file("Phiếu", SPREADSHEET, OFFICE, parents=[])
        self.id = self.file.id
        self.service.create_spreadsheet(self.id, "Phiếu")
        for role, address in (("writer", COMMUNE), ("writer", APPRAISER), ("reader", READER)):
            permission = Permission("user", role, address)
            self.file.permissions[permission.id] = permission
        properties = {"locale": locale, "timeZone": "Asia/Ho_Chi_Minh"}
        self.batch(updateSpreadsheetProperties={"properties": properties, "fields": "locale,timeZone"})
        self.lan = Person(self.service, COMMUNE)

    def call(self, method: str, rest: str, body: Message | None = None, *, user: str = OFFICE, **query: Any) -> Message:
        """Ask the service; query parameters are texts or lists of texts."""
        lists = {name: value if isinstance(value, list) else [value] for name, value in query.items()}
        return self.service.handle(method, f"/v4/spreadsheets/{self.id}{rest}", lists, body, user)

    def batch(self, *requests: Message, user: str = OFFICE, **kinds: Message) -> list[Message]:
        """Send a batchUpdate and return its replies; one request of a kind can be given by its name."""
        body = {"requests": [*requests, *({name: value} for name, value in kinds.items())]}
        replies: list[Message] = self.call("POST", ":batchUpdate", body, user=user)["replies"]
        return replies

    def refusal(self, *requests: Message, user: str = OFFICE, **kinds: Message) -> str:
        """Return Google's words for a batchUpdate that is refused with 400."""
        with pytest.raises(GoogleError) as refused:
            self.batch(*requests, user=user, **kinds)
        assert refused.value.status == 400
        return str(refused.value.body["error"]["message"])

    def get(self, fields: str = "", *, user: str = OFFICE, **query: Any) -> Message:
        """Get the spreadsheet through a mask."""
        if fields:
            query["fields"] = fields
        return self.call("GET", "", user=user, **query)

    def cells(self, members: str, **query: Any) -> list[list[Message]]:
        """Return the cells of the first sheet's data with these members."""
        grid = self.get(f"sheets.data.rowData.values({members})", **query)["sheets"][0]["data"][0]
        return [row.get("values", []) for row in grid.get("rowData", [])]

    def write(self, *rows: list[Message], fields: str = "userEnteredValue", top: int = 0) -> None:
        """Write rows of CellData on the first sheet from column A on."""
        data = [{"values": row} for row in rows]
        self.batch(updateCells={"start": {"rowIndex": top}, "fields": fields, "rows": data})

    def protect(self, *holes: Message, editors: tuple[str, ...] = (), **more: Any) -> None:
        """Protect the first sheet but for the holes."""
        found = {"protectedRangeId": 1, "range": {}, "unprotectedRanges": list(holes)}
        self.batch(addProtectedRange={"protectedRange": {**found, "editors": {"users": list(editors)}, **more}})


def area(text: str) -> Message:
    """Return the GridRange of, e.g., B2:C4 on sheet 0."""
    found = parse_area(text)
    assert found is not None
    return to_grid_range(found, 0)


def text(value: str) -> Message:
    """Return CellData with a text."""
    return {"userEnteredValue": {"stringValue": value}}


def formula(value: str) -> Message:
    """Return CellData with a formula."""
    return {"userEnteredValue": {"formulaValue": value}}
