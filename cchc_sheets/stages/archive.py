"""`archive`: one file with everything of the year, from which the year can be repeated on another machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cchc_sheets import __version__
from cchc_sheets.cycle.folder import Cycle
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import NotNow
from cchc_sheets.files import write_whole
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.paper_kinds import KINDS
from cchc_sheets.stages.archive_package import MANIFEST, as_json, manifest_digest, packed
from cchc_sheets.stages.finalise import DECISION
from cchc_sheets.stages.paper_run import FOLDER as PAPERS
from cchc_sheets.stages.previous import past_content
from cchc_sheets.stages.publish import FOLDER as SITE
from cchc_sheets.stages.replay import PREVIOUS_COPY
from cchc_sheets.stages.robustness import DATA, PAGE
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_papers import EDITED
from cchc_sheets.stages.verify_site import files_below

SCHEMA: Final = 1
LEDGER: Final = "ledger.jsonl"
OUTPUT, TEMPLATES, SURVEY = "output", "templates", "survey"
RESULTS: Final = (DECISION, "results.csv", "results.json", DATA, PAGE)
READ_ME: Final = "README.txt"
TEMPLATE_NAMES: Final = tuple(sorted({DECISION, PAGE, *(kind.template for kind in KINDS)}))
ALWAYS: Final = (READ_ME, *(f"{TEMPLATES}/{name}" for name in TEMPLATE_NAMES))
"""What every archive of this `SCHEMA` holds, whatever its ledger says; a template added later is left out here."""
_READ_ME: Final = """\
Hồ sơ lưu của kỳ đánh giá, do cchc-sheets lập. Kiểm tra hồ sơ và tính lại kết quả trên máy khác:

    cchc-sheets verify {name}.zip

ledger.jsonl   sổ theo dõi, mỗi dòng một bản ghi có mã kiểm tra
cycle.yaml criteria.yaml units.csv templates   thiết lập, bộ tiêu chí, danh sách đơn vị, mẫu văn bản
output         quyết định, các văn bản, trang công bố và dữ liệu mở
survey         điểm điều tra xã hội học đã nhập (không có câu trả lời của từng người)
manifest.json  mã kiểm tra SHA-256 của từng tệp

Hồ sơ không chứa mật khẩu, mã đăng nhập Google, phiếu của các đơn vị và câu trả lời của người được khảo sát.
"""


def archive(season: Season, out: Path | None = None) -> Outcome:
    """Write everything of the year into one zip: the same bytes for the same season.

    The ledger's export is authoritative. Never in it: credentials, tokens, the workbooks, answers of respondents,
    logs.

    Raises:
        NotNow: before anything was recorded.
        LedgerError: if an entry of the ledger was altered.
        CchcError: if the file cannot be written, or last year's results cannot be read.
    """
    season.ledger.check_chain()
    if season.ledger.head()[0] and not season.dry_run:
        season.record_configuration()  # what the pages were made under may have been recorded nowhere yet
    entries = season.ledger.entries()
    configuration = next((entry for entry in reversed(entries) if entry.kind == "configuration"), None)
    if configuration is None:
        raise NotNow(text("nothing has been recorded yet"), fix=text("run `provision` first"))
    members = dict(_members(season, entries, configuration))
    members[MANIFEST] = _manifest(season, entries, members)
    content = packed(members)
    file = out or season.cycle.output_folder / f"{season.cycle.id}.zip"
    if not season.dry_run:
        write_whole(file, content)
    digest = hashlib.sha256(content).hexdigest()
    return Outcome(
        "archive",
        (
            text(
                "{count} files and {entries} entries of the ledger are in {file}",
                count=len(members),
                entries=len(entries),
                file=file,
            ),
            text("SHA-256 of the archive: {digest}", digest=digest),
        ),
        data={
            "file": str(file),
            "digest": digest,
            "size": len(content),
            "members": sorted(members),
            "ledger": {"entries": len(entries), "digest": entries[-1].digest},
        },
    )


def entry_line(entry: Entry) -> bytes:
    """Return an entry in the one form in which an archive holds it."""
    return as_json(
        {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "kind": entry.kind,
            "subject": entry.subject,
            "body": entry.body,
            "previous": entry.previous,
            "digest": entry.digest,
        }
    )


def _members(season: Season, entries: Sequence[Entry], configuration: Entry) -> Iterator[tuple[str, bytes]]:
    cycle = season.cycle
    yield READ_ME, _READ_ME.format(name=cycle.id).encode()
    yield LEDGER, b"".join(entry_line(entry) + b"\n" for entry in entries)
    for name, content in configuration.body["files"].items():
        yield name, str(content).encode()
    for name in TEMPLATE_NAMES:
        own = cycle.office_templates / name
        yield f"{TEMPLATES}/{name}", (own if own.exists() else papers_folder() / name).read_bytes()
    if cycle.settings.previous is not None:
        yield PREVIOUS_COPY, past_content(cycle.folder / cycle.settings.previous.file, cycle.id)
    yield from _output(cycle, entries)
    yield from _survey(cycle, entries)


def _output(cycle: Cycle, entries: Sequence[Entry]) -> Iterator[tuple[str, bytes]]:
    """Yield what was made, by what the ledger knows of it; and the copies of papers that people had edited."""
    folder = cycle.output_folder
    known = {f"{PAPERS}/{entry.subject}.docx" for entry in entries if entry.kind == "paper"} | set(RESULTS)
    edited = {file.relative_to(folder).as_posix() for file in folder.rglob(f"*{EDITED}*.docx") if file.is_file()}
    for name in sorted(known | {name for name in edited if not name.startswith(f"{SITE}{EDITED}")}):
        if (folder / name).is_file():
            yield f"{OUTPUT}/{name}", (folder / name).read_bytes()
    if (folder / SITE).is_dir():
        for name, content in files_below(folder / SITE).items():
            yield f"{OUTPUT}/{SITE}/{name}", content


def _survey(cycle: Cycle, entries: Sequence[Entry]) -> Iterator[tuple[str, bytes]]:
    """Yield the tables of points that were imported; a file with the answers of people never."""
    answers = {entry.body["digest"] for entry in entries if entry.kind == "responses"}
    taken: set[str] = set()
    for entry in entries:
        if entry.kind != "points" or entry.body["digest"] in answers | taken:
            continue
        file = cycle.folder / Path(entry.body["file"]).name
        if file.is_file() and hashlib.sha256(content := file.read_bytes()).hexdigest() == entry.body["digest"]:
            taken.add(entry.body["digest"])
            yield f"{SURVEY}/{entry.number:05d}{file.suffix.lower()}", content


def _manifest(season: Season, entries: Sequence[Entry], members: dict[str, bytes]) -> bytes:
    settings = season.cycle.settings
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "cycle": season.cycle.id,
        "year": settings.year,
        "title": settings.title,
        "program": __version__,
        "ledger": {"entries": len(entries), "digest": entries[-1].digest},
        "members": [
            {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(members.items())
        ],
    }
    return as_json(manifest | {"digest": manifest_digest(manifest)}) + b"\n"
