"""Holding a YAML document against a model, and saying in plain words what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from cchc_sheets import vietnamese
from cchc_sheets.cycle.yaml_document import PLAIN_NUMBER, Document, Path_
from cchc_sheets.messages import Text, text


class Entry(BaseModel):
    """One mapping of a settings file; a key it does not know is a mistake, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _take_plain_numbers_only(cls, value: object, info: ValidationInfo) -> object:
        """Refuse what only Python takes for a number: `"0_2"`, `"2e0"`, digits of other scripts, `true`."""
        if not isinstance(value, str | bool):
            return value
        annotation = cls.model_fields[str(info.field_name)].annotation
        kinds = {annotation, *get_args(annotation)}
        if bool in kinds or str in kinds or not kinds & {Decimal, int}:
            return value
        if isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
            return value
        raise PydanticCustomError("decimal_parsing" if Decimal in kinds else "int_parsing", "no plain number")


def _composed(value: object) -> object:
    return vietnamese.unicode_text(value) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_composed), StringConstraints(min_length=1)]
"""Text that must not be empty; composed letters (NFC), no blanks at its ends."""

OptionalWords = Annotated[str, BeforeValidator(_composed)]
"""The same, but it may be left empty."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+(?:[.\-_][A-Za-z0-9]+)*$", max_length=40)]
"""A code: letters, digits, dots, hyphens; always text, for `1.10` is not `1.1`."""

Model = TypeVar("Model", bound=Entry)

_MOST_REPAIRS: Final = 5


def validate(document: Document, model: type[Model]) -> Model | None:
    """Return the document as `model`, every misfit being in the document's problems.

    A misfit that leaves the rest readable (an unknown key, a number where text belongs) is reported and then set
    aside, so that the checks that come after can tell all other mistakes in the same go. None if nothing can be
    made of the document.
    """
    if document.data is None and document.problems:
        return None
    data = document.data if isinstance(document.data, dict) else {}
    for _ in range(_MOST_REPAIRS):
        try:
            return model.model_validate(data)
        except ValidationError as error:
            misfits = [misfit for misfit in error.errors(include_url=False) if not _is_echo(misfit, data)]
        for misfit in misfits:
            what, fix = _in_words(misfit["type"], misfit["loc"], misfit.get("ctx", {}), data, model)
            document.report(misfit["loc"], misfit["type"], what, fix)
        if not all([_set_aside(misfit, data) for misfit in misfits]):  # noqa: C419 - every one is set aside
            return None
    return None


def _is_echo(misfit: ErrorDetails, data: object) -> bool:
    """A list is called too short also when its only fault is an entry that was refused."""
    return misfit["type"] == "too_short" and bool(_found(data, misfit["loc"]))


def _set_aside(misfit: ErrorDetails, data: Any) -> bool:
    *path, name = misfit["loc"] or ("",)
    holder, found = _found(data, tuple(path)), _found(data, misfit["loc"])
    if misfit["type"] == "string_type" and isinstance(found, Decimal):
        holder[name] = str(found)
        return True
    if misfit["type"] == "extra_forbidden":
        del holder[name]
        return True
    return False


def _in_words(
    kind: str, path: Path_, context: Mapping[str, Any], data: object, model: type[Entry]
) -> tuple[Text, Text]:
    name = str(path[-1]) if path else ""
    found = _found(data, path)
    if kind == "string_type" and isinstance(found, Decimal):
        if name in {"code", "id", "criterion", "department"}:
            return (
                text(
                    "the code {found} is a number here; {found} and {found}0 would be the same",
                    found=str(found),
                ),
                text('write it in quotes: {name}: "{found}"', name=name, found=str(found)),
            )
        return text("«{name}» must be text", name=name), text('write it in quotes: "{found}"', found=str(found))
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, _names(model), n=1)
        fix = (
            text("did you mean «{near}»?", near=near[0])
            if near
            else text("remove it, or see the documentation of the file")
        )
        return text("«{name}» is not known here", name=name), fix
    if kind == "string_pattern_mismatch" and name == "email":
        return (
            text("«{email}» is no e-mail address", email=str(found)),
            text("write addresses like ten@xa.example.gov.vn, several separated by semicolons"),
        )
    explain = _WORDS.get(_ALIKE.get(kind, kind))
    if explain is not None:
        return explain(name, context)
    return text("«{name}» does not fit ({kind})", name=name, kind=kind), text("see the documentation of the file")


_ALIKE: Final = {
    "decimal_parsing": "decimal_type",
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "bool_parsing": "bool_type",
    "tuple_type": "list_type",
    "datetime_from_date_parsing": "datetime_type",
    "datetime_parsing": "datetime_type",
}
"""Kinds of misfit that are the same to whoever wrote the file."""

_Explain = Callable[[str, Mapping[str, Any]], tuple[Text, Text]]
_WORDS: Final[dict[str, _Explain]] = {
    "missing": lambda name, _: (text("«{name}» is missing", name=name), text("add `{name}:`", name=name)),
    "string_type": lambda name, _: (
        text("«{name}» must be text", name=name),
        text("write text after `{name}:`", name=name),
    ),
    "string_too_short": lambda name, _: (
        text("«{name}» is empty", name=name),
        text("write text after `{name}:`", name=name),
    ),
    "string_too_long": lambda name, _: (text("«{name}» is too long", name=name), text("shorten it")),
    "string_pattern_mismatch": lambda name, _: (
        text("«{name}» is not of the form wanted here", name=name),
        text("use letters without marks, digits, dots, hyphens; no blanks"),
    ),
    "literal_error": lambda name, context: (
        text("«{name}» is none of the choices", name=name),
        text("choose one of: {choices}", choices=str(context.get("expected", "")).replace(" or ", ", ")),
    ),
    "decimal_type": lambda name, _: (
        text("«{name}» must be a number", name=name),
        text("write e.g. 0.5, without quotes"),
    ),
    "int_type": lambda name, _: (text("«{name}» must be a whole number", name=name), text("write e.g. 2023")),
    "bool_type": lambda name, _: (
        text("«{name}» must be true or false", name=name),
        text("write true or false"),
    ),
    "list_type": lambda name, _: (
        text("«{name}» must be a list", name=name),
        text("begin each of its lines with a dash"),
    ),
    "too_short": lambda name, _: (text("«{name}» is empty", name=name), text("add at least one entry")),
    "model_type": lambda name, _: (
        text("«{name}» must be a group of settings", name=name),
        text("put its settings on indented lines below it"),
    ),
    "datetime_type": lambda name, _: (
        text("«{name}» is not a date", name=name),
        text("write e.g. 2023-12-10T17:00"),
    ),
    "greater_than_equal": lambda name, context: (
        text("«{name}» is below {limit}", name=name, limit=context.get("ge")),
        text("write a number from {limit} on", limit=context.get("ge")),
    ),
    "less_than_equal": lambda name, context: (
        text("«{name}» is above {limit}", name=name, limit=context.get("le")),
        text("write a number up to {limit}", limit=context.get("le")),
    ),
    "value_error": lambda name, context: (
        text("«{name}»: {error}", name=name, error=str(context.get("error", ""))),
        text("see the documentation of the file"),
    ),
}


def _found(data: Any, path: Path_) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _names(model: type[Entry]) -> list[str]:
    """Every key that occurs anywhere in a model, for suggestions."""
    schema = model.model_json_schema()
    groups = [schema, *schema.get("$defs", {}).values()]
    return sorted({name for group in groups for name in group.get("properties", {})})
