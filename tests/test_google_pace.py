"""The pace: below Google's quotas in every minute, foretold before long work, and proven on the Google of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from google_server import Fault, GoogleServer, Quota
from hypothesis import given
from hypothesis import strategies as st
from scripted_google import CREATE, DRIVE, FILL, READ, SHEETS, Desk, Hours, ToServer, refused, scripted_desk

from cchc_sheets.workspace.google_pace import Limiter, Pace
from cchc_sheets.workspace.google_refusals import AnswerLost
from cchc_sheets.workspace.google_transport import Call


@pytest.fixture
def desk() -> Iterator[Desk]:
    with scripted_desk() as desk:
        yield desk


def test_a_full_minute_is_waited_for_and_announced(desk: Desk) -> None:
    transport = desk.transport(Pace(reads=3))
    for _ in range(7):
        transport.call(READ)
    assert len(desk.hours.slept) == 2
    assert all(60 <= wait < 60.1 for wait in desk.hours.slept)
    assert desk.told == ["waiting 61 s so as not to exceed 3 requests a minute"] * 2


def test_reads_writes_and_drive_have_a_pace_each(desk: Desk) -> None:
    transport = desk.transport(Pace(reads=1, writes=1, drive=1))
    for call in (READ, FILL, CREATE):
        transport.call(call)
    assert desk.hours.slept == []


@given(
    limit=st.integers(1, 12),
    pauses=st.lists(st.floats(0, 40, allow_nan=False), max_size=60),
)
def test_no_minute_ever_holds_more_requests_than_allowed(limit: int, pauses: list[float]) -> None:
    hours, sent = Hours(), []
    limiter = Limiter(Pace(reads=limit), hours.clock)
    for pause in pauses:
        hours.now += pause
        while wait := limiter.take("read"):
            assert 0 < wait <= 60.1
            hours.sleep(wait)
        sent.append(hours.now)
    for first, after in zip(sent, sent[limit:], strict=False):
        assert after - first >= 60


@given(
    limit=st.integers(1, 12),
    before=st.lists(st.floats(0, 30, allow_nan=False), max_size=20),
    count=st.integers(0, 40),
)
def test_the_time_foretold_is_the_time_it_takes(limit: int, before: list[float], count: int) -> None:
    hours = Hours()
    limiter = Limiter(Pace(writes=limit), hours.clock)

    def send() -> None:
        while wait := limiter.take("write"):
            hours.sleep(wait)

    for pause in before:
        hours.now += pause
        send()
    foretold, start = limiter.seconds_for("write", count), hours.now
    left = limiter.left("write")
    for number in range(count):
        send()
        assert number >= left or hours.now == start
    assert hours.now - start == pytest.approx(foretold, abs=0.002)


def test_the_time_needed_is_that_of_the_slower_quota_and_knows_the_running_minute(desk: Desk) -> None:
    transport = desk.transport(Pace(reads=2, writes=2))
    assert transport.time_needed() == timedelta(0)
    assert transport.time_needed(reads=2, writes=2) == timedelta(0)
    assert round(transport.time_needed(reads=2, writes=5).total_seconds()) == 120
    transport.call(FILL)
    assert round(transport.time_needed(writes=2).total_seconds()) == 60


def test_planning_uses_nothing_up() -> None:
    hours = Hours()
    limiter = Limiter(Pace(), hours.clock)
    limiter.seconds_for("write", 500)
    assert limiter.left("write") == 55


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def office(desk: Desk, google: GoogleServer) -> Desk:
    desk.session.headers["Authorization"] = "Bearer user:office@example.gov.vn"
    desk.session.mount("https://", ToServer(google.url))
    return desk


NEW = Call(
    "POST",
    DRIVE,
    "drive",
    params={"fields": "id"},
    body={"name": "Phiếu", "mimeType": "application/vnd.google-apps.spreadsheet"},
    may_repeat=False,
)
RENAME = {"updateSpreadsheetProperties": {"properties": {"locale": "vi_VN"}, "fields": "locale"}}


def write(file: str) -> Call:
    return Call("POST", f"{SHEETS}/{file}:batchUpdate", "write", body={"requests": [RENAME]})


def test_at_our_pace_google_never_refuses(office: Desk, google: GoogleServer) -> None:
    google.quota = Quota(clock=office.hours.clock)
    transport = office.transport()
    file = transport.call(NEW)["id"]
    for _ in range(168):
        transport.call(write(file))
    assert {record.status for record in google.requests(kind="write")} == {200}
    assert sum(office.hours.slept) == pytest.approx(180, abs=1)


def test_somebody_else_using_up_our_quota_is_survived(office: Desk, google: GoogleServer) -> None:
    google.quota = Quota(writes=5, clock=office.hours.clock)
    transport = office.transport()
    file = transport.call(NEW)["id"]
    for _ in range(12):
        transport.call(write(file))
    statuses = [record.status for record in google.requests(kind="write")]
    assert statuses.count(200) == 12
    assert statuses.count(429) == 2
    assert all(61 <= wait <= 65 for wait in office.hours.slept)


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.truncated(), Fault.half_json(), Fault.html_502()])
def test_a_file_is_not_made_twice_when_its_answer_is_lost(office: Desk, google: GoogleServer, fault: Fault) -> None:
    google.fail(("POST", r"/files$"), fault)
    with pytest.raises(AnswerLost):
        office.transport().call(NEW)
    assert google.count(kind="drive", method="POST") == 1


def test_a_disabled_api_is_told_with_the_page_that_enables_it(office: Desk, google: GoogleServer) -> None:
    google.disable("sheets")
    refusal = refused(office.transport(), Call("GET", f"{SHEETS}/1A", "read", params={"fields": "spreadsheetId"}))
    assert refusal.code == "api_disabled"
    assert refusal.what.said_in("en").startswith("Google Sheets API")
    assert "https://console.developers.google.com/apis/api/sheets.googleapis.com" in refusal.fix.said_in("en")
