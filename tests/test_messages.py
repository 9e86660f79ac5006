"""What the tool says: every sentence is translated, keeps its values, and is spoken when it is shown."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from cchc_sheets.messages import DOMAIN, LOCALE_FOLDER, speak, text

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cchc_sheets"
CATALOGUE = LOCALE_FOLDER / "vi" / "LC_MESSAGES" / f"{DOMAIN}.po"

# Where a `Text` is made of something else than one literal sentence, and why that needs no translation.
WITHOUT_A_SENTENCE = {
    ("messages.py", "text"): "the definition itself",
    ("assessment/scoring.py", "_spoken"): "numbers with semicolons between them, no words",
    ("messages.py", "without_values"): "a sentence that the catalogue has where it is said with its values",
    (
        "cli/log_words.py",
        "_logged",
    ): "steps and errors are logged by their sentences, which the catalogue has",
}


@dataclass(frozen=True)
class Made:
    """One place in the code where a `Text` is made."""

    file: str
    function: str
    line: int
    call: ast.Call

    @property
    def sentence(self) -> str | None:
        first = self.call.args[0] if self.call.args else None
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


@pytest.fixture(autouse=True)
def vietnamese_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the language, and the variable that libraries go by, as they were."""
    monkeypatch.setenv("LANGUAGE", "vi")
    yield
    speak("vi")


def translations() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    return {message.id: str(message.string) for message in catalogue if isinstance(message.id, str) and message.id}


def translated() -> Iterator[tuple[str, str]]:
    """Yield the sentences that have a translation, with it; that none lacks one is a promise of its own."""
    return ((sentence, translation) for sentence, translation in translations().items() if translation)


def placeholders(sentence: str) -> set[tuple[str, str, str]]:
    """Return the values a sentence names, with conversion and format: `{name!r}`, `%(prog)s`."""
    braces = {
        (name, conversion or "", form or "")
        for _, name, form, conversion in Formatter().parse(sentence)
        if name is not None
    }
    return braces | {(name, "%", form) for name, form in re.findall(r"%\((\w+)\)(\w)", sentence)}


def texts_made() -> Iterator[Made]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield from made_in(ast.parse(file.read_text(encoding="utf-8")), file.relative_to(PACKAGE).as_posix(), "")


def made_in(node: ast.AST, file: str, function: str) -> Iterator[Made]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(child, ast.Call) and is_text(child.func):
            yield Made(file, function, child.lineno, child)
        yield from made_in(child, file, inside)


def is_text(called: ast.expr) -> bool:
    match called:
        case ast.Name(id="text" | "Text") | ast.Attribute(value=ast.Name(id="messages"), attr="text" | "Text"):
            return True
    return False


def test_the_catalogue_is_up_to_date_with_the_code_with_click_and_with_its_compiled_form() -> None:
    command = [sys.executable, str(ROOT / "tools" / "messages.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert checked.returncode == 0, f"run `python tools/messages.py`: {checked.stdout}{checked.stderr}"


def test_every_sentence_is_translated() -> None:
    assert [sentence for sentence, translation in translations().items() if not translation] == []


def test_every_sentence_of_the_code_is_in_the_catalogue() -> None:
    known = translations()
    assert [made.place for made in texts_made() if made.sentence and made.sentence not in known] == []


def test_a_plural_is_translated_once_with_values_that_either_form_names() -> None:
    with CATALOGUE.open("rb") as file:
        pairs = [message for message in read_po(file) if isinstance(message.id, tuple)]
    assert pairs
    for message in pairs:
        translation = "".join(message.string or ())
        assert translation
        assert placeholders(translation) <= {value for form in message.id for value in placeholders(form)}


def test_a_translation_names_exactly_the_values_of_its_sentence() -> None:
    wrong = [s for s, translation in translated() if placeholders(s) != placeholders(translation)]
    assert wrong == []


def test_a_translation_keeps_commands_options_and_keys() -> None:
    kept = re.compile(r"`[^`]+`|(?<![\w-])--[a-z][a-z-]+|[a-z_]+\.(?:yaml|csv|db)\b")
    wrong = [s for s, translation in translated() if set(kept.findall(s)) != set(kept.findall(translation))]
    assert wrong == []


def test_a_translation_shows_as_many_braces_as_its_sentence() -> None:
    """`{{{{ name }}}}` stands for the tag of a Word template, and must reach the reader as `{{ name }}`."""

    def braces(sentence: str) -> int:
        return sum(literal.count("{") + literal.count("}") for literal, *_ in Formatter().parse(sentence))

    assert [s for s, translation in translated() if braces(s) != braces(translation)] == []


def test_a_translation_begins_and_ends_as_its_sentence() -> None:
    """Spaces before it lay out the story of `demo`; a colon or full stop at its end is read with what follows."""

    def edges(sentence: str) -> tuple[str, str]:
        return sentence[: len(sentence) - len(sentence.lstrip())], "".join(re.findall(r"[.:?!]\s*$", sentence))

    assert [s for s, translation in translated() if edges(s) != edges(translation)] == []


def test_every_text_is_made_of_a_literal_sentence() -> None:
    wanting = [made for made in texts_made() if made.sentence is None]
    assert [made.place for made in wanting if (made.file, made.function) not in WITHOUT_A_SENTENCE] == []
    assert {(made.file, made.function) for made in wanting} == WITHOUT_A_SENTENCE.keys()


def test_every_text_is_given_the_values_its_sentence_names() -> None:
    wrong = []
    for made in texts_made():
        given = {keyword.arg for keyword in made.call.keywords}
        if made.sentence is not None and None not in given:
            wanted = {name for name, *_ in placeholders(made.sentence)}
            if wanted != given:
                wrong.append(f"{made.place}: {sorted(wanted)}, given {sorted(map(str, given))}")
    assert wrong == []


@pytest.mark.parametrize(
    ("value", "in_vietnamese", "in_english"),
    [
        (Decimal("0.5"), "0,5", "0.5"),
        (Decimal("78.40"), "78,4", "78.4"),
        (Decimal(100), "100", "100"),
        (Decimal("-0.25"), "-0,25", "-0.25"),
        (2023, "2023", "2023"),
        (datetime(2023, 12, 10, 17, 0, tzinfo=UTC), "17:00 ngày 10/12/2023", "17:00 on 10/12/2023"),
        (date(2023, 10, 5), "05/10/2023", "05/10/2023"),
        ("Xã Bình Tân", "Xã Bình Tân", "Xã Bình Tân"),
        ("0.5", "0.5", "0.5"),
        (["Xã Bình Tân", "Xã Tây Phú"], "Xã Bình Tân, Xã Tây Phú", "Xã Bình Tân, Xã Tây Phú"),
        ((date(2023, 10, 5), text("error")), "05/10/2023, lỗi", "05/10/2023, error"),
        ({"points": Decimal("0.5")}, "points: 0,5", "points: 0.5"),
        (text("error"), "lỗi", "error"),
        (text("{place}: {what}", place="H12", what=text("warning")), "H12: cảnh báo", "H12: warning"),
        (text("{unit}", unit=Decimal("0.5")), "0,5", "0.5"),
    ],
)
def test_a_value_is_printed_in_the_form_of_the_language(value: object, in_vietnamese: str, in_english: str) -> None:
    said = text("«{typed}» is not a number", typed=value)
    assert said.said_in("vi") == f"«{in_vietnamese}» không phải là số"
    assert said.said_in("en") == f"«{in_english}» is not a number"


def test_braces_and_percent_signs_in_a_value_stay_as_they_are() -> None:
    assert text("{unit}", unit="{code} 100% %(prog)s {{ name }}").said_in("vi") == "{code} 100% %(prog)s {{ name }}"


def test_a_text_is_translated_when_it_is_shown_and_not_when_it_is_made() -> None:
    made_before = text("write the unit's full name")
    speak("en")
    assert str(made_before) == "write the unit's full name"
    made_in_english = text("install the program again")
    speak("vi")
    assert str(made_before) == "ghi tên đầy đủ của đơn vị"
    assert str(made_in_english) == "cài đặt lại chương trình"


def test_one_text_can_be_said_in_either_language_whatever_is_spoken() -> None:
    said = text("error")
    speak("en")
    assert (str(said), said.said_in("vi"), said.said_in("en")) == ("error", "lỗi", "error")


def test_a_sentence_without_a_translation_is_said_in_english() -> None:
    assert text("nobody has translated {unit} yet", unit="this").said_in("vi") == "nobody has translated this yet"


def test_a_language_that_the_tool_does_not_speak_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        speak("fr")
    assert str(text("error")) == "lỗi"
