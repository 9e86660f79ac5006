"""What the page for the chairman says, in plain words; few enough of them for one page whatever the results are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.robustness import CLOSE, Boundary, Neighbours, Steadiness, Strictness, Tie
from cchc_sheets.publication.before_you_sign import SignOff
from cchc_sheets.publication.nd30 import PAGE_WIDTH
from cchc_sheets.publication.paper_content import in_text
from cchc_sheets.publication.wording import plain

PAGE_MARGINS: Final = {"left": 1701, "right": 850, "top": 850}
"""In twips: the narrowest that papers may have at the sides, less above and below, for it is a note of one page."""

TEXT_WIDTH: Final = PAGE_WIDTH - PAGE_MARGINS["left"] - PAGE_MARGINS["right"]
MOST_BOUNDARIES: Final = 5
MOST_DEPARTMENTS: Final = 6
_TRIED: Final = "Cách thử: điểm tối đa của từng lĩnh vực được tăng hoặc giảm ngẫu nhiên"
_BASIS: Final = "Số liệu từ sổ theo dõi có mã kiểm tra {digest}…; phần mềm cchc-sheets {version}."
_DIGEST_SHOWN: Final = 16
_NAMED: Final = re.compile(
    re.escape(_BASIS)
    .replace(r"\{digest\}", f"(?P<digest>[0-9a-f]{{{_DIGEST_SHOWN}}})")
    .replace(r"\{version\}", r"(?P<version>\d[\w.+-]{0,30})")
)
_MOST_TOLD: Final = 3
_MOST_TIES: Final = 2
_MOST_NAMES: Final = 5
_MOST_CODES: Final = 5
_FIRM: Final = Fraction(9, 10)
_HUNDRED: Final = 100


@dataclass(frozen=True)
class SmallTable:
    """A table of the page: `widths` in twips, `left` the columns that are not centred."""

    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    left: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class _View:
    """The note with its units at hand by code."""

    note: SignOff

    @cached_property
    def standing(self) -> dict[str, Standing]:
        return {standing.unit.code: standing for standing in self.note.standings}

    @cached_property
    def steadiness(self) -> dict[str, Steadiness]:
        return {steady.unit: steady for steady in self.note.robustness.steadiness}

    def name(self, unit: str) -> str:
        return plain(self.standing[unit].unit.name)

    def index(self, unit: str) -> str:
        return vietnamese.fixed(self.standing[unit].published_index, self.note.policies.decimals)

    @property
    def draws(self) -> int:
        return self.note.robustness.draws.count


def status(note: SignOff) -> list[str]:
    """Return what keeps the results from being final; nothing once they are."""
    if not note.missing:
        return []
    told = [plain(words).rstrip(".;") for words in note.missing[:_MOST_TOLD]]
    more = len(note.missing) - len(told)
    rest = [f"và {more} việc khác"] if more else []
    return [f"SỐ LIỆU TẠM TÍNH, chưa dùng để ký. Còn thiếu: {'; '.join([*told, *rest])}."]


def certain(note: SignOff) -> list[str]:
    """Return what holds whatever is tried."""
    view = _View(note)
    return [*_firm_classes(view), *_firm_ranks(view), *_leaders(view), *_nothing_close(view)]


def _firm_classes(view: _View) -> Iterator[str]:
    every, draws = view.note.robustness.steadiness, view.draws
    firm = sum(steady.in_class == draws for steady in every)
    share = f"cả {len(every)} đơn vị" if firm == len(every) else f"{firm} trong {len(every)} đơn vị"
    yield f"Xếp loại: {share} giữ nguyên xếp loại trong cả {count(draws)} lần thử (cách thử ở cuối trang)."


def _firm_ranks(view: _View) -> Iterator[str]:
    ranked = [steady for steady in view.note.robustness.steadiness if steady.rank is not None]
    firm = sum(Fraction(steady.at_rank, view.draws) >= _FIRM for steady in ranked)
    yield (
        f"Thứ hạng: {firm} trong {len(ranked)} đơn vị được xếp hạng giữ đúng hạng hiện nay trong ít nhất "
        "90% số lần thử."
    )


def _leaders(view: _View) -> Iterator[str]:
    leaders = [steady for steady in view.note.robustness.steadiness if steady.rank == 1][:_MOST_TOLD]
    if leaders:
        told = (f"{view.name(steady.unit)} ({count(steady.at_rank)} lần)" for steady in leaders)
        yield f"Đứng đầu trong {count(view.draws)} lần thử: {', '.join(told)}."


def _nothing_close(view: _View) -> Iterator[str]:
    robustness = view.note.robustness
    if not robustness.ties:
        yield "Không có đơn vị nào đồng hạng hoặc trùng Chỉ số công bố."
    if not robustness.boundaries:
        yield f"Không có đơn vị nào cách ngưỡng xếp loại từ {vietnamese.number(CLOSE)} trở xuống."


def close(note: SignOff) -> list[str]:
    """Return what could easily have come out otherwise."""
    view = _View(note)
    return [*_close_classes(view), *_ties(view), *_wide_ranks(view), *_turned(view)]


def _close_classes(view: _View) -> Iterator[str]:
    boundaries = view.note.robustness.boundaries
    if not boundaries:
        return
    more = len(boundaries) - MOST_BOUNDARIES
    shown = f"bảng dưới nêu {MOST_BOUNDARIES} trường hợp sát nhất" if more > 0 else "xem bảng dưới"
    yield f"{len(boundaries)} trường hợp cách ngưỡng xếp loại không quá {vietnamese.number(CLOSE)} ({shown})."
    hanging = [view.name(boundary.unit) for boundary in boundaries if boundary.hangs_on_rounding]
    if hanging:
        yield f"Xếp loại chỉ do làm tròn Chỉ số quyết định: {some(hanging, _MOST_NAMES)}."


def _ties(view: _View) -> Iterator[str]:
    ties = view.note.robustness.ties
    if ties:
        told = [
            f"{some([view.name(unit) for unit in tie.units], _MOST_NAMES)} cùng {view.index(tie.units[0])} "
            f"({_tie_words(tie)})"
            for tie in ties[:_MOST_TIES]
        ]
        more = len(ties) - len(told)
        rest = [f"và {more} nhóm đơn vị khác"] if more else []
        yield f"Trùng Chỉ số công bố: {'; '.join([*told, *rest])}."


def _tie_words(tie: Tie) -> str:
    words = {
        "nothing": "đồng hạng",
        "tie_break": "hạng do điểm phụ quyết định",
        "hidden_decimals": "hạng do phần thập phân không in ra",
    }
    return ", ".join(words[kind] for kind in dict.fromkeys(tie.decided_by))


def _wide_ranks(view: _View) -> Iterator[str]:
    moved = [
        steady for steady in view.note.robustness.steadiness if steady.ranks and steady.ranks.low < steady.ranks.high
    ]
    widest = sorted(moved, key=_width, reverse=True)[:_MOST_TOLD]
    if widest:
        told = (_range_words(view, steady) for steady in widest)
        yield f"Hạng dễ xê dịch nhất (90% số lần thử; trong ngoặc: mọi lần thử): {'; '.join(told)}."


def _width(steady: Steadiness) -> int:
    return steady.ranks.high - steady.ranks.low if steady.ranks else 0


def _range_words(view: _View, steady: Steadiness) -> str:
    if steady.ranks is None or steady.rank is None:
        return view.name(steady.unit)
    ranks = steady.ranks
    return (
        f"{view.name(steady.unit)} hạng {steady.rank}, từ {ranks.low} đến {ranks.high} ({ranks.best} - {ranks.worst})"
    )


def _turned(view: _View) -> Iterator[str]:
    """Of the neighbours whose order hangs on a criterion, those where it hangs on the fewest, the best ranks first."""
    neighbours = view.note.robustness.neighbours
    turned = sorted((pair for pair in neighbours if pair.turned_by), key=lambda pair: len(pair.turned_by))
    if turned:
        told = (_pair_words(view, pair) for pair in turned[:_MOST_TOLD])
        yield (
            f"{len(turned)} trong {len(neighbours)} cặp liền kề đổi thứ tự nếu bỏ một tiêu chí nào đó; thứ tự do ít "
            f"tiêu chí quyết định nhất: {'; '.join(told)}."
        )


def _pair_words(view: _View, pair: Neighbours) -> str:
    codes = some([plain(code) for code in pair.turned_by], 2)
    return f"{view.name(pair.upper)} trên {in_text(view.standing[pair.lower].unit)} (tiêu chí {codes})"


def boundary_table(note: SignOff) -> SmallTable:
    """Return the units nearest to the limit of a class, the nearest first."""
    view = _View(note)
    nearest = sorted(note.robustness.boundaries, key=lambda boundary: abs(boundary.exact))[:MOST_BOUNDARIES]
    headings = ("Đơn vị", "Chỉ số", "Xếp loại", "Ngưỡng gần nhất", "So với ngưỡng", "Số lần thử giữ xếp loại")
    return SmallTable(
        headings,
        tuple(_boundary_line(view, boundary) for boundary in nearest),
        _shares(28, 11, 14, 21, 12, 14),
        frozenset({0, 3}),
    )


def _boundary_line(view: _View, boundary: Boundary) -> tuple[str, ...]:
    unit, decimals = boundary.unit, view.note.policies.decimals
    distance = vietnamese.fixed(abs(boundary.published), decimals)
    sign = "+" if boundary.is_reached else "−"
    return (
        view.name(unit),
        view.index(unit),
        plain(view.standing[unit].class_name),
        f"{plain(boundary.reaches)} (từ {vietnamese.number(boundary.limit)})",
        f"{sign}{distance}",
        count(view.steadiness[unit].in_class),
    )


def review(note: SignOff) -> list[str]:
    """Return what is worth a look before the decision is signed."""
    view = _View(note)
    lines = [*_look_again(view), *_undiscriminating(view)]
    remarks = [plain(remark).rstrip(".;") for remark in note.remarks]
    if remarks:
        lines.append(f"Trường hợp được ghi nhận riêng: {some(remarks, 2)}.")
    if any(strict.rows for strict in note.robustness.strictness):
        lines.append("Các cơ quan thẩm định đã thay đổi điểm tự chấm như bảng dưới; nơi chênh lệch lớn cần rõ lý do.")
    return lines


def _look_again(view: _View) -> Iterator[str]:
    if view.note.robustness.boundaries:
        yield "Đọc lại điểm và tài liệu kiểm chứng của các đơn vị ở bảng trên: thay đổi nhỏ đủ làm đổi xếp loại."


def _undiscriminating(view: _View) -> Iterator[str]:
    kinds = {
        "all_full": "mọi đơn vị đạt điểm tối đa",
        "all_zero": "không đơn vị nào có điểm",
        "all_same": "mọi đơn vị bằng điểm nhau",
    }
    told = []
    for kind, words in kinds.items():
        codes = [plain(flat.criterion) for flat in view.note.robustness.undiscriminating if flat.kind == kind]
        if codes:
            told.append(f"{words} ở {len(codes)} tiêu chí ({some(codes, _MOST_CODES)})")
    if told:
        yield f"Tiêu chí không phân loại được đơn vị: {'; '.join(told)}."


def strictness_table(note: SignOff) -> SmallTable:
    """Return how the departments changed self-scores, those that took the largest share first."""
    strictness = [strict for strict in note.robustness.strictness if strict.rows]
    strictest = sorted(strictness, key=lambda strict: strict.change_share)[:MOST_DEPARTMENTS]
    headings = ("Cơ quan thẩm định", "Lượt chấm", "Hạ điểm", "Nâng điểm", "Trung vị thay đổi", "Tổng thay đổi")
    return SmallTable(
        headings,
        tuple(_strictness_line(note, strict) for strict in strictest),
        _shares(42, 11, 11, 12, 12, 12),
    )


def _strictness_line(note: SignOff, strict: Strictness) -> tuple[str, ...]:
    return (
        note.departments.get(strict.department, strict.department),
        count(strict.rows),
        percent(strict.lowered_share),
        percent(strict.raised_share),
        signed(strict.median_change),
        signed_percent(strict.change_share),
    )


def method(note: SignOff) -> list[str]:
    """Return how it was tried, so that anyone can try it again."""
    draws = note.robustness.draws
    variation = vietnamese.number(rounded(draws.variation * _HUNDRED, 2))
    return [
        f"{_TRIED} tối đa {variation}% rồi quy về tổng "
        f"điểm cũ, {count(draws.count)} lần (hạt giống {draws.seed}); mỗi lần tính lại chính xác Chỉ số, hạng, xếp "
        "loại của mọi đơn vị; điểm cộng, trừ giữ nguyên. Sau đó lần lượt bỏ từng tiêu chí. Phép thử không thay đổi kết "
        "quả; số liệu đầy đủ ở tệp robustness.json.",
        _BASIS.format(digest=plain(note.ledger_digest)[:_DIGEST_SHOWN], version=plain(note.program_version)),
    ]


@dataclass(frozen=True)
class Named:
    """What a page says it was made from and by: the beginning of a digest of the ledger, a version of the program."""

    digest: str
    version: str


def named_in(line: str) -> Named | None:
    """Return what a line of a page names, None for any other line."""
    found = _NAMED.search(line)
    return Named(found["digest"], found["version"]) if found else None


def is_method(line: str) -> bool:
    """Whether a line says how the page's figures were tried: no other paper does."""
    return _TRIED in line or named_in(line) is not None


def some(words: Sequence[str], most: int) -> str:
    """Return a list that says how many more there are instead of naming all."""
    shown = list(words[:most])
    more = len(words) - len(shown)
    return ", ".join(shown) + (f" và {more} trường hợp khác" if more else "")


def count(number: int) -> str:
    """Return a count as offices write it: `1.000`."""
    return f"{number:,}".replace(",", ".")


def percent(share: Fraction) -> str:
    """Return a share as a percentage with one decimal at most."""
    return f"{vietnamese.number(rounded(share * _HUNDRED, 1))}%"


def signed_percent(share: Fraction) -> str:
    """Return a change as a percentage with its sign."""
    value = rounded(abs(share) * _HUNDRED, 1)
    sign = "" if not value else "+" if share > 0 else "−"
    return f"{sign}{vietnamese.number(value)}%"


def signed(points: Fraction) -> str:
    """Return a change of points with its sign, to the hundredth."""
    value = rounded(abs(points), 2)
    sign = "" if not value else "+" if points > 0 else "−"
    return f"{sign}{vietnamese.number(value)}"


def _shares(*percents: int) -> tuple[int, ...]:
    return tuple(TEXT_WIDTH * share // _HUNDRED for share in percents)
