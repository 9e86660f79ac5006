"""What stands out about evidence, in words for the appraisers: short sentences for the column of checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Final

from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.evidence import Noticed, ReadEvidence, is_of_december_before, notice
from cchc_sheets.assessment.evidence_caption import Paper
from cchc_sheets.assessment.evidence_links import Flaw, LinkState, State, Unusable, WebAddress, reason_in_words
from cchc_sheets.layouts.workbook import Tone
from cchc_sheets.vietnamese import day

NOTHING_BEFORE: Final[Mapping[Place, ReadEvidence]] = MappingProxyType({})
_MOST_UNITS: Final = 3
_MOST_CODES, _MOST_CODES_OF_OTHERS = 6, 3

STATE_WORDS: Final[Mapping[State, str]] = {
    "opens": "mở được",
    "needs_permission": "cần quyền truy cập",
    "broken": "hỏng",
    "not_checked": "chưa kiểm tra được",
}
_SHOWN: Final[Mapping[State, str]] = {
    "broken": "Hỏng",
    "needs_permission": "Cần quyền truy cập",
    "not_checked": "Chưa kiểm tra",
    "opens": "Mở được",
}
"""From the worst to the best: of several links of one place the worst is shown."""
LINK_TONES: Final[Mapping[str, Tone]] = {
    _SHOWN["broken"]: "bad",
    _SHOWN["needs_permission"]: "attention",
    _SHOWN["opens"]: "good",
}
_FLAWS: Final[Mapping[Flaw, str]] = {
    "local_file": "chỉ tới tệp trên máy của đơn vị, nơi khác không mở được",
    "not_web": "không phải địa chỉ trang web",
    "credentials": "có kèm tên đăng nhập, mật khẩu; đề nghị đơn vị gửi đường dẫn khác",
    "malformed": "viết sai, không mở được",
}


@dataclass(frozen=True)
class EvidenceContext:
    """What the sentences need to know beside the evidence itself.

    Attributes:
        year: the year that is assessed.
        names: the units' names by code.
        states: what the looks at documents found so far, by identity; empty before the first.
    """

    year: int
    names: Mapping[str, str]
    states: Mapping[str, LinkState] = field(default_factory=dict)


def evidence_remarks(
    read: Mapping[Place, ReadEvidence],
    context: EvidenceContext,
    given_before: Mapping[Place, ReadEvidence] = NOTHING_BEFORE,
) -> dict[Place, tuple[str, ...]]:
    """Return the sentences by place; a place about which there is nothing to say is absent.

    `read` and `given_before` hold evidence in the order of the roster and the criteria set; see `notice`.
    """
    noticed = notice(read, context.year, given_before)
    remarks = {}
    for place, evidence in read.items():
        said = [*_of_links(evidence, context), *_of_others(noticed.get(place), context)]
        if said:
            remarks[place] = tuple(dict.fromkeys(said))
    return remarks


def link_states(read: Mapping[Place, ReadEvidence], states: Mapping[str, LinkState]) -> dict[Place, str]:
    """Return the word for each place with links: whether they open, as far as anybody has looked."""
    return {place: _worst(evidence, states) for place, evidence in read.items() if evidence.links}


def _worst(evidence: ReadEvidence, states: Mapping[str, LinkState]) -> str:
    found = {
        "broken"
        if isinstance(link, Unusable)
        else states[link.identity].state
        if link.identity in states
        else "not_checked"
        for link in evidence.links
    }
    return next(words for state, words in _SHOWN.items() if state in found)


def _of_links(evidence: ReadEvidence, context: EvidenceContext) -> Iterator[str]:
    """Yield what is wrong with the links of one place; which one is told only where there are several."""
    for number, link in enumerate(evidence.links, 1):
        for flaw in _of_link(link, context):
            yield f"Đường dẫn thứ {number} {flaw}" if len(evidence.links) > 1 else f"Đường dẫn {flaw}"
    if evidence.has_local_path and Unusable("local_file") not in evidence.links:
        yield f"Tài liệu {_FLAWS['local_file']}."


def _of_link(link: WebAddress | Unusable, context: EvidenceContext) -> Iterator[str]:
    if isinstance(link, Unusable):
        yield f"{_FLAWS[link.flaw]}."
        return
    if link.is_internal:
        yield "thuộc mạng nội bộ, nơi khác không mở được."
    elif link.is_home_page:
        yield "chỉ mở trang chủ, không tới tài liệu."
    state = context.states.get(link.identity)
    if state is not None and state.state != "opens":
        why = reason_in_words(state.reason).said_in("vi")
        yield f"{STATE_WORDS[state.state]} ({why}), xem ngày {day(state.at)}."


def _of_others(noticed: Noticed | None, context: EvidenceContext) -> Iterator[str]:
    if noticed is None:
        return
    if noticed.other_units:
        units = _units(noticed.other_units, context.names)
        yield f"Trùng đường dẫn với {units}: xem có phải tài liệu của chính đơn vị."
    if noticed.own_criteria:
        yield f"Tài liệu này còn dùng cho tiêu chí {_codes(noticed.own_criteria)}."
    for paper in noticed.off_year:
        yield _off_year(paper, context.year)
    for paper in noticed.impossible:
        yield f"{_named(paper)}: không có ngày {paper.impossible_date}."


def _off_year(paper: Paper, year: int) -> str:
    if paper.date is None:
        raise ValueError(paper)
    if is_of_december_before(paper, year):
        return f"{_named(paper)} ký ngày {day(paper.date)}, cuối năm {year - 1}: xem có phải cho năm {year}."
    return f"{_named(paper)} ký ngày {day(paper.date)}, ngoài năm {year}."


def _named(paper: Paper) -> str:
    kind = paper.kind or "Văn bản"
    return f"{kind} số {paper.number}" if paper.number else kind


def _units(units: Mapping[str, tuple[str, ...]], names: Mapping[str, str]) -> str:
    more = len(units) - _MOST_UNITS
    shown = ", ".join(
        f"{names.get(unit, unit)} ({_codes(codes, _MOST_CODES_OF_OTHERS)})"
        for unit, codes in islice(units.items(), _MOST_UNITS)
    )
    return shown + (f" và {more} đơn vị khác" if more > 0 else "")


def _codes(codes: tuple[str, ...], most: int = _MOST_CODES) -> str:
    more = len(codes) - most
    return ", ".join(codes[:most]) + (f" và {more} tiêu chí khác" if more > 0 else "")
