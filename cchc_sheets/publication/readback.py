"""Reading the finished decision as a stranger would, and holding every figure in it against the results.

Nothing here is shared with the code that writes the tables: columns are found by their headings, units by their
names, and the index is computed once more from the points that stand on the paper.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

import docx
from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import Result
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.decision import Decision
from cchc_sheets.publication.method import method_lines

_ANNEX_NAME: Final = re.compile(r"^Phụ lục ([IVX]+)$")
_ARTICLE: Final = re.compile(r"^Điều (\d+)\.")
_UNRANKED: Final = "không xếp hạng"
_POINTS: Final[Mapping[str, Callable[[Result], Decimal | None]]] = {
    "Điểm thẩm định": lambda result: result.appraisal_points,
    "Điểm điều tra xã hội học": lambda result: result.survey_points,
    "Điểm cộng, trừ": lambda result: result.adjustment_points,
    "Điểm tối đa có thể đạt": lambda result: result.attainable_points,
    "Tổng điểm": lambda result: result.points,
}
_INDEX: Final = "Chỉ số (%)"
_LONGEST_QUOTE: Final = 80


@dataclass(frozen=True)
class _Table:
    """A table of an annex: its headings, the line of maxima, and the lines of units; other lines apart."""

    headings: tuple[str, ...]
    maxima: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    others: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Read:
    """What the paper says: its articles, the tables and the paragraphs of each annex."""

    articles: Mapping[int, str]
    tables: Mapping[str, _Table]
    paragraphs: Mapping[str, tuple[str, ...]]


def differences(content: bytes, decision: Decision) -> list[Text]:
    """Return every figure, rank, class and name in the paper that is not the one of the results."""
    read = _read(content)
    problems = list(_article_differences(read.articles.get(1, ""), decision))
    for annex, compare in (("I", _ranking_differences), ("II", _field_differences)):
        table = read.tables.get(annex)
        if table is None:
            problems.append(text("annex {annex}: there is no table", annex=annex))
        else:
            problems += _row_differences(annex, table, decision)
            problems += compare(table, decision)
    problems += _method_differences(read.paragraphs.get("III", ()), decision)
    return problems


def _read(content: bytes) -> _Read:
    articles: dict[int, str] = {}
    tables: dict[str, _Table] = {}
    paragraphs: dict[str, list[str]] = {}
    annex, article = "", 0
    for block in docx.Document(io.BytesIO(content)).element.body:
        if block.tag == qn("w:tbl"):
            if annex and annex not in tables:
                tables[annex] = _table(block)
            continue
        words = _words(block)
        if name := _ANNEX_NAME.match(words):
            annex = name[1]
        elif annex:
            paragraphs.setdefault(annex, []).append(words)
        elif number := _ARTICLE.match(words):
            article = int(number[1])
        if article and not annex:
            articles[article] = f"{articles.get(article, '')} {words}".strip()
    return _Read(articles, tables, {name: tuple(lines) for name, lines in paragraphs.items()})


def _table(table: etree._Element) -> _Table:
    rows = [(row, tuple(map(_words, row.findall(qn("w:tc"))))) for row in table.findall(qn("w:tr"))]
    headings = [cells for row, cells in rows if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
    body = [cells for _, cells in rows[len(headings) :]]
    width = len(headings[0]) if headings else 0
    return _Table(
        headings=headings[0] if headings else (),
        maxima=headings[1] if len(headings) > 1 else (),
        lines=tuple(cells for cells in body if len(cells) == width),
        others=tuple(cells for cells in body if len(cells) != width),
    )


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(t.text or "") for t in element.iter(qn("w:t"))).split())


def _name(standing: Standing) -> str:
    return _visible(standing.unit.name)


def _visible(words: str) -> str:
    return vietnamese.normal("".join(c for c in words if c.isprintable() or c.isspace()))


def _number(words: str) -> Decimal | None:
    try:
        return Decimal(words.replace(",", ".")) if re.fullmatch(r"-?[0-9]+(?:,[0-9]+)?", words) else None
    except InvalidOperation:
        return None


def _row_differences(annex: str, table: _Table, decision: Decision) -> Iterator[Text]:
    """Every unit stands there once, in the order of the results, numbered from 1."""
    names = [line[1] for line in table.lines]
    expected = Counter(_name(standing) for standing in decision.standings)
    for name, times in (expected - Counter(names)).items():
        yield text("annex {annex}: {unit} is missing ({times})", annex=annex, unit=name, times=times)
    for name, times in (Counter(names) - expected).items():
        yield text("annex {annex}: «{name}» is no unit ({times})", annex=annex, name=name[:_LONGEST_QUOTE], times=times)
    numbers = [line[0] for line in table.lines]
    if numbers != [str(place) for place in range(1, len(decision.standings) + 1)]:
        yield text("annex {annex}: the lines are not numbered 1 to {count}", annex=annex, count=len(decision.standings))
    wanted = [_name(standing) for standing in _in_order(decision)]
    for place, (name, right) in enumerate(zip(names, wanted, strict=False), start=1):
        if name != right:
            yield text(
                "annex {annex}, line {place}: {name} stands where {right} belongs",
                annex=annex,
                place=place,
                name=name[:_LONGEST_QUOTE],
                right=right,
            )


def _in_order(decision: Decision) -> list[Standing]:
    groups = list(dict.fromkeys(standing.group for standing in decision.standings))
    last = len(decision.standings) + 1
    return sorted(
        decision.standings,
        key=lambda s: (
            s.rank is None,
            0 if s.rank is None else groups.index(s.group),
            s.rank or last,
            vietnamese.sort_key(_name(s)),
            s.unit.code,
        ),
    )


def _paired(table: _Table, decision: Decision) -> Iterator[tuple[Standing, dict[str, str]]]:
    """Pair lines with units by name; of units with one name, in their order."""
    waiting: dict[str, list[Standing]] = {}
    for standing in _in_order(decision):
        waiting.setdefault(_name(standing), []).append(standing)
    for line in table.lines:
        if waiting.get(line[1]):
            yield waiting[line[1]].pop(0), dict(zip(table.headings, line, strict=True))


def _ranking_differences(table: _Table, decision: Decision) -> Iterator[Text]:
    wanted = {"Điểm thẩm định", _INDEX, "Xếp hạng", "Xếp loại"}
    results = [standing.result for standing in decision.standings]
    if any(result.survey_points is not None for result in results):
        wanted.add("Điểm điều tra xã hội học")
    if any(result.adjustment_points for result in results):
        wanted.add("Điểm cộng, trừ")
    if len({result.attainable_points for result in results}) > 1:
        wanted.add("Điểm tối đa có thể đạt")
    for heading in sorted(wanted - set(table.headings)):
        yield text("annex {annex}: there is no column «{heading}»", annex="I", heading=heading)
    for standing, line in _paired(table, decision):
        yield from _figure_differences("I", standing, line, decision)
        rank = _UNRANKED if standing.rank is None else str(standing.rank)
        for heading, right in (("Xếp hạng", rank), ("Xếp loại", _visible(standing.class_name))):
            yield from _differs("I", standing, heading, line.get(heading, right), right)
    yield from _group_differences(table, decision)
    yield from _mean_differences(table, decision)


def _figure_differences(annex: str, standing: Standing, line: Mapping[str, str], decision: Decision) -> Iterator[Text]:
    for heading, value in _POINTS.items():
        right = value(standing.result)
        if heading in line and _number(line[heading]) != right:
            yield from _differs(annex, standing, heading, line[heading], str(right))
    index = line.get(_INDEX, "")
    if _number(index) != standing.published_index or len(index.partition(",")[2]) != decision.policies.decimals:
        yield from _differs(annex, standing, _INDEX, index, str(standing.published_index))


def _group_differences(table: _Table, decision: Decision) -> Iterator[Text]:
    """Where groups are ranked apart there is a heading for each."""
    groups = {standing.group for standing in decision.standings if standing.rank is not None}
    headings = [cells for cells in table.others if len(cells) == 1]
    unranked = any(standing.rank is None for standing in decision.standings)
    expected = (len(groups) if decision.policies.groups != "all" and groups != {""} else 0) + unranked
    if len(headings) != expected:
        yield text(
            "annex {annex}: {count} groups have a heading, not {expected}",
            annex="I",
            count=len(headings),
            expected=expected,
        )


def _mean_differences(table: _Table, decision: Decision) -> Iterator[Text]:
    exact = sum((standing.result.index for standing in decision.standings), Fraction(0)) / len(decision.standings)
    right = half_up(exact, decision.policies.decimals)
    printed = [_number(cell) for cells in table.others if len(cells) > 1 for cell in cells]
    count = f"{len(decision.standings):02d} đơn vị"
    if right not in printed:
        yield text("annex {annex}: the mean is not {right}", annex="I", right=right)
    if not any(re.search(rf"(?<!\d){count}", cells[0]) for cells in table.others if len(cells) > 1):
        yield text("annex {annex}: the line of the mean does not count {count}", annex="I", count=count)


def half_up(value: Fraction, decimals: int) -> Decimal:
    """Round by the decimal library, not by the rule the results were rounded with."""
    context = Context(prec=60, rounding=ROUND_HALF_UP)
    quotient = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    return quotient.quantize(Decimal(1).scaleb(-decimals), context=context)


def _field_differences(table: _Table, decision: Decision) -> Iterator[Text]:
    codes = [field.code for field in decision.criteria.fields]
    headings = {code: next((h for h in table.headings if h.startswith(f"{_visible(code)}. ")), "") for code in codes}
    for code, heading in headings.items():
        if not heading:
            yield text("annex {annex}: there is no column for field {code}", annex="II", code=code)
    yield from _maxima_differences(table, decision, headings)
    for standing, line in _paired(table, decision):
        yield from _figure_differences("II", standing, line, decision)
        for field in standing.result.fields:
            printed = line.get(headings[field.code], "")
            if _number(printed) != field.points:
                yield from _differs("II", standing, headings[field.code], printed, str(field.points))
        yield from _sum_differences(standing, line, [headings[code] for code in codes], decision)


def _maxima_differences(table: _Table, decision: Decision, headings: Mapping[str, str]) -> Iterator[Text]:
    shift = len(table.headings) - len(table.maxima)  # the label spans the first columns
    printed = dict(zip(table.headings[1 + shift :], table.maxima[1:], strict=True)) if table.maxima else {}
    with_survey = any(standing.result.survey_points is not None for standing in decision.standings)
    total = Decimal(0)
    for field in decision.criteria.fields:
        right = sum((leaf.max_points for leaf in field.leaves if with_survey or not leaf.is_surveyed), Decimal(0))
        total += right
        if _number(printed.get(headings[field.code], "")) != right:
            yield text(
                "annex {annex}: field {code} is not shown to be worth {right}", annex="II", code=field.code, right=right
            )
    if _number(printed.get("Tổng điểm", "")) != total:
        yield text("annex {annex}: the total is not shown to be worth {right}", annex="II", right=total)


def _sum_differences(
    standing: Standing, line: Mapping[str, str], fields: Sequence[str], decision: Decision
) -> Iterator[Text]:
    """The figures on the paper give the index on the paper."""
    points = [_number(line.get(heading, "")) for heading in fields]
    known = [value for value in (*points, _number(line.get("Điểm cộng, trừ", "0"))) if value is not None]
    total, index = _number(line.get("Tổng điểm", "")), _number(line.get(_INDEX, ""))
    if total is None or sum(known, Decimal(0)) != total:
        yield text("annex {annex}: the figures of {unit} do not add up to its total", annex="II", unit=_name(standing))
    elif standing.result.attainable_points:
        exact = Fraction(total) / Fraction(standing.result.attainable_points) * 100
        if half_up(exact, decision.policies.decimals) != index:
            yield text("annex {annex}: the total of {unit} does not give its index", annex="II", unit=_name(standing))


def _differs(annex: str, standing: Standing, heading: str, printed: str, right: str) -> Iterator[Text]:
    if printed != right:
        yield text(
            "annex {annex}, {unit}, «{heading}»: the paper says {printed}, the results say {right}",
            annex=annex,
            unit=_name(standing),
            heading=heading,
            printed=printed[:_LONGEST_QUOTE] or "–",
            right=right.replace(".", ","),
        )


def _article_differences(article: str, decision: Decision) -> Iterator[Text]:
    count = len(decision.standings)
    if not re.search(rf"(?<![\d,]){count:02d} (?!đơn vị xếp loại)", article):
        yield text("article 1 does not say that there are {count} units", count=count)
    if not re.search(rf"năm {decision.year}(?!\d)", article):
        yield text("article 1 does not name the year {year}", year=str(decision.year))
    expected = Counter(_visible(standing.class_name) for standing in decision.standings)
    for name in (_visible(band.name) for band in decision.policies.bands):
        printed = re.findall(rf"(?<!\d)(\d+) đơn vị xếp loại {re.escape(name)}(?=[,;.]|$)", article)
        wanted = [f"{expected[name]:02d}"] if expected[name] else []
        if printed != wanted:
            yield text(
                "article 1 says {printed} units are «{name}», the results say {right}",
                printed=printed or "–",
                name=name,
                right=expected[name],
            )
    told = len(re.findall(r"\d+ đơn vị xếp loại", article))
    if told != len(expected):
        yield text("article 1 counts {told} classes, the results {right}", told=told, right=len(expected))


def _method_differences(paragraphs: Sequence[str], decision: Decision) -> Iterator[Text]:
    """Every sentence of Annex III stands there whole; so do the limits of the classes and the digests."""
    remaining = iter(paragraphs)
    for line in method_lines(decision):
        if " ".join(line.split()) not in remaining:
            yield text("annex {annex} does not say: «{words}»", annex="III", words=line[: 2 * _LONGEST_QUOTE])
            remaining = iter(paragraphs)
    told = " ".join(paragraphs)
    for band in decision.policies.bands:
        limit = vietnamese.number(band.lower)
        if band.lower > 0 and not re.search(rf"{re.escape(_visible(band.name))}: (?:từ {limit}%|dưới )", told):
            yield text(
                "annex {annex} does not give the limit {limit} of «{name}»", annex="III", limit=limit, name=band.name
            )
    for digest in (decision.basis.ledger_digest, decision.basis.configuration_digest):
        if _visible(digest).replace(" ", "") not in told.replace(" ", ""):
            yield text("annex {annex} does not give the digest {digest}", annex="III", digest=digest)
