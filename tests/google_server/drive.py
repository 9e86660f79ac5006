"""Drive v3: files, Shared Drives, about. Permissions and searching have modules of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from google_server import drive_permissions, errors
from google_server.drive_access import reach
from google_server.drive_listing import list_files
from google_server.drive_views import (
    can_delete,
    can_lift_owner_restriction,
    can_trash,
    file_view,
    moment,
    shared_drive_view,
    user_view,
)
from google_server.errors import GoogleError
from google_server.service import Request
from google_server.world import FOLDER, SPREADSHEET, DriveFile, World, rank

_PROPERTY_BYTES = 124
_MOST_PROPERTIES = 100
_WRITABLE = {
    "name",
    "description",
    "properties",
    "appProperties",
    "trashed",
    "starred",
    "contentRestrictions",
    "writersCanShare",
    "copyRequiresWriterPermission",
}


class Spreadsheets(Protocol):
    """What Drive needs of Sheets."""

    def create_spreadsheet(self, file_id: str, title: str) -> None:
        """Make the empty spreadsheet of a new file."""

    def copy_spreadsheet(self, source_id: str, new_id: str, title: str) -> None:
        """Make the spreadsheet of a copied file."""


class DriveService:
    """Answers everything under /drive/v3/ that the discovery document lists and this server covers."""

    def __init__(self, world: World, sheets: Spreadsheets) -> None:
        self._world = world
        self._sheets = sheets
        self._answers: dict[str, Callable[[Request], Any]] = {
            "drive.files.create": self._create,
            "drive.files.list": lambda request: list_files(world, request),
            "drive.files.get": self._get,
            "drive.files.update": self._update,
            "drive.files.copy": self._copy,
            "drive.files.delete": self._delete,
            "drive.permissions.create": lambda request: drive_permissions.create(world, request),
            "drive.permissions.list": lambda request: drive_permissions.list_(world, request),
            "drive.permissions.get": lambda request: drive_permissions.get(world, request),
            "drive.permissions.update": lambda request: drive_permissions.update(world, request),
            "drive.permissions.delete": lambda request: drive_permissions.delete(world, request),
            "drive.about.get": self._about,
            "drive.drives.get": self._shared_drive,
            "drive.drives.list": self._shared_drives,
        }

    def covers(self, operation: str) -> bool:
        """Return whether this server knows how to answer a method of the discovery document."""
        return operation in self._answers

    def handle(self, request: Request) -> Any:
        """Return the whole answer (`fields` is applied later), None for "no content".

        Raises:
            GoogleError: whatever Google would refuse.
        """
        return self._answers[request.operation](request)

    def sheets_may_open(self, request: Request) -> None:
        """Let only files through to Sheets that the token's scopes reach.

        Raises:
            GoogleError: 404, which is what an app with drive.file alone gets for files it never met.
        """
        file = self._world.files.get(request.parts.get("spreadsheetId", ""))
        if file is None:
            return
        if request.caller.sees_only_own_files("sheets") and request.caller.client not in file.clients:
            raise errors.sheets_not_found()
        if self._world.role(file.id, request.user):
            file.opened_by.add(request.user)

    # ------------------------------------------------------------------------------------------------------- files

    def _create(self, request: Request) -> dict[str, Any]:
        body = request.fields
        if "id" in body:
            raise errors.invalid_drive("Generated IDs are not supported for Google Docs formats.", "invalid")
        mime_type = body.get("mimeType", "application/octet-stream")
        new = self._add(request, body.get("name", "Untitled"), mime_type, body.get("parents") or ["root"])
        with self._undone_on_refusal(new):
            self._write(request, new, {key: value for key, value in body.items() if key not in ("mimeType", "parents")})
            if mime_type == SPREADSHEET:
                self._sheets.create_spreadsheet(new.id, new.name)
        return file_view(self._world, new, request.caller)

    @contextmanager
    def _undone_on_refusal(self, new: DriveFile) -> Iterator[None]:
        """Take a new file away again when the rest of its making is refused."""
        try:
            yield
        except GoogleError:
            self._world.remove(new.id)
            raise

    def _add(self, request: Request, name: str, mime_type: str, parents: list[str]) -> DriveFile:
        """Add an empty file where the caller may: the rules of places and of who can own."""
        if len(parents) != 1:
            raise errors.invalid_drive("A file can only have one parent.", "multipleParentsNotAllowed")
        parent = reach(self._world, request, parents[0], "writer")
        if not parent.is_folder:
            raise errors.drive_error(403, "parentNotAFolder", "The specified parent is not a folder.")
        if not parent.drive_id and mime_type != FOLDER:
            user = self._world.users[request.user]
            if user.is_service_account:
                raise errors.sa_no_quota()
            if user.storage_full:
                raise errors.user_full()
        new = self._world.add_file(name, mime_type, request.user, parents=[parent.id])
        new.clients.add(request.caller.client)
        return new

    def _get(self, request: Request) -> dict[str, Any]:
        file = reach(self._world, request, request.parts["fileId"])
        file.opened_by.add(request.user)
        return file_view(self._world, file, request.caller)

    def _copy(self, request: Request) -> dict[str, Any]:
        source = reach(self._world, request, request.parts["fileId"])
        if source.is_folder:
            raise errors.drive_error(403, "cannotCopyFile", "This file cannot be copied by the user.")
        if source.copy_requires_writer and rank(self._world.role(source.id, request.user)) < rank("writer"):
            raise errors.drive_error(403, "cannotCopyFile", "This file cannot be copied by the user.")
        body = dict(request.fields)
        parents = body.pop("parents", None) or [self._copy_place(request, source)]
        name = body.pop("name", f"Copy of {source.name}")
        new = self._add(request, name, source.mime_type, parents)
        new.properties = dict(source.properties)
        own = source.app_properties.get(request.caller.client)
        new.app_properties = {request.caller.client: dict(own)} if own else {}
        with self._undone_on_refusal(new):
            self._write(request, new, body)
            if source.mime_type == SPREADSHEET:
                self._sheets.copy_spreadsheet(source.id, new.id, new.name)
        return file_view(self._world, new, request.caller)

    def _copy_place(self, request: Request, source: DriveFile) -> str:
        """Return where a copy goes that names no place: beside the original, else the caller's own root."""
        parent = source.parents[0] if source.parents else "root"
        return parent if rank(self._world.role(parent, request.user)) >= rank("writer") else "root"

    def _delete(self, request: Request) -> None:
        file = reach(self._world, request, request.parts["fileId"])
        if not file.parents or not can_delete(self._world, file, request.user):
            raise errors.drive_forbidden(file.id)
        self._world.remove(file.id)

    def _update(self, request: Request) -> dict[str, Any]:
        body = request.fields
        own_matters = set(body) <= {"starred"} and not request.one("addParents") + request.one("removeParents")
        file = reach(self._world, request, request.parts["fileId"], "reader" if own_matters else "writer")
        if "parents" in body:
            message = (
                "The parents field is not directly writable in update requests. "
                "Use the addParents and removeParents parameters instead."
            )
            raise errors.drive_error(403, "fieldNotWritable", message)
        self._write(request, file, body)
        self._move(request, file)
        return file_view(self._world, file, request.caller)

    def _write(self, request: Request, file: DriveFile, body: dict[str, Any]) -> None:
        """Change metadata, after every check has passed: nothing is half done."""
        if set(body) - _WRITABLE:
            raise errors.field_not_writable()
        user = request.user
        if "name" in body and body["name"] != file.name and self._world.content_locked(file.id):
            raise errors.drive_forbidden(file.id)
        if body.get("trashed", file.trashed) != file.trashed and not can_trash(self._world, file, user):
            raise errors.drive_forbidden(file.id)
        if "writersCanShare" in body and file.drive_id:
            raise errors.shared_drive_restriction()
        restrictions = self._restrictions(request, file, body)
        properties = _merged(file.properties, body.get("properties", {}))
        own = _merged(file.app_properties.get(request.caller.client, {}), body.get("appProperties", {}))
        self._restrict(file, restrictions)
        file.properties = properties
        if own:
            file.app_properties[request.caller.client] = own
        file.description = body.get("description", file.description)
        file.trashed = body.get("trashed", file.trashed)
        file.writers_can_share = body.get("writersCanShare", file.writers_can_share)
        file.copy_requires_writer = body.get("copyRequiresWriterPermission", file.copy_requires_writer)
        if "starred" in body:
            (file.starred.add if body["starred"] else file.starred.discard)(user)
        if "name" in body:
            self._world.rename(file.id, body["name"])
        if set(body) - {"contentRestrictions", "starred"}:
            self._world.touch(file.id, user)
            file.indexed = self._world.now() + self._world.search_lag

    def _restrict(self, file: DriveFile, restrictions: list[dict[str, Any]]) -> None:
        if restrictions == file.content_restrictions:
            return
        if bool(restrictions) != bool(file.content_restrictions):
            file.restriction_seen_from = self._world.now() + self._world.lock_lag
        file.content_restrictions = restrictions
        self._world.bump(file.id)

    def _restrictions(self, request: Request, file: DriveFile, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the content restrictions after the update; ownerRestricted ones are the owner's business."""
        if "contentRestrictions" not in body:
            return file.content_restrictions
        wanted = body["contentRestrictions"]
        if len(wanted) != 1 or not isinstance(wanted[0].get("readOnly"), bool):
            raise errors.invalid_drive("Exactly one content restriction with readOnly is needed.")
        touched = [*file.content_restrictions, *wanted]
        if any(each.get("ownerRestricted") for each in touched) and not can_lift_owner_restriction(
            self._world, file, request.user
        ):
            raise errors.drive_forbidden(file.id)
        if not wanted[0]["readOnly"]:
            return []
        return [
            {
                **wanted[0],
                "type": "globalContentRestriction",
                "restrictingUser": user_view(self._world, request.user, request.user),
                "restrictionTime": moment(self._world.now()),
            }
        ]

    def _move(self, request: Request, file: DriveFile) -> None:
        added = [one for one in request.one("addParents").split(",") if one]
        removed = [one for one in request.one("removeParents").split(",") if one]
        if not added and not removed:
            return
        root = self._world.root_of(request.user)
        removed = [root if one == "root" else one for one in removed]
        targets = [reach(self._world, request, one, "writer") for one in added]
        if len(targets) != 1 or not set(removed) <= set(file.parents):
            message = "Increasing the number of parents is not allowed"
            raise errors.drive_error(403, "cannotAddParent", message)
        target = targets[0]
        if not target.is_folder or any(above.id == file.id for above in self._world.ancestors(target.id)):
            raise errors.drive_error(403, "cannotAddParent", "The file cannot be moved there.")
        if target.drive_id != file.drive_id:
            message = "Moving between My Drive and shared drives is not covered by this server"
            raise errors.drive_error(501, "notImplemented", message)
        file.parents = [target.id]
        self._world.bump(file.id)

    # --------------------------------------------------------------------------------------------- about, Shared Drives

    def _about(self, request: Request) -> dict[str, Any]:
        if not request.one("fields"):
            raise errors.fields_required()
        user = self._world.users[request.user]
        limit = 16_106_127_360
        used = str(limit if user.storage_full else 0)
        quota = {"limit": str(limit), "usage": used, "usageInDrive": used, "usageInDriveTrash": "0"}
        return {
            "kind": "drive#about",
            "user": user_view(self._world, request.user, request.user),
            "storageQuota": quota,
            "canCreateDrives": False,
            "appInstalled": False,
            "maxUploadSize": "5242880000000",
        }

    def _shared_drive(self, request: Request) -> dict[str, Any]:
        drive = self._world.drives.get(request.parts["driveId"])
        if drive is None or self._world.role(drive.id, request.user) is None:
            raise errors.shared_drive_not_found(request.parts["driveId"])
        return shared_drive_view(drive, request.caller)

    def _shared_drives(self, request: Request) -> dict[str, Any]:
        if request.one("q"):
            raise errors.drive_error(501, "notImplemented", "q of drives.list is not covered by this server")
        size = int(request.one("pageSize", "10"))
        start = int(request.one("pageToken") or 0)
        mine = [drive for drive in self._world.drives.values() if self._world.role(drive.id, request.user)]
        views = [shared_drive_view(drive, request.caller) for drive in mine[start : start + size]]
        answer: dict[str, Any] = {"kind": "drive#driveList", "drives": views}
        return answer | ({"nextPageToken": str(start + size)} if start + size < len(mine) else {})


def _merged(have: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    """Return properties after a change; null takes one away. Each holds 124 bytes of UTF-8, key and value together."""
    merged = {key: value for key, value in {**have, **changes}.items() if value is not None}
    for key, value in merged.items():
        if not key or len(key.encode()) + len(value.encode()) > _PROPERTY_BYTES:
            raise errors.drive_error(403, "propertyTooLarge", "Properties are limited to 124 bytes of key and value.")
    if len(merged) > _MOST_PROPERTIES:
        raise errors.drive_error(403, "tooManyProperties", "The file has too many properties.")
    return merged
