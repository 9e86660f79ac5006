"""What Google's refusals mean: every recorded body and every broken line told with what to do next."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from google.auth import exceptions as google_auth
from google_server import errors
from google_server.errors import GoogleError
from hypothesis import given
from hypothesis import strategies as st
from scripted_google import Desk, answers, cuts, refused, scripted_desk, truncates

from cchc_sheets.workspace.google_refusal_texts import CODES
from cchc_sheets.workspace.google_refusals import (
    AnswerLost,
    GoogleRefusal,
    refusal,
    refusal_from_answer,
    refusal_from_fault,
)
from cchc_sheets.workspace.google_session import unreachable
from cchc_sheets.workspace.google_token_refusals import Asked


def meaning(error: GoogleError) -> GoogleRefusal:
    return refusal_from_answer(error.status, json.dumps(error.body, ensure_ascii=False).encode(), "phieu")


def invalid(message: str) -> GoogleError:
    return errors.invalid_sheets(message)


RECORDED: list[tuple[GoogleError, str]] = [
    (errors.sa_no_quota(), "service_account_no_quota"),
    (errors.user_full(), "storage_full"),
    (errors.user_full("usageLimits"), "storage_full"),
    (errors.drive_user_rate(), "quota"),
    (errors.drive_rate(403), "quota"),
    (errors.drive_rate(429), "quota"),
    (errors.drive_daily_limit(), "daily_limit"),
    (errors.sheets_rate("read"), "quota"),
    (errors.sheets_rate("write", "project"), "quota"),
    (errors.sheets_forbidden(), "forbidden"),
    (errors.sheets_not_found(), "not_found"),
    (errors.drive_forbidden("1A"), "forbidden"),
    (errors.app_not_authorized("1A"), "app_not_authorized"),
    (errors.membership_required("0A"), "shared_drive_membership"),
    (errors.shared_drive_not_found("0A"), "shared_drive_membership"),
    (errors.drive_not_found("1A"), "not_found"),
    (errors.inherited_permission(), "inherited_access"),
    (errors.shared_drive_restriction(), "invalid_request"),
    (errors.scope_insufficient("sheets"), "scope_missing"),
    (errors.scope_insufficient("drive"), "scope_missing"),
    (errors.api_off("sheets"), "api_disabled"),
    (errors.api_off("drive"), "api_disabled"),
    (errors.protected(), "protected"),
    (errors.protected("Invalid data[0]: "), "protected"),
    (errors.protected("Invalid requests[3].updateCells: "), "protected"),
    (invalid("Estás intentando editar una celda o un objeto protegido."), "protected"),
    (invalid("Bạn đang cố chỉnh sửa một ô hoặc đối tượng được bảo vệ."), "protected"),
    (errors.warning_only_editors("Invalid requests[3].addProtectedRange: "), "invalid_request"),
    (invalid("Unable to parse range: 'Phiếu được bảo vệ'!A1"), "invalid_request"),
    (
        invalid("Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""),
        "invalid_request",
    ),
    (
        invalid("This action would increase the number of cells in the workbook above the limit of 10000000 cells."),
        "too_large",
    ),
    (errors.sharing_rate(), "sharing_limit"),
    (errors.no_google_account("x@y.vn"), "no_google_account"),
    (errors.mail_failed("x@y.vn"), "notification_failed"),
    (errors.acl_change_not_allowed(), "domain_policy"),
    (
        errors.invalid_drive('Bad Request. User message: "Không chia sẻ được."', "invalidSharingRequest"),
        "sharing_refused",
    ),
    (errors.drive_error(403, "publishOutNotPermitted", "Not permitted."), "domain_policy"),
    (errors.drive_error(403, "cannotShareTeamDriveWithNonPermittedUser", "No."), "domain_policy"),
    (errors.domain_policy(), "domain_policy"),
    (
        errors.invalid_drive("The specified emailAddress is invalid or not applicable for the given permission type."),
        "invalid_address",
    ),
    (errors.invalid_query(), "invalid_request"),
    (errors.unauthenticated("drive"), "token_revoked"),
    (errors.unauthenticated("sheets"), "token_revoked"),
    (errors.sheets_unavailable(), "unavailable"),
    (errors.sheets_internal(), "unavailable"),
    (errors.drive_backend(), "unavailable"),
]
TOKENS: list[tuple[GoogleError, str]] = [
    (errors.token_revoked(), "token_revoked"),
    (errors.jwt_out_of_time(), "clock_skew"),
    (errors.jwt_signature(), "key_invalid"),
    (errors.account_not_found(), "account_not_found"),
    (errors.token_error("invalid_grant", "Invalid email or User ID"), "account_not_found"),
    (errors.token_error("invalid_grant", "Bad Request"), "token_revoked"),
    (errors.token_error("invalid_grant", "Something new"), "sign_in_failed"),
    (errors.client_unauthorized(), "delegation_missing"),
    (errors.invalid_client(), "client_invalid"),
    (errors.token_error("deleted_client", "The OAuth client was deleted."), "client_invalid"),
    (errors.token_error("admin_policy_enforced", "No."), "domain_policy"),
    (errors.token_error("never_heard_of", "No."), "sign_in_failed"),
]


@pytest.mark.parametrize(("error", "code"), RECORDED, ids=[code for _, code in RECORDED])
def test_every_recorded_body_has_its_meaning(error: GoogleError, code: str) -> None:
    told = meaning(error)
    assert (told.code, told.status, told.where) == (code, error.status, "phieu")


@pytest.mark.parametrize(("error", "code"), TOKENS, ids=[code for _, code in TOKENS])
def test_every_refused_sign_in_has_its_meaning(error: GoogleError, code: str) -> None:
    """As google-auth raises it: the description in words, and the answer itself."""
    told = refusal_from_fault(google_auth.RefreshError(f"{error.body['error']}: …", error.body), "")  # type: ignore[no-untyped-call]
    assert told.code == code
    assert not told.may_pass


def test_a_session_that_the_workspace_ends_asks_for_a_new_sign_in() -> None:
    body = {"error": "invalid_grant", "error_description": "reauth related error", "error_subtype": "invalid_rapt"}
    assert refusal_from_fault(google_auth.RefreshError("invalid_grant", body), "").code == "token_revoked"  # type: ignore[no-untyped-call]


def test_a_sign_in_without_an_answer_is_told_in_the_words_of_google_auth() -> None:
    told = refusal_from_fault(google_auth.RefreshError("The credentials do not contain the necessary fields"), "")  # type: ignore[no-untyped-call]
    assert told.code == "sign_in_failed"
    assert "necessary fields" in told.what.said_in("en")


def test_a_sign_in_service_out_of_order_may_pass_and_leaves_no_doubt() -> None:
    told = refusal_from_fault(google_auth.RefreshError("server_error", {}, retryable=True), "")  # type: ignore[no-untyped-call]
    assert (told.code, told.may_pass, told.leaves_doubt) == ("sign_in_unavailable", True, False)


def test_google_s_reason_and_words_are_kept() -> None:
    told = meaning(errors.no_google_account("x@y.vn"))
    assert told.reason == "invalidSharingRequest"
    assert told.message.startswith("You are trying to invite x@y.vn.")
    assert meaning(errors.api_off("drive")).reason == "accessNotConfigured"
    assert meaning(errors.sheets_rate("read")).reason == "RATE_LIMIT_EXCEEDED"
    assert meaning(errors.sheets_not_found()).reason == "NOT_FOUND"


def test_a_disabled_api_is_told_with_its_name_and_page() -> None:
    told = meaning(errors.api_off("drive", "77"))
    assert told.what.said_in("en").startswith("Google Drive API")
    page = "https://console.developers.google.com/apis/api/drive.googleapis.com/overview?project=77"
    assert f"open {page} and" in told.fix.said_in("en")


def test_no_page_but_google_s_console_is_recommended() -> None:
    error = errors.api_off("sheets")
    written = json.dumps(error.body).replace(
        "console.developers.google.com", "console.developers.google.com.evil.example"
    )
    told = refusal_from_answer(403, written.encode(), "")
    assert "evil" not in told.fix.said_in("en")
    assert "https://console.cloud.google.com/apis/library" in told.fix.said_in("en")


def test_a_quota_of_a_day_is_not_taken_for_one_of_a_minute() -> None:
    error = errors.sheets_rate("read")
    error.body["error"]["details"][0]["metadata"]["quota_limit"] = "ReadRequestsPerDayPerProject"
    assert (meaning(error).code, meaning(error).may_pass) == ("daily_limit", False)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, b"<html>Access denied by your office's filter</html>", "intercepted"),
        (403, b"", "intercepted"),
        (403, b'{"error": {"code": 403, "mess', "forbidden"),
        (429, b"<html>sorry", "quota"),
        (408, b"", "timeout"),
        (407, b"", "proxy"),
        (502, b"<html>502", "unavailable"),
        (500, b'{"error": null}', "unavailable"),
        (511, b"<html>sign in", "intercepted"),
        (404, b'{"error": []}', "not_found"),
        (400, b'{"error": {"errors": ["x"], "details": [1, {"metadata": 2}]}}', "invalid_request"),
        (401, b"[]", "token_revoked"),
        (418, b"\xff\xfe", "invalid_request"),
    ],
)
def test_a_body_that_says_nothing_is_told_by_its_status(status: int, body: bytes, code: str) -> None:
    assert refusal_from_answer(status, body, "").code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "details", "reason", "metadata", "message", "status"]), inner
        )
    ),
    max_leaves=12,
)


@given(status=st.integers(400, 599), content=JSON)
def test_any_json_is_told_in_three_parts(status: int, content: Any) -> None:
    told = refusal_from_answer(status, json.dumps({"error": content}).encode(), "x")
    for language in ("vi", "en"):
        assert told.what.said_in(language)
        assert told.fix.said_in(language)


@given(status=st.integers(400, 599), body=st.binary(max_size=60))
def test_any_bytes_are_told(status: int, body: bytes) -> None:
    assert refusal_from_answer(status, body, "x").code in CODES


@pytest.mark.parametrize("code", CODES)
def test_every_meaning_has_its_values(code: str) -> None:
    told = refusal(code, "")
    for sentence in (told.what.said_in("en"), told.fix.said_in("en"), told.what.said_in("vi"), told.fix.said_in("vi")):
        assert "{" not in sentence
        assert sentence


@pytest.mark.parametrize(
    "secret",
    [
        "ya29.A0AfB_byC-x_1234567890",
        "1//0gabcdefghijklmnop-xyz",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
        "GOCSPX-abcdefghijklmnopqrst",
    ],
)
def test_nothing_like_a_credential_is_repeated(secret: str) -> None:
    told = meaning(invalid(f"Invalid header: Bearer {secret} and so on"))
    fault = refusal_from_fault(google_auth.RefreshError(f"refused: {secret}"), "")  # type: ignore[no-untyped-call]
    for sentence in (str(told), told.message, str(fault), fault.message):
        assert secret[6:] not in sentence


def test_a_long_tale_is_cut() -> None:
    told = meaning(invalid("rất dài " * 500))
    assert len(told.message) == 300
    assert told.message.endswith("…")


def test_a_lost_answer_says_what_is_not_known_and_why() -> None:
    lost = AnswerLost(refusal("timeout", "Phiếu"))
    assert (lost.code, lost.where) == ("answer_lost", "Phiếu")
    assert lost.what.said_in("en").endswith("Google did not answer in time")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with scripted_desk() as desk:
        yield desk


def fault(session: requests.Session, url: str, **options: Any) -> GoogleRefusal:
    """Return what the exception that this request really raises means."""
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the kind is what is being tested
        session.get(url, **options)
    return refusal_from_fault(caught.value, "x")


def test_a_name_that_is_not_resolved_means_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*_: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    with requests.Session() as session:
        session.trust_env = False
        told = fault(session, "https://sheets.googleapis.com/")
    assert (told.code, told.may_pass, told.leaves_doubt) == ("offline", True, False)


def test_a_closed_door_means_offline_and_a_cut_line_does_not(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert fault(desk.session, f"http://127.0.0.1:{taken.getsockname()[1]}/").code == "offline"
    desk.server.plays(cuts, truncates)
    for _ in range(2):
        told = fault(desk.session, desk.server.url)
        assert (told.code, told.may_pass, told.leaves_doubt) == ("connection_lost", True, True)


def test_a_proxy_that_is_not_there_or_refuses_is_told_as_such(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        told = fault(desk.session, "http://sheets.googleapis.com/", proxies={"http": nobody})
    assert (told.code, told.leaves_doubt) == ("proxy", False)
    desk.server.plays(answers(407, b""))
    with requests.Session() as session:
        session.trust_env = False
        assert fault(session, "https://sheets.googleapis.com/", proxies={"https": desk.server.url}).code == "proxy"
        assert fault(session, "https://sheets.googleapis.com/", proxies={"https": "http://"}).code == "proxy"


@contextmanager
def certified(pem: Path, days: tuple[int, int]) -> Iterator[str]:
    """Lend the address of a server whose certificate, signed by nobody else, holds from a day to another of today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sheets.googleapis.com")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .not_valid_before(today + timedelta(days[0]))
        .not_valid_after(today + timedelta(days[1]))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def greet(listener: socket.socket) -> None:
        visitor, _ = listener.accept()
        with visitor, pytest.raises(ssl.SSLError):
            context.wrap_socket(visitor, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener,))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_an_impostor_is_told_and_never_tried_again(tmp_path: Path) -> None:
    with certified(tmp_path / "server.pem", (-1, 1)) as impostor, requests.Session() as session:
        session.trust_env = False
        told = fault(session, impostor)
    assert (told.code, told.may_pass) == ("tls", False)


@pytest.mark.parametrize("days", [(2, 3), (-3, -2)])
def test_a_clock_by_which_google_s_certificate_does_not_hold_is_what_is_told(
    tmp_path: Path, days: tuple[int, int]
) -> None:
    pem = tmp_path / "server.pem"
    with certified(pem, days) as address, requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError) as failed:
            session.get(address, verify=str(pem), timeout=10)
    told = unreachable(failed.value, Asked(tmp_path / "credentials.json"))
    assert (told.code, told.where) == ("clock_skew", str(tmp_path / "credentials.json"))
    assert told.what.said_in("en") == "the clock of this computer is wrong, and Google takes no sign-in from it"
    assert "set the date, time and time zone" in told.fix.said_in("en")


def test_a_missing_file_of_certificates_is_a_setting_of_this_computer() -> None:
    with requests.Session() as session:
        session.trust_env = False
        told = fault(session, "https://sheets.googleapis.com/", verify="/nowhere.pem")
    assert (told.code, told.may_pass) == ("unsent", False)
    assert "/nowhere.pem" in told.what.said_in("en")


def test_a_token_request_is_told_like_any_other_yet_leaves_no_doubt() -> None:
    lost = requests.exceptions.ConnectionError("Connection aborted.")
    told = refusal_from_fault(google_auth.TransportError(lost), "")  # type: ignore[no-untyped-call]
    assert (told.code, told.may_pass, told.leaves_doubt) == ("sign_in_unavailable", True, False)
    missing = requests.exceptions.ConnectTimeout("no route")
    assert refusal_from_fault(google_auth.TransportError(missing), "").code == "offline"  # type: ignore[no-untyped-call]


def test_what_the_caller_was_handling_does_not_colour_a_new_fault(desk: Desk) -> None:
    """A lost line while handling “offline” is a lost line: taken for “never sent”, it would be sent twice."""
    desk.server.plays(cuts)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        try:
            desk.session.get(f"http://127.0.0.1:{taken.getsockname()[1]}/")
        except requests.exceptions.ConnectionError:
            told = fault(desk.session, desk.server.url)
    assert told.code == "connection_lost"


def test_a_refusal_after_several_tries_counts_them(desk: Desk) -> None:
    desk.server.plays(*[answers(503)] * 60)
    told = refused(desk.transport())
    # Waits of 2.5 + 4.5 + 8.5 + 16.5 + 32.5 s, then 8 of 64 s: 576.5 s; one more would be over ten minutes.
    assert len(desk.server.received) == 14
    assert told.what.said_in("en") == "Google's service is out of order at the moment (status 503) (tried 14 times)"
    assert (told.code, told.status) == ("unavailable", 503)
