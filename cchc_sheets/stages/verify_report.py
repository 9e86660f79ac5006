"""What a verification found, gathered file by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cchc_sheets.errors import Problem, Severity
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.paper_compare import Comparison

State = Literal["as_made", "saved_again", "altered", "not_comparable", "missing", "outdated", "unknown"]
SAID: Final = {
    "as_made": text("as it was made"),
    "saved_again": text("saved again, nothing altered"),
    "altered": text("altered"),
    "not_comparable": text("cannot be compared in full"),
    "missing": text("missing"),
    "outdated": text("overtaken by a later one"),
    "unknown": text("not known to the ledger"),
}
_MOST_TOLD: Final = 20
DO_NOT_USE: Final = text("the figure of the ledger is the right one; do not use this file")


@dataclass
class Report:
    """The files looked at, with their state, and everything that is not as it should be.

    Attributes:
        open_words: how many places of a file say something else, of which it cannot be told whether they were altered.
    """

    files: dict[str, State] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    alterations: list[dict[str, Any]] = field(default_factory=list)
    filled: list[dict[str, str]] = field(default_factory=list)
    open_words: dict[str, int] = field(default_factory=dict)

    def settle(self, file: str, state: State) -> None:
        """Note the state of a file; the worse of two stays."""
        if self.files.get(file) != "altered":
            self.files[file] = state

    def tell(self, code: str, file: str, what: Text, fix: Text, severity: Severity = "error") -> None:
        """Add a problem of a whole file."""
        self.problems.append(Problem(code, text("{file}: {what}", file=file, what=what), fix, severity, sheet=file))

    def altered(self, file: str, differences: Sequence[Difference], fix: Text, severity: Severity = "error") -> None:
        """Add what was altered in a file, place by place."""
        if severity == "error":
            self.settle(file, "altered")
        for one in differences[:_MOST_TOLD]:
            code = "figure_altered" if one.is_figure else "words_altered"
            self.problems.append(
                Problem(
                    code,
                    text(
                        "{file}, {where}: «{found}» stands where the ledger gives «{expected}»",
                        file=file,
                        where=one.where,
                        found=one.found[:200] or "–",
                        expected=one.expected[:200] or "–",
                    ),
                    fix,
                    severity,
                    sheet=file,
                    row=str(one.where),
                )
            )
        for one in differences:
            self.alterations.append(
                {
                    "code": "figure_altered" if one.is_figure else "words_altered",
                    "file": file,
                    "where": str(one.where),
                    "expected": one.expected,
                    "found": one.found,
                }
            )
        if len(differences) > _MOST_TOLD:
            more = text("and {count} more", count=len(differences) - _MOST_TOLD)
            self.tell("more_altered", file, more, text("see them all with --json"), severity)

    def compared(self, file: str, comparison: Comparison, fix: Text, *, is_faithful: bool) -> None:
        """Add what a comparison of papers found.

        Args:
            is_faithful: the paper made again is, byte for byte, the one that was made then; else template or program
                have changed since, and other words in the running text alone prove nothing. No template writes the
                cells of results: a name or a class that stands otherwise there was altered in any case.
        """
        proven = [one for one in comparison.differences if is_faithful or one.is_figure or one.is_certain]
        words = [one for one in comparison.differences if one not in proven]
        self.settle(file, "saved_again")
        if proven:
            self.altered(file, proven, fix)
        if words:
            self.open_words[file] = len(words)
            self.altered(file, words, text("template or program have changed since; look at it"), "warning")
        self.filled += [{"file": file, "where": str(where), "words": words} for where, words in comparison.filled]
        if comparison.pictures_added:
            self.tell(
                "picture_added",
                file,
                text("{count} pictures or shapes were added (a signature, a seal?)", count=comparison.pictures_added),
                text("look that they hide no figure"),
                "warning",
            )

    @property
    def saved_again(self) -> list[str]:
        """The files that are not, byte for byte, those that were made."""
        return sorted(file for file, state in self.files.items() if state == "saved_again")

    def saved_again_said(self) -> list[Text]:
        """Name the files that were saved again, and say what that altered as far as it can be told."""
        whole = [file for file in self.saved_again if file not in self.open_words]
        others = [file for file in self.saved_again if file in self.open_words]
        said = []
        if whole:
            said.append(text("saved again by another program, nothing that prints was altered: {files}", files=whole))
        if others:
            said.append(text("saved again, and the running text says something else: {files}", files=others))
        return said

    def is_intact(self, file: str) -> bool:
        """Whether nothing in a file was altered, as far as it could be told at all."""
        return self.files[file] not in {"altered", "not_comparable"}

    def verdict(self, file: str, comparison: Comparison) -> list[Text]:
        """Say how a file came out, and what was filled in."""
        if self.files[file] == "altered":
            said = text("{count} places were altered", count=len(comparison.differences))
        elif file in self.open_words:
            said = text(
                "no figure and no cell of a table was altered; the running text says something else in {count} places,"
                " and whether template or program have changed or somebody altered them cannot be told",
                count=self.open_words[file],
            )
        else:
            said = text("no figure and no word was altered")
        filled = (one for one in self.filled if one["file"] == file)
        return [
            said,
            *(text("filled in: «{words}» at {where}", words=one["words"], where=one["where"]) for one in filled),
        ]

    def as_data(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "files": [{"file": file, "state": state} for file, state in sorted(self.files.items())],
            "alterations": self.alterations,
            "filled": self.filled,
        }
