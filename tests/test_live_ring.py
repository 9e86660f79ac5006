"""The live ring is itself tested: on our own server it plays the whole season and clears up after itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google_desk import OFFICER, Desk
from google_server import Fault, GoogleServer, Person, errors
from google_server.world import FOLDER, SPREADSHEET
from live.ring import Ring, Target, cleared

from cchc_sheets.errors import CchcError

ACCOUNT = "cchc@cchc-test.iam.gserviceaccount.com"
COMMUNE = "tayan@thu.example.gov.vn"

Way = Callable[[Desk], Target]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with GoogleServer() as google:
        desk = Desk(google, tmp_path)
        monkeypatch.setenv("CCHC_GOOGLE_EMULATOR", google.url)
        monkeypatch.delenv("CCHC_GOOGLE_EMULATOR_USER", raising=False)
        monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: desk.config)
        monkeypatch.setattr("webbrowser.get", lambda *_: None)
        monkeypatch.setattr("webbrowser.open", desk.browser.ask)
        yield desk
        desk.browser.close()
        assert google.violations == []


def as_a_person(desk: Desk) -> Target:
    person = Person(desk.google, OFFICER)
    return Target(desk.desktop, address=COMMUNE, put_chip=person.chip)


def as_a_service_account(desk: Desk) -> Target:
    drive = desk.google.world.add_shared_drive("CCHC", {ACCOUNT: "fileOrganizer", OFFICER: "organizer"})
    person = Person(desk.google, OFFICER)
    return Target(desk.key(), shared_drive=drive.id, address=COMMUNE, put_chip=person.chip)


def as_somebody_else(desk: Desk) -> Target:
    person = Person(desk.google, OFFICER)
    return Target(desk.key("drive.file"), subject=OFFICER, put_chip=person.chip)


def left(desk: Desk) -> list[str]:
    """Return the names of files and folders that were made and are not in the trash."""
    world = desk.google.world
    made = [file for file in world.files.values() if file.mime_type in {SPREADSHEET, FOLDER} and file.properties]
    assert made
    return [file.name for file in made if not world.is_trashed(file.id)]


@pytest.mark.parametrize("way", [as_a_person, as_a_service_account, as_somebody_else])
def test_the_season_on_google_equals_the_one_on_local_workbooks_and_leaves_nothing(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str], way: Way
) -> None:
    with cleared(Ring(tmp_path / "google", capfd, way(desk))) as ring:
        on_google = ring.play()
        assert left(desk)
    assert left(desk) == []
    assert on_google == Ring(tmp_path / "local", capfd).play()
    assert len(on_google["units"]) == 3


def test_a_season_that_fails_leaves_nothing_either(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.google.fail(("POST", r":batchUpdate$"), Fault.answer(errors.sheets_forbidden()), times=99, after=5)
    with pytest.raises(CchcError), cleared(Ring(tmp_path / "google", capfd, as_a_person(desk))) as ring:
        ring.play()
    assert left(desk) == []


def test_a_workbook_that_was_not_closed_is_noticed(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with cleared(Ring(tmp_path / "google", capfd, as_a_person(desk))) as ring:
        ring.run("provision", problems=frozenset({"no_address"}))
        assert set(ring.open_inputs().values()) != {0}
        with pytest.raises(AssertionError):
            ring._check_closed()


@pytest.mark.parametrize(
    ("environment", "reason"),
    [({}, "set CCHC_LIVE_CREDENTIALS"), ({"CCHC_LIVE_CREDENTIALS": "credentials.json", "CI": "1"}, "never run by CI")],
)
def test_the_live_season_is_skipped_with_its_reason(environment: dict[str, str], reason: str) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in {"CCHC_LIVE_CREDENTIALS", "CI"}}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", str(Path(__file__).with_name("live"))]
    done = subprocess.run(
        command, env=clean | environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0
    assert "1 skipped" in done.stdout
    assert reason in done.stdout
