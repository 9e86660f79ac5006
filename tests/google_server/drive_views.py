"""Files, permissions and people as Drive shows them to a caller, whole; `fields` selects later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from google_server.oauth import Caller
from google_server.world import FOLDER, SPREADSHEET, DriveFile, Permission, SharedDrive, World, permission_id, rank

_WRITER, _COMMENTER = rank("writer"), rank("commenter")


def moment(when: datetime) -> str:
    """Return a time as Drive writes it: UTC, milliseconds, Z."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user_view(world: World, address: str, me: str) -> dict[str, Any]:
    """Return a person."""
    known = world.users.get(address)
    return {
        "kind": "drive#user",
        "displayName": known.name if known else address.partition("@")[0],
        "me": address == me,
        "permissionId": permission_id("user", address),
        "emailAddress": address,
    }


def file_view(world: World, file: DriveFile, caller: Caller) -> dict[str, Any]:
    """Return a file with everything that this caller may see of it."""
    me = caller.address
    view: dict[str, Any] = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "starred": me in file.starred,
        "trashed": world.is_trashed(file.id),
        "explicitlyTrashed": file.trashed,
        "spaces": ["drive"],
        "version": str(file.version),
        "webViewLink": _link(file),
        "createdTime": moment(file.created),
        "modifiedTime": moment(file.modified),
        "lastModifyingUser": user_view(world, file.last_modifying_user or file.owner, me),
        "modifiedByMe": file.last_modifying_user == me,
        "isAppAuthorized": caller.client in file.clients,
        "copyRequiresWriterPermission": file.copy_requires_writer,
        "permissionIds": list(world.permissions(file.id)),
        "capabilities": capabilities(world, file, caller),
    }
    parents = [parent for parent in file.parents if world.role(parent, me)]
    view |= {"parents": parents} if parents else {}
    view |= {"description": file.description} if file.description else {}
    view |= {"properties": dict(file.properties)} if file.properties else {}
    own = file.app_properties.get(caller.client)
    view |= {"appProperties": dict(own)} if own else {}
    if file.content_restrictions:
        view["contentRestrictions"] = [dict(each) for each in file.content_restrictions]
    if not file.is_folder:
        view |= {"size": "1024", "quotaBytesUsed": "1024"}
    if file.drive_id:
        return view | {"driveId": file.drive_id, "hasAugmentedPermissions": bool(file.permissions)}
    view |= {"ownedByMe": file.owner == me, "shared": len(world.permissions(file.id)) > 1}
    view |= {"owners": [user_view(world, file.owner, me)], "writersCanShare": file.writers_can_share}
    if can_share(world, file, me):
        view["permissions"] = permission_views(world, file)
    return view


def _link(file: DriveFile) -> str:
    if file.mime_type == SPREADSHEET:
        return f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk"
    if file.mime_type == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    return f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"


def can_share(world: World, file: DriveFile, address: str) -> bool:
    """Return whether someone may change who has access."""
    may = rank(world.role(file.id, address))
    if file.drive_id:
        return may >= rank("fileOrganizer")
    return may == rank("owner") or (may >= _WRITER and file.writers_can_share)


def can_trash(world: World, file: DriveFile, address: str) -> bool:
    """Return whether someone may put a file into the trash: the owner, a content manager on a Shared Drive."""
    return rank(world.role(file.id, address)) >= rank("fileOrganizer" if file.drive_id else "owner")


def can_delete(world: World, file: DriveFile, address: str) -> bool:
    """Return whether someone may delete a file for good: the owner, a manager on a Shared Drive."""
    return rank(world.role(file.id, address)) >= rank("organizer" if file.drive_id else "owner")


def can_lift_owner_restriction(world: World, file: DriveFile, address: str) -> bool:
    """Return whether someone may set or lift an ownerRestricted content restriction."""
    return can_delete(world, file, address)


def capabilities(world: World, file: DriveFile, caller: Caller) -> dict[str, bool]:
    """Return what the caller may do with a file."""
    me = caller.address
    may = rank(world.role(file.id, me))
    writer, locked = may >= _WRITER, world.content_locked(file.id)
    owner_restricted = any(each.get("ownerRestricted") for each in file.content_restrictions)
    lifts = can_lift_owner_restriction(world, file, me)
    return {
        "canEdit": writer and not locked,
        "canModifyContent": writer and not locked,
        "canRename": writer and not locked,
        "canComment": may >= _COMMENTER and not locked,
        "canCopy": may >= (_WRITER if file.copy_requires_writer else 1) and not file.is_folder,
        "canDownload": may >= (_WRITER if file.copy_requires_writer else 1),
        "canShare": can_share(world, file, me),
        "canTrash": can_trash(world, file, me),
        "canUntrash": can_trash(world, file, me),
        "canDelete": can_delete(world, file, me),
        "canAddChildren": writer and file.is_folder,
        "canListChildren": file.is_folder,
        "canReadRevisions": writer,
        "canModifyContentRestriction": writer and (lifts or not owner_restricted),
        "canModifyEditorContentRestriction": writer and (lifts or not owner_restricted),
        "canModifyOwnerContentRestriction": lifts,
        "canRemoveContentRestriction": locked and writer and (lifts or not owner_restricted),
    }


def permission_views(world: World, file: DriveFile) -> list[dict[str, Any]]:
    """Return all permissions in force, inherited ones too."""
    return [permission_view(world, file, one, source) for one, source in world.permissions(file.id).values()]


def permission_view(world: World, file: DriveFile, permission: Permission, source: str) -> dict[str, Any]:
    """Return one permission; `source` is the id of what it is inherited from, "" when it is the file's own."""
    view: dict[str, Any] = {
        "kind": "drive#permission",
        "id": permission.id,
        "type": permission.kind,
        "role": permission.role,
    }
    detail: dict[str, Any] = {
        "permissionType": "member" if source in world.drives else "file",
        "role": permission.role,
        "inherited": bool(source),
    }
    if file.drive_id and source:
        detail["inheritedFrom"] = source
    view["permissionDetails"] = [detail]
    if permission.kind == "domain":
        view |= {"domain": permission.target, "displayName": permission.target, "allowFileDiscovery": False}
    elif permission.kind == "anyone":
        view["allowFileDiscovery"] = False
    else:
        known = world.users.get(permission.target)
        view |= {"emailAddress": permission.target, "deleted": False, "pendingOwner": False}
        view["displayName"] = known.name if known else permission.target
    if permission.expires is not None:
        view["expirationTime"] = moment(permission.expires)
    return view


def shared_drive_view(drive: SharedDrive, caller: Caller) -> dict[str, Any]:
    """Return a Shared Drive."""
    may = rank(drive.members.get(caller.address))
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": moment(drive.created),
        "hidden": False,
        "capabilities": {
            "canAddChildren": may >= _WRITER,
            "canEdit": may >= _WRITER,
            "canListChildren": True,
            "canManageMembers": may >= rank("organizer"),
            "canShare": may >= rank("fileOrganizer"),
            "canTrashChildren": may >= rank("fileOrganizer"),
            "canDeleteChildren": may >= rank("organizer"),
        },
    }
