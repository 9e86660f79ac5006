"""Who may open a spreadsheet: Drive's permissions, one at a time.

“Concurrent permission modifications on the same file aren't supported; only the last update is applied” (Google Drive
API v3, `permissions`): so there are no batches and no threads here. Sources: `permissions.list`, `.create`, `.update`
and `.delete`; “Resolve errors” for what Google says when it refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from cchc_sheets.errors import CchcError, WorkbookUnreadable
from cchc_sheets.messages import Text, text
from cchc_sheets.workspace.google_drive import FILES
from cchc_sheets.workspace.google_refusals import AnswerLost, GoogleRefusal
from cchc_sheets.workspace.google_transport import Call, GoogleTransport
from cchc_sheets.workspace.port import Held, Role

_URL: Final = FILES + "/{file}/permissions"
_PERMISSION: Final = "id,type,role,emailAddress,domain,deleted,permissionDetails(inherited,role)"
_OFFICE: Final = frozenset({"owner", "organizer", "fileOrganizer"})
_HELD: Final[tuple[Held, ...]] = ("reader", "commenter", "writer", "office")
"""From the least access to the most."""

_ATTEMPTS: Final = 3

# Google writes this into its e-mail, in the language of the account that shares.
_INVITATION: Final = text(
    "You may open this spreadsheet with the address that this message was sent to. "
    "Please sign in with that very address, and do not pass the link on."
)

_Explain = Callable[[str, str], tuple[Text, Text]]
_REFUSED: Final[dict[str, _Explain]] = {
    "no_google_account": lambda address, _: (
        text("{address} has no access: no Google account belongs to this address", address=address),
        text(
            "write another address of theirs, or let them make a Google account for this one "
            "(accounts.google.com/signup), then run `share`; or run `share --notify`, which sends an invitation"
        ),
    ),
    "domain_policy": lambda address, message: (
        text(
            "{address} has no access: the rules of an organisation forbid sharing with it («{message}»)",
            address=address,
            message=message,
        ),
        text(
            "ask the administrator of your Google Workspace to allow sharing with this domain, or write an address "
            "that is allowed; then run `share`"
        ),
    ),
    "invalid_address": lambda address, _: (
        text("{address} has no access: Google says that there can be no such address", address=address),
        text("mend the address in units.csv or cycle.yaml, then run `share`"),
    ),
    "sharing_refused": lambda address, message: (
        text("{address} has no access: Google refused with «{message}»", address=address, message=message),
        text("see whether the address is right; share by hand in the browser if need be, then run `share --check`"),
    ),
    "notification_failed": lambda address, _: (
        text("{address} has no access: Google could neither send its e-mail nor share", address=address),
        text("see whether the address is right, then run `share` without --notify"),
    ),
    "sharing_limit": lambda address, _: (
        text("{address} has no access yet: Google allows no further sharing for hours, up to a day", address=address),
        text("run `share` again tomorrow; it goes on where it stopped"),
    ),
}


class GoogleSharing:
    """Who may open the spreadsheets; `file_id` finds the file of a workbook's key."""

    def __init__(self, transport: GoogleTransport, file_id: Callable[[str], str]) -> None:
        self._transport = transport
        self._file_id = file_id

    def people(self, keys: Iterable[str]) -> Mapping[str, Mapping[str, Held]]:
        """Return who has access to each workbook: key → address in small letters → what it may do.

        What is open without a name stands under `*anyone*`, `*domain example.vn*` or, for an account that Google
        does not name, `*hidden …*`. One request per workbook and hundred permissions.

        Raises:
            WorkbookUnreadable: `missing`, if a file is gone.
        """
        return {key: self._people(key) for key in keys}

    def admit(self, key: str, address: str, role: Role, *, notify: bool = False) -> str:
        """Give one address access; who has it in another role changes to this one.

        Returns the address under which the workspace lists the person: an alias is listed under its account.

        Raises:
            CchcError: `no_google_account`, `domain_policy`, `invalid_address`, `sharing_refused`,
                `notification_failed` about this address; `sharing_limit` about all further ones.
            WorkbookUnreadable: `missing`, if the file is gone.
        """
        permission = self._created(key, address, role, notify=notify)
        listed, held = _grantee(permission) or (address.casefold(), role)
        if held not in {role, "office"}:
            url = f"{self._url(key)}/{permission['id']}"
            params = {"supportsAllDrives": "true", "fields": _PERMISSION}
            self._send(Call("PATCH", url, "drive", params=params, body={"role": role}, where=address))
        return listed

    def dismiss(self, key: str, address: str) -> None:
        """Take the access of one address away, `*anyone*` and its like too; who has none stays without.

        Raises:
            CchcError: `inherited_access`, if it comes from the folder or the Shared Drive.
            WorkbookUnreadable: `missing`, if the file is gone.
        """
        for permission in list(self._permissions(key)):
            listed, held = _grantee(permission) or ("", "office")
            if listed != address.casefold():
                continue
            if held == "office":
                raise _inherited(address)
            url = f"{self._url(key)}/{permission['id']}"
            try:
                self._transport.call(Call("DELETE", url, "drive", params={"supportsAllDrives": "true"}, where=address))
            except GoogleRefusal as refusal:
                if refusal.code == "inherited_access" or "Inherited" in refusal.reason:
                    raise _inherited(address) from refusal
                if refusal.code != "not_found":
                    raise
                # Somebody else was quicker, or an answer was lost on the way; else it was not the permission that was
                # not found.
                if self._found(key, address) is not None:
                    raise

    def _people(self, key: str) -> dict[str, Held]:
        found: dict[str, Held] = {}
        for permission in self._permissions(key):
            grantee = _grantee(permission)
            if grantee is not None:
                address, held = grantee
                found[address] = max(held, found.get(address, held), key=_HELD.index)
        return found

    def _permissions(self, key: str) -> Iterator[dict[str, Any]]:
        params = {
            "fields": f"nextPageToken,permissions({_PERMISSION})",
            "supportsAllDrives": "true",
            "pageSize": "100",
        }
        while True:
            page = self._send(Call("GET", self._url(key), "drive", params=params))
            yield from page.get("permissions", [])
            if not page.get("nextPageToken"):
                return
            params = {**params, "pageToken": page["nextPageToken"]}

    def _created(self, key: str, address: str, role: Role, *, notify: bool) -> dict[str, Any]:
        """Share, looking before it is repeated: an e-mail cannot be called back, and each share counts at Google."""
        params = {
            "supportsAllDrives": "true",
            "sendNotificationEmail": "true" if notify else "false",
            "fields": _PERMISSION,
        }
        if notify:
            params["emailMessage"] = _INVITATION.said_in("vi")
        body = {"type": "user", "role": role, "emailAddress": address}
        call = Call("POST", self._url(key), "drive", params=params, body=body, may_repeat=False, where=address)
        for last in (False,) * (_ATTEMPTS - 1) + (True,):
            doubt: CchcError
            try:
                return self._send(call)
            except AnswerLost as lost:
                doubt = lost
            except GoogleRefusal as refusal:
                doubt = _told(refusal, address)
                if refusal.code != "notification_failed":
                    raise doubt from refusal
            found = self._found(key, address)
            if found is not None:
                return found
            if last or not isinstance(doubt, AnswerLost):
                raise doubt
        raise AssertionError

    def _found(self, key: str, address: str) -> dict[str, Any] | None:
        grantees = ((permission, _grantee(permission)) for permission in self._permissions(key))
        return next((p for p, grantee in grantees if grantee and grantee[0] == address.casefold()), None)

    def _send(self, call: Call) -> dict[str, Any]:
        try:
            return self._transport.call(call)
        except GoogleRefusal as refusal:
            if refusal.code == "not_found":
                raise WorkbookUnreadable(
                    refusal.what, where=refusal.where, fix=text("run `provision` again"), code="missing"
                ) from refusal
            raise

    def _url(self, key: str) -> str:
        return _URL.format(file=self._file_id(key))


def _grantee(permission: Mapping[str, Any]) -> tuple[str, Held] | None:
    """Return address and access that a permission means; None for an account that is deleted.

    What is open without a name is shown even if it is inherited: nobody is the office's own by having a link.
    """
    kind, role = permission.get("type"), permission.get("role", "")
    details = permission.get("permissionDetails", [])
    is_inherited = bool(details) and all(detail.get("inherited") for detail in details)
    if permission.get("deleted"):
        return None
    if kind == "anyone":
        return "*anyone*", _held(role)
    if kind == "domain":
        return f"*domain {permission.get('domain', '')}*", _held(role)
    address = permission.get("emailAddress", "").casefold() or f"*hidden {permission.get('id', '')}*"
    return address, "office" if role in _OFFICE or is_inherited else _held(role)


def _held(role: str) -> Held:
    return next((held for held in _HELD if held == role), "writer")


def _told(refusal: GoogleRefusal, address: str) -> CchcError:
    """Return a refusal to share in words that name the address and what to do about it."""
    if refusal.code not in _REFUSED:
        return refusal
    what, fix = _REFUSED[refusal.code](address, refusal.message)
    return CchcError(what, where=address, fix=fix, code=refusal.code)


def _inherited(address: str) -> CchcError:
    return CchcError(
        text("{address} has its access from the Shared Drive or folder; it cannot be taken away here", address=address),
        where=address,
        fix=text("take the address out of the members of the Shared Drive or folder, in the browser"),
        code="inherited_access",
    )
