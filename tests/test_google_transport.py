"""How Google is asked: never twice by mistake, never for ever, never a secret told, and every wait announced."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.credentials import Credentials
from google_server import errors
from scripted_google import (
    CREATE,
    DRIVE,
    FILL,
    READ,
    SHEET,
    Desk,
    Handler,
    ToServer,
    answers,
    cuts,
    refused,
    refuses,
    scripted_desk,
    stays_silent,
    truncates,
)

from cchc_sheets.workspace.google_pace import Pace
from cchc_sheets.workspace.google_refusals import AnswerLost
from cchc_sheets.workspace.google_transport import Call


@pytest.fixture
def desk() -> Iterator[Desk]:
    with scripted_desk() as desk:
        yield desk


def test_a_body_goes_out_as_compact_utf_8(desk: Desk) -> None:
    desk.transport().call(CREATE)
    sent = desk.server.received[0]
    assert sent.body == '{"name":"Phiếu tự chấm điểm"}'.encode()
    assert sent.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert (sent.method, sent.path) == ("POST", "/drive/v3/files")


def test_a_number_goes_out_with_exactly_its_digits(desk: Desk) -> None:
    desk.transport().call(Call("POST", SHEET, "write", body={"points": Decimal("0.10")}))
    assert desk.server.received[0].body == b'{"points":0.10}'


def test_parameters_go_into_the_address_and_a_request_without_body_has_none(desk: Desk) -> None:
    desk.transport().call(Call("GET", DRIVE, "drive", params={"q": "trashed=false", "pageSize": "1000"}))
    sent = desk.server.received[0]
    assert sent.path == "/drive/v3/files?q=trashed%3Dfalse&pageSize=1000"
    assert sent.body == b""
    assert "Content-Type" not in sent.headers


def test_a_number_with_a_fraction_arrives_exactly(desk: Desk) -> None:
    desk.server.plays(answers(200, b'{"points": 0.1, "many": 12345678901234567.25, "row": 7}'))
    assert desk.transport().call(READ) == {
        "points": Decimal("0.1"),
        "many": Decimal("12345678901234567.25"),
        "row": 7,
    }


def test_half_a_character_in_an_answer_is_made_a_visible_mark_and_a_pair_the_one_character(desk: Desk) -> None:
    desk.server.plays(
        answers(200, b'{"note": "x \\ud800", "stringValue": "\\ud83d\\ude00", "a\\u0000": ["\xed\xa0\x80"]}')
    )
    answer = desk.transport().call(READ)
    assert answer == {"note": "x \ufffd", "stringValue": "😀", "a\ufffd": ["\ufffd\ufffd\ufffd"]}


def test_an_answer_without_content_is_empty(desk: Desk) -> None:
    desk.server.plays(answers(204, b""), answers(200, b""))
    transport, delete = desk.transport(), Call("DELETE", f"{DRIVE}/1A/permissions/2", "drive")
    assert [transport.call(delete), transport.call(delete)] == [{}, {}]


def test_requests_are_counted_by_kind_repeated_ones_included(desk: Desk) -> None:
    desk.server.plays(answers(503))
    transport = desk.transport()
    transport.call(READ)
    transport.call(FILL)
    assert transport.sent == {"read": 2, "write": 1}
    assert (transport.left("read"), transport.left("write"), transport.left("drive")) == (53, 54, 600)


def test_google_is_given_the_time_that_it_asks_for_and_the_person_is_told(desk: Desk) -> None:
    desk.server.plays(refuses(errors.sheets_rate("read"), Retry_After="23"))
    assert desk.transport().call(READ) == {}
    assert desk.hours.slept == [23.5]
    assert desk.told == ["Google asks us to wait 24 s: Google's limit of requests a minute is used up"]


def test_a_date_to_wait_for_counts_from_the_date_of_the_answer(desk: Desk) -> None:
    def until_a_date(handler: Handler) -> None:
        handler.send_response_only(503)
        handler.send_header("Date", "Wed, 01 Jan 2020 07:00:00 GMT")  # as if our own clock were years ahead
        handler.send_header("Retry-After", "Wed, 01 Jan 2020 07:00:40 GMT")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    desk.server.plays(until_a_date)
    desk.transport().call(READ)
    assert desk.hours.slept == [40.5]


def test_a_used_up_minute_is_waited_out_whole(desk: Desk) -> None:
    desk.server.plays(refuses(errors.sheets_rate("write")))
    desk.transport(chance=lambda: 0.0).call(FILL)
    desk.server.plays(refuses(errors.drive_rate(429)))
    desk.transport(chance=lambda: 1.0).call(CREATE)
    assert desk.hours.slept == [61, 65]


def test_nonsense_in_retry_after_is_passed_over(desk: Desk) -> None:
    desk.server.plays(*(answers(503, Retry_After=value) for value in ("soon", "-5", "1e9", "", "²")))
    desk.transport().call(READ)
    assert desk.hours.slept == [2.5, 4.5, 8.5, 16.5, 32.5]


def test_waits_grow_to_a_ceiling_and_end_with_the_last_refusal(desk: Desk) -> None:
    desk.server.plays(*[answers(503)] * 50)
    started = desk.hours.now
    refusal = refused(desk.transport())
    assert desk.hours.slept[:7] == [2.5, 4.5, 8.5, 16.5, 32.5, 64, 64]
    assert 500 < desk.hours.now - started <= 600
    assert refusal.code == "unavailable"
    tries = len(desk.server.received)
    assert refusal.what.said_in("en") == (
        f"Google's service is out of order at the moment (status 503) (tried {tries} times)"
    )
    assert len(desk.told) == tries - 1


def test_a_wait_beyond_our_patience_is_not_begun(desk: Desk) -> None:
    desk.server.plays(answers(503, Retry_After="86400"))
    assert refused(desk.transport()).code == "unavailable"
    assert desk.hours.slept == []


def test_no_two_waits_need_be_alike(desk: Desk) -> None:
    desk.server.plays(answers(503), answers(503))
    lots = iter([0.25, 0.75])
    desk.transport(chance=lambda: next(lots)).call(READ)
    assert desk.hours.slept == [2.25, 4.75]


PASSING = {
    "quota": refuses(errors.sheets_rate("read")),
    "Drive's quota of a user": refuses(errors.drive_user_rate()),
    "Drive's quota": refuses(errors.drive_rate()),
    "408": answers(408, b""),
    "500": refuses(errors.drive_backend()),
    "502 in HTML": answers(502, b"<html><title>Error 502 (Server Error)!!1</title>"),
    "503": refuses(errors.sheets_unavailable()),
    "504": answers(504, b""),
    "reset": cuts,
    "truncated": truncates,
    "half a JSON": answers(200, b'{"spreadsheetId": "1A'),
    "not even JSON": answers(200, b"\xff\xfe<html>"),
    "no object": answers(200, b"[1]"),
    "nothing": answers(200, b""),
}
UNDONE = ("quota", "Drive's quota of a user", "Drive's quota")


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_repeated(desk: Desk, fault: str) -> None:
    desk.server.plays(PASSING[fault], PASSING[fault], answers(200, {"done": True}))
    assert desk.transport().call(FILL) == {"done": True}
    assert len(desk.server.received) == 3
    assert len(desk.told) == len(desk.hours.slept) == 2


@pytest.mark.parametrize("fault", [fault for fault in PASSING if fault not in UNDONE])
def test_what_may_have_been_done_is_never_sent_twice_blindly(desk: Desk, fault: str) -> None:
    desk.server.plays(PASSING[fault])
    with pytest.raises(AnswerLost) as caught:
        desk.transport().call(CREATE)
    assert len(desk.server.received) == 1
    assert desk.hours.slept == []
    assert caught.value.refusal.leaves_doubt


@pytest.mark.parametrize("fault", UNDONE)
def test_a_refused_quota_means_that_nothing_was_done(desk: Desk, fault: str) -> None:
    desk.server.plays(PASSING[fault], answers(200, {"id": "1A"}))
    assert desk.transport().call(CREATE) == {"id": "1A"}


def test_a_silent_server_is_not_waited_for_for_ever(desk: Desk) -> None:
    hasty = Pace(timeout=(5, 1))
    desk.server.plays(stays_silent, answers(200, {"done": True}))
    assert desk.transport(hasty).call(FILL) == {"done": True}
    desk.server.plays(stays_silent)
    with pytest.raises(AnswerLost) as caught:
        desk.transport(hasty).call(CREATE)
    assert caught.value.refusal.code == "timeout"


def test_every_request_has_a_time_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    send = ToServer.send

    def noting(adapter: ToServer, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        asked.append(kwargs["timeout"])
        return send(adapter, request, **kwargs)

    monkeypatch.setattr(ToServer, "send", noting)
    for call in (READ, FILL, CREATE):
        desk.transport().call(call)
    assert asked == [(10, 190)] * 3


def test_a_request_that_never_left_may_be_sent_again(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        desk.session.mount("https://", ToServer(nobody))
        transport = desk.transport()

        def cable_in_again(seconds: float) -> None:
            desk.hours.now += seconds
            desk.session.mount("https://", ToServer(desk.server.url))

        transport._sleep = cable_in_again
        assert transport.call(CREATE) == {}
    assert desk.told == ["trying again in 3 s: Google cannot be reached from this computer"]


def test_a_pulled_cable_is_told_soon_unless_work_is_in_hand(desk: Desk) -> None:
    reachable = desk.session.get_adapter("https://")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = ToServer(f"http://127.0.0.1:{taken.getsockname()[1]}")
        desk.session.mount("https://", nobody)
        transport = desk.transport()
        assert refused(transport).code == "offline"
        assert sum(desk.hours.slept) <= 20
        desk.session.mount("https://", reachable)
        transport.call(READ)
        desk.session.mount("https://", nobody)
        desk.hours.slept.clear()
        refused(transport)
        assert sum(desk.hours.slept) > 500


def test_without_patience_the_first_refusal_is_told(desk: Desk) -> None:
    desk.server.plays(answers(503))
    assert refused(desk.transport(Pace(patience=timedelta(0)))).what.said_in("en") == (
        "Google's service is out of order at the moment (status 503)"
    )
    assert len(desk.server.received) == 1


FINAL = [
    errors.sharing_rate(),
    errors.sa_no_quota(),
    errors.user_full(),
    errors.drive_daily_limit(),
    errors.api_off("sheets"),
    errors.api_off("drive"),
    errors.scope_insufficient("sheets"),
    errors.sheets_forbidden(),
    errors.drive_forbidden("1A"),
    errors.drive_not_found("1A"),
    errors.protected(),
    errors.unauthenticated("drive"),
    errors.domain_policy(),
]


@pytest.mark.parametrize("error", FINAL, ids=[error.body["error"]["message"][:40] for error in FINAL])
def test_a_final_refusal_is_not_repeated(desk: Desk, error: errors.GoogleError) -> None:
    desk.server.plays(refuses(error))
    refusal = refused(desk.transport(), FILL)
    assert refusal.status == error.status
    assert not refusal.may_pass
    assert len(desk.server.received) == 1
    assert desk.told == []


def test_a_used_up_day_is_not_waited_for(desk: Desk) -> None:
    error = errors.sheets_rate("read")
    error.body["error"]["details"][0]["metadata"]["quota_limit"] = "ReadRequestsPerDayPerProject"
    desk.server.plays(refuses(error))
    assert refused(desk.transport()).code == "daily_limit"
    assert desk.hours.slept == []


@pytest.mark.parametrize(
    "body", [b'{"error": "no"}', b'{"error": {}}', b'{"error": []}', b"{}", b"null", b"", b"<html>"]
)
def test_no_body_is_too_odd_to_be_a_refusal(desk: Desk, body: bytes) -> None:
    desk.server.plays(answers(400, body))
    refusal = refused(desk.transport())
    assert (refusal.status, refusal.code) == (400, "invalid_request")


def test_nobody_is_followed_to_another_address(desk: Desk) -> None:
    desk.server.plays(answers(307, b"", Location=f"{desk.server.url}/login"), answers(200, {"id": "stolen"}))
    refusal = refused(desk.transport(), CREATE)
    assert refusal.code == "intercepted"
    assert len(desk.server.received) == 1


def test_a_refusal_names_the_page_where_a_person_finds_the_file(desk: Desk) -> None:
    desk.server.plays(*[refuses(errors.sheets_forbidden())] * 4)
    transport = desk.transport()
    assert refused(transport, FILL).where == "https://docs.google.com/spreadsheets/d/1AbC-dEf_9"
    on_drive = Call("GET", f"{DRIVE}/2xYz/permissions", "drive")
    assert refused(transport, on_drive).where == "https://drive.google.com/open?id=2xYz"
    assert refused(transport, CREATE).where == ""
    assert refused(transport, Call("GET", SHEET, "read", where="xã Tây Sơn")).where == "xã Tây Sơn"


def test_ctrl_c_is_obeyed_at_once(desk: Desk) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    desk.server.plays(answers(503))
    transport = desk.transport()
    transport._sleep = interrupted
    with pytest.raises(KeyboardInterrupt):
        transport.call(READ)
    assert len(desk.server.received) == 1


def test_a_fault_of_the_program_keeps_its_traceback(desk: Desk) -> None:
    with pytest.raises(TypeError):
        desk.transport().call(Call("POST", SHEET, "write", body={"cell": object()}))


def signed_in(desk: Desk, token_server: str) -> AuthorizedSession:
    """A person's session whose token Google refuses, and that asks `token_server` for a new one."""
    keys = {"token": "ya29.stale-token", "refresh_token": "1//refresh-token", "expiry": "2099-01-01T00:00:00Z"}
    client = {"client_id": "client", "client_secret": "GOCSPX-secret"}
    credentials = Credentials.from_authorized_user_info(keys | client)  # type: ignore[no-untyped-call]
    tokens = requests.Session()
    tokens.trust_env = False
    tokens.mount("https://", ToServer(token_server))
    session = AuthorizedSession(credentials, auth_request=Request(tokens))  # type: ignore[no-untyped-call]
    session.trust_env = False
    session.mount("https://", ToServer(desk.server.url))
    return session


def test_a_stale_token_is_renewed_and_the_request_sent_with_the_new_one(desk: Desk) -> None:
    desk.server.plays(
        refuses(errors.unauthenticated("sheets")),
        answers(200, {"access_token": "ya29.fresh", "expires_in": 3599, "token_type": "Bearer"}),
        answers(200, {"id": "1A"}),
    )
    with signed_in(desk, desk.server.url) as session:
        desk.session = session
        assert desk.transport().call(CREATE) == {"id": "1A"}
    assert [received.path for received in desk.server.received] == ["/drive/v3/files", "/token", "/drive/v3/files"]
    assert desk.server.received[2].headers["authorization"] == "Bearer ya29.fresh"


def test_a_revoked_sign_in_is_told_without_any_secret(desk: Desk) -> None:
    desk.server.plays(refuses(errors.unauthenticated("sheets")), refuses(errors.token_revoked()))
    with signed_in(desk, desk.server.url) as session:
        desk.session = session
        refusal = refused(desk.transport(), CREATE)
    assert refusal.code == "token_revoked"
    told = f"{refusal} {refusal.message} {refusal!r} {desk.told}"
    assert not any(secret in told for secret in ("stale-token", "refresh-token", "GOCSPX", "Bearer"))


def test_a_token_that_cannot_be_had_just_now_leaves_nothing_in_doubt(desk: Desk) -> None:
    desk.server.plays(answers(401), cuts, answers(200))
    with signed_in(desk, desk.server.url) as session:
        desk.session = session
        assert desk.transport().call(CREATE) == {}
    assert len(desk.hours.slept) == 1
