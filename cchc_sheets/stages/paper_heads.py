"""Who issues each paper, who signs it, to whom it goes: from the settings, and where they say nothing, from custom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.settings import Settings
from cchc_sheets.publication.decision import Letterhead
from cchc_sheets.publication.facts import Calendar, Facts, Head, Words
from cchc_sheets.publication.paper_before import few_addressees
from cchc_sheets.publication.paper_content import council_of, in_text, own_name
from cchc_sheets.publication.paper_kinds import PaperKind

BLANK: Final = "…………………………"
"""A name that is written in by hand before signing."""

_LONGEST_LINE: Final = 16
_PAIRS: Final = frozenset({"THẨM ĐỊNH", "CHỈ SỐ", "CẢI CÁCH", "HÀNH CHÍNH", "HỘI ĐỒNG", "NHÂN DÂN", "LIÊN NGÀNH"})
"""Words that a line of a paper's head does not part."""
_COMMITTEE: Final = "Ủy ban nhân dân"
_PLACES: Final = re.compile(r" (?:huyện|quận|thị xã|thành phố|tỉnh)(?= |$)")
_TITLES: Final = ("Trưởng phòng", "Giám đốc", "Chánh Văn phòng", "Trưởng ban", "Chủ tịch")


def words_of(settings: Settings, decision_year: int | None = None) -> Words:
    """Return how the people and papers of the cycle are called; `decision_year` where it is not the calendar's."""
    authority, papers = settings.authority, settings.papers
    chair = authority.decided_by or authority.name
    decision_year = decision_year or settings.calendar.decision.year
    return Words(
        units=settings.decision.units,
        authority=authority.name,
        office=settings.office.name,
        contact=f"{settings.office.contact.name} (điện thoại {settings.office.contact.phone}, "
        f"thư điện tử {settings.office.contact.email})",
        council=papers.council or "Tổ thẩm định Chỉ số cải cách hành chính",
        chair=chair,
        departments={department.id: department.name for department in settings.departments},
        basis=papers.basis or _yearly_plan(settings) or f"nhiệm vụ cải cách hành chính năm {settings.year}",
        plan=papers.plan or _own_plan(settings),
        decision=papers.decision
        or f"Quyết định số ……/{authority.symbol} ngày …… tháng …… năm {decision_year} của {chair} "
        f"về việc {settings.decision.subject}",
        legal_bases=settings.decision.legal_bases,
    )


def calendar_of(settings: Settings) -> Calendar:
    """Return the dates of the cycle."""
    dates = settings.calendar
    return Calendar(
        provision=dates.provision,
        self_assessment=dates.self_assessment,
        appraisal=dates.appraisal,
        explanation=dates.explanation,
        decision=dates.decision,
        publication=dates.publication,
    )


def head_of(kind: PaperKind, settings: Settings, facts: Facts, unit: Unit | None) -> Head:
    """Return head and foot of one paper; `unit` whose it is, if there is one for each."""
    recipients = settings.papers.recipients.get(kind.code) or _recipients(kind, settings, facts, unit)  # type: ignore[call-overload]
    return Head(
        letterhead=_letterhead(kind, settings, unit),
        year=getattr(settings.calendar, kind.due).year,
        recipients=tuple(recipients),
        addressees=_addressees(kind, facts),
    )


def _letterhead(kind: PaperKind, settings: Settings, unit: Unit | None) -> Letterhead:
    authority, papers = settings.authority, settings.papers
    issued_by, parent, issuer = _issuer(kind, settings, unit)
    title, name = _signer(kind, settings)
    place = own_name(unit) if unit is not None and kind.issuer == "unit" else authority.place
    symbol = papers.symbols.get(kind.code) or _symbol(kind, settings)  # type: ignore[call-overload]
    return Letterhead(parent, issuer, issued_by, place, symbol, decider="", signer_title=title, signer_name=name)


def _issuer(kind: PaperKind, settings: Settings, unit: Unit | None) -> tuple[str, str, tuple[str, ...]]:
    """Return the issuer in running text, the body printed above it, and its own name line by line."""
    authority, papers = settings.authority, settings.papers
    above = papers.office_parent or " ".join(authority.issuer)
    match kind.issuer:
        case "authority":
            return authority.name, authority.parent, authority.issuer
        case "office":
            return settings.office.name, above, papers.office_issuer or (_alone(settings.office.name).upper(),)
        case "council":
            name = words_of(settings).council
            return name, " ".join(authority.issuer), _in_lines(name.upper())
        case "unit" if unit is not None:
            return council_of(unit), "", (_COMMITTEE.upper(), in_text(unit).upper())
        case _:
            raise ValueError(kind)


def _signer(kind: PaperKind, settings: Settings) -> tuple[str, str]:
    authority, papers = settings.authority, settings.papers
    match kind.issuer:
        case "authority":
            title = papers.authority_signer.title or _for_the_body(settings)
            return title, papers.authority_signer.name or authority.signer.name
        case "office":
            head = settings.office.head
            title = next((one for one in _TITLES if head.startswith(one)), head)
            return papers.office_signer.title or title.upper(), papers.office_signer.name or BLANK
        case _:
            return f"TM. {_COMMITTEE.upper()}\nCHỦ TỊCH", BLANK


def _for_the_body(settings: Settings) -> str:
    """The head of an authority signs plans and announcements for the whole body (TM.), decisions for himself."""
    title = settings.authority.signer.title
    is_committee = settings.authority.name.startswith(_COMMITTEE) and not title.startswith("TM.")
    return f"TM. {_COMMITTEE.upper()}\n{title}" if is_committee else title


def _symbol(kind: PaperKind, settings: Settings) -> str:
    office = settings.papers.office_symbol or initials(_alone(settings.office.name))
    owner = {
        "authority": settings.authority.symbol.partition("-")[2] or "UBND",
        "office": office,
        "council": initials(words_of(settings).council.partition(" Chỉ số")[0]),
        "unit": "UBND",
    }[kind.issuer]
    if kind.form.model == "letter":
        return f"{owner}-CCHC"
    return f"{kind.form.mark}-{owner}"


def _recipients(kind: PaperKind, settings: Settings, facts: Facts, unit: Unit | None) -> tuple[str, ...]:
    """Return those under «Nơi nhận» after the first line, which the template has."""
    words, last = facts.words, "Lưu: VT, CCHC"
    if kind.issuer == "authority":
        return tuple(one for one in settings.decision.recipients if not one.startswith("Như Điều"))
    if kind.issuer == "unit" and unit is not None:
        return f"Thường trực Đảng ủy, Thường trực HĐND {in_text(unit)} (b/c)", "Lưu: VT"
    if kind.issuer == "council":
        return f"Thành viên {words.council}", words.office, "Lưu: VT, Hồ sơ"
    if unit is not None:
        return council_of(unit), f"{words.authority} (b/c)", last
    if kind.code in ("report", "submission"):
        return words.council, last
    return f"{words.authority} (b/c)", "Các cơ quan thẩm định (p/h)", last


def _addressees(kind: PaperKind, facts: Facts) -> tuple[str, ...]:
    words = facts.words
    match kind.code:
        case "guidance":
            return (f"{_COMMITTEE} {words.units_alone}",)
        case "reminder":
            return few_addressees(facts)
        case "self-report":
            return words.authority, words.office
        case "report":
            return (words.authority,)
        case "submission":
            return (words.chair,)
        case _:
            return ()


def _yearly_plan(settings: Settings) -> str:
    """Return the year's reform plan, if the decision names it among its legal bases."""
    own = _own_plan(settings)
    return next((one for one in settings.decision.legal_bases if one.startswith("Kế hoạch") and one != own), "")


def _own_plan(settings: Settings) -> str:
    """Return the plan of this cycle as the decision names it, else with room for number and date."""
    named = [one for one in settings.decision.legal_bases if one.startswith("Kế hoạch") and "đánh giá" in one.lower()]
    return next(
        iter(named),
        f"Kế hoạch số ……/KH-{settings.authority.symbol.partition('-')[2] or 'UBND'} ngày …… tháng …… năm "
        f"{settings.calendar.provision.year} của {settings.authority.name} về đánh giá, xác định Chỉ số cải cách hành "
        f"chính {settings.decision.units} năm {settings.year}",
    )


def _in_lines(name: str) -> tuple[str, ...]:
    """Part a name into as few lines as fit the head of a paper, none much longer than the others."""
    words = name.split()
    parts = min(-(-len(name) // _LONGEST_LINE), len(words))
    divisions = ((0, *breaks, len(words)) for breaks in combinations(range(1, len(words)), parts - 1))
    lines = (tuple(" ".join(words[one:other]) for one, other in pairwise(division)) for division in divisions)
    return min(
        lines,
        key=lambda division: (
            sum(f"{one} {other}" in _PAIRS for one, other in _seams(division)),
            max(map(len, division)),
            sum(len(line) ** 2 for line in division),
        ),
    )


def _seams(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the last word of each line with the first one of the next."""
    return ((line.split()[-1], other.split()[0]) for line, other in pairwise(lines))


def _alone(name: str) -> str:
    """Return an office's name without its place: `Phòng Nội vụ`."""
    return _PLACES.split(name)[0]


def initials(name: str) -> str:
    """Return the abbreviation that offices make of a name: `Phòng Nội vụ` becomes `PNV`."""
    return "".join(word[0] for word in re.findall(r"\w+", name)).upper()
