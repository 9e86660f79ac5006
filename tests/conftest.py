"""A small office to test with: a cycle of three communes, and its people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from answered_season import answered as play_answers
from demonstration import Demonstration, demonstrated
from google_office import open_office
from google_scenes import Play, played_season
from hypothesis import HealthCheck, settings
from ledger_books import Book
from office import Office, small_cycle
from postgres import PASSWORD, Server, missing, server
from refusal_book import TESTS, listen, refusals, unread
from refusal_book import Book as RefusalBook
from told_season import played
from two_years import TwoYears, play_both
from whole_bounds import TALLY

from cchc_sheets.messages import speak

# No test measures time, and no example is drawn too slowly; in CI, where `CI` is set, examples are always the same.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

_refusals = RefusalBook()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the list of refusals; where CI runs all tests it is printed if it is not empty, and fails the run."""
    parser.addoption("--refusals", action="store_true", help="list the refusals that no test of this run has read")


def pytest_configure() -> None:
    """Hear of every refusal from now on."""
    listen(_refusals)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Know which file's tests are running."""
    _refusals.test = item.path.relative_to(TESTS).as_posix()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what another process of the same run has heard."""
    _refusals.add_rows(getattr(node, "workeroutput", {}).get("refusals", ()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail CI if a refusal is unread after all tests."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["refusals"] = _refusals.as_rows()
    elif _is_whole(session.config) and session.exitstatus == 0 and any(unread(_refusals, refusals())):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how much the tests of the whole have played; list the refusals that no test has read."""
    if TALLY:
        terminalreporter.write_line("; ".join(f"{count} {what}" for what, count in sorted(TALLY.items())))
    if not (config.getoption("--refusals") or _is_whole(config)):
        return
    for title, found in zip(("met by no test", "met, but not asked for"), unread(_refusals, refusals()), strict=True):
        if found:
            terminalreporter.section(f"{len(found)} refusals {title}")
            terminalreporter.write("".join(f"{one}\n" for one in found))


def _is_whole(config: pytest.Config) -> bool:
    """Whether CI runs all tests: there every program is present that some of them are skipped without."""
    is_part = config.option.keyword or config.option.markexpr or config.args != config.getini("testpaths")
    return "CI" in os.environ and not is_part


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    """Let every test begin in the language of the program, whichever the last one asked for."""
    speak("vi")
    yield
    speak("vi")


@pytest.fixture
def office(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """Lend an office with a small checked cycle; nothing has been provisioned yet.

    Its workbooks are local; tests marked `on_both` and `on_google` ask for others by a parameter.
    """
    if getattr(request, "param", "local") == "local":
        yield Office(small_cycle(tmp_path / "cycle"), capfd)
        return
    with open_office(tmp_path / "cycle", capfd, monkeypatch) as google:
        yield google


@pytest.fixture
def provisioned(office: Office) -> Office:
    """Return an office whose communes have their workbooks."""
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    return office


@pytest.fixture
def filled(provisioned: Office) -> Office:
    """Return an office whose communes have all filled in their workbooks without a mistake."""
    for unit in provisioned.UNITS:
        provisioned.fill_in(unit)
    return provisioned


@pytest.fixture
def collected(filled: Office) -> Office:
    """Return an office that has collected every commune at the deadline."""
    assert filled.run("collect", now=filled.AFTER).exit_code == 0
    return filled


@pytest.fixture
def appraised(collected: Office) -> Office:
    """Return an office whose departments have agreed to everything and whose survey is in."""
    assert collected.run("appraise", now=collected.AFTER).exit_code == 0
    collected.agree_to_everything()
    assert collected.run("appraise", now=collected.AFTER).exit_code == 0
    collected.write_survey()
    assert collected.run("survey", now=collected.AFTER).exit_code == 0
    return collected


@pytest.fixture
def make_office(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[[str], Office]:
    """Return a maker of further offices, by the name of their folder."""
    return lambda name: Office(small_cycle(tmp_path / name), capfd)


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Lend the season on Google, played once; tests go back to any of its scenes."""
    with played_season(tmp_path_factory.mktemp("play")) as play:
        yield play


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lend the folder of a season in which everything happens, played once; tests that change it take a copy."""
    return played(tmp_path_factory.mktemp("told") / "cycle")


@pytest.fixture(scope="session")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lend the folder of a season whose survey is measured from answers, played once; who changes it takes a copy."""
    return play_answers(tmp_path_factory.mktemp("answered") / "cycle")


@pytest.fixture
def told_copy(told: Path, tmp_path: Path) -> Path:
    """Lend a copy of that folder to be changed."""
    return Path(shutil.copytree(told, tmp_path / "told"))


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Lend the folder of the demo, run once as a process of its own, with what it printed; nothing may change it."""
    return demonstrated(tmp_path_factory.mktemp("demonstration") / "cycle")


@pytest.fixture(scope="session")
def played_years() -> dict[str, TwoYears]:
    """Remember the two seasons once they were played."""
    return {}


@pytest.fixture
def years(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
    played_years: dict[str, TwoYears],
) -> TwoYears:
    """Return two seasons one after the other, 2022 published and 2023 decided; played once and copied."""
    if "both" not in played_years:
        played_years["both"] = play_both(tmp_path_factory.mktemp("years"), capfd)
    return played_years["both"].copy(tmp_path / "years", capfd)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Lend a PostgreSQL server; whoever asks for it is skipped, with the reason, where none can be started."""
    if missing():
        pytest.skip(missing())
    with server() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """Return where a ledger can be begun: a file, and a database of its own on a real server."""
    if request.param == "sqlite":
        return Book.of(tmp_path / "ledger.db")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    started: Server = request.getfixturevalue("postgres")
    return Book(started.new_database())
