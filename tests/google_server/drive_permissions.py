"""permissions.*: sharing, with every refusal that Google gives."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from google_server import errors
from google_server.drive_access import reach
from google_server.drive_views import can_share, permission_view, permission_views
from google_server.service import Request
from google_server.world import ROLES, DriveFile, Permission, World, permission_id, rank

_TYPES = ("user", "group", "domain", "anyone")
_DRIVE_ROLES = ("organizer", "fileOrganizer")


def create(world: World, request: Request) -> dict[str, Any]:
    """Share. The same grantee again is the same permission; a lower role than the standing one changes nothing."""
    file = _shareable(world, request)
    wanted = _wanted(world, request, file)
    _check_sharing_rules(world, request, wanted)
    if wanted.role == "owner":
        _transfer(request, file, wanted)
    source = ""
    standing = world.permissions(file.id).get(wanted.id)
    if standing is not None and rank(standing[0].role) >= rank(wanted.role):
        wanted, source = standing
    else:
        file.permissions[wanted.id] = wanted
    world.bump(file.id)
    _notify(world, request, wanted)
    return permission_view(world, file, wanted, source)


def list_(world: World, request: Request) -> dict[str, Any]:
    """List who has access; only for those who may share."""
    file = _shareable(world, request)
    views = permission_views(world, file)
    size = int(request.one("pageSize", "100" if file.drive_id else str(max(len(views), 1))))
    if not 1 <= size <= max(100, len(views)):
        raise errors.invalid_drive("Invalid Value", location=("parameter", "pageSize"))
    start = int(request.one("pageToken") or 0)
    answer: dict[str, Any] = {"kind": "drive#permissionList", "permissions": views[start : start + size]}
    return answer | ({"nextPageToken": str(start + size)} if start + size < len(views) else {})


def get(world: World, request: Request) -> dict[str, Any]:
    """Return one permission."""
    file = _shareable(world, request)
    permission, source = _found(world, request, file)
    return permission_view(world, file, permission, source)


def update(world: World, request: Request) -> dict[str, Any]:
    """Change role or expiry of one of the file's own permissions."""
    file = _shareable(world, request)
    permission, source = _found(world, request, file)
    if set(request.fields) - {"role", "expirationTime"}:
        raise errors.field_not_writable()
    if source:
        raise _inherited(file)
    role = request.fields.get("role", permission.role)
    _check_role(file, role)
    if (permission.role == "owner") != (role == "owner"):
        if permission.role == "owner":
            raise errors.drive_forbidden(file.id)
        permission.role = "owner"
        _transfer(request, file, permission)
    permission.role = role
    if "expirationTime" in request.fields:
        permission.expires = _expiry(world, request, permission.kind)
    if request.flag("removeExpiration"):
        permission.expires = None
    world.bump(file.id)
    return permission_view(world, file, permission, source)


def delete(world: World, request: Request) -> None:
    """Take one of the file's own permissions away; anyone may give up their own."""
    file = reach(world, request, request.parts["fileId"])
    permission_key = request.parts["permissionId"]
    if permission_key != permission_id("user", request.user):
        _shareable(world, request)
    permission, source = _found(world, request, file)
    own = file.permissions.get(permission_key)
    if own is None and source:
        raise _inherited(file)
    if permission.role == "owner":
        raise errors.drive_forbidden(file.id)
    del file.permissions[permission_key]
    world.bump(file.id)


def _shareable(world: World, request: Request) -> DriveFile:
    file = reach(world, request, request.parts["fileId"])
    if not can_share(world, file, request.user):
        raise errors.drive_forbidden(file.id)
    return file


def _found(world: World, request: Request, file: DriveFile) -> tuple[Permission, str]:
    key = request.parts["permissionId"]
    in_force = world.permissions(file.id)
    if key not in in_force:
        raise errors.permission_not_found(key)
    return in_force[key]


def _inherited(file: DriveFile) -> errors.GoogleError:
    if file.drive_id:
        return errors.inherited_permission()
    return errors.drive_error(403, "cannotModifyInheritedPermission", "Cannot modify an inherited permission.")


def _wanted(world: World, request: Request, file: DriveFile) -> Permission:
    body = request.fields
    kind, role = body["type"], body["role"]
    if kind not in _TYPES:
        raise errors.invalid_drive("The specified permission type is invalid.", location=("other", "permission.type"))
    _check_role(file, role)
    needed = {"user": "emailAddress", "group": "emailAddress", "domain": "domain", "anyone": ""}[kind]
    if needed and not body.get(needed):
        raise errors.invalid_drive(f"The permission needs {needed}.", location=("other", f"permission.{needed}"))
    if set(body) - {"type", "role", needed, "expirationTime", "allowFileDiscovery", "kind"}:
        raise errors.field_not_writable()
    target = body[needed].strip().lower() if needed else ""
    if needed == "emailAddress":
        kind = _kind_of(world, kind, target)
    return Permission(kind, role, target, _expiry(world, request, kind) if "expirationTime" in body else None)


def _kind_of(world: World, kind: str, address: str) -> str:
    """Return "group" for a group, whichever of the two was said; a person called a group is refused."""
    local, _, domain = address.partition("@")
    if not local or "." not in domain or " " in address or "@" in domain:
        message = "The specified emailAddress is invalid or not applicable for the given permission type."
        raise errors.invalid_drive(message, location=("other", "permission.emailAddress"))
    known = world.known_user(address)
    if known is not None and known.is_group:
        return "group"
    if kind == "group":
        message = "The specified emailAddress is invalid or not applicable for the given permission type."
        raise errors.invalid_drive(message, location=("other", "permission.emailAddress"))
    return "user"


def _check_role(file: DriveFile, role: str) -> None:
    allowed = [one for one in ROLES if one not in (("owner",) if file.drive_id else _DRIVE_ROLES)]
    if role not in allowed or (role == "organizer" and file.id != file.drive_id):
        message = "The specified role is invalid or not applicable for the given permission type."
        raise errors.invalid_drive(message, location=("other", "permission.role"))


def _expiry(world: World, request: Request, kind: str) -> datetime:
    until = datetime.fromisoformat(request.fields["expirationTime"])
    now = world.now()
    if kind not in ("user", "group") or not now < until <= now + timedelta(days=365):
        raise errors.drive_error(403, "expirationDateNotAllowedForSharedDriveMembers", "Expiration dates are invalid.")
    return until


def _check_sharing_rules(world: World, request: Request, wanted: Permission) -> None:
    if world.sharing_left is not None:
        if world.sharing_left <= 0:
            raise errors.sharing_rate()
        world.sharing_left -= 1
    domain = wanted.target.rpartition("@")[2]
    if world.sharing_domains is not None and domain not in world.sharing_domains:
        raise errors.acl_change_not_allowed()
    if wanted.kind == "user":
        known = world.known_user(wanted.target)
        if (known is None or not known.has_google_account) and not _notifies(request):
            raise errors.no_google_account(wanted.target)


def _notifies(request: Request) -> bool:
    return request.flag("sendNotificationEmail", default=True)


def _notify(world: World, request: Request, permission: Permission) -> None:
    """Send the e-mail that Google sends unless told not to; raises after the permission stands when it bounces."""
    if permission.kind not in ("user", "group") or not _notifies(request):
        return
    known = world.users.get(permission.target)
    if known is not None and known.mail_bounces:
        raise errors.mail_failed(permission.target)
    world.mails.append((permission.target, request.parts["fileId"]))


def _transfer(request: Request, file: DriveFile, wanted: Permission) -> None:
    if not request.flag("transferOwnership"):
        message = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        raise errors.drive_error(403, "forbidden", message, location=("parameter", "transferOwnership"))
    if file.owner != request.user or wanted.kind != "user":
        raise errors.drive_forbidden(file.id)
    old = permission_id("user", file.owner)
    if old != wanted.id:
        file.permissions[old].role = "writer"
    file.permissions[wanted.id] = wanted
    file.owner = wanted.target
