"""The charts: whole, legible without colour, in letters that exist, the same bytes every time."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from decision_sample import BANDS, sample
from lxml import etree
from robustness_sample import season

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.cycle.template_sets import template_set
from cchc_sheets.publication.appraisal_chart import self_and_final_chart
from cchc_sheets.publication.charts import class_chart, field_profile, looks_of, ranking_chart
from cchc_sheets.publication.drawing import TYPEFACE, WIDTH, Canvas, Chart, broken, fitted, house_style, width_of
from cchc_sheets.publication.facts import field_means

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POLICIES = Policies(BANDS)
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz"
TONED = "".join(
    f"{vowel}{tone}" for vowel in "aăâeêioôơuưy" for tone in ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
)


@pytest.fixture(scope="module")
def criteria() -> CriteriaSet:
    return load_cycle(template_set("tay-son-2023")).criteria


def words_in(figure: Figure) -> list[str]:
    return [item.get_text() for item in figure.texts]


def all_charts(standings: tuple[Standing, ...], criteria: CriteriaSet) -> list[Chart]:
    return [
        ranking_chart(standings, POLICIES),
        class_chart(standings, POLICIES),
        field_profile(standings[0], field_means(standings)),
        self_and_final_chart(standings, criteria),
    ]


def outside(figure: Figure) -> list[str]:
    """Return the texts that reach beyond the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with house_style():
        canvas = FigureCanvasAgg(figure)
        width, height = canvas.get_width_height()
        renderer: Any = canvas.get_renderer()  # type: ignore[no-untyped-call]  # the library has no types there
        boxes = [(item.get_text(), item.get_window_extent(renderer)) for item in figure.texts]
    return [words for words, box in boxes if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1]


@pytest.mark.parametrize("count", [1, 2, 15, 46, 168])
def test_every_unit_is_in_the_ranking_once_with_its_index_and_rank(count: int, criteria: CriteriaSet) -> None:
    found = season(criteria, count, 5, POLICIES)
    words = words_in(ranking_chart(found, POLICIES).figure)
    for standing in found:
        assert words.count(standing.unit.name) == 1
        assert str(standing.published_index).replace(".", ",") in words
    for rank in {standing.rank for standing in found if standing.rank}:
        assert words.count(str(rank)) >= sum(standing.rank == rank for standing in found)
    assert not [name for name in words if "…" in name]


@pytest.mark.parametrize("count", [1, 15, 46, 168])
def test_nothing_is_drawn_beyond_the_picture(count: int, criteria: CriteriaSet) -> None:
    for chart in all_charts(season(criteria, count, 5, POLICIES), criteria):
        assert outside(chart.figure) == [], chart.name


def test_groups_are_named_and_the_unranked_come_last(criteria: CriteriaSet) -> None:
    policies = replace(POLICIES, groups="kind")
    words = words_in(ranking_chart(season(criteria, 60, 5, policies), policies).figure)
    assert words.index("Không xếp hạng") > max(words.index("Xã"), words.index("Phường"))
    assert any(re.fullmatch(r"Tốt: \d+ đơn vị", line) for line in words)


def test_a_class_that_goes_on_in_the_next_column_is_named_again_and_no_heading_stands_alone(
    criteria: CriteriaSet,
) -> None:
    for count in (46, 50, 55, 59):
        found = season(criteria, count, count, POLICIES)
        words = words_in(ranking_chart(found, POLICIES).figure)
        headings = [at for at, line in enumerate(words) if re.search(r": \d+ đơn vị", line)]
        assert words[-1] not in {words[at] for at in headings}
        assert any("(tiếp)" in words[at] for at in headings)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_classes_differ_in_lightness_and_neighbours_in_hatch(count: int) -> None:
    policies = Policies(tuple(ClassBand(f"Mức {place}", POLICIES.bands[0].lower - place) for place in range(count)))
    looks = list(looks_of(policies).values())
    lightness = [sum(int(look.fill[at : at + 2], 16) for at in (1, 3, 5)) for look in looks]
    assert lightness == sorted(lightness)
    assert len(set(lightness)) == count
    assert all(one.hatch != other.hatch for one, other in pairwise(looks))


def test_the_chart_of_classes_counts_every_class_the_empty_ones_too() -> None:
    # The sample of 15: totals 98 - 1.63 · i with i = 0 … 14, the third with a bonus, the sixth with a penalty.
    # From 90: i = 0 … 4 (91.48), 5 units; from 80: i = 5 (89.6) … 11 (80.07), 7 units; from 65: 12, 13, 14: 3 units.
    chart = class_chart(sample().standings, POLICIES)
    words = words_in(chart.figure)
    assert [line for line in words if line.endswith("đơn vị")] == [
        "5 đơn vị", "7 đơn vị", "3 đơn vị", "0 đơn vị", "0 đơn vị",
    ]  # fmt: skip
    assert [line for line in words if line.endswith("%")] == ["33,3%", "46,7%", "20,0%", "0,0%", "0,0%"]
    assert "từ 80 đến dưới 90" in words
    assert "Xuất sắc 05 đơn vị, Tốt 07 đơn vị, Khá 03 đơn vị" in chart.description


def test_the_profile_shows_points_share_and_mean_of_each_field() -> None:
    # The first unit (i = 0) loses 2 of the 16 points of field 1: 14/16 = 87.5 %. The others lose i/2 more; the mean
    # of i over 0 … 14 is 7, so the mean is (16 - 2 - 3.5)/16 = 65.625 %, printed 65.6.
    found = sample().standings
    chart = field_profile(found[0], field_means(found))
    words = words_in(chart.figure)
    assert {"14/16", "87,5%", "65,6%"} <= set(words)
    assert "lĩnh vực 1: 87,5%, bình quân 65,6%" in chart.description
    assert chart.name == "fields-U001"


def test_a_field_in_which_nothing_was_attainable_has_no_share(criteria: CriteriaSet) -> None:
    first, *others = season(criteria, 3, 1, POLICIES)
    fields = (
        replace(
            first.result.fields[0],
            points=first.result.fields[0].points * 0,
            attainable_points=criteria.total_points * 0,
        ),
        *first.result.fields[1:],
    )
    bare = replace(first, result=replace(first.result, fields=fields))
    assert "–" in words_in(field_profile(bare, field_means((bare, *others))).figure)


def test_changes_by_the_appraisal_are_printed_with_their_sign(criteria: CriteriaSet) -> None:
    found = season(criteria, 15, 5, POLICIES)
    codes = [leaf.code for leaf in criteria.self_scored]
    words = words_in(self_and_final_chart(found, criteria).figure)
    for standing in found:
        stands = sum((standing.result.standing[code].points or 0 for code in codes), standing.result.self_points * 0)
        change = stands - standing.result.self_points
        sign = "" if not change else "+" if change > 0 else "\N{MINUS SIGN}"
        assert (f"{sign}{abs(change):.2f}".replace(".", ",") if change else "0") in words


def test_numbers_in_the_cloud_cover_no_other_number(criteria: CriteriaSet) -> None:
    figure = self_and_final_chart(season(criteria, 168, 5, POLICIES), criteria).figure
    inside = [item for item in figure.texts if item.get_text().isdigit() and item.get_fontweight() == "bold"]
    places = [item.get_position() for item in inside if item.get_position()[0] < 4.4]
    assert len(places) == 10
    for at, (x, y) in enumerate(places):
        for other_x, other_y in places[:at]:
            assert abs(x - other_x) > 0.1 or abs(y - other_y) > 0.08


def test_a_unit_without_self_scores_is_left_out_of_the_comparison(criteria: CriteriaSet) -> None:
    first, *others = season(criteria, 3, 5, POLICIES)
    silent = replace(first, result=replace(first.result, self_points=first.result.self_points * 0))
    assert first.unit.name not in words_in(self_and_final_chart((silent, *others), criteria).figure)
    assert words_in(self_and_final_chart((silent,), criteria).figure)


def test_every_letter_that_can_be_drawn_is_in_the_typeface(criteria: CriteriaSet) -> None:
    import unicodedata

    from matplotlib.font_manager import FontProperties, findfont, get_font

    with house_style():
        for weight in ("normal", "bold"):
            file = findfont(FontProperties(family=TYPEFACE, weight=weight), fallback_to_default=False)
            assert "matplotlib" in file, "the typeface that comes with matplotlib, not the computer's own"
            known = get_font(file).get_charmap()
            wanted = unicodedata.normalize("NFC", LETTERS + TONED)
            assert {
                c for c in wanted + wanted.upper() + "0123456789.,:;%()/–−+…-«»“”&’" if ord(c) not in known
            } == set()
            for chart in all_charts(season(criteria, 100, 5, POLICIES), criteria):
                assert {c for words in words_in(chart.figure) for c in words if ord(c) not in known} == set()


def test_the_same_drawing_has_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from decision_sample import sample, BANDS\n"
        "from cchc_sheets.assessment.ranking import Policies\n"
        "from cchc_sheets.publication.charts import ranking_chart\n"
        "chart = ranking_chart(sample().standings, Policies(BANDS))\n"
        "print(hashlib.sha256(chart.png() + chart.svg()).hexdigest())"
    )
    (tmp_path / "matplotlibrc").write_text("font.family: serif\nsvg.fonttype: none\nhatch.linewidth: 5\n")
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            capture_output=True, check=True, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for folder, seed in ((tmp_path, "1"), (Path(__file__).parent, "2"))
    }  # fmt: skip
    assert len(seen) == 1


def test_pictures_for_word_are_as_wide_as_the_text_at_200_dots_an_inch(criteria: CriteriaSet) -> None:
    for chart in all_charts(season(criteria, 15, 5, POLICIES), criteria):
        content = chart.png()
        width, _ = struct.unpack(">II", content[16:24])
        assert width == round(WIDTH * 200)
        assert b"matplotlib" not in content.lower()
        assert b"tIME" not in content


def test_the_ranking_of_168_fits_on_a_page(criteria: CriteriaSet) -> None:
    chart = ranking_chart(season(criteria, 168, 5, POLICIES), POLICIES)
    assert chart.figure.get_size_inches()[1] < 9.5  # an A4 page has 9.9 inches between the margins


def test_pictures_for_the_page_speak_and_fetch_nothing() -> None:
    standings = sample(names=("Xã <b>A & B</b>", "Xã B"), count=2).standings
    content = ranking_chart(standings, POLICIES).svg()
    root = etree.fromstring(content)
    assert root.get("role") == "img"
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "Xếp hạng theo Chỉ số cải cách hành chính"
    assert "Xã <b>A & B</b>" in (root.findtext(f"{space}desc") or "")
    assert b"<!DOCTYPE" not in content
    assert b"<metadata" not in content
    assert b"<b>" not in content
    links = [value for element in root.iter() for name, value in element.attrib.items() if str(name).endswith("href")]
    assert links
    assert all(str(link).startswith("#") for link in links)
    assert set(re.findall(rb"https?://[^\"' <]+", content)) <= {
        b"http://www.w3.org/2000/svg",
        b"http://www.w3.org/1999/xlink",
    }


def test_a_name_with_dollar_signs_is_a_name() -> None:
    standings = sample(names=(r"Xã $\frac{1}$ A", "Xã B_1^2"), count=2).standings
    chart = ranking_chart(standings, POLICIES)
    assert r"Xã $\frac{1}$ A" in words_in(chart.figure)
    assert chart.png()


def test_long_words_are_shortened_or_broken_never_squeezed() -> None:
    with house_style():
        long = "Thị trấn có một cái tên rất là dài"
        assert fitted(long, 8, 10) == long
        short = fitted(long, 8, 1.0)
        assert short.endswith("…")
        assert width_of(short, 8) <= 1.0
        lines = broken(long, 8, 1.0, 3)
        assert len(lines) <= 3
        assert all(width_of(line, 8) <= 1.0 for line in lines)
        assert " ".join(broken(long, 8, 1.2, 3)) == long


def test_the_computers_own_settings_are_as_before_afterwards() -> None:
    import matplotlib as mpl

    before: Any = dict(mpl.rcParams)
    ranking_chart(sample().standings, POLICIES).svg()
    assert dict(mpl.rcParams) == before


def test_the_library_is_loaded_only_to_draw() -> None:
    code = (
        "import sys, cchc_sheets.publication.charts, cchc_sheets.publication.appraisal_chart\n"
        "import cchc_sheets.stages.robustness\n"
        "print('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert shown.split() == [b"False"]


def test_a_canvas_writes_where_it_is_told() -> None:
    with house_style():
        canvas = Canvas(2, 1)
        canvas.words(0.5, 0.5, "Xã", size=10)
        canvas.figure.canvas.draw()
        box = canvas.figure.texts[0].get_window_extent()
    assert box.x0 == pytest.approx(0.5 * 200, abs=2)
    assert box.y0 < 100 < box.y1
