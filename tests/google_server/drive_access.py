"""Who gets at which file in Drive: the one place where "not found" and "not allowed" are decided."""

from __future__ import annotations

from google_server import errors
from google_server.service import Request
from google_server.world import DriveFile, World, rank


def reach(world: World, request: Request, file_id: str, least: str = "reader") -> DriveFile:
    """Return a file that the caller may at least read, write …

    Raises:
        GoogleError: 404 when it is not there for this caller, app and request, 403 when the role is too low.
    """
    if file_id == "root":
        file_id = world.root_of(request.user)
    file = world.file(file_id)
    if file.drive_id and not request.flag("supportsAllDrives"):
        raise errors.drive_not_found(file_id)
    role = world.role(file_id, request.user)
    if role is None or not within_scope(world, request, file):
        raise errors.drive_not_found(file_id)
    if rank(role) < rank(least):
        raise errors.drive_forbidden(file_id)
    return file


def within_scope(world: World, request: Request, file: DriveFile) -> bool:
    """Return whether the token's scopes reach the file: drive.file sees what this app made, and the caller's root."""
    if not request.caller.sees_only_own_files("drive"):
        return True
    return request.caller.client in file.clients or file.id == world.root_of(request.user)
