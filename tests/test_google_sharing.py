"""Who may open a spreadsheet: given once, seen truly, taken away; and every refusal told with the address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from google_server import Fault, GoogleServer, errors
from google_server.errors import GoogleError
from google_server.log import Record
from google_server.world import FOLDER, SPREADSHEET, DriveFile, Permission
from scripted_google import answers, refuses, scripted_desk

from cchc_sheets.errors import CchcError, WorkbookUnreadable
from cchc_sheets.workspace.google_access import open_access
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_refusals import AnswerLost, GoogleRefusal
from cchc_sheets.workspace.google_sharing import GoogleSharing
from cchc_sheets.workspace.google_transport import GoogleTransport

OFFICE = "office@example.gov.vn"
COMMUNE = "ubnd@xa.example.gov.vn"
INHERITED = " has its access from the Shared Drive or folder; it cannot be taken away here"
UNIT = "units/tay-an"
SHARE = ("POST", "/permissions$")


@dataclass
class Desk:
    """The office at its desk, with one spreadsheet."""

    server: GoogleServer
    file: DriveFile
    slept: list[float]

    @property
    def sharing(self) -> GoogleSharing:
        access = open_access(None, emulator=Emulator(self.server.url, OFFICE))
        transport = GoogleTransport(access.session, sleep=self.slept.append)
        return GoogleSharing(transport, {UNIT: self.file.id, "gone": "1gone"}.__getitem__)

    def people(self) -> dict[str, str]:
        return dict(self.sharing.people([UNIT])[UNIT])

    def shares(self) -> int:
        return self.server.count(method="POST")

    def refusal(self, address: str = COMMUNE, *, notify: bool = False) -> CchcError:
        with pytest.raises(CchcError) as caught:
            self.sharing.admit(UNIT, address, "writer", notify=notify)
        return caught.value


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        server.world.add_user(COMMUNE)
        yield server
    assert server.violations == []


@pytest.fixture
def desk(server: GoogleServer) -> Desk:
    world = server.world
    return Desk(server, world.add_file("Phiếu", SPREADSHEET, OFFICE, parents=[world.root_of(OFFICE)]), [])


@pytest.fixture
def shared_drive_desk(server: GoogleServer) -> Desk:
    members = {OFFICE: "organizer", "to-truong@example.gov.vn": "writer"}
    drive = server.world.add_shared_drive("CCHC", members)
    return Desk(server, server.world.add_file("Phiếu", SPREADSHEET, OFFICE, parents=[drive.id]), [])


def test_the_owner_is_shown_as_the_office_and_everybody_else_with_what_they_may(desk: Desk) -> None:
    desk.sharing.admit(UNIT, COMMUNE, "writer")
    desk.sharing.admit(UNIT, "pct@example.gov.vn", "reader")
    assert desk.people() == {OFFICE: "office", COMMUNE: "writer", "pct@example.gov.vn": "reader"}


def test_a_spreadsheet_that_is_open_to_the_world_shows_it(desk: Desk) -> None:
    for permission in (Permission("anyone", "reader"), Permission("domain", "writer", "example.gov.vn")):
        desk.file.permissions[permission.id] = permission
    assert desk.people() == {OFFICE: "office", "*anyone*": "reader", "*domain example.gov.vn*": "writer"}


def test_members_of_the_shared_drive_are_the_office(shared_drive_desk: Desk) -> None:
    assert shared_drive_desk.people() == {OFFICE: "office", "to-truong@example.gov.vn": "office"}


def test_a_link_that_a_folder_above_gives_to_everyone_is_shown(desk: Desk) -> None:
    world = desk.server.world
    folder = world.add_file("Thư mục", FOLDER, OFFICE, parents=[world.root_of(OFFICE)])
    desk.file.parents = [folder.id]
    open_to_all = Permission("anyone", "reader")
    folder.permissions[open_to_all.id] = open_to_all
    assert desk.people()["*anyone*"] == "reader"


def test_more_people_than_fit_one_page_are_all_shown(shared_drive_desk: Desk) -> None:
    for number in range(150):
        permission = Permission("user", "writer", f"xa{number}@example.gov.vn")
        shared_drive_desk.file.permissions[permission.id] = permission
    assert len(shared_drive_desk.people()) == 152
    assert shared_drive_desk.server.count(operation="drive.permissions.list") == 2


def test_looking_takes_one_request_for_each_workbook(desk: Desk) -> None:
    desk.people()
    assert desk.server.count() == 1


def test_a_deleted_account_has_no_access_and_a_hidden_one_is_not_passed_over() -> None:
    page = {
        "permissions": [
            {"id": "1", "type": "user", "role": "writer", "emailAddress": "cu@x.vn", "deleted": True},
            {"id": "2", "type": "user", "role": "commenter"},
        ]
    }
    with scripted_desk() as scripted:
        scripted.server.plays(answers(200, page))
        sharing = GoogleSharing(scripted.transport(), lambda _: "1A")
        assert sharing.people([UNIT]) == {UNIT: {"*hidden 2*": "commenter"}}


def test_a_file_that_is_gone_is_a_missing_workbook(desk: Desk) -> None:
    with pytest.raises(WorkbookUnreadable) as caught:
        desk.sharing.people(["gone"])
    assert caught.value.code == "missing"


def test_giving_access_is_one_request_and_sends_no_mail(desk: Desk) -> None:
    assert desk.sharing.admit(UNIT, COMMUNE, "writer") == COMMUNE
    assert desk.server.count() == 1
    assert desk.server.world.mails == []


def test_a_mail_goes_out_only_when_asked_for_and_in_vietnamese(desk: Desk) -> None:
    desk.sharing.admit(UNIT, COMMUNE, "writer", notify=True)
    assert desk.server.world.mails == [(COMMUNE, desk.file.id)]
    (request,) = desk.server.requests(operation="drive.permissions.create")
    assert request.query["emailMessage"][0]


def test_capitals_in_an_address_do_not_make_another_person(desk: Desk) -> None:
    desk.sharing.admit(UNIT, COMMUNE, "writer")
    assert desk.sharing.admit(UNIT, COMMUNE.upper(), "writer") == COMMUNE
    assert desk.people() == {OFFICE: "office", COMMUNE: "writer"}


@pytest.mark.parametrize(("before", "after"), [("writer", "reader"), ("reader", "writer")])
def test_who_has_another_role_gets_the_one_that_is_wanted(desk: Desk, before: str, after: str) -> None:
    permission = Permission("user", before, COMMUNE)
    desk.file.permissions[permission.id] = permission
    desk.sharing.admit(UNIT, COMMUNE, "reader" if after == "reader" else "writer")
    assert desk.people() == {OFFICE: "office", COMMUNE: after}


def test_the_owner_stays_the_owner_when_given_less(desk: Desk) -> None:
    assert desk.sharing.admit(UNIT, OFFICE, "writer") == OFFICE
    assert desk.people() == {OFFICE: "office"}


def test_a_group_is_given_access_like_a_person(desk: Desk) -> None:
    desk.server.world.add_user("can-bo@xa.example.gov.vn", is_group=True, members={COMMUNE})
    desk.sharing.admit(UNIT, "can-bo@xa.example.gov.vn", "writer")
    assert desk.people() == {OFFICE: "office", "can-bo@xa.example.gov.vn": "writer"}
    assert desk.server.world.role(desk.file.id, COMMUNE) == "writer"


def test_an_alias_is_told_by_the_name_it_is_listed_under() -> None:
    person = {"id": "7", "type": "user", "role": "writer", "emailAddress": "Chinh@x.example.gov.vn"}
    with scripted_desk() as scripted:
        scripted.server.plays(answers(200, person))
        sharing = GoogleSharing(scripted.transport(), lambda _: "1A")
        assert sharing.admit(UNIT, "bidanh@x.example.gov.vn", "writer") == "chinh@x.example.gov.vn"
        assert len(scripted.server.received) == 1


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.truncated(), Fault.half_json()], ids=lambda f: f.kind)
def test_a_share_whose_answer_was_lost_is_looked_for_and_not_sent_twice(desk: Desk, fault: Fault) -> None:
    desk.server.fail(SHARE, fault)
    assert desk.sharing.admit(UNIT, COMMUNE, "writer", notify=True) == COMMUNE
    assert desk.shares() == 1
    assert desk.server.world.mails == [(COMMUNE, desk.file.id)]
    assert desk.people() == {OFFICE: "office", COMMUNE: "writer"}


def test_a_lost_answer_about_someone_in_another_role_ends_in_the_wanted_role(desk: Desk) -> None:
    permission = Permission("user", "writer", COMMUNE)
    desk.file.permissions[permission.id] = permission
    desk.server.fail(SHARE, Fault.reset_after())
    desk.sharing.admit(UNIT, COMMUNE, "reader")
    assert desk.people()[COMMUNE] == "reader"


def test_a_share_that_never_arrived_is_sent_again(desk: Desk) -> None:
    desk.server.fail(SHARE, Fault.reset_before())
    desk.sharing.admit(UNIT, COMMUNE, "writer")
    assert desk.people() == {OFFICE: "office", COMMUNE: "writer"}


def test_a_share_that_never_arrives_ends_with_the_word_that_nobody_knows(desk: Desk) -> None:
    desk.server.fail(SHARE, Fault.reset_before(), times=99)
    with pytest.raises(AnswerLost):
        desk.sharing.admit(UNIT, COMMUNE, "writer")
    assert desk.shares() == 3


def test_taking_away_survives_a_lost_answer(desk: Desk) -> None:
    desk.sharing.admit(UNIT, COMMUNE, "writer")
    desk.server.fail(("DELETE", "/permissions/"), Fault.reset_after())
    desk.sharing.dismiss(UNIT, COMMUNE)
    assert desk.people() == {OFFICE: "office"}


@pytest.mark.parametrize(
    ("answer", "code", "remedy"),
    [
        (errors.no_google_account(COMMUNE), "no_google_account", "share --notify"),
        (errors.acl_change_not_allowed(), "domain_policy", "administrator"),
        (errors.domain_policy(), "domain_policy", "administrator"),
        (errors.drive_error(403, "publishOutNotPermitted", "No."), "domain_policy", "administrator"),
        (
            errors.drive_error(403, "cannotShareTeamDriveWithNonPermittedUser", "No."),
            "domain_policy",
            "administrator",
        ),
        (errors.sharing_rate(), "sharing_limit", "tomorrow"),
        (
            errors.invalid_drive('Bad Request. User message: "Lo sentimos."', "invalidSharingRequest"),
            "sharing_refused",
            "share --check",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refusal_names_the_address_and_the_remedy_and_is_not_repeated(
    desk: Desk, answer: GoogleError, code: str, remedy: str
) -> None:
    desk.server.fail(SHARE, Fault.answer(answer), times=99)
    refusal = desk.refusal()
    assert refusal.code == code
    assert COMMUNE in refusal.what.said_in("en")
    assert refusal.where == COMMUNE
    assert re.search(remedy, refusal.fix.said_in("en"))
    assert desk.shares() == 1
    assert desk.slept == []


def test_words_of_google_that_we_do_not_know_are_passed_on(desk: Desk) -> None:
    answer = errors.invalid_drive('Bad Request. User message: "Không chia sẻ được."', "invalidSharingRequest")
    desk.server.fail(SHARE, Fault.answer(answer))
    assert "Không chia sẻ được." in desk.refusal().what.said_in("vi")


def test_an_address_that_cannot_be_is_refused_by_name(desk: Desk) -> None:
    refusal = desk.refusal("ubnd@@xa")
    assert (refusal.code, refusal.where) == ("invalid_address", "ubnd@@xa")


def test_an_address_without_google_account_is_invited_when_mails_are_asked_for(desk: Desk) -> None:
    stranger = "canbo@thu-dien-tu.vn"
    assert desk.refusal(stranger).code == "no_google_account"
    desk.sharing.admit(UNIT, stranger, "writer", notify=True)
    assert desk.people() == {OFFICE: "office", stranger: "writer"}
    assert desk.server.world.mails == [(stranger, desk.file.id)]


def test_access_that_was_given_although_the_mail_failed_counts_as_given(desk: Desk) -> None:
    desk.server.world.add_user(COMMUNE, mail_bounces=True)
    assert desk.sharing.admit(UNIT, COMMUNE, "writer", notify=True) == COMMUNE
    assert desk.shares() == 1
    assert desk.people()[COMMUNE] == "writer"


def test_a_failed_mail_without_access_is_told(desk: Desk) -> None:
    desk.server.fail(SHARE, Fault.answer(errors.mail_failed(COMMUNE)))
    assert desk.refusal(notify=True).code == "notification_failed"
    assert desk.shares() == 1


def test_what_is_not_about_sharing_keeps_its_own_words(desk: Desk) -> None:
    desk.server.fail(SHARE, Fault.answer(errors.drive_forbidden(desk.file.id)))
    refusal = desk.refusal()
    assert isinstance(refusal, GoogleRefusal)
    assert refusal.code == "forbidden"


def test_access_is_taken_away_from_people_from_everyone_and_from_a_domain(desk: Desk) -> None:
    for permission in (
        Permission("anyone", "reader"),
        Permission("domain", "reader", "example.gov.vn"),
        Permission("user", "writer", COMMUNE),
    ):
        desk.file.permissions[permission.id] = permission
    for address in ("*anyone*", "*domain example.gov.vn*", COMMUNE.upper()):
        desk.sharing.dismiss(UNIT, address)
    assert desk.people() == {OFFICE: "office"}


def test_taking_away_what_is_not_there_changes_nothing(desk: Desk) -> None:
    desk.sharing.dismiss(UNIT, COMMUNE)
    assert desk.server.count() == 1


def test_access_that_somebody_else_took_away_first_is_away(desk: Desk) -> None:
    desk.sharing.admit(UNIT, COMMUNE, "writer")

    def taken_away_meanwhile(record: Record) -> bool:
        if record.method != "DELETE":
            return False
        desk.file.permissions = {key: one for key, one in desk.file.permissions.items() if one.target != COMMUNE}
        return True

    desk.server.fail(taken_away_meanwhile, Fault.answer(errors.permission_not_found("7")))
    desk.sharing.dismiss(UNIT, COMMUNE)
    assert desk.people() == {OFFICE: "office"}


def test_a_file_that_google_does_not_find_for_a_moment_is_not_taken_for_access_that_is_away(desk: Desk) -> None:
    desk.sharing.admit(UNIT, COMMUNE, "writer")
    desk.server.fail(("DELETE", "/permissions/"), Fault.answer(errors.drive_not_found(desk.file.id)))
    with pytest.raises(CchcError) as caught:
        desk.sharing.dismiss(UNIT, COMMUNE)
    assert caught.value.code == "not_found"
    assert desk.people()[COMMUNE] == "writer"
    desk.sharing.dismiss(UNIT, COMMUNE)
    assert desk.people() == {OFFICE: "office"}


def test_the_owner_is_never_taken_away(desk: Desk) -> None:
    with pytest.raises(CchcError) as caught:
        desk.sharing.dismiss(UNIT, OFFICE)
    assert caught.value.code == "inherited_access"
    assert caught.value.what.said_in("en") == f"{OFFICE}{INHERITED}"
    assert desk.server.count(method="DELETE") == 0


def test_a_link_from_the_folder_above_cannot_be_taken_away_here_and_that_is_told(desk: Desk) -> None:
    world = desk.server.world
    folder = world.add_file("Thư mục", FOLDER, OFFICE, parents=[world.root_of(OFFICE)])
    desk.file.parents = [folder.id]
    open_to_all = Permission("anyone", "reader")
    folder.permissions[open_to_all.id] = open_to_all
    with pytest.raises(CchcError) as caught:
        desk.sharing.dismiss(UNIT, "*anyone*")
    assert (caught.value.code, caught.value.where) == ("inherited_access", "*anyone*")
    assert caught.value.what.said_in("en") == f"*anyone*{INHERITED}"


def test_an_inherited_permission_of_a_shared_drive_is_told_by_its_address() -> None:
    page = {"permissions": [{"id": "7", "type": "user", "role": "writer", "emailAddress": COMMUNE}]}
    with scripted_desk() as scripted:
        scripted.server.plays(answers(200, page), refuses(errors.inherited_permission()))
        with pytest.raises(CchcError) as caught:
            GoogleSharing(scripted.transport(), lambda _: "1A").dismiss(UNIT, COMMUNE)
    assert (caught.value.code, caught.value.where) == ("inherited_access", COMMUNE)
    assert caught.value.what.said_in("en") == f"{COMMUNE}{INHERITED}"
