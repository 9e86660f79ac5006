"""The papers of a cycle (văn bản), one description each: what it is called, when it is due, what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts, Head
from cchc_sheets.publication.nd30_forms import Form
from cchc_sheets.publication.paper_before import guidance_content, plan_content, reminder_content
from cchc_sheets.publication.paper_content import Content
from cchc_sheets.publication.paper_minutes import minutes_content
from cchc_sheets.publication.paper_notice import notice_content
from cchc_sheets.publication.paper_readback import Promise
from cchc_sheets.publication.paper_results import announcement_content, report_content, submission_content
from cchc_sheets.publication.paper_self_report import self_report_content
from cchc_sheets.publication.promises_after import (
    announcement_promise,
    notice_promise,
    report_promise,
    submission_promise,
)
from cchc_sheets.publication.promises_before import (
    guidance_promise,
    minutes_promise,
    plan_promise,
    reminder_promise,
    self_report_promise,
)
from cchc_sheets.publication.wording import plain

Issuer = Literal["authority", "office", "council", "unit"]
Needs = Literal["settings", "workbooks", "submission", "appraisal", "results", "decision"]


@dataclass(frozen=True)
class OnePaper:
    """How a paper is made of which the cycle has one: its content, and what the data promise of it."""

    content: Callable[[Facts, Head], Content]
    promise: Callable[[Facts], Promise]


@dataclass(frozen=True)
class PaperPerUnit:
    """The same for a paper of which each unit has its own."""

    content: Callable[[Facts, Head, Unit], Content]
    promise: Callable[[Facts, Unit], Promise]


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper.

    Attributes:
        code: its word on the command line, and the name of its template and file.
        name: its kind in Vietnamese; `title` what it is in a list.
        due: the date of the calendar by which it is needed.
        needs: how far the cycle has to be: `settings` (always), `workbooks` handed out, the unit's `submission`
            recorded, the `appraisal` finished, complete `results`, the `decision` made.
        issuer: whose head and signature it bears.
        required: the names without which its template would not say what it has to.
        makes: from what it is made, and whether there is one for each unit.
        has_charts: charts stand in it where they can be drawn.
    """

    code: str
    name: str
    title: str
    due: str
    needs: Needs
    issuer: Issuer
    form: Form
    required: frozenset[str]
    makes: OnePaper | PaperPerUnit
    has_charts: bool = False

    def title_for(self, unit: Unit | None) -> str:
        """Return what one paper is called to people: its title, and whose it is."""
        if unit is None:
            return self.title
        own = self.title.removesuffix(" của từng đơn vị").removesuffix(" của đơn vị")
        return f"{own} – {plain(unit.name)}"

    @property
    def is_per_unit(self) -> bool:
        """Whether each unit has its own."""
        return isinstance(self.makes, PaperPerUnit)

    def content(self, facts: Facts, head: Head, unit: Unit | None) -> Content:
        """Return what one paper says; `unit` whose it is, for papers of which each has its own."""
        if isinstance(self.makes, OnePaper):
            return self.makes.content(facts, head)
        if unit is None:
            raise ValueError(self.code)
        return self.makes.content(facts, head, unit)

    def promise(self, facts: Facts, unit: Unit | None) -> Promise:
        """Return what the finished paper has to say, worked out apart from its content."""
        if isinstance(self.makes, OnePaper):
            return self.makes.promise(facts)
        if unit is None:
            raise ValueError(self.code)
        return self.makes.promise(facts, unit)

    @property
    def template(self) -> str:
        """The name of its template."""
        return f"{self.code}.docx"


_HEAD: Final = frozenset({"issuer", "number_line", "signer_title", "signer_name", "recipients", "year"})
_DATED: Final = _HEAD | {"date_line"}

KINDS: Final = (
    PaperKind(
        "plan",
        "Kế hoạch",
        "Kế hoạch đánh giá, xác định Chỉ số",
        "provision",
        "settings",
        "authority",
        Form("titled", "KẾ HOẠCH", "KH"),
        _DATED | {"task_table", "criteria_table", "deadline", "annex_reference"},
        OnePaper(plan_content, plan_promise),
    ),
    PaperKind(
        "guidance",
        "Công văn",
        "Công văn hướng dẫn tự đánh giá, chấm điểm",
        "provision",
        "settings",
        "office",
        Form("letter", is_addressed=True),
        _DATED | {"addressees", "department_table", "deadline", "contact"},
        OnePaper(guidance_content, guidance_promise),
    ),
    PaperKind(
        "reminder",
        "Công văn",
        "Công văn đôn đốc",
        "self_assessment",
        "workbooks",
        "office",
        Form("letter", is_addressed=True),
        _DATED | {"addressees", "waiting_table", "deadline", "moment"},
        OnePaper(reminder_content, reminder_promise),
    ),
    PaperKind(
        "self-report",
        "Báo cáo",
        "Báo cáo tự đánh giá, chấm điểm của đơn vị",
        "self_assessment",
        "submission",
        "unit",
        Form("titled", "BÁO CÁO", "BC", is_addressed=True),
        _DATED | {"addressees", "unit", "fields_table", "scores_table", "self_points", "annex_reference"},
        PaperPerUnit(self_report_content, self_report_promise),
    ),
    PaperKind(
        "minutes",
        "Biên bản",
        "Biên bản họp thẩm định",
        "appraisal",
        "appraisal",
        "council",
        Form("minutes", "BIÊN BẢN", "BB"),
        (_HEAD - {"signer_title", "signer_name"})
        | {"department_table", "unit_table", "change_table", "ruling_table", "annex_reference"},
        OnePaper(minutes_content, minutes_promise),
    ),
    PaperKind(
        "report",
        "Báo cáo",
        "Báo cáo tổng hợp kết quả",
        "decision",
        "results",
        "office",
        Form("titled", "BÁO CÁO", "BC", is_addressed=True),
        _DATED
        | {"addressees", "class_counts", "mean_index", "class_table", "field_table", "best_table", "weakest_table"}
        | {"change_table", "ranking_table", "unit_table", "annex_reference"},
        OnePaper(report_content, report_promise),
        has_charts=True,
    ),
    PaperKind(
        "submission",
        "Tờ trình",
        "Tờ trình phê duyệt kết quả",
        "decision",
        "results",
        "office",
        Form("titled", "TỜ TRÌNH", "TTr", is_addressed=True),
        _DATED | {"addressees", "class_counts", "mean_index", "class_table", "legal_bases"},
        OnePaper(submission_content, submission_promise),
    ),
    PaperKind(
        "announcement",
        "Thông báo",
        "Thông báo kết quả",
        "publication",
        "decision",
        "authority",
        Form("titled", "THÔNG BÁO", "TB"),
        _DATED | {"decision", "class_counts", "mean_index", "ranking_table", "annex_reference"},
        OnePaper(announcement_content, announcement_promise),
    ),
    PaperKind(
        "notice",
        "Thông báo",
        "Thông báo kết quả của từng đơn vị",
        "publication",
        "decision",
        "office",
        Form("titled", "THÔNG BÁO", "TB"),
        _DATED
        | {"unit", "decision", "index", "rank", "class_name", "points", "attainable_points"}
        | {"fields_table", "criteria_table", "lost_table", "annex_reference"},
        PaperPerUnit(notice_content, notice_promise),
        has_charts=True,
    ),
)
"""Every paper but the decision, in the order of the year."""


DECISION_CODE: Final = "decision"
SIGN_OFF_CODE: Final = "before-you-sign"
_BESIDE: Final = {DECISION_CODE: "Quyết định phê duyệt kết quả", SIGN_OFF_CODE: "Trang đọc trước khi ký"}
"""The papers that are made apart from the kinds."""


def paper_title(name: str, units: Sequence[Unit] = ()) -> str:
    """Return what people call a paper that commands and ledger know as `plan`, `notice/tay-an` or `decision`."""
    code, _, owner = name.partition("/")
    kind = kind_of(code)
    if kind is None:
        return _BESIDE.get(code, name)
    unit = next((one for one in units if one.code == owner), None)
    return name if owner and unit is None else kind.title_for(unit)


def kind_of(code: str) -> PaperKind | None:
    """Return the kind with this code, None if there is none."""
    return next((kind for kind in KINDS if kind.code == code), None)
