"""Who stands highest and lowest in report, submission and announcement: all who share the place, group by group."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import docx
import pytest
from office import Office
from paper_season import decide, file_of, make, play, words_in
from trend_sample import Scores, this_year

from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_extremes import extreme_names

PAPERS = ("report", "submission", "announcement")


@pytest.fixture
def tied(collected: Office) -> Office:
    """Return an office in which Bình Hòa has 5 + 1,6 + 0,8 = 7,4 and Phú Phong 5,25 + 1,4 + 0,75 = 7,4 of 10."""
    play(collected)
    lines = ("unit;1.2;2.3", "tay-an;1,8;0,9", "binh-hoa;1,6;0,8", "phu-phong;1,4;0,75")
    (collected.folder / "survey.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    assert collected.run("survey").exit_code == 0
    return collected


def told(office: Office, name: str) -> str:
    make(office, name)
    return words_in(file_of(office, name).read_bytes())


@pytest.mark.parametrize("name", PAPERS)
def test_all_who_share_the_highest_index_are_named(tied: Office, name: str) -> None:
    decide(tied)
    said = "; cao nhất là thị trấn Phú Phong và xã Bình Hòa (cùng 74,00%), thấp nhất là xã Tây An (69,50%)."
    assert said in told(tied, name)


@pytest.mark.parametrize("name", PAPERS)
def test_where_groups_are_ranked_apart_each_has_its_own(tied: Office, name: str) -> None:
    settings = tied.folder / "cycle.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("ties: min", "groups: kind"), encoding="utf-8")
    decide(tied)
    assert (  # of a group of one, nobody is the lowest
        "; cao nhất trong từng nhóm xếp hạng là xã Bình Hòa (74,00%, nhóm Xã), thị trấn Phú Phong (74,00%, nhóm Thị "
        "trấn), thấp nhất là xã Tây An (69,50%, nhóm Xã)."
    ) in told(tied, name)


def test_a_template_of_the_office_from_before_names_them_too(tied: Office) -> None:
    document = docx.Document(str(papers_folder() / "submission.docx"))
    paragraph = next(one for one in document.paragraphs if "highest" in one.text)
    paragraph.runs[0].text = "Bình quân {{ mean_index }}%; cao nhất: {{ highest }}. {{ class_counts }}"
    for run in paragraph.runs[1:]:
        paragraph._p.remove(run._r)
    (tied.folder / "templates").mkdir()
    document.save(str(tied.folder / "templates" / "submission.docx"))
    assert "cao nhất: thị trấn Phú Phong và xã Bình Hòa (cùng 74,00%)." in told(tied, "submission")


def named(scores: dict[str, Scores], **policy: Any) -> tuple[object, object]:
    year = this_year(scores, **policy)
    names = extreme_names(cast("Facts", SimpleNamespace(standings=year.standings, policies=year.policies)))
    return names["highest"], names["lowest"]


def points(first: str) -> Scores:
    return {"1.1": first, "1.2": "2", "2.1": "4"}


def test_many_are_counted() -> None:
    # (4 + 2 + 4) ÷ 10 and (1 + 2 + 4) ÷ 10
    scores = {code: points("4") for code in "ABCD"} | {code: points("1") for code in "EFG"}
    assert named(scores) == ("04 đơn vị (cùng 100,00%)", "xã E, xã F và xã G (cùng 70,00%)")


def test_who_shares_a_place_is_judged_as_the_ranks_are() -> None:
    # 80,004 % and 80 %: both are printed 80,00; 79 %
    scores = {"A": points("2.0004"), "B": points("2"), "C": points("1.9")}
    assert named(scores) == ("xã A (80,00%)", "xã C (79,00%)")
    assert named(scores, rank_by="published") == ("xã A và xã B (cùng 80,00%)", "xã C (79,00%)")
