"""The kinds of batchUpdate about protected and named ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from google_server.errors import PROTECTED
from google_server.sheets_areas import Area, InvalidRequestError, from_grid_range, to_grid_range
from google_server.sheets_edit import Edit, protection_message
from google_server.sheets_grid import Message, Protection, Tab
from google_server.sheets_masks import update_mask

_WARNING_ONLY = "ProtectedRange is warningOnly. Editors cannot be set on it."
_WRITABLE = frozenset({"range", "namedRangeId", "unprotectedRanges", "editors", "description", "warningOnly"})


def add_protected_range(edit: Edit, request: Message) -> Message:
    """Protect a range or, with nothing but a sheetId, a whole sheet."""
    data = request.get("protectedRange") or {}
    number = data.get("protectedRangeId") or fresh_id(edit, "protection")
    if number < 0 or any(number in tab.protections for tab in edit.book.tabs):
        raise InvalidRequestError(f"A protected range with id {number} already exists.")
    tab, area = _place(edit, data)
    protection = Protection(
        number,
        area,
        _holes(tab, area, data),
        description=data.get("description") or "",
        warning=bool(data.get("warningOnly")),
        named_range=data.get("namedRangeId") or "",
    )
    _check_single(tab, protection)
    protection = _with_editors(edit, protection, data)
    tab.protections[number] = protection
    return {"addProtectedRange": {"protectedRange": protection_message(edit, tab, protection)}}


def update_protected_range(edit: Edit, request: Message) -> None:
    """Change what the mask names of a protection; only its editors may."""
    mask = update_mask(request)
    data = request.get("protectedRange") or {}
    tab, old = _find(edit, data.get("protectedRangeId", 0))
    names = _WRITABLE if "*" in mask else frozenset(mask)
    if names - _WRITABLE:
        raise InvalidRequestError(f"ProtectedRange.{min(names - _WRITABLE)} cannot be updated.")
    new = old
    if {"range", "namedRangeId"} & names and "range" in data:
        target, area = _place(edit, data)
        if target.id != tab.id:
            raise InvalidRequestError("A protected range cannot be moved to another sheet.")
        new = replace(new, area=area)
    if "unprotectedRanges" in names:
        new = replace(new, holes=_holes(tab, new.area, data))
    if new.holes and not new.area.whole:
        raise InvalidRequestError("Unprotected ranges are only supported on protected sheets.")
    if "description" in names:
        new = replace(new, description=data.get("description") or "")
    if "warningOnly" in names:
        new = replace(new, warning=bool(data.get("warningOnly")))
    if "editors" in names:
        new = _with_editors(edit, new, {"editors": {}} | dict(data))
    elif old.warning and not new.warning:
        new = replace(new, users=None)  # all editors of the document
    _check_single(tab, new)
    tab.protections[new.id] = new


def delete_protected_range(edit: Edit, request: Message) -> None:
    """Lift a protection; only its editors may."""
    tab, found = _find(edit, request.get("protectedRangeId", 0))
    del tab.protections[found.id]


def _find(edit: Edit, number: int) -> tuple[Tab, Protection]:
    for tab in edit.book.tabs:
        if number in tab.protections:
            if not edit.may_edit(tab.protections[number]):
                raise InvalidRequestError(PROTECTED)
            return edit.book.writable(tab.id), tab.protections[number]
    raise InvalidRequestError(f"No protected range with id: {number}")


def _place(edit: Edit, data: Mapping[str, Any]) -> tuple[Tab, Area]:
    if data.get("namedRangeId"):
        if data.get("range"):
            raise InvalidRequestError("Only one of range or namedRangeId or tableId may be set.")
        named = edit.book.named_ranges.get(data["namedRangeId"])
        if named is None:
            raise InvalidRequestError(f"No named range with id: {data['namedRangeId']}")
        return edit.book.writable(named["sheet"]), named["area"]
    if data.get("tableId"):
        raise InvalidRequestError("Protecting tables is not supported by this server.")
    tab, area = edit.place(data.get("range"))
    return (tab, area) if area.whole else (tab, _inside(tab, area))


def _inside(tab: Tab, area: Area) -> Area:
    """Return a range with its open ends left open, after it was found to lie in the grid."""
    tab.limited(area)
    bottom = None if area.bottom is None else min(area.bottom, tab.rows)
    right = None if area.right is None else min(area.right, tab.columns)
    return area._replace(bottom=bottom, right=right)


def _holes(tab: Tab, area: Area, data: Mapping[str, Any]) -> tuple[Area, ...]:
    given = data.get("unprotectedRanges") or []
    if given and not area.whole:
        raise InvalidRequestError("Unprotected ranges are only supported on protected sheets.")
    if any(one.get("sheetId", 0) != tab.id for one in given):
        raise InvalidRequestError("Unprotected ranges must be on the same sheet as the protected range.")
    return tuple(_inside(tab, from_grid_range(one)) for one in given)


def _check_single(tab: Tab, protection: Protection) -> None:
    others = (found for found in tab.protections.values() if found.id != protection.id)
    if protection.area.whole and any(found.area.whole for found in others):
        raise InvalidRequestError(f'Sheet "{tab.title}" already has sheet protection.')


def _with_editors(edit: Edit, protection: Protection, data: Mapping[str, Any]) -> Protection:
    """Return the protection with its editors; owner and requester are always among them."""
    if protection.warning:
        if data.get("editors"):
            raise InvalidRequestError(_WARNING_ONLY)
        return replace(protection, users=(), groups=(), domain=False)
    if data.get("editors") is None:
        # Without a word about editors everybody who may edit the file may edit the range, too.
        return replace(protection, users=None)
    editors = data["editors"]
    wanted = [address.lower() for address in editors.get("users", ())]
    users = dict.fromkeys(address for address in (edit.owner, edit.user, *wanted) if address)
    groups = tuple(dict.fromkeys(address.lower() for address in editors.get("groups", ())))
    return replace(protection, users=tuple(users), groups=groups, domain=bool(editors.get("domainUsersCanEdit")))


# --------------------------------------------------------------------------------------------------- named ranges


def add_named_range(edit: Edit, request: Message) -> Message:
    """Name a range."""
    data = request.get("namedRange") or {}
    name = data.get("name", "")
    if not name.isidentifier():
        raise InvalidRequestError(f"Invalid named range name: {name}")
    if any(found["name"].casefold() == name.casefold() for found in edit.book.named_ranges.values()):
        raise InvalidRequestError(f"A named range with the name {name} already exists.")
    number = data.get("namedRangeId") or str(fresh_id(edit, "named range"))
    if number in edit.book.named_ranges:
        raise InvalidRequestError(f"A named range with id {number} already exists.")
    tab, area = edit.place(data.get("range"))
    edit.book.named_ranges[number] = {"name": name, "sheet": tab.id, "area": _inside(tab, area)}
    return {"addNamedRange": {"namedRange": named_range_message(edit.book.named_ranges, number)}}


def update_named_range(edit: Edit, request: Message) -> None:
    """Rename or move a named range."""
    mask = update_mask(request)
    data = request.get("namedRange") or {}
    found = edit.book.named_ranges.get(data.get("namedRangeId", ""))
    if found is None:
        raise InvalidRequestError(f"No named range with id: {data.get('namedRangeId', '')}")
    new = dict(found)
    if "name" in mask or "*" in mask:
        new["name"] = data.get("name", "")
    if "range" in mask or "*" in mask:
        tab, area = edit.place(data.get("range"))
        new |= {"sheet": tab.id, "area": _inside(tab, area)}
    edit.book.named_ranges[data["namedRangeId"]] = new


def delete_named_range(edit: Edit, request: Message) -> None:
    """Forget a named range."""
    number = request.get("namedRangeId", "")
    if number not in edit.book.named_ranges:
        raise InvalidRequestError(f"No named range with id: {number}")
    del edit.book.named_ranges[number]


def named_range_message(ranges: Mapping[str, Message], number: str) -> Message:
    """Return the NamedRange of an id."""
    found = ranges[number]
    return {"namedRangeId": number, "name": found["name"], "range": to_grid_range(found["area"], found["sheet"])}


def fresh_id(edit: Edit, what: str) -> int:
    """Return an id that is not in use, the same in every run of the same requests."""
    used: set[int] = {tab.id for tab in edit.book.tabs} | {0}
    for tab in edit.book.tabs:
        used |= tab.protections.keys() | tab.filter_views.keys()
        used |= {one["metadataId"] for one in tab.metadata}
    used |= {int(number) for number in edit.book.named_ranges if number.isdigit()}
    used |= {one["metadataId"] for one in edit.book.metadata}
    # Far from small numbers, as Google's random ids are.
    start = 100_000_007 * {"sheet": 3, "protection": 5, "named range": 7, "filter view": 11, "metadata": 13}[what]
    return next(number for number in range(start, start + len(used) + 1) if number not in used)
