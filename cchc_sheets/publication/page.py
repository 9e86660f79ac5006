"""The public site: a ranking, a page for each unit, the method, open data – a folder of files that needs no server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cchc_sheets.layouts.rule_words import adjustment_in_words, rule_in_words
from cchc_sheets.messages import text
from cchc_sheets.outcome import Progress, silent
from cchc_sheets.publication.method import grouped_digest, method_lines
from cchc_sheets.publication.open_data import criteria_csv, results_csv, results_json
from cchc_sheets.publication.page_content import Publication
from cchc_sheets.publication.page_ranking import class_shares, groups_of, headings_of, points_shown
from cchc_sheets.publication.page_trend import method_of_comparison, overview
from cchc_sheets.publication.page_unit import field_means, unit_view
from cchc_sheets.publication.wording import counted, counted_points, plain, printed_mean
from cchc_sheets.vietnamese import number

if TYPE_CHECKING:
    from jinja2 import Environment

CHECKSUMS: Final = "checksums.txt"
OPEN_DATA: Final = "open-data"
TEMPLATES: Final = Path(__file__).with_name("page")
ASSETS: Final = ("page.css", "page.js", "icon.svg")


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered paragraph of the method and its items."""

    words: str
    items: tuple[str, ...]


def make_site(publication: Publication, progress: Progress = silent) -> dict[str, bytes]:
    """Return every file of the site by its path; the same bytes for the same publication.

    The pages hold no script or style of their own, ask for nothing outside the folder, and work from `file://`.
    """
    site = dict(_pages(publication, progress))
    site |= {f"assets/{name}": (TEMPLATES / name).read_bytes() for name in ASSETS}
    site |= {_picture_path(picture.file): picture.content for picture in publication.pictures}
    site |= open_data(publication)
    site[CHECKSUMS] = checksums(site)
    return site


def open_data(publication: Publication) -> dict[str, bytes]:
    """Return the files of the open data by their path."""
    from cchc_sheets.publication.open_data_workbook import results_xlsx

    files = {
        "results.csv": results_csv(publication),
        "results.json": results_json(publication),
        "results.xlsx": results_xlsx(publication),
        "criteria.csv": criteria_csv(publication),
    }
    return {f"{OPEN_DATA}/{name}": content for name, content in files.items()}


def checksums(site: dict[str, bytes]) -> bytes:
    """Return a list that `sha256sum -c` can check, a line per file."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(site.items()))
    return "".join(lines).encode()


def read_checksums(content: bytes) -> dict[str, str]:
    """Return the digest of each file of a list that `checksums` made; lines of another form are passed over."""
    lines = (line.partition("  ") for line in content.decode(errors="replace").splitlines())
    return {name: digest for digest, mark, name in lines if mark}


def _pages(publication: Publication, progress: Progress) -> Iterator[tuple[str, bytes]]:
    environment = _environment()
    common = _common(publication)
    groups = groups_of(publication)
    yield "index.html", _render(environment, "index.html", _index_names(publication, groups) | common)
    yield "method.html", _render(environment, "method.html", _method_names(publication) | common)
    ordered = [(line, group) for group in groups for line in group.lines]
    by_code = {standing.unit.code: standing for standing in publication.decision.standings}
    means = field_means(publication)
    for place, (line, group) in enumerate(ordered):
        progress(text("writing the pages of the units"), place, len(ordered))
        names = {
            "unit": unit_view(publication, by_code[line.unit], means, group.title),
            "before": ordered[place - 1][0] if place else None,
            "after": ordered[place + 1][0] if place + 1 < len(ordered) else None,
            "pictures": _pictures(publication, line.unit),
        }
        yield f"units/{line.unit}.html", _render(environment, "unit.html", names | common | {"root": "../"})
    progress(text("writing the pages of the units"), len(ordered), len(ordered))


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["points"] = points_shown
    return environment


def _render(environment: Environment, name: str, names: dict[str, Any]) -> bytes:
    return environment.get_template(name).render(names).encode()


def _common(publication: Publication) -> dict[str, Any]:
    decision = publication.decision
    return {
        "root": "",
        "title": plain(publication.title),
        "year": str(decision.year),
        "authority": plain(publication.authority),
        "office": plain(publication.office),
        "digest": grouped_digest(decision.basis.ledger_digest),
        "with_survey": publication.with_survey,
    }


def _index_names(publication: Publication, groups: Sequence[Any]) -> dict[str, Any]:
    decision = publication.decision
    return {
        "groups": groups,
        "headings": headings_of(publication),
        "classes": class_shares(publication),
        "unit_count": counted(len(decision.standings)),
        "mean": printed_mean(decision.standings, decision.policies),
        "pictures": _pictures(publication, ""),
        "trend": overview(publication.trend, with_survey=publication.with_survey) if publication.trend else "",
    }


def _method_names(publication: Publication) -> dict[str, Any]:
    criteria = publication.decision.criteria
    return {
        "sections": _sections(method_lines(publication.decision)),
        "comparison": method_of_comparison(publication.trend) if publication.trend else [],
        "previous_year": str(publication.trend.past.year) if publication.trend else "",
        "criteria_title": plain(criteria.title),
        "fields": [
            {
                "code": plain(field.code),
                "title": plain(field.title),
                "maximum": number(counted_points(field, with_survey=publication.with_survey)),
                "rows": [
                    {
                        "code": plain(part.code),
                        "title": plain(part.title),
                        "maximum": number(part.max_points),
                        "is_branch": bool(part.parts),
                        "rule": rule_in_words(part).split("\n") if part.rule else [],
                        "department": "" if part.parts else plain(publication.departments.get(part.department, "")),
                    }
                    for part in list(field.walk())[1:] or [field]
                ],
            }
            for field in criteria.fields
        ],
        "items": [
            {"code": plain(item.code), "title": plain(item.title), "rule": adjustment_in_words(item)}
            for item in criteria.adjustments
        ],
    }


def _sections(lines: Sequence[str]) -> list[Section]:
    """Part the paragraphs of the annex into numbered ones and their items; the page numbers them itself."""
    sections: list[Section] = []
    for line in lines:
        if line.startswith("- "):
            last = sections.pop()
            sections.append(Section(last.words, (*last.items, line.removeprefix("- "))))
        else:
            sections.append(Section(line.partition(". ")[2], ()))
    return sections


def _pictures(publication: Publication, unit: str) -> list[dict[str, str]]:
    return [
        {"path": _picture_path(picture.file), "caption": plain(picture.caption), "words": plain(picture.description)}
        for picture in publication.pictures
        if picture.unit == unit
    ]


def _picture_path(file: str) -> str:
    return f"charts/{file}"
