"""Every refusal of the program, found in its source; and which of them the tests of a run have met and read.

A refusal is a sentence that a `CchcError` or a `Problem` says, directly or through a function that makes one of it. A
test reads it if it meets it (the sentence was said while the test ran) and if its file asks for it: by the refusal's
code, or by words of the sentence in either language.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.criteria import Mistake
from cchc_sheets.assessment.scoring import Flaw
from cchc_sheets.assessment.typed import Unreadable
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.messages import Text

TESTS: Final = Path(__file__).parent
SOURCE: Final = TESTS.parent / "cchc_sheets"
_NOT_WHAT: Final = {"fix", "where"}
_PLACES: Final = re.compile(r"\{+\w*\}+|file|line|column")
_SHORTEST: Final = 8


@dataclass(frozen=True)
class Refusal:
    """One sentence in the source that refuses something, or tells of a mistake."""

    file: str
    line: int
    message: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code or '–'}: {self.message}"


@dataclass
class Book:
    """The refusals met so far: by sentence, the files of the tests and the codes under which they were said."""

    met: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    test: str = ""

    def note(self, code: str, said: Text) -> None:
        """Remember a sentence, and those within it."""
        self.met.setdefault(said.message, set()).add((self.test, code))
        for _, value in said.values:
            if isinstance(value, Text):
                self.note(code, value)

    def as_rows(self) -> list[list[str]]:
        return [[message, *one] for message, met in sorted(self.met.items()) for one in sorted(met)]

    def add_rows(self, rows: Iterable[Iterable[str]]) -> None:
        for message, test, code in rows:
            self.met.setdefault(message, set()).add((test, code))


def listen(book: Book) -> None:
    """Let the book hear of every refusal from now on; what they do stays as it is."""
    for kind in (CchcError, Problem, Flaw, Mistake, Unreadable):
        kind.__init__ = _heard(kind.__init__, book)  # type: ignore[method-assign]


def _heard(made: Callable[..., None], book: Book) -> Callable[..., None]:
    @functools.wraps(made)
    def heard(self: Any, *parts: Any, **named: Any) -> None:
        made(self, *parts, **named)
        book.note(getattr(self, "code", ""), self.what)

    return heard


def unread(book: Book, refusals: Iterable[Refusal]) -> tuple[list[Refusal], list[Refusal]]:
    """Return the refusals that no test has met, and those that were met but not asked for."""
    unmet, unasked = [], []
    for one in refusals:
        met = book.met.get(one.message, set())
        if not met:
            unmet.append(one)
        elif not any(_asks_for(test, code, one.message) for test, code in met):
            unasked.append(one)
    return unmet, unasked


def _asks_for(test: str, code: str, message: str) -> bool:
    literals = _literals(test)
    if code in literals:
        return True
    return any(_shares_words(literal, said) for literal in literals for said in (message, _vietnamese(message)))


def _vietnamese(message: str) -> str:
    """Return the Vietnamese sentence with its places left open."""
    places = {name: f"{{{name}}}" for name in re.findall(r"\{(\w+)\}", message)}
    return Text(message, tuple(places.items())).said_in("vi")


def _shares_words(literal: str, sentence: str) -> bool:
    pieces = [piece.strip() for piece in re.split(r"\{+\w*\}+", sentence)]
    if len(literal) >= _SHORTEST and literal in sentence:
        return True
    return any(len(piece) >= _SHORTEST and piece in literal for piece in pieces)


@cache
def _literals(test: str) -> frozenset[str]:
    """Return every string written in a file of tests."""
    found: set[str] = set()
    file = TESTS / test
    if not file.is_file():
        return frozenset()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value.strip())
    return frozenset(found)


# ---- the source -------------------------------------------------------------------------------------------------


def refusals() -> list[Refusal]:
    """Return every refusal in the source of the program."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(SOURCE.rglob("*.py"))}
    makers = _makers(trees.values())
    found = {
        (one.file, one.message): one
        for file, tree in trees.items()
        for one in _in_tree(tree, file.relative_to(SOURCE).as_posix(), makers)
    }
    return sorted(found.values(), key=lambda one: (one.file, one.line))


def _makers(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of what makes a refusal: the classes, and functions that hand their `what` on to one."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    makers = {"CchcError"} | {node.name for node in nodes if isinstance(node, ast.ClassDef) and _is_record(node)}
    size = 0
    while size < len(makers):
        size = len(makers)
        for node in nodes:
            if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & makers:
                makers.add(node.name)
            elif isinstance(node, ast.FunctionDef) and "what" in {one.arg for one in node.args.args}:
                hands_on = any("what" in _names_in(call) for call in _calls(node, makers))
                makers |= {node.name} if hands_on else set()
    return makers


def _is_record(record: ast.ClassDef) -> bool:
    """Whether it says what is wrong and how to mend it, as `Problem` does."""
    fields = [node.target for node in record.body if isinstance(node, ast.AnnAssign)]
    return {"what", "fix"} <= {one.id for one in fields if isinstance(one, ast.Name)}


def _in_tree(tree: ast.Module, file: str, makers: Collection[str]) -> Iterator[Refusal]:
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for call in _calls(function, makers):
            parts = [*call.args, *(word.value for word in call.keywords if word.arg not in _NOT_WHAT)]
            sentences = (list(_messages(part, function)) for part in parts)
            for message, line in next(filter(None, sentences), []):  # what comes first, how to mend it after it
                if len(re.sub(r"\W", "", _PLACES.sub("", message))) >= _SHORTEST:  # else it hands on another
                    yield Refusal(file, line, message, _code(call))


def _messages(argument: ast.expr, function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """Yield the sentences an argument can be: written there, or put into a variable before."""
    for node in ast.walk(argument):
        if isinstance(node, ast.Call) and _name(node.func) == "text" and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value), node.lineno
    if isinstance(argument, ast.Name):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and argument.id in {
                one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)
            }:
                yield from _messages(node.value, function)


def _calls(tree: ast.AST, makers: Collection[str]) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in makers]


def _code(call: ast.Call) -> str:
    words = [word.value for word in call.keywords if word.arg == "code"] + call.args
    found = (one.value for one in words if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return next((one for one in found if re.fullmatch(r"[a-z_]+", one)), "")


def _names_in(call: ast.Call) -> Iterator[str]:
    for part in (*call.args, *(word.value for word in call.keywords if word.arg not in _NOT_WHAT)):
        yield from (node.id for node in ast.walk(part) if isinstance(node, ast.Name))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
