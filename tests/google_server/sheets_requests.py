"""batchUpdate: every kind of request that this server knows, by its name."""

from __future__ import annotations

from collections.abc import Callable

from google_server import sheets_cell_requests as cells
from google_server import sheets_lines as lines
from google_server import sheets_protections as protections
from google_server import sheets_tabs as tabs
from google_server.errors import invalid_sheets
from google_server.sheets_areas import InvalidRequestError
from google_server.sheets_edit import Edit
from google_server.sheets_grid import Message

Kind = Callable[[Edit, Message], Message | None]

KINDS: dict[str, Kind] = {
    "addConditionalFormatRule": cells.add_conditional_format_rule,
    "addFilterView": tabs.add_filter_view,
    "addNamedRange": protections.add_named_range,
    "addProtectedRange": protections.add_protected_range,
    "addSheet": tabs.add_sheet,
    "appendDimension": lines.append_dimension,
    "autoResizeDimensions": lines.auto_resize_dimensions,
    "clearBasicFilter": tabs.clear_basic_filter,
    "createDeveloperMetadata": tabs.create_developer_metadata,
    "deleteConditionalFormatRule": cells.delete_conditional_format_rule,
    "deleteDimension": lines.delete_dimension,
    "deleteNamedRange": protections.delete_named_range,
    "deleteProtectedRange": protections.delete_protected_range,
    "deleteSheet": tabs.delete_sheet,
    "duplicateSheet": tabs.duplicate_sheet,
    "insertDimension": lines.insert_dimension,
    "mergeCells": cells.merge_cells,
    "moveDimension": lines.move_dimension,
    "repeatCell": cells.repeat_cell,
    "setBasicFilter": tabs.set_basic_filter,
    "setDataValidation": cells.set_data_validation,
    "sortRange": cells.sort_range,
    "unmergeCells": cells.unmerge_cells,
    "updateBorders": cells.update_borders,
    "updateCells": cells.update_cells,
    "updateDimensionProperties": lines.update_dimension_properties,
    "updateNamedRange": protections.update_named_range,
    "updateProtectedRange": protections.update_protected_range,
    "updateSheetProperties": tabs.update_sheet_properties,
    "updateSpreadsheetProperties": tabs.update_spreadsheet_properties,
}


def run(edit: Edit, requests: list[Message]) -> list[Message]:
    """Do the requests on the draft, one after the other, and return their replies.

    Raises:
        GoogleError: the first refusal; the draft is then worthless.
    """
    if not requests:
        raise invalid_sheets("Must specify at least one request.")
    replies = []
    for number, request in enumerate(requests):
        if len(request) != 1:
            raise invalid_sheets(f"Invalid requests[{number}]: exactly one kind of request must be set.")
        ((name, body),) = request.items()
        kind = KINDS.get(name)
        if kind is None:
            raise invalid_sheets(f"Invalid requests[{number}].{name}: not supported by this server")
        try:
            replies.append(kind(edit, body or {}) or {})
        except InvalidRequestError as error:
            raise invalid_sheets(f"Invalid requests[{number}].{name}: {error}") from error
    return replies
