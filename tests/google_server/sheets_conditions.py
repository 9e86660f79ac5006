"""Conditions of data validations and colour rules: checked when set, asked when somebody types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from google_server.sheets_areas import InvalidRequestError
from google_server.sheets_edit import Edit
from google_server.sheets_formulas import parse_formula
from google_server.sheets_grid import Message
from google_server.sheets_locale import typed

_NUMBER = {
    "NUMBER_GREATER": 1,
    "NUMBER_GREATER_THAN_EQ": 1,
    "NUMBER_LESS": 1,
    "NUMBER_LESS_THAN_EQ": 1,
    "NUMBER_EQ": 1,
    "NUMBER_NOT_EQ": 1,
    "NUMBER_BETWEEN": 2,
    "NUMBER_NOT_BETWEEN": 2,
}
_TEXT = {"TEXT_CONTAINS": 1, "TEXT_NOT_CONTAINS": 1, "TEXT_STARTS_WITH": 1, "TEXT_ENDS_WITH": 1, "TEXT_EQ": 1}
_ANY = {**_NUMBER, **_TEXT, "CUSTOM_FORMULA": 1}
_FOR_VALIDATION = {
    **_ANY,
    "ONE_OF_LIST": None,
    "BOOLEAN": None,
    "TEXT_IS_URL": 0,
    "TEXT_IS_EMAIL": 0,
    "DATE_IS_VALID": 0,
}
_FOR_COLOURS = {**_ANY, "BLANK": 0, "NOT_BLANK": 0}
_LENGTH = re.compile(r"^=\s*LEN\(\$?[A-Z]+\$?\d+\)\s*(<=|<)\s*(\d+)$", re.IGNORECASE)


def checked_rule(edit: Edit, rule: Message | None) -> Message | None:
    """Return a DataValidationRule that may be set, None for none."""
    if not rule:
        return None
    # Thousands of cells of one batch have the same rule: it is checked, and kept, once.
    key = f"{edit.book.locale} {rule}"
    if key not in edit.rules:
        _check(edit, rule.get("condition"), _FOR_VALIDATION)
        edit.rules[key] = rule
    return edit.rules[key]


def check_colour_condition(edit: Edit, condition: Message | None) -> None:
    """Refuse a condition that no conditional format can have."""
    _check(edit, condition, _FOR_COLOURS)


def _check(edit: Edit, condition: Message | None, allowed: Mapping[str, int | None]) -> None:
    kind = (condition or {}).get("type", "")
    if kind not in allowed:
        raise InvalidRequestError(f"BooleanCondition.type '{kind}' is not supported here.")
    values = [value.get("userEnteredValue", "") for value in (condition or {}).get("values", ())]
    expected = allowed[kind]
    if expected is not None and len(values) != expected:
        raise InvalidRequestError(f"ConditionType '{kind}' needs exactly {expected} ConditionValues.")
    if kind == "ONE_OF_LIST" and not (values and all(values)):
        raise InvalidRequestError("ConditionType 'ONE_OF_LIST' needs ConditionValues that are not empty.")
    if kind == "BOOLEAN" and len(values) > 2:
        raise InvalidRequestError("ConditionType 'BOOLEAN' has at most two ConditionValues.")
    for value in values:
        is_formula = value.startswith("=")
        wrong = is_formula and parse_formula(value, edit.locale, edit.knows).error
        if kind in _NUMBER and not is_formula:
            # Condition values are typed texts: in a Vietnamese spreadsheet `2.5` is a day in May.
            wrong = _limit(value, edit.book.locale, edit.today) is None
        if wrong or (kind == "CUSTOM_FORMULA" and not is_formula):
            raise InvalidRequestError(f"Invalid ConditionValue.userEnteredValue: {value}")


def accepts(condition: Message, value: Message | None, locale: str, today: date) -> bool:
    """Tell whether a typed value (None: the cell was emptied) meets the condition of a validation.

    Formulas are not computed: of CUSTOM_FORMULA only `=LEN(A1)<=500` is understood, everything else is accepted.
    """
    if value is None or "formulaValue" in value:
        return True
    kind = condition["type"]
    words = [one.get("userEnteredValue", "") for one in condition.get("values", ())]
    if kind in _NUMBER:
        limits = [_limit(word, locale, today) for word in words]
        number = value.get("numberValue")
        return number is not None and (
            None in limits or _compares(kind, number, [one for one in limits if one is not None])
        )
    if kind == "ONE_OF_LIST":
        return any(value in ({"stringValue": word}, typed(word, locale, today).value) for word in words)
    if kind == "BOOLEAN":
        return any(value == typed(word, locale, today).value for word in words) if words else "boolValue" in value
    return _text_meets(kind, words, value)


def _limit(word: str, locale: str, today: date) -> float | None:
    found = typed(word, locale, today)
    is_day = (found.number_format or {}).get("type") in {"DATE", "TIME", "DATE_TIME"}
    number: float | None = None if is_day else (found.value or {}).get("numberValue")
    return number


def _text_meets(kind: str, words: list[str], value: Message) -> bool:
    text = str(next(iter(value.values())))
    if kind == "CUSTOM_FORMULA":
        found = _LENGTH.match(words[0])
        return not found or len(text) < int(found[2]) + (found[1] == "<=")
    if kind == "DATE_IS_VALID":
        return "numberValue" in value
    if kind == "TEXT_IS_URL":
        return bool(re.match(r"https?://\S+$", text))
    if kind == "TEXT_IS_EMAIL":
        return bool(re.match(r"\S+@\S+\.\S+$", text))
    word, folded = words[0].casefold(), text.casefold()
    return {
        "TEXT_CONTAINS": word in folded,
        "TEXT_NOT_CONTAINS": word not in folded,
        "TEXT_STARTS_WITH": folded.startswith(word),
        "TEXT_ENDS_WITH": folded.endswith(word),
        "TEXT_EQ": folded == word,
    }[kind]


def _compares(kind: str, number: float, limits: list[float]) -> bool:
    low, high = limits[0], limits[-1]
    return {
        "NUMBER_GREATER": number > low,
        "NUMBER_GREATER_THAN_EQ": number >= low,
        "NUMBER_LESS": number < low,
        "NUMBER_LESS_THAN_EQ": number <= low,
        "NUMBER_EQ": number == low,
        "NUMBER_NOT_EQ": number != low,
        "NUMBER_BETWEEN": low <= number <= high,
        "NUMBER_NOT_BETWEEN": not low <= number <= high,
    }[kind]
