"""Archives that are none, or were made to do harm: each refused in words, before anything of them is used."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from archives import again, errors
from told_season import season_of

from cchc_sheets.errors import CchcError
from cchc_sheets.stages.archive import archive
from cchc_sheets.stages.archive_package import LARGEST, MANIFEST, as_json, manifest_digest
from cchc_sheets.stages.verify_archive import verify_archive


@pytest.fixture(scope="module")
def made(told: Path) -> Path:
    with season_of(told) as season:
        archive(season, told.parent / "year.zip")
    return told.parent / "year.zip"


def zipped(file: Path, *members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(file, "w", compression) as target:
        for name, content in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = compression
            target.writestr(entry, content)
    return file


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "C:/evil",
        "..\\evil",
        "a//b",
        "./a",
        ".hidden",
        "a\n",
        "tệp",
        "a" * 201,
        "output/",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CchcError) as refused:
        verify_archive(zipped(tmp_path / "x.zip", (MANIFEST, b"{}"), (name, b"x")))
    assert refused.value.code == "archive_path"
    assert refused.value.what.said_in("en").replace("\\", "/") == (
        f"a member has the name «{name[:200]}»".replace("\\", "/")
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.txt", "A.TXT"])
def test_doubled_members_are_refused(tmp_path: Path, second: str) -> None:
    with pytest.raises(CchcError) as refused:
        verify_archive(zipped(tmp_path / "x.zip", (MANIFEST, b"{}"), ("a.txt", b"1"), (second, b"2")))
    assert refused.value.code == "archive_twice"
    assert refused.value.what.said_in("en") == f"{second} is there twice"


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", (MANIFEST, b"{}"), ("a.txt", b"0" * 50_000_000), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(CchcError) as refused:
        verify_archive(file)
    assert refused.value.code == "archive_bomb"
    assert "is compressed" in refused.value.what.said_in("en")


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    members = ((f"m{number}", b"") for number in range(20_001))
    with pytest.raises(CchcError) as refused:
        verify_archive(zipped(tmp_path / "x.zip", *members))
    assert refused.value.code == "archive_bomb"
    assert str(refused.value.what) == "có tới 20001 tệp bên trong"


def test_members_that_lie_upon_one_another_are_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", (MANIFEST, b"{}"), *((f"m{number}", b"0" * 1000) for number in range(20)))
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as opened:
        first = opened.getinfo("m0").header_offset
    at = content.index(b"PK\x01\x02")
    while content[at : at + 4] == b"PK\x01\x02":
        length = int.from_bytes(content[at + 28 : at + 30], "little")
        if content[at + 46 : at + 46 + length].startswith(b"m"):
            content[at + 20 : at + 28] = (15_000).to_bytes(4, "little") * 2
            content[at + 42 : at + 46] = first.to_bytes(4, "little")
        at += 46 + length
    file.write_bytes(content)
    with pytest.raises(CchcError) as refused:
        verify_archive(file)
    assert refused.value.code == "archive_bomb"
    assert refused.value.what.said_in("en") == "its members lie upon one another"


def test_a_link_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as target:
        target.writestr(MANIFEST, b"{}")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
    with pytest.raises(CchcError) as refused:
        verify_archive(file)
    assert refused.value.code == "archive_link"
    assert refused.value.what.said_in("en") == "link is a link to something else"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", (MANIFEST, b"{}"))
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)
    with pytest.raises(CchcError) as refused:
        verify_archive(file)
    assert refused.value.code == "archive_encrypted"
    assert refused.value.what.said_in("en") == "manifest.json is encrypted"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "archive_damaged", "this is no whole zip file: File is not a zip file"),
        (b"PK\x03\x04rubbish", "archive_damaged", "this is no whole zip file: File is not a zip file"),
        (None, "missing", "the file cannot be read: No such file or directory"),
    ],
    ids=["empty", "rubbish", "missing"],
)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes | None, code: str, said: str) -> None:
    file = tmp_path / "x.zip"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CchcError) as refused:
        verify_archive(file)
    assert (refused.value.code, refused.value.what.said_in("en")) == (code, said)


def test_a_file_larger_than_any_archive_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    with file.open("wb") as stream:
        stream.truncate(LARGEST + 1)  # a hole on the disk
    with pytest.raises(CchcError) as refused:
        verify_archive(file)
    assert refused.value.code == "too_large"
    assert refused.value.what.said_in("en") == "the file is too large for an archive of a cycle"


def test_a_zip_without_our_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CchcError) as refused:
        verify_archive(zipped(tmp_path / "x.zip", ("a.txt", b"1")))
    assert refused.value.code == "not_an_archive"
    assert refused.value.what.said_in("en") == "this is no archive of a cycle: it has no manifest.json"


@pytest.mark.parametrize(
    "manifest", [b"", b"[]", b"{}", b"null", b"[" * 100_000, b'{"digest":1}', b'{"members":[1],"digest":""}', b"\xff"]
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, manifest: bytes) -> None:
    outcome = verify_archive(zipped(tmp_path / "x.zip", (MANIFEST, manifest)))
    assert {code for code, _ in errors(outcome)} >= {"manifest_altered", "ledger_altered"}


def test_an_archive_of_a_newer_program_is_refused(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST]) | {"schema": 2}
        members[MANIFEST] = as_json(manifest | {"digest": manifest_digest(manifest)}) + b"\n"

    with pytest.raises(CchcError) as refused:
        verify_archive(again(made, tmp_path, change))
    assert refused.value.code == "archive_newer"
    assert refused.value.what.said_in("en") == "the archive was made by a newer version of this program"
