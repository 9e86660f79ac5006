"""Every refusal of the program, found in its source; and which of them the tests of a run have met and read.

A refusal is a sentence that a `CchcError` or a `Problem` says, directly or through a function that makes one of it. A
test reads it if it meets it (the sentence was said while the test ran) and if its file asks for it: by the refusal's
code, or by words of the sentence in either language.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

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
    raised, told = CchcError.__init__, Problem.__init__

    def raising(self: CchcError, what: Text, **rest: Any) -> None:
        raised(self, what, **rest)
        book.note(self.code, what)

    def telling(self: Problem, *parts: Any, **named: Any) -> None:
        told(self, *parts, **named)
        book.note(self.code, self.what)

    CchcError.__init__ = raising  # type: ignore[method-assign]
    Problem.__init__ = telling  # type: ignore[method-assign]


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


def _makers(trees: Iterable[ast.Module]) -> dict[str, list[str]]:
    """Return what makes a refusal of a sentence: the classes of the family, and functions that hand one on to them.

    The value is the names of the parameters in order; those that are not the sentence are "".
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    makers: dict[str, list[str]] = {"CchcError": ["what"]}
    for node in nodes:
        if isinstance(node, ast.ClassDef) and (places := _fields_of(node)):
            makers[node.name] = places
    size = 0
    while size < len(makers):
        size = len(makers)
        for node in nodes:
            if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & makers.keys():
                makers.setdefault(node.name, ["what"])
            elif isinstance(node, ast.FunctionDef) and node.name not in makers:
                places = _sentences_of(node)
                handed = {name for call in _calls(node, makers) for name in _names_in(call)}
                if set(places) & handed - {""}:
                    makers[node.name] = places
    return makers


def _fields_of(record: ast.ClassDef) -> list[str]:
    """Return the fields of a record that says what is wrong, and how to mend it, as `Problem` does; else nothing."""
    fields = [node for node in record.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    names = [node.target.id if isinstance(node.target, ast.Name) else "" for node in fields]
    return [name if name == "what" else "" for name in names] if {"what", "fix"} <= set(names) else []


def _sentences_of(function: ast.FunctionDef) -> list[str]:
    """Return the parameters of a function in order; "" for those that are no sentence, or only how to mend it."""
    parameters = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if parameters and parameters[0].arg in {"self", "cls"}:
        parameters = parameters[1:]
    return [one.arg if one.arg == "what" else "" for one in parameters]


def _in_tree(tree: ast.Module, file: str, makers: Mapping[str, list[str]]) -> Iterator[Refusal]:
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for call in _calls(function, makers):
            places = makers[_name(call.func)]
            wanted = [arg for place, arg in zip(places, call.args, strict=False) if place]
            wanted += [word.value for word in call.keywords if word.arg in places and word.arg]
            for argument in wanted:
                for message, line in _messages(argument, function):
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


def _calls(tree: ast.AST, makers: Mapping[str, list[str]]) -> list[ast.Call]:
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
