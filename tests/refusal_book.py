"""Every refusal of the program, found in its source; and which of them the tests of a run have met and read.

A refusal is a sentence that a `CchcError` or a `Problem` says, directly or through a function that makes one of it. A
test reads it if it meets it (the sentence was said while the test ran) and if words of the sentence, in either
language, are written in its file. Its code alone, which nobody reads, does not count.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    """The refusals met so far: by sentence, the files of the tests in which they were said."""

    met: dict[str, set[str]] = field(default_factory=dict)
    test: str = ""

    def note(self, said: Text) -> None:
        """Remember a sentence, and those within it."""
        self.met.setdefault(said.message, set()).add(self.test)
        for _, value in said.values:
            if isinstance(value, Text):
                self.note(value)

    def as_rows(self) -> list[list[str]]:
        return [[message, test] for message, tests in sorted(self.met.items()) for test in sorted(tests)]

    def add_rows(self, rows: Iterable[Iterable[str]]) -> None:
        for message, test in rows:
            self.met.setdefault(message, set()).add(test)


def listen(book: Book) -> None:
    """Let the book hear of every refusal from now on; what they do stays as it is."""
    for kind in (CchcError, Problem, Flaw, Mistake, Unreadable):
        kind.__init__ = _heard(kind.__init__, book)  # type: ignore[method-assign]


def _heard(made: Callable[..., None], book: Book) -> Callable[..., None]:
    @functools.wraps(made)
    def heard(self: Any, *parts: Any, **named: Any) -> None:
        made(self, *parts, **named)
        book.note(self.what)

    return heard


def unread(book: Book, refusals: Iterable[Refusal]) -> tuple[list[Refusal], list[Refusal]]:
    """Return the refusals that no test has met, and those that were met but whose words no such test asks for."""
    unmet, unasked = [], []
    for one in refusals:
        met = book.met.get(one.message, set())
        if not met:
            unmet.append(one)
        elif not any(_asks_for(test, one.message) for test in met):
            unasked.append(one)
    return unmet, unasked


def _asks_for(test: str, message: str) -> bool:
    """Whether words of the sentence, in either language, are written in a file of tests."""
    sentences = [_said_in(language, message) for language in ("en", "vi")]
    return any(_shares_words(literal, said) for literal in _literals(test) for said in sentences)


def _said_in(language: str, message: str) -> str:
    """Return the sentence in a language, as it is said but for its places, which stay open."""
    places = {name: f"{{{name}}}" for name in re.findall(r"\{(\w+)\}", message)}
    return Text(message, tuple(places.items())).said_in(language)


def _shares_words(literal: str, sentence: str) -> bool:
    """Whether one is a part of the other: a piece between the places, or the whole with something in them."""
    if len(literal) >= _SHORTEST and literal in sentence:
        return True
    pieces = re.split(r"\{\w*\}", sentence)
    if any(len(piece.strip()) >= _SHORTEST and piece.strip() in literal for piece in pieces):
        return True
    return re.search(".+?".join(map(re.escape, pieces)), literal) is not None


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
    files = sorted(SOURCE.rglob("*.py"))
    return refusals_in({file.relative_to(SOURCE).as_posix(): file.read_text(encoding="utf-8") for file in files})


def refusals_in(source: Mapping[str, str]) -> list[Refusal]:
    """Return every refusal in some files, given by their names and what is written in them."""
    trees = {file: ast.parse(written) for file, written in source.items()}
    makers = _makers(trees)
    found = {(one.file, one.message): one for file, tree in trees.items() for one in _in_file(file, tree, makers)}
    return sorted(found.values(), key=lambda one: (one.file, one.line))


@dataclass(frozen=True)
class Maker:
    """How a refusal is made: the parameters of a class, or of a function that hands its `what` on to one."""

    file: str
    parameters: tuple[str, ...]
    required: int

    def what(self, call: ast.Call) -> ast.expr | None:
        """Return what a call says for `what`; None if the call is not one of this maker, or says it out of sight."""
        named = {word.arg: word.value for word in call.keywords if word.arg}
        is_whole = not any(isinstance(one, ast.Starred) for one in call.args) and len(named) == len(call.keywords)
        if not named.keys() <= {*self.parameters} or len(call.args) > len(self.parameters):
            return None
        if is_whole and len(call.args) + len(named) < self.required:
            return None  # another function of the same name
        return named.get("what") or dict(zip(self.parameters, call.args, strict=False)).get("what")


Makers = dict[str, tuple[Maker, ...]]


def _makers(trees: Mapping[str, ast.Module]) -> Makers:
    """Return what makes a refusal, by name: `CchcError` and its family, records, and functions that hand on to one."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    nodes = [(file, one) for file, tree in trees.items() for one in ast.walk(tree) if isinstance(one, kinds)]
    found: dict[tuple[str, int], tuple[str, Maker]] = {}
    size = -1
    while size < len(found):
        size = len(found)
        makers: Makers = {}
        for name, maker in found.values():
            makers[name] = (*makers.get(name, ()), maker)
        for file, node in nodes:
            if made := _maker(file, node, makers):
                found[file, node.lineno] = (node.name, made)
    return makers


def _maker(file: str, node: ast.ClassDef | ast.FunctionDef, makers: Makers) -> Maker | None:
    if isinstance(node, ast.ClassDef):
        return _of_class(file, node, makers)
    hands_on = (_name(part) == "what" for _, said in _said(file, node, makers) for part in ast.walk(said))
    return _of_function(file, node) if "what" in _parameters(node) and any(hands_on) else None


def _of_class(file: str, made: ast.ClassDef, makers: Makers) -> Maker | None:
    """Return how a class of refusals is made: by its own `__init__`, its fields, or as the class that it is one of."""
    bases = [maker for base in made.bases for maker in makers.get(_name(base), ())]
    if made.name != "CchcError" and not bases and not _is_record(made):
        return None
    init = next((one for one in made.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    if init:
        return _of_function(file, init)
    if bases:
        return bases[0]
    fields = [one for one in made.body if isinstance(one, ast.AnnAssign)]
    return Maker(file, tuple(_name(one.target) for one in fields), sum(one.value is None for one in fields))


def _is_record(record: ast.ClassDef) -> bool:
    """Whether it says what is wrong and how to mend it, as `Problem` does."""
    return {"what", "fix"} <= {_name(node.target) for node in record.body if isinstance(node, ast.AnnAssign)}


def _of_function(file: str, function: ast.FunctionDef) -> Maker:
    named_only = sum(default is None for default in function.args.kw_defaults)
    positional = len(_parameters(function)) - len(function.args.kwonlyargs)
    return Maker(file, _parameters(function), positional - len(function.args.defaults) + named_only)


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    """Return the names of a function's parameters as its callers see them."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return tuple(names[1:] if names[:1] in (["self"], ["cls"]) else names)


def _said(file: str, tree: ast.AST, makers: Makers) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Yield every call in which a refusal is made, with what it says; a name means first what the file itself has."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        named = makers.get(_name(call.func), ())
        for maker in [one for one in named if one.file == file] or named:
            if (what := maker.what(call)) is not None:
                yield call, what


def _in_file(file: str, tree: ast.Module, makers: Makers) -> Iterator[Refusal]:
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for call, what in _said(file, function, makers):
            for message, line in _messages(what, function):
                if len(re.sub(r"\W", "", _PLACES.sub("", message))) >= _SHORTEST:  # else it hands on another
                    yield Refusal(file, line, message, _code(call))


def _messages(said: ast.expr, function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """Yield the sentences an argument can be: written there, or put into a variable before."""
    for node in ast.walk(said):
        if isinstance(node, ast.Call) and _name(node.func) == "text" and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value), node.lineno
    if isinstance(said, ast.Name):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for value in _put_into(said.id, node.targets, node.value):
                    yield from _messages(value, function)


def _put_into(name: str, targets: Iterable[ast.expr], value: ast.expr) -> Iterator[ast.expr]:
    """Yield what an assignment puts into a variable; of `what, fix = one, other` the one that is meant."""
    for target in targets:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for place, part in zip(target.elts, value.elts, strict=True):
                yield from _put_into(name, [place], part)
        elif name in map(_name, ast.walk(target)):
            yield value


def _code(call: ast.Call) -> str:
    words = [word.value for word in call.keywords if word.arg == "code"] + call.args
    found = (one.value for one in words if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return next((one for one in found if re.fullmatch(r"[a-z_]+", one)), "")


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
