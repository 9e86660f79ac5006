"""What Google knows: people, Shared Drives, files and who may do what with them.

One `World` is shared by Drive, Sheets and the token endpoint. Whoever reads or changes it holds `world.lock`.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from google_server.errors import drive_not_found

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
HOME_DOMAIN = "example.gov.vn"


def rank(role: str | None) -> int:
    """Return how much a role may: 0 for none, 6 for the owner."""
    return ROLES.index(role) + 1 if role is not None else 0


def permission_id(kind: str, target: str) -> str:
    """Return the id that Drive gives the grantee, the same on every file."""
    if kind == "anyone":
        return "anyoneWithLink"
    digits = int.from_bytes(hashlib.sha256(f"{kind} {target.lower()}".encode()).digest()[:9], "big")
    return f"{digits:020d}"[:20] + ("k" if kind == "domain" else "")


@dataclass
class User:
    """A person, group or service account that permissions can name."""

    address: str
    name: str = ""
    has_google_account: bool = True
    is_service_account: bool = False
    is_group: bool = False
    members: set[str] = field(default_factory=set)
    storage_full: bool = False
    mail_bounces: bool = False

    @property
    def domain(self) -> str:
        """Return what stands behind the @."""
        return self.address.rpartition("@")[2]


@dataclass
class Permission:
    """Who may do what with one file; `target` is an address, a domain or ""."""

    kind: str
    role: str
    target: str = ""
    expires: datetime | None = None

    @property
    def id(self) -> str:
        """Return the grantee's id."""
        return permission_id(self.kind, self.target)


@dataclass
class SharedDrive:
    """A Shared Drive and the roles of its members, by address."""

    id: str
    name: str
    members: dict[str, str]
    created: datetime


@dataclass
class DriveFile:
    """A file or folder as Drive keeps it."""

    id: str
    name: str
    mime_type: str
    owner: str
    created: datetime
    modified: datetime
    version: int
    parents: list[str] = field(default_factory=list)
    drive_id: str = ""
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    app_properties: dict[str, dict[str, str]] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    trashed: bool = False
    starred: set[str] = field(default_factory=set)
    last_modifying_user: str = ""
    opened_by: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)
    content_restrictions: list[dict[str, Any]] = field(default_factory=list)
    restriction_seen_from: datetime | None = None
    writers_can_share: bool = True
    copy_requires_writer: bool = False
    indexed: datetime | None = None

    @property
    def is_folder(self) -> bool:
        """Return whether files can lie in it."""
        return self.mime_type == FOLDER


class World:
    """The state behind all services.

    Knobs for tests: `now` (the clock), `home_domain` (addresses below it have accounts unasked), `sharing_domains`
    (None: sharing everywhere allowed), `sharing_left` (None: no end), `search_lag` (how long a new file or changed
    property stays hidden from a search by name or property), `lock_lag` (how late a content restriction works),
    `page_cap` (Drive may give shorter pages than asked for).
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.lock = threading.RLock()
        self.now: Callable[[], datetime] = now or (lambda: datetime.now(UTC))
        self.users: dict[str, User] = {}
        self.files: dict[str, DriveFile] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.home_domain = HOME_DOMAIN
        self.sharing_domains: set[str] | None = None
        self.sharing_left: int | None = None
        self.search_lag = timedelta()
        self.lock_lag = timedelta()
        self.page_cap = 1000
        self.mails: list[tuple[str, str]] = []
        self._roots: dict[str, str] = {}
        self._versions = itertools.count(1)

    # ------------------------------------------------------------------------------------------------------ people

    def add_user(self, address: str, **knobs: Any) -> User:
        """Add (or replace) a person, group or service account; `knobs` are fields of `User`."""
        user = User(address.lower(), **({"name": address.partition("@")[0]} | knobs))
        self.users[user.address] = user
        return user

    def known_user(self, address: str) -> User | None:
        """Return the user, registering addresses of the home domain unasked; None for strangers."""
        address = address.lower()
        if address not in self.users and address.endswith(("@" + self.home_domain, "." + self.home_domain)):
            self.add_user(address)
        return self.users.get(address)

    def ensure_user(self, address: str) -> User:
        """Return the user, registering any address unasked."""
        return self.known_user(address) or self.add_user(address)

    def add_shared_drive(self, name: str, members: dict[str, str]) -> SharedDrive:
        """Add a Shared Drive; `members` maps addresses to roles (organizer, fileOrganizer, writer, …)."""
        drive = SharedDrive("0A" + secrets.token_urlsafe(13), name, {}, self.now())
        for address, role in members.items():
            self.ensure_user(address)
            drive.members[address.lower()] = role
        self.drives[drive.id] = drive
        root = DriveFile(drive.id, name, FOLDER, "", drive.created, drive.created, next(self._versions))
        root.drive_id = drive.id
        self.files[drive.id] = root
        return drive

    # ------------------------------------------------------------------------------------------------------- files

    def file(self, file_id: str) -> DriveFile:
        """Return the file; raises Drive's 404."""
        try:
            return self.files[file_id]
        except KeyError:
            raise drive_not_found(file_id) from None

    def root_of(self, user: str) -> str:
        """Return the id of a person's My Drive, made at the first need."""
        if user not in self._roots:
            self._roots[user] = self.add_file("My Drive", FOLDER, user, parents=[]).id
        return self._roots[user]

    def add_file(self, name: str, mime_type: str, user: str, *, parents: list[str]) -> DriveFile:
        """Add a file made by `user`; without parents it is a root. Rules are Drive's business."""
        now = self._stamp()
        file_id = ("1" + secrets.token_urlsafe(36))[:44]
        new = DriveFile(file_id, name, mime_type, user, now, now, next(self._versions), list(parents))
        new.drive_id = self.files[parents[0]].drive_id if parents else ""
        if new.drive_id:
            new.owner = ""
        else:
            own = Permission("user", "owner", user)
            new.permissions[own.id] = own
        new.last_modifying_user = user
        new.opened_by.add(user)
        new.indexed = now + self.search_lag
        self.files[file_id] = new
        return new

    def ancestors(self, file_id: str) -> Iterator[DriveFile]:
        """Yield the file itself, its folder, the folder of that …"""
        current: DriveFile | None = self.files.get(file_id)
        while current is not None:
            yield current
            current = self.files.get(current.parents[0]) if current.parents else None

    def children(self, file_id: str) -> list[DriveFile]:
        """Return what lies directly in a folder."""
        return [f for f in self.files.values() if file_id in f.parents]

    def is_trashed(self, file_id: str) -> bool:
        """Return whether the file or a folder above it is in the trash."""
        return any(one.trashed for one in self.ancestors(file_id))

    # -------------------------------------------------------------------------------------------------- who may what

    def permissions(self, file_id: str) -> dict[str, tuple[Permission, str]]:
        """Return the permissions in force by id, each with the id it is inherited from ("" when it is the file's own).

        Of two for the same grantee the stronger counts.
        """
        found: dict[str, tuple[Permission, str]] = {}
        for one in self.ancestors(file_id):
            given = list(one.permissions.values())
            if one.id in self.drives:
                given += [self._membership(*member) for member in self.drives[one.id].members.items()]
            for permission in given:
                if permission.expires is not None and permission.expires <= self.now():
                    continue
                standing = found.get(permission.id)
                if standing is None or rank(standing[0].role) < rank(permission.role):
                    found[permission.id] = (permission, "" if one.id == file_id else one.id)
        return found

    def _membership(self, address: str, role: str) -> Permission:
        known = self.users.get(address)
        return Permission("group" if known is not None and known.is_group else "user", role, address)

    def is_named(self, file_id: str, user: str) -> bool:
        """Return whether a permission names the user or their group: what only a link opens is not listed for them."""
        return any(
            p.target and p.kind != "domain" and self._reaches(p, user) for p, _ in self.permissions(file_id).values()
        )

    def role(self, file_id: str, user: str) -> str | None:
        """Return the strongest role of a user on a file, own or inherited; None when the file is not for them."""
        if file_id not in self.files:
            return None
        user = user.lower()
        reached = [p.role for p, _ in self.permissions(file_id).values() if self._reaches(p, user)]
        return max(reached, key=rank, default=None)

    def _reaches(self, permission: Permission, user: str) -> bool:
        if permission.kind == "anyone":
            return True
        if permission.kind == "domain":
            return user.endswith("@" + permission.target)
        if permission.target == user:
            return True
        group = self.users.get(permission.target)
        return group is not None and user in group.members

    def can_edit_content(self, file_id: str, user: str) -> bool:
        """Return whether a user may change cells: writer or more, and no content restriction in force."""
        return rank(self.role(file_id, user)) >= rank("writer") and not self.content_locked(file_id)

    def content_locked(self, file_id: str) -> bool:
        """Return whether a content restriction is in force (it also binds the owner); it works `lock_lag` late."""
        found = self.file(file_id)
        locked = any(each.get("readOnly") for each in found.content_restrictions)
        if found.restriction_seen_from is not None and self.now() < found.restriction_seen_from:
            return not locked
        return locked

    # ----------------------------------------------------------------------------------------------------- changes

    def touch(self, file_id: str, user: str) -> None:
        """Note that `user` changed the content or the metadata: version, modifiedTime and lastModifyingUser move."""
        changed = self.file(file_id)
        changed.modified = max(self._stamp(), changed.modified + timedelta(milliseconds=1))
        changed.last_modifying_user = user
        changed.opened_by.add(user)
        self.bump(file_id)

    def bump(self, file_id: str) -> None:
        """Note a change that does not count as one of the content (permissions, properties): only version moves."""
        changed = self.file(file_id)
        changed.version = next(self._versions)

    def rename(self, file_id: str, name: str) -> None:
        """Give the file a new name; `touch` is the caller's business."""
        self.file(file_id).name = name

    def remove(self, file_id: str) -> None:
        """Delete for good, with all that lies in it."""
        for child in self.children(file_id):
            self.remove(child.id)
        del self.files[file_id]

    def _stamp(self) -> datetime:
        now = self.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
