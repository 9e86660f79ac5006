"""The documents say what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from cchc_sheets.cli.commands import commands
from cchc_sheets.cycle.criteria_file import AdjustmentEntry, BandEntry, CriteriaFile, CriterionEntry, LevelEntry
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.cycle.previous_block import PreviousEntry
from cchc_sheets.cycle.schema import Entry
from cchc_sheets.cycle.settings import (
    Authority,
    BandSetting,
    Calendar,
    Contact,
    DecisionWords,
    Department,
    Office,
    PolicySettings,
    Settings,
    Signer,
)
from cchc_sheets.cycle.survey_block import GroupEntry, OptionEntry, QuestionEntry, SurveyEntry
from cchc_sheets.cycle.units_file import COLUMNS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def test_the_command_reference_is_the_programs_own_help(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r})\n"
        "from cchc_sheets.cli.entry import translate_click\ntranslate_click()\n"
        "import cli_reference\nsys.stdout.buffer.write(cli_reference.reference().encode())"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=tmp_path).stdout
    assert shown.decode() == (DOCS / "cli.md").read_text(encoding="utf-8")


def test_every_command_is_told_of_in_the_season_guide_or_the_readme() -> None:
    told = (DOCS / "season.md").read_text(encoding="utf-8") + (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in commands.commands if name not in told] == []


def test_every_unit_and_criterion_in_the_commands_of_the_season_guide_is_one_of_its_template_set() -> None:
    cycle = load_cycle(ROOT / "sheet_templates" / "tay-son-2023")
    guide = (DOCS / "season.md").read_text(encoding="utf-8")
    units = re.findall(r"^cchc-sheets (?:extend|trace) ([a-z-]+)", guide, re.MULTILINE)
    criteria = re.findall(r"^cchc-sheets (?:explain --rule|trace) ([a-z-]+)[ /]([0-9.]+)", guide, re.MULTILINE)
    assert len(units) == 3
    assert len(criteria) == 2
    assert {*units, *(unit for unit, _ in criteria)} <= {unit.code for unit in cycle.units}
    assert {code for _, code in criteria} <= {leaf.code for leaf in cycle.criteria.self_scored}


def test_every_setting_of_every_file_is_described() -> None:
    described = (DOCS / "files.md").read_text(encoding="utf-8")
    models: tuple[type[Entry], ...] = (
        Settings,
        Authority,
        Signer,
        Office,
        Contact,
        Department,
        Calendar,
        PolicySettings,
        BandSetting,
        DecisionWords,
        PreviousEntry,
        CriteriaFile,
        CriterionEntry,
        LevelEntry,
        BandEntry,
        AdjustmentEntry,
        SurveyEntry,
        QuestionEntry,
        OptionEntry,
        GroupEntry,
    )
    names = {field.alias or name for model in models for name, field in model.model_fields.items()} | set(COLUMNS)
    assert sorted(name for name in names if f"`{name}`" not in described) == []


def test_every_link_between_the_documents_leads_somewhere() -> None:
    for page in (*DOCS.glob("*.md"), *ROOT.glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
