"""A clock that jumped back: nothing is opened again, and the office hears of it."""

from __future__ import annotations

import pytest
from office import Office

from cchc_sheets.workspace.xlsx_files import is_frozen

FORTY_DAYS_BACK = "2023-11-01T08:00"


@pytest.fixture
def collected(provisioned: Office) -> Office:
    """Tây An and Phú Phong have handed in, Bình Hòa nothing; the deadline has passed."""
    for unit in ("tay-an", "phu-phong"):
        provisioned.fill_in(unit)
    assert provisioned.run("collect").exit_code == 3
    return provisioned


def test_a_workbook_collected_for_its_deadline_stays_closed_by_a_clock_before_it(collected: Office) -> None:
    collected.run("provision", now=FORTY_DAYS_BACK)
    assert [is_frozen(collected.file(unit)) for unit in collected.UNITS] == [True, True, True]


def test_an_extension_opens_it_again(collected: Office) -> None:
    collected.run("extend", "tay-an", "--until", "2023-12-20T17:00", "--reason", "Công văn số 41")
    collected.run("provision")
    assert [is_frozen(collected.file(unit)) for unit in collected.UNITS] == [False, True, True]


def test_a_clock_behind_the_ledger_is_told(provisioned: Office) -> None:
    provisioned.run("status", "--write", now="2099-12-01T08:00")
    told = provisioned.run("status", "--write", now="", as_json=False).err
    assert "đồng hồ máy này đang chỉ" in told
    assert "sổ theo dõi đã được ghi lúc 08:00 ngày 01/12/2099" in told


def test_a_clock_that_is_ahead_of_the_ledger_is_as_it_should_be(provisioned: Office) -> None:
    assert "đồng hồ" not in provisioned.run("status", "--write", now="", as_json=False).err
