"""The template sets that `init` hands out: what an office may rely on before it changes a word."""

from __future__ import annotations

import csv
import dataclasses
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import pytest
from decision_sample import sample

from cchc_sheets.assessment.scoring import METHODS, Bands, Levels
from cchc_sheets.assessment.units import KINDS
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.publication.method import method_lines
from cchc_sheets.publication.paper_content import set_figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cchc_sheets.assessment.criteria import Criterion
    from cchc_sheets.publication.facts import Facts

TEMPLATES = Path(__file__).parents[1] / "sheet_templates"
SETS = ("tay-son-2023", "province-2026")
FILES = ("cycle.yaml", "criteria.yaml", "units.csv")

# Statistics office, district 547, 2023.
COMMUNES_OF_TAY_SON = (
    ("Thị trấn Phú Phong", "thị trấn"),
    ("Xã Bình Tân", "xã"),
    ("Xã Tây Thuận", "xã"),
    ("Xã Bình Thuận", "xã"),
    ("Xã Tây Giang", "xã"),
    ("Xã Bình Thành", "xã"),
    ("Xã Tây An", "xã"),
    ("Xã Bình Hòa", "xã"),
    ("Xã Tây Bình", "xã"),
    ("Xã Bình Tường", "xã"),
    ("Xã Tây Vinh", "xã"),
    ("Xã Vĩnh An", "xã"),
    ("Xã Tây Xuân", "xã"),
    ("Xã Bình Nghi", "xã"),
    ("Xã Tây Phú", "xã"),
)
# What became of the district on 1 July 2025.
COMMUNES_OF_FORMER_DISTRICT = ("Xã Tây Sơn", "Xã Bình Khê", "Xã Bình Phú", "Xã Bình Hiệp", "Xã Bình An")
CALENDAR = {
    "tay-son-2023": {
        "provision": "2023-10-25 17:00",
        "self_assessment": "2023-12-10 17:00",
        "appraisal": "2023-12-25 17:00",
        "decision": "2023-12-31 17:00",
        "publication": "2024-01-31 17:00",
    },
    "province-2026": {
        "provision": "2026-10-25 17:00",
        "self_assessment": "2026-12-10 17:00",
        "appraisal": "2026-12-25 17:00",
        "decision": "2026-12-31 17:00",
        "publication": "2027-01-31 17:00",
    },
}
# Field: points, of which surveyed.
FIELDS = {
    "1": ("16", "2"),
    "2": ("9", "3"),
    "3": ("20", "5"),
    "4": ("7", "2"),
    "5": ("11", "4"),
    "6": ("8", "1.5"),
    "7": ("15", "2.5"),
    "8": ("14", "10"),
}

every_set = pytest.mark.parametrize("name", SETS)
every_file = pytest.mark.parametrize("file", FILES)


@cache
def cycle_of(name: str) -> Cycle:
    return load_cycle(TEMPLATES / name)


def written(name: str, file: str) -> str:
    return (TEMPLATES / name / file).read_text(encoding="utf-8-sig")


def all_criteria(cycle: Cycle) -> list[Criterion]:
    return [criterion for field in cycle.criteria.fields for criterion in field.walk()]


def all_titles(cycle: Cycle) -> list[str]:
    titles = [criterion.title for criterion in all_criteria(cycle)]
    return titles + [item.title for item in cycle.criteria.adjustments]


def all_emails(cycle: Cycle) -> list[str]:
    emails = [email for unit in cycle.units for email in unit.emails]
    emails += [address for department in cycle.settings.departments for address in department.addresses]
    return [*emails, cycle.settings.office.contact.email]


def texts(value: object) -> Iterator[str]:
    """Yield every text that a value holds, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def all_texts(cycle: Cycle) -> list[str]:
    criteria = dataclasses.asdict(cycle.criteria)
    units = [dataclasses.asdict(unit) for unit in cycle.units]
    return list(texts([criteria, units, cycle.settings.model_dump()]))


@every_set
def test_a_set_loads_without_any_mistake_under_its_own_name(name: str) -> None:
    assert cycle_of(name).id == name


@every_set
def test_a_set_has_eight_fields_with_the_points_of_the_plan(name: str) -> None:
    points = {
        field.code: (
            field.max_points,
            sum(leaf.max_points for leaf in field.leaves if leaf.is_surveyed),
        )
        for field in cycle_of(name).criteria.fields
    }
    assert points == {code: (Decimal(total), Decimal(survey)) for code, (total, survey) in FIELDS.items()}


@every_set
def test_a_set_is_worth_70_appraised_and_30_surveyed_points(name: str) -> None:
    criteria = cycle_of(name).criteria
    surveyed = sum(leaf.max_points for leaf in criteria.leaves if leaf.is_surveyed)
    appraised = sum(leaf.max_points for leaf in criteria.leaves if not leaf.is_surveyed)
    assert criteria.total_points == 100
    assert appraised == 70
    assert surveyed == 30


@every_set
def test_a_set_has_79_scored_criteria_three_levels_deep(name: str) -> None:
    leaves = cycle_of(name).criteria.leaves
    assert len(leaves) == 79
    assert all(re.fullmatch(r"\d\.\d\.\d", leaf.code) for leaf in leaves)


@every_set
def test_parts_follow_their_parent_in_unbroken_order(name: str) -> None:
    for criterion in all_criteria(cycle_of(name)):
        places = range(1, len(criterion.parts) + 1)
        assert [part.code for part in criterion.parts] == [f"{criterion.code}.{place}" for place in places]


@every_set
def test_each_of_the_five_departments_appraises_something(name: str) -> None:
    cycle = cycle_of(name)
    departments = {department.id for department in cycle.settings.departments}
    assert len(departments) == 5
    assert {leaf.department for leaf in cycle.criteria.self_scored} == departments


@every_set
def test_the_survey_belongs_to_the_office(name: str) -> None:
    surveyed = [leaf for leaf in cycle_of(name).criteria.leaves if leaf.is_surveyed]
    assert {leaf.department for leaf in surveyed} == {"noi-vu"}


@every_set
def test_every_scoring_method_is_shown(name: str) -> None:
    used = {leaf.rule.method for leaf in cycle_of(name).criteria.leaves if leaf.rule}
    assert used == set(METHODS)


@every_set
def test_taken_over_points_stay_the_exception(name: str) -> None:
    leaves = cycle_of(name).criteria.leaves
    assert 1 <= sum(leaf.rule is not None and leaf.rule.method == "imported" for leaf in leaves) <= 2


@every_set
def test_letter_and_decision_account_for_every_point_that_no_commune_claims(name: str) -> None:
    criteria = cycle_of(name).criteria
    figures = set_figures(cast("Facts", SimpleNamespace(criteria=criteria)))
    # 67 claimed, 30 surveyed, 3 from other systems
    assert [figures[f"{points}_points"] for points in ("self_scored", "survey", "other")] == ["67", "30", "3"]
    words = "\n".join(method_lines(replace(sample(), criteria=criteria, standings=())))
    codes = ", ".join(leaf.code for leaf in criteria.imported if not leaf.is_surveyed)
    assert f"- Tiêu chí {codes} (tối đa 3 điểm, tính vào điểm thẩm định): điểm lấy từ số liệu của" in words


@every_set
def test_both_treatments_of_nothing_occurred_are_shown(name: str) -> None:
    assert {leaf.not_occurred for leaf in cycle_of(name).criteria.leaves} == {None, "full", "exclude"}


@every_set
def test_where_nothing_may_have_occurred_the_guidance_says_when(name: str) -> None:
    for leaf in cycle_of(name).criteria.leaves:
        assert ("Không phát sinh" in leaf.guidance) == (leaf.not_occurred is not None), leaf.code


@every_set
def test_bonuses_and_penalties_stand_outside_the_100(name: str) -> None:
    kinds = {item.code: item.kind for item in cycle_of(name).criteria.adjustments}
    assert kinds == {"C.1": "bonus", "C.2": "bonus", "T.1": "penalty", "T.2": "penalty", "T.3": "penalty"}


@every_set
def test_lateness_is_punished_once_at_the_criterion_it_concerns(name: str) -> None:
    criteria = cycle_of(name).criteria
    late = next(item for item in criteria.adjustments if item.code == "T.1")
    assert (late.criterion, late.below_zero) == ("1.2.3", True)
    assert "T.1" in criteria.by_code["1.2.3"].guidance


@every_set
def test_every_scored_criterion_says_how_to_count_and_what_proves_it(name: str) -> None:
    for leaf in cycle_of(name).criteria.leaves:
        assert leaf.guidance, leaf.code
        assert leaf.evidence, leaf.code


@every_set
def test_every_adjustment_says_what_proves_it(name: str) -> None:
    assert all(item.evidence for item in cycle_of(name).criteria.adjustments)


@every_set
def test_points_from_outside_say_how_they_are_worked_out(name: str) -> None:
    for leaf in cycle_of(name).criteria.imported:
        assert "điểm tối đa" in leaf.guidance, leaf.code


@every_set
def test_guidance_leaves_to_the_rule_what_the_sheet_prints_from_it(name: str) -> None:
    for leaf in cycle_of(name).criteria.leaves:
        assert "không tự chấm" not in leaf.guidance, leaf.code
        if isinstance(leaf.rule, Levels):
            assert not [level.label for level in leaf.rule.levels if level.label in leaf.guidance], leaf.code


@every_set
def test_what_the_sources_do_not_give_is_a_visible_blank(name: str) -> None:
    words = cycle_of(name).settings.decision
    cited = [text for text in (*words.legal_bases, words.proposal) if re.search(r"(?<=số )\S+/", text)]
    blank = [text for text in cited if "số ……/" in text]
    assert words.proposal in blank
    assert all("ngày …… tháng …… năm" in text for text in blank)


@every_set
def test_no_title_is_used_twice_or_ends_with_a_full_stop(name: str) -> None:
    titles = all_titles(cycle_of(name))
    assert [title for title, times in Counter(titles).items() if times > 1] == []
    assert [title for title in titles if title.endswith(".")] == []


@every_set
def test_guidance_is_whole_sentences_and_evidence_is_not(name: str) -> None:
    for leaf in cycle_of(name).criteria.leaves:
        assert leaf.guidance.endswith("."), leaf.code
        assert not [item for item in leaf.evidence if item.endswith((".", ";"))], leaf.code


@every_set
def test_levels_and_bands_run_from_full_points_to_none_without_repeating_any(name: str) -> None:
    for leaf in cycle_of(name).criteria.leaves:
        match leaf.rule:
            case Levels(levels=steps) | Bands(bands=steps):
                points = [step.points for step in steps]
                assert points == sorted(set(points), reverse=True), leaf.code
                assert points[0] == leaf.max_points, leaf.code
                assert points[-1] == 0, leaf.code


@every_set
def test_levels_of_a_criterion_have_labels_of_their_own(name: str) -> None:
    for leaf in cycle_of(name).criteria.leaves:
        if isinstance(leaf.rule, Levels):
            labels = {level.label for level in leaf.rule.levels}
            assert len(labels) == len(leaf.rule.levels), leaf.code


@every_set
def test_all_addresses_are_under_the_example_domain(name: str) -> None:
    cycle = cycle_of(name)
    assert all(1 <= len(unit.emails) <= 2 for unit in cycle.units)
    assert [email for email in all_emails(cycle) if not re.search(r"[@.]example\.gov\.vn$", email)] == []


@every_set
def test_no_two_units_share_an_address(name: str) -> None:
    emails = [email for unit in cycle_of(name).units for email in unit.emails]
    assert len(set(emails)) == len(emails)


@every_set
@every_file
def test_files_are_composed_unicode_without_tabs_or_trailing_blanks(name: str, file: str) -> None:
    content = written(name, file)
    assert content == unicodedata.normalize("NFC", content)
    assert "\t" not in content
    assert [line for line in content.splitlines() if line != line.rstrip()] == []


@every_set
def test_texts_have_single_spaces(name: str) -> None:
    assert [text for text in all_texts(cycle_of(name)) if text != " ".join(text.split())] == []


@every_set
def test_the_roster_opens_in_excel_with_its_accents(name: str) -> None:
    assert (TEMPLATES / name / "units.csv").read_bytes().startswith("\ufeff".encode())


@every_set
def test_the_calendar_is_that_of_the_plan(name: str) -> None:
    calendar = cycle_of(name).settings.calendar
    dates = {stage: moment for stage, moment in calendar if moment is not None}
    assert {stage: f"{moment:%Y-%m-%d %H:%M}" for stage, moment in dates.items()} == CALENDAR[name]
    assert {moment.tzinfo for moment in dates.values()} == {ZoneInfo("Asia/Ho_Chi_Minh")}


@every_set
def test_figures_are_of_the_year_assessed(name: str) -> None:
    cycle = cycle_of(name)
    year = cycle.settings.year
    criteria = " ".join(texts(dataclasses.asdict(cycle.criteria)))
    mentioned = {int(found) for found in re.findall(r"20\d\d", criteria)}
    assert mentioned == {year, year - 1}


@every_set
def test_laws_are_cited_without_a_number(name: str) -> None:
    laws = [basis for basis in cycle_of(name).settings.decision.legal_bases if basis.startswith("Luật")]
    assert laws
    assert not [law for law in laws if re.search(r"\bsố\b(?! điều)|/QH\d", law)]


@every_set
def test_words_of_the_decision_leave_its_punctuation_to_the_decision(name: str) -> None:
    words = cycle_of(name).settings.decision
    for text in (*words.legal_bases, *words.recipients, words.proposal, words.implementers, words.subject):
        assert not text.endswith((".", ";")), text
        assert not text.startswith(("Căn cứ", "Theo đề nghị", "-")), text
    assert words.recipients[-1] == "Lưu: VT, NV"


@every_set
def test_classes_are_those_of_the_draft_and_a_missing_survey_stops_the_cycle(name: str) -> None:
    policies = cycle_of(name).policies
    assert [(band.name, int(band.lower)) for band in policies.bands] == [
        ("Xuất sắc", 90),
        ("Tốt", 80),
        ("Khá", 70),
        ("Trung bình", 50),
        ("Yếu", 0),
    ]
    assert (policies.rank_by, policies.ties, policies.class_by) == ("exact", "min", "published")
    assert policies.tie_break == ("appraisal_points", "survey_points", "field:3")
    assert policies.without_survey == "refuse"


def test_tay_son_has_the_fifteen_units_of_the_statistics_office_in_its_order() -> None:
    units = cycle_of("tay-son-2023").units
    assert tuple((unit.name, KINDS[unit.kind]) for unit in units) == COMMUNES_OF_TAY_SON
    assert all(unit.ranked and not unit.group for unit in units)


def test_the_chairman_of_tay_son_decides_and_signs_himself() -> None:
    authority = cycle_of("tay-son-2023").settings.authority
    assert authority.decider == "CHỦ TỊCH ỦY BAN NHÂN DÂN HUYỆN TÂY SƠN"
    assert (authority.signer.title, authority.signer.name) == ("CHỦ TỊCH", "Phan Chí Hùng")


def test_tay_son_ranks_all_units_together_and_the_province_each_kind_apart() -> None:
    assert [cycle_of(name).policies.groups for name in SETS] == ["all", "kind"]


def test_the_province_starts_from_the_five_communes_of_the_former_district() -> None:
    units = cycle_of("province-2026").units
    assert tuple(unit.name for unit in units) == COMMUNES_OF_FORMER_DISTRICT
    assert {KINDS[unit.kind] for unit in units} == {"xã"}


def test_the_province_set_knows_no_district_any_more() -> None:
    outdated = re.compile(r"huyện|thị trấn|khối phố|không chuyên trách|bộ phận một cửa|phòng nội vụ", re.IGNORECASE)
    found = [text for text in all_texts(cycle_of("province-2026")) if outdated.search(text)]
    assert found == []


def test_the_province_set_shows_how_each_kind_of_unit_is_entered(tmp_path: Path) -> None:
    settings = written("province-2026", "cycle.yaml")
    shown = re.findall(r"^# +(\S+,(?:Xã|Phường|Đặc khu) .*)$", settings, re.MULTILINE)
    heading = written("province-2026", "units.csv").splitlines()[0]
    (tmp_path / "units.csv").write_text("\n".join([heading, *shown]), encoding="utf-8")
    for file in ("cycle.yaml", "criteria.yaml"):
        (tmp_path / file).write_text(written("province-2026", file), encoding="utf-8")
    kinds = [KINDS[unit.kind] for unit in load_cycle(tmp_path).units]
    assert kinds == ["xã", "phường", "đặc khu"]


@every_set
def test_rosters_have_exactly_the_known_columns(name: str) -> None:
    heading = next(csv.reader(written(name, "units.csv").splitlines()))
    assert heading == ["code", "name", "kind", "group", "ranked", "emails"]
