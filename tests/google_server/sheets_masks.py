"""What Sheets does with field masks beyond filtering an answer: asks what is wanted, applies updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google_server.masks import BadMask, Mask, parse
from google_server.sheets_areas import InvalidRequestError


def wants(mask: Mask, *path: str) -> bool:
    """Tell whether an answer's mask lets anything at `path` through."""
    for name in path:
        if not mask:
            return True
        if name not in mask and "*" not in mask:
            return False
        mask = below(mask, name)
    return True


def below(mask: Mask, name: str) -> Mask:
    """Return the mask that holds below `name`."""
    return mask.get(name, mask.get("*", {}))


def update_mask(request: Mapping[str, Any]) -> Mask:
    """Return the mask of an update request; Google refuses one without."""
    text = request.get("fields", "")
    if not isinstance(text, str) or not text.strip():
        raise InvalidRequestError("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        return parse(text)
    except BadMask as error:
        raise InvalidRequestError(f"Invalid field: {error.path}") from error


def updated(old: Any, new: Any, mask: Mask) -> Any:
    """Return `old` with what the mask names taken from `new`; what `new` lacks goes."""
    if not mask or "*" in mask:
        return new
    merged = dict(old or {})
    given = new or {}
    for name, inner in mask.items():
        value = updated(merged.get(name), given.get(name), inner)
        if value is None or value == {}:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged or None
