"""A changed byte anywhere is found and named: so many, by chance; in full: `python benchmarks/flipped_bytes.py`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from byte_flips import by_chance, flip_archive, flip_configuration, flip_entries, flip_files, published
from told_season import season_of

from cchc_sheets.stages.archive import archive


@pytest.fixture(scope="module")
def made(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("flips") / "year.zip"
    with season_of(told) as season:
        archive(season, file)
    return file


def test_a_byte_changed_in_any_published_file_is_named(told: Path, tmp_path: Path) -> None:
    count = flip_files(told, tmp_path / "work", 2, by_chance(5))
    assert count.missed == []
    assert count.tried == 2 * len(published(told))


def test_a_byte_changed_in_a_file_of_the_cycle_is_named(told: Path, tmp_path: Path) -> None:
    count = flip_configuration(told, tmp_path / "work", 5, by_chance(5))
    assert (count.missed, count.tried) == ([], 15)


def test_a_character_changed_in_any_column_of_any_entry_is_named(told: Path, tmp_path: Path) -> None:
    count = flip_entries(told, tmp_path / "work", 1, by_chance(5))
    assert count.missed == []
    assert count.tried > 250


def test_a_byte_changed_between_the_members_of_an_archive_is_found(made: Path, tmp_path: Path) -> None:
    """Every 60th byte of the list of members, and 60 of all others."""
    size = made.stat().st_size
    with zipfile.ZipFile(made) as opened:
        start = opened.start_dir
    count = flip_archive(made, tmp_path, iter([*range(start, size, 60), *range(0, start, start // 60)]), by_chance(5))
    assert count.missed == []
    assert count.tried > 120
