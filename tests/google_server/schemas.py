"""JSON checked against the schemas of a discovery document, stricter than Google, who drops what it does not know."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google_server import masks
from google_server.masks import BadMask, Mask, Schema

# Google calls these read-only and its own documentation says how to send them.
_SENDABLE = {
    ("ProtectedRange", "protectedRangeId"),
    ("Permission", "emailAddress"),
    ("Permission", "domain"),
    ("DeveloperMetadataLocation", "locationType"),
}
_READ_ONLY = re.compile(r"\bOutput only\b|[Tt]his field is read-only")
# Members of which a message may hold one only ("union field" in the reference pages).
_ONE_OF: dict[str, tuple[str, ...]] = {
    "ExtendedValue": ("numberValue", "stringValue", "boolValue", "formulaValue", "errorValue"),
    "ColorStyle": ("rgbColor", "themeColor"),
    "ConditionValue": ("relativeDate", "userEnteredValue"),
    "Chip": ("richLinkProperties", "personProperties"),
    "ConditionalFormatRule": ("booleanRule", "gradientRule"),
    "DataFilter": ("a1Range", "developerMetadataLookup", "gridRange"),
}
# What a mask in an update request selects from; the reference pages name the root in the text of `fields`.
_MASK_ROOTS = {
    "AppendCellsRequest": "CellData",
    "RepeatCellRequest": "CellData",
    "UpdateBandingRequest": "BandedRange",
    "UpdateCellsRequest": "CellData",
    "UpdateDataSourceRequest": "DataSource",
    "UpdateDeveloperMetadataRequest": "DeveloperMetadata",
    "UpdateDimensionGroupRequest": "DimensionGroup",
    "UpdateDimensionPropertiesRequest": "DimensionProperties",
    "UpdateEmbeddedObjectBorderRequest": "EmbeddedObjectBorder",
    "UpdateEmbeddedObjectPositionRequest": "OverlayPosition",
    "UpdateFilterViewRequest": "FilterView",
    "UpdateNamedRangeRequest": "NamedRange",
    "UpdateProtectedRangeRequest": "ProtectedRange",
    "UpdateSheetPropertiesRequest": "SheetProperties",
    "UpdateSlicerSpecRequest": "SlicerSpec",
    "UpdateSpreadsheetPropertiesRequest": "SpreadsheetProperties",
    "UpdateTableRequest": "Table",
}
_NULLABLE_MAPS = {"properties", "appProperties"}  # null deletes the entry in files.update
_INT_RANGES = {"int32": 2**31, "uint32": 2**32, "int64": 2**63}


class Document:
    """The schemas of one discovery document, with what checking needs to know of each object worked out once."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self.schemas = schemas
        self._facts: dict[int, Facts] = {}

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema that a $ref points to."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        return schema

    def facts(self, schema: Schema) -> Facts:
        """Return the facts of an object's schema, which lives as long as the document."""
        known = self._facts.get(id(schema))
        if known is None:
            name, properties = schema.get("id", ""), schema.get("properties", {})
            known = Facts(
                name=name,
                members={key: self.resolve(inner) for key, inner in properties.items()},
                read_only=frozenset(key for key, inner in properties.items() if is_read_only(name, key, inner)),
                required={key: inner["annotations"]["required"] for key, inner in properties.items() if _needed(inner)},
            )
            self._facts[id(schema)] = known
        return known


@dataclass(frozen=True)
class Facts:
    """Of one object: its members with their schemas, those not to be sent, those that methods require."""

    name: str
    members: dict[str, Schema]
    read_only: frozenset[str]
    required: dict[str, list[str]]


@dataclass(frozen=True)
class Checker:
    """Checks for one document. `operation` is the id of the method a body is sent to, "" for an answer."""

    document: Document
    operation: str = ""

    def check(self, value: Any, schema: Schema, path: str = "") -> Iterator[str]:
        """Yield what is wrong with `value`, each with its path."""
        schema = self.document.resolve(schema)
        match schema.get("type"):
            case "object":
                yield from self._object(value, schema, path)
            case "array":
                yield from self._array(value, schema, path)
            case "any":
                return
            case _:
                yield from self._scalar(value, schema, path)

    def _array(self, value: Any, schema: Schema, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: {value!r} is not an array"
            return
        for index, member in enumerate(value):
            yield from self.check(member, schema["items"], f"{path}[{index}]")

    def _object(self, value: Any, schema: Schema, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is not an object"
            return
        facts = self.document.facts(schema)
        yield from self._unions(value, facts.name, path)
        if self.operation:
            yield from self._required(value, facts, path)
            yield from self._update_mask(value, facts.name, path)
        for key, member in value.items():
            inner = facts.members.get(key)
            if inner is not None:
                if self.operation and key in facts.read_only:
                    yield f"{_below(path, key)}: is read-only"
                if not _plainly_right(member, inner):
                    yield from self.check(member, inner, _below(path, key))
            elif "additionalProperties" not in schema:
                yield f"{_below(path, key)}: unknown field of {facts.name or 'this object'}"
            elif not (member is None and self._may_be_null(path)):
                yield from self.check(member, schema["additionalProperties"], _below(path, key))

    def _may_be_null(self, path: str) -> bool:
        return self.operation == "drive.files.update" and path in _NULLABLE_MAPS

    def _unions(self, value: dict[str, Any], name: str, path: str) -> Iterator[str]:
        if name == "Request" and len(value) != 1:
            yield f"{path}: a request holds exactly one kind, not {sorted(value)}"
        chosen = [member for member in _ONE_OF.get(name, ()) if member in value]
        if len(chosen) > 1:
            yield f"{path}: {name} holds only one of {chosen}"

    def _required(self, value: dict[str, Any], facts: Facts, path: str) -> Iterator[str]:
        for key, operations in facts.required.items():
            if self.operation in operations and key not in value:
                yield f"{_below(path, key)}: is required"

    def _update_mask(self, value: dict[str, Any], name: str, path: str) -> Iterator[str]:
        root = _MASK_ROOTS.get(name)
        if root is None:
            return
        text = value.get("fields")
        if not isinstance(text, str) or not text:
            if name != "UpdateEmbeddedObjectPositionRequest":
                yield f"{path}: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
            return
        try:
            mask = masks.parse(text)
            masks.check(mask, {"$ref": root}, self.document.resolve)
        except BadMask as bad:
            yield f"{path}.fields: {root} has no {bad.path}"
            return
        for read_only in self._read_only_in(mask, {"$ref": root}):
            yield f"{path}.fields: {read_only} is read-only"

    def _read_only_in(self, mask: Mask, schema: Schema) -> Iterator[str]:
        schema = self.document.resolve(schema)
        while schema.get("type") == "array":
            schema = self.document.resolve(schema["items"])
        for key, below in mask.items():
            inner = schema.get("properties", {}).get(key)
            if inner is None:
                continue
            if is_read_only(schema.get("id", ""), key, inner):
                yield key
            yield from self._read_only_in(below, inner)

    def _scalar(self, value: Any, schema: Schema, path: str) -> Iterator[str]:
        kind, form = schema.get("type"), schema.get("format", "")
        if kind == "boolean":
            if not isinstance(value, bool):
                yield f"{path}: {value!r} is not true or false"
        elif kind == "integer":
            bound = _INT_RANGES[form or "int32"]
            if isinstance(value, bool) or not isinstance(value, int) or not -bound <= value < bound:
                yield f"{path}: {value!r} is not an {form or 'integer'}"
        elif kind == "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield f"{path}: {value!r} is not a number"
        elif not isinstance(value, str):
            yield f"{path}: {value!r} is not a string"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is none of {schema['enum']}"
        elif form and not fits(value, form):
            yield f"{path}: {value!r} is not a {form}"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _needed(schema: Schema) -> bool:
    return "required" in schema.get("annotations", {})


def _plainly_right(value: Any, schema: Schema) -> bool:
    """Return whether a plain string, boolean or number is of its schema's type: most of a large body is."""
    kind = schema.get("type")
    if kind == "string":
        return type(value) is str and "format" not in schema and "enum" not in schema
    if kind == "boolean":
        return type(value) is bool
    return kind == "number" and type(value) in (int, float)


def is_read_only(schema_name: str, key: str, schema: Schema) -> bool:
    """Return whether Google's documentation says that a member cannot be sent."""
    if (schema_name, key) in _SENDABLE:
        return False
    return bool(schema.get("readOnly")) or _READ_ONLY.search(schema.get("description", "")) is not None


def fits(value: str, form: str) -> bool:
    """Return whether a string has the format that the document names."""
    match form:
        case "int64" | "uint64":
            return re.fullmatch(r"-?\d{1,19}", value) is not None and abs(int(value)) <= _INT_RANGES["int64"]
        case "date-time" | "google-datetime":
            return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", value) is not None
        case "date":
            return _is_date(value)
        case "byte":
            return _is_base64(value)
    return True


def _is_date(value: str) -> bool:
    try:
        datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007  # only a date
    except ValueError:
        return False
    return True


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        return False
    return True
