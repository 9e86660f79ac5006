"""files.list: which files a caller finds, page by page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from google_server import errors
from google_server.drive_access import within_scope
from google_server.drive_views import file_view
from google_server.queries import BadQuery, Query, parse_query
from google_server.service import Request
from google_server.world import DriveFile, World

_SORT_KEYS: dict[str, Callable[[DriveFile], Any]] = {
    "createdTime": lambda file: file.created,
    "modifiedTime": lambda file: file.modified,
    "name": lambda file: file.name.casefold(),
    "name_natural": lambda file: file.name.casefold(),
    "folder": lambda file: not file.is_folder,
}


def list_files(world: World, request: Request) -> dict[str, Any]:
    """Answer files.list."""
    _check_corpora(world, request)
    found = [file for file in world.files.values() if _listed(world, request, file)]
    query = _query(world, request)
    if query is not None:
        now = world.now()
        found = [
            file
            for file in found
            if not (query.needs_index and file.indexed is not None and file.indexed > now) and query.fits(file)
        ]
    found = _sorted(found, request.one("orderBy"))
    start = _start(request)
    size = min(int(request.one("pageSize", "100")), world.page_cap)
    answer: dict[str, Any] = {
        "kind": "drive#fileList",
        "incompleteSearch": False,
        "files": [file_view(world, file, request.caller) for file in found[start : start + size]],
    }
    if start + size < len(found):
        answer["nextPageToken"] = _token(request, start + size)
    return answer


def _query(world: World, request: Request) -> Query | None:
    text = request.one("q")
    if not text:
        return None
    try:
        return parse_query(text, world, request.user, request.caller.client)
    except BadQuery:
        raise errors.invalid_query() from None


def _listed(world: World, request: Request, file: DriveFile) -> bool:
    """Return whether the chosen corpora hold the file, for this caller and app."""
    corpora = request.one("corpora", "user")
    if not file.parents or not world.role(file.id, request.user) or not within_scope(world, request, file):
        return False  # roots of drives are no hits
    if corpora == "drive":
        return file.drive_id == request.one("driveId")
    if file.drive_id:
        # "user" means what the person has made, changed or opened; only "allDrives" looks into every drive
        return request.flag("includeItemsFromAllDrives") and (corpora == "allDrives" or request.user in file.opened_by)
    return request.user in file.opened_by or world.is_named(file.id, request.user)


def _check_corpora(world: World, request: Request) -> None:
    """Refuse parameters that contradict each other."""
    corpora, drive_id = request.one("corpora", "user"), request.one("driveId")
    everywhere = request.flag("includeItemsFromAllDrives")
    if corpora not in ("user", "domain", "drive", "allDrives"):
        raise errors.invalid_drive("Invalid Value", location=("parameter", "corpora"))
    if everywhere and not request.flag("supportsAllDrives"):
        message = "The includeItemsFromAllDrives parameter must be used with supportsAllDrives."
        raise errors.invalid_drive(message, location=("parameter", "supportsAllDrives"))
    if (corpora in ("drive", "allDrives") or drive_id) and not everywhere:
        message = "The includeItemsFromAllDrives parameter must be set to true for this query."
        raise errors.invalid_drive(message, location=("parameter", "includeItemsFromAllDrives"))
    if (corpora == "drive") != bool(drive_id):
        message = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise errors.invalid_drive(message, location=("parameter", "driveId"))
    if drive_id and (drive_id not in world.drives or world.role(drive_id, request.user) is None):
        raise errors.shared_drive_not_found(drive_id)


def _sorted(files: list[DriveFile], order: str) -> list[DriveFile]:
    files = sorted(files, key=lambda file: file.id)  # no order is promised, and creation order would be too kind
    for term in reversed([term.split() for term in order.split(",") if term.strip()]):
        if term[0] not in _SORT_KEYS or term[1:] not in ([], ["desc"]):
            raise errors.invalid_drive("Invalid Value", location=("parameter", "orderBy"))
        files.sort(key=_SORT_KEYS[term[0]], reverse=len(term) == 2)
    return files


def _start(request: Request) -> int:
    token = request.one("pageToken")
    if not token:  # gspread sends an empty one for the first page
        return 0
    try:
        mark, _, start = base64.urlsafe_b64decode(token.removeprefix("~!!~")).decode().partition(" ")
        if mark == _mark(request):
            return int(start)
    except ValueError:
        pass
    raise errors.invalid_drive("Invalid Value", location=("parameter", "pageToken"))


def _token(request: Request, start: int) -> str:
    return "~!!~" + base64.urlsafe_b64encode(f"{_mark(request)} {start}".encode()).decode()


def _mark(request: Request) -> str:
    """Return what binds a page token to its query, as Google demands."""
    asked = repr(
        [request.user, request.one("q"), request.one("corpora"), request.one("driveId"), request.one("orderBy")]
    )
    return hashlib.sha256(asked.encode()).hexdigest()[:12]
