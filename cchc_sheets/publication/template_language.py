"""What an office's template may say: names, conditions, loops over lists. Nothing else is understood.

A template comes from outside. It can call nothing, calculate nothing and keep nothing; what it prints and how often it
goes round is bounded, so that filling one in always ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cchc_sheets.characters import broken_in
from cchc_sheets.messages import Text, text

MOST_STEPS: Final = 100_000
"""Rounds of all loops together; the longest list of a paper has a few hundred lines."""

LONGEST_FILLED: Final = 50_000_000
"""Characters of one part of a paper, markup included; the longest that comes out today has two million."""

_UNDERSTOOD: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Tuple,
    nodes.List,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.Test,
)
_FILTERS: Final = (
    "capitalize",
    "count",
    "d",
    "default",
    "e",
    "escape",
    "first",
    "last",
    "length",
    "lower",
    "title",
    "trim",
    "upper",
)
_WORDS: Final[dict[type[nodes.Node], Text]] = {
    nodes.Call: text("a call with brackets"),
    nodes.Assign: text("{words}", words="{% set %}"),
    nodes.AssignBlock: text("{words}", words="{% set %}"),
    nodes.Include: text("{words}", words="{% include %}"),
    nodes.Import: text("{words}", words="{% import %}"),
    nodes.FromImport: text("{words}", words="{% import %}"),
    nodes.Extends: text("{words}", words="{% extends %}"),
    nodes.Block: text("{words}", words="{% block %}"),
    nodes.Macro: text("{words}", words="{% macro %}"),
    nodes.CallBlock: text("{words}", words="{% call %}"),
}
_STEPS: Final = "steps"


class TemplateLanguage(ImmutableSandboxedEnvironment):
    """Compiles what is understood, once for each text: the library asks for the same text at every filling."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals = {}
        self.filters = {name: self.filters[name] for name in _FILTERS} | {_STEPS: self._stepped}
        self.concat = _joined  # type: ignore[method-assign]  # what every template puts its pieces together with
        self._compiled: dict[str, Template] = {}
        self._steps = 0

    def begin(self) -> None:
        """Begin a filling: count from nothing again."""
        self._steps = 0

    def from_string(self, source: Any, *others: Any, **options: Any) -> Template:
        """Compile a text."""
        if source not in self._compiled:
            tree = self.parse(source)
            for loop in tree.find_all(nodes.For):
                loop.iter = nodes.Filter(loop.iter, _STEPS, [], [], None, None, lineno=loop.lineno)
            self._compiled[source] = super().from_string(tree, *others, **options)
        return self._compiled[source]

    def _stepped(self, value: Any) -> Iterator[Any]:
        if not isinstance(value, list | tuple):
            raise SecurityError(str(text("a loop goes over a list only")))
        for item in value:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise SecurityError(str(text("its loops go round more than {most} times", most=MOST_STEPS)))
            yield item


def _joined(pieces: Iterable[str]) -> str:
    kept: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_FILLED:
            raise SecurityError(str(text("it would fill in more than {most} characters", most=LONGEST_FILLED)))
        kept.append(piece)
    return "".join(kept)


def not_understood(tree: nodes.Template) -> Iterator[tuple[int, Text]]:
    """Yield line and name of everything in a template that is not understood."""
    for node in tree.find_all(nodes.Node):  # the root itself is always understood
        if not isinstance(node, _UNDERSTOOD):
            yield node.lineno, _WORDS.get(type(node)) or text("{words}", words=_symbol(node))
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            yield node.lineno, text("{words}", words=f".{node.attr}")
        elif isinstance(node, nodes.Name) and node.name == "self":
            yield node.lineno, text("{words}", words=node.name)
        elif isinstance(node, nodes.For) and node.recursive:
            yield node.lineno, text("{words}", words="recursive")
        elif isinstance(node, nodes.Const) and isinstance(node.value, str) and broken_in(node.value):
            # An escape within quotes. What XML cannot hold ends the text where it stands, and no library says so.
            yield node.lineno, text("{words}", words=f"U+{ord(broken_in(node.value)):04X}")


def _symbol(node: nodes.Node) -> str:
    return str(getattr(node, "operator", "")) or type(node).__name__.lower()
