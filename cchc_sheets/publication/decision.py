"""The decision (quyết định) that approves the results: made from plain data, checked, read back, or not handed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.ranking import Policies, Standing, standings
from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.wording import (
    annex_reference,
    class_counts,
    counted,
    date_line,
    number_line,
    phrase,
    plain,
    printed_mean,
)

if TYPE_CHECKING:
    from docx.document import Document


@dataclass(frozen=True)
class Letterhead:
    """Who issues and signs.

    Attributes:
        parent: the body above the issuer as printed at the top left, "" if there is none; `issuer` its own name
            there, line by line, in capitals.
        authority: the issuer in running text, e.g. `Ủy ban nhân dân huyện Tây Sơn`.
        decider: who decides, in capitals (thẩm quyền ban hành).
        signer_title: in capitals; several lines (`KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`) are parted by line breaks.
    """

    parent: str
    issuer: tuple[str, ...]
    authority: str
    place: str
    symbol: str
    decider: str
    signer_title: str
    signer_name: str


@dataclass(frozen=True)
class Basis:
    """What the numbers rest on, so that they can be made again."""

    ledger_digest: str
    entries: int
    configuration_digest: str
    program_version: str


@dataclass(frozen=True)
class Decision:
    """Everything the paper says.

    Attributes:
        year: the year that was assessed; `date_line_year` the one in which the decision is signed.
        subject: after «Về việc»; `units_phrase` the units as a whole in running text.
        legal_bases: each without «Căn cứ» and the closing `;`; `proposal` without «Theo đề nghị của» and the point.
        implementers: who carries it out; `recipients` each without dash and `;`, the last one «Lưu: VT, …».
        standings: in the order of the roster.
        remarks: recorded exceptions, each a sentence without its closing mark.
    """

    letterhead: Letterhead
    year: int
    date_line_year: int
    subject: str
    units_phrase: str
    legal_bases: tuple[str, ...]
    proposal: str
    implementers: str
    recipients: tuple[str, ...]
    standings: tuple[Standing, ...]
    policies: Policies
    criteria: CriteriaSet
    basis: Basis
    remarks: tuple[str, ...] = ()


REQUIRED: Final = frozenset(
    {
        "number_line",
        "date_line",
        "issuer",
        "decider",
        "subject",
        "legal_bases",
        "proposal",
        "unit_count",
        "class_counts",
        "implementers",
        "recipients",
        "signer_title",
        "signer_name",
        "annex_reference",
        "ranking_table",
        "fields_table",
        "method",
    }
)
"""The names without which the paper would not say what it has to."""

# Stand in the filled template where the tables go; such brackets occur in no Vietnamese paper.
_MARKERS: Final = {name: f"⟦{name}⟧" for name in ("ranking_table", "fields_table")}
_MOST_TOLD: Final = 20
_LONGEST_PROPERTY: Final = 255


def make_decision(decision: Decision, template: Path) -> bytes:
    """Return the decision as a .docx file, the same bytes for the same decision.

    Raises:
        PublicationError: if the template may not be used, or the finished paper breaks a rule of form or does not
            say what the results say; no file is handed over then.
    """
    from cchc_sheets.publication.finished_paper import Paper
    from cchc_sheets.publication.nd30 import fit_rules
    from cchc_sheets.publication.nd30_check import form_problems
    from cchc_sheets.publication.paper_template import fill, packed_paper
    from cchc_sheets.publication.readback import differences

    _refuse_contradictions(decision)
    document = fill(template, offered_names(decision), REQUIRED)
    _put_tables(document, decision, template)
    for section in Paper(document).sections:
        fit_rules(section.blocks, section.text_width)
    _fix_properties(document, decision)
    content = packed_paper(document, template.name)
    if problems := form_problems(content, quoted=_quoted(decision)):
        raise PublicationError(
            text("the paper breaks rules of form: {problems}", problems=_first(problems)),
            where=template.name,
            fix=text("mend the template in Word or the wording in cycle.yaml; nothing was handed over"),
        )
    if problems := differences(content, decision):
        raise PublicationError(
            text("the paper does not say what the results say: {problems}", problems=_first(problems)),
            where=template.name,
            fix=text("take the template that comes with the program; nothing was handed over"),
        )
    return content


def offered_names(decision: Decision) -> Mapping[str, object]:
    """Return everything a template may name, each with its value."""
    from cchc_sheets.publication.method import method_lines

    letterhead = decision.letterhead
    return {
        "parent": plain(letterhead.parent),
        "issuer": [plain(line) for line in letterhead.issuer],
        "authority": plain(letterhead.authority),
        "number_line": number_line(letterhead.symbol),
        "date_line": date_line(letterhead.place, decision.date_line_year),
        "decider": plain(letterhead.decider),
        "year": str(decision.year),
        "subject": plain(decision.subject),
        "units": plain(decision.units_phrase),
        "unit_count": counted(len(decision.standings)),
        "class_counts": class_counts(decision.standings, decision.policies),
        "mean_index": printed_mean(decision.standings, decision.policies),
        "legal_bases": [phrase(basis) for basis in decision.legal_bases],
        "proposal": phrase(decision.proposal),
        "implementers": plain(decision.implementers),
        "recipients": [plain(recipient) for recipient in decision.recipients],
        "signer_title": [plain(line) for line in letterhead.signer_title.splitlines() if line.strip()],
        "signer_name": plain(letterhead.signer_name),
        "annex_reference": annex_reference(letterhead.symbol, decision.date_line_year, letterhead.authority),
        "ranking_table": _MARKERS["ranking_table"],
        "fields_table": _MARKERS["fields_table"],
        "method": method_lines(decision),
    }


def _refuse_contradictions(decision: Decision) -> None:
    """What does not agree with itself is a mistake of the program, and must not reach a signature."""
    problems = list(_contradictions(decision))
    if problems:
        raise PublicationError(
            text("the results contradict one another: {problems}", problems=_first(problems)),
            fix=text("run `verify`; nothing was handed over"),
        )


def _contradictions(decision: Decision) -> Iterator[Text]:
    if not decision.standings:
        yield text("there are no units")
        return
    codes = Counter(standing.unit.code for standing in decision.standings)
    for code, times in codes.items():
        if times > 1:
            yield text("unit {code} is there {times} times", code=code, times=times)
    units, results = [s.unit for s in decision.standings], [s.result for s in decision.standings]
    if len({result.survey_points is None for result in results}) > 1:
        yield text("some indices were computed with the survey, some without")
    expected = standings(units, results, decision.policies)
    for standing, again in zip(decision.standings, expected, strict=True):
        name = standing.unit.name
        if standing != again:
            yield text("{unit}: index, rank or class do not follow from the points", unit=name)
        fields = standing.result.fields
        if [field.code for field in fields] != [field.code for field in decision.criteria.fields]:
            yield text("{unit}: the fields are not those of the criteria set", unit=name)
        if sum((f.points for f in fields), standing.result.adjustment_points) != standing.result.points:
            yield text("{unit}: the fields do not add up to the total", unit=name)


def _put_tables(document: Document, decision: Decision, template: Path) -> None:
    from cchc_sheets.publication.annexes import fields_table, put_table, ranking_table
    from cchc_sheets.publication.finished_paper import Paper, words_of

    makers = {"ranking_table": ranking_table, "fields_table": fields_table}
    for name, make in makers.items():
        places = [p for p in document.element.body if words_of(p) == _MARKERS[name]]
        if len(places) != 1:
            raise PublicationError(
                text("{{{{ {name} }}}} does not stand alone in one paragraph of the text", name=name),
                where=template.name,
                fix=text("give it a paragraph of its own, outside every table"),
            )
        section = next(s.properties for s in Paper(document).sections if places[0] in s.blocks)
        put_table(places[0], section, partial(make, decision))


def _fix_properties(document: Document, decision: Decision) -> None:
    properties = document.core_properties
    properties.title = f"Quyết định về việc {plain(decision.subject)}"[:_LONGEST_PROPERTY]
    properties.author = plain(decision.letterhead.authority)[:_LONGEST_PROPERTY]
    properties.last_modified_by = properties.comments = properties.keywords = properties.subject = ""
    properties.created = properties.modified = datetime(decision.date_line_year, 1, 1)  # noqa: DTZ001 - stored as UTC
    properties.revision = 1


def _quoted(decision: Decision) -> tuple[str, ...]:
    """Return the texts from outside; whatever looks like a template's tag in them is text."""
    letterhead = decision.letterhead
    outside = [letterhead.parent, letterhead.authority, letterhead.place, letterhead.decider, letterhead.signer_name]
    outside += [*letterhead.issuer, *letterhead.signer_title.splitlines()]
    outside += [decision.subject, decision.units_phrase, decision.proposal, decision.implementers]
    outside += [*decision.legal_bases, *decision.recipients, *decision.remarks, decision.criteria.title]
    outside += [standing.unit.name for standing in decision.standings]
    outside += [band.name for band in decision.policies.bands]
    outside += [criterion.title for criterion in decision.criteria.by_code.values()]
    outside += [item.title for item in decision.criteria.adjustments]
    signs = ("{", "}", "%", "None", "(")
    return tuple({plain(words).rstrip(".;") for words in outside if any(sign in words for sign in signs)} - {""})


def _first(problems: Sequence[Text]) -> list[Text]:
    shown = list(problems[:_MOST_TOLD])
    if len(problems) > _MOST_TOLD:
        shown.append(text("and {count} more", count=len(problems) - _MOST_TOLD))
    return shown
