"""`cycle.yaml`: whose cycle it is, its calendar, its departments, its policies and the words of its papers."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.ranking import FIELD_TIE_BREAK, TIE_BREAKS, ClassBand, Policies
from cchc_sheets.cycle.ledger_setting import LedgerAddress, check_ledger
from cchc_sheets.cycle.papers_block import PaperWords
from cchc_sheets.cycle.previous_block import PreviousEntry
from cchc_sheets.cycle.schema import Code, Entry, OptionalWords, Words, validate
from cchc_sheets.cycle.yaml_document import Document
from cchc_sheets.messages import text
from cchc_sheets.vietnamese import END_OF_WORK

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$")]


def _separated(value: object) -> object:
    """Take `a@x.vn; b@x.vn` for two addresses."""
    return tuple(part.strip() for part in value.split(";") if part.strip()) if isinstance(value, str) else value or ()


Emails = Annotated[tuple[Email, ...], BeforeValidator(_separated)]


_WRITTEN_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _as_written(value: object) -> object:
    """Refuse a bare number (20231025), which would be taken for seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _WRITTEN_DATE.match(value)):
        return value
    raise PydanticCustomError("datetime_parsing", "not a date")


Moment = Annotated[datetime, BeforeValidator(_as_written)]


class Signer(Entry):
    """Who signs: the title in capitals as printed, and the name."""

    title: Words
    name: Words


class Authority(Entry):
    """The authority that issues the decision (cơ quan ban hành).

    Attributes:
        name: in running text, e.g. `Ủy ban nhân dân huyện Tây Sơn`.
        parent: the body above it as printed at the top left, if there is one.
        issuer: its own name as printed there, line by line, in capitals.
        decider: who decides, in capitals (thẩm quyền ban hành), e.g. `CHỦ TỊCH ỦY BAN NHÂN DÂN HUYỆN TÂY SƠN`.
        decided_by: the same in running text, for «Kèm theo Quyết định … của …»; the authority's name if empty.
        place: before the date, e.g. `Tây Sơn`.
        symbol: the symbol of its decisions, e.g. `QĐ-UBND`.
    """

    name: Words
    parent: OptionalWords = ""
    issuer: tuple[Words, ...] = Field(min_length=1)
    decider: Words
    decided_by: OptionalWords = ""
    place: Words
    symbol: Words
    signer: Signer


class Contact(Entry):
    """Whom the units ask."""

    name: Words
    phone: Words
    email: Email


class Office(Entry):
    """The office that runs the cycle (cơ quan thường trực, Phòng or Sở Nội vụ)."""

    name: Words
    head: Words
    contact: Contact


class Department(Entry):
    """A department that appraises its own criteria (cơ quan thẩm định).

    `email` holds the addresses of its appraisers, separated by `;`: they alone type into its sheet.
    """

    id: Code
    name: Words
    short_name: OptionalWords = ""
    addresses: Emails = Field((), alias="email")


class Calendar(Entry):
    """The dates of the plan; without a time of day they mean the end of the working day, 17:00.

    Attributes:
        provision: workbooks are in the units' hands.
        self_assessment: deadline of the self-assessment.
        appraisal: deadline of the appraisal.
        explanation: deadline of the explanation round; without it a round is held only by `explain --until`.
        decision: the decision is signed.
        publication: the results are public.
    """

    provision: Moment
    self_assessment: Moment
    appraisal: Moment
    explanation: Moment | None = None
    decision: Moment
    publication: Moment


class BandSetting(Entry):
    """A class and the index from which on it is reached, itself included."""

    name: Words
    from_: Decimal = Field(alias="from")


class PolicySettings(Entry):
    """How results become ranks and classes; see `Policies` for the meaning of each."""

    decimals: int = Field(2, ge=0, le=6)
    rank_by: Literal["exact", "published"] = "exact"
    ties: Literal["min", "dense"] = "min"
    tie_break: tuple[Words, ...] = ()
    groups: Literal["all", "kind", "group"] = "all"
    class_by: Literal["published", "exact"] = "published"
    without_survey: Literal["refuse", "rescale"] = "refuse"
    classes: tuple[BandSetting, ...] = Field(min_length=1)


class DecisionWords(Entry):
    """The words of the decision that change from place to place.

    Attributes:
        subject: after «Về việc», e.g. `phê duyệt kết quả …`.
        units: the units as a whole, e.g. `các xã, thị trấn trên địa bàn huyện Tây Sơn`.
        legal_bases: each without «Căn cứ» and without the closing `;`.
        proposal: after «Theo đề nghị của», without the closing point.
        recipients: each without the dash and the closing `;`.
        implementers: who carries the decision out, in running text.
    """

    subject: Words
    units: Words
    legal_bases: tuple[Words, ...] = Field(min_length=1)
    proposal: Words
    implementers: Words
    recipients: tuple[Words, ...] = Field(min_length=1)


class Credentials(Entry):
    """The file by which Google knows the tool: `file` relative to the cycle folder, `subject` for delegation."""

    file: Words = "credentials.json"
    subject: Email | None = None


def _as_file(value: object) -> object:
    """Take a bare name for the file's."""
    return {"file": value} if isinstance(value, str) and value else value or {}


class Google(Entry):
    """How the tool works on Google Sheets.

    Attributes:
        shared_drive: id of the Shared Drive, or of a folder, in which the spreadsheets are made; a folder of the
            signed-in person's own Drive if empty.
        requests_per_minute: reads and writes each; Google allows 60 unless the project's quota was raised.
        notify: Google sends an e-mail for every access that is given.
    """

    shared_drive: OptionalWords = ""
    requests_per_minute: int = Field(55, ge=1, le=3000)
    notify: bool = False


class Settings(Entry):
    """The whole file.

    Attributes:
        credentials: only for `workspace: google`.
        ledger: the address of a PostgreSQL database; the file `ledger.db` of the cycle folder if empty.
        leaders: the addresses that may read the review workbook.
        council: the addresses that alone type the rulings; the office alone if empty.
    """

    schema_: int = Field(1, alias="schema", ge=1, le=1)
    id: Code
    year: int = Field(ge=2000, le=2100)
    title: Words
    workspace: Literal["local", "google"] = "local"
    credentials: Annotated[Credentials, BeforeValidator(_as_file)] = Credentials()
    google: Google = Field(default_factory=lambda: Google.model_validate({}))
    ledger: LedgerAddress = ""
    leaders: Emails = ()
    council: Emails = ()
    time_zone: Words = "Asia/Ho_Chi_Minh"
    authority: Authority
    office: Office
    departments: tuple[Department, ...] = Field(min_length=1)
    calendar: Calendar
    policies: PolicySettings
    decision: DecisionWords
    papers: PaperWords = PaperWords()
    previous: PreviousEntry | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every date of the cycle."""
        return ZoneInfo(self.time_zone)

    def ranking_policies(self) -> Policies:
        """Return the policies as the rules of the field know them."""
        settings = self.policies.model_dump(exclude={"classes"})
        bands = tuple(ClassBand(band.name, band.from_) for band in self.policies.classes)
        return Policies(bands=bands, **settings)

    def department(self, department: str) -> Department:
        """Return the department with this id."""
        return next(d for d in self.departments if d.id == department)


def load_settings(document: Document) -> Settings | None:
    """Return the settings of the file, every mistake being in the document's problems; None if none can be made."""
    _complete_dates(document)
    settings = validate(document, Settings)
    if settings is None:
        return None
    _check_departments(document, settings)
    _check_classes(document, settings)
    if not _is_zone(document, settings):
        return None
    settings = _in_zone(settings)
    _check_dates(document, settings)
    check_ledger(document, settings.ledger)
    return settings


def check_against_criteria(document: Document, settings: Settings, criteria: CriteriaSet) -> None:
    """Report tie-breaks that name no field of the set."""
    fields = {field.code for field in criteria.fields}
    for place, name in enumerate(settings.policies.tie_break):
        known = name in TIE_BREAKS or (
            name.startswith(FIELD_TIE_BREAK) and name.removeprefix(FIELD_TIE_BREAK) in fields
        )
        if not known:
            document.report(
                ("policies", "tie_break", place),
                "tie_break",
                text("«{name}» decides nothing between equal units", name=name),
                text("choose from: {choices}, field:<code of a field>", choices=list(TIE_BREAKS)),
            )


def _complete_dates(document: Document) -> None:
    """A date without a clock time means the end of that working day."""
    calendar = document.data.get("calendar") if isinstance(document.data, dict) else None
    if isinstance(calendar, dict):
        for name, value in calendar.items():
            if isinstance(value, str) and len(value.strip()) == len("2023-12-10"):
                calendar[name] = f"{value.strip()}T{END_OF_WORK}:00"


def _is_zone(document: Document, settings: Settings) -> bool:
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        document.report(
            ("time_zone",),
            "time_zone",
            text("«{zone}» is no time zone", zone=settings.time_zone),
            text("write Asia/Ho_Chi_Minh"),
        )
        return False
    return True


def _in_zone(settings: Settings) -> Settings:
    dates = {
        name: value if value.tzinfo else value.replace(tzinfo=settings.zone)
        for name in Calendar.model_fields
        if isinstance(value := getattr(settings.calendar, name), datetime)
    }
    return settings.model_copy(update={"calendar": Calendar(**dates)})


def _check_dates(document: Document, settings: Settings) -> None:
    names = [name for name in Calendar.model_fields if getattr(settings.calendar, name) is not None]
    for earlier, later in pairwise(names):
        first, second = getattr(settings.calendar, earlier), getattr(settings.calendar, later)
        if second < first:
            document.report(
                ("calendar", later),
                "dates_out_of_order",
                text(
                    "{later} ({second}) comes before {earlier} ({first})",
                    later=later,
                    second=second,
                    earlier=earlier,
                    first=first,
                ),
                text("mend one of the two dates"),
            )


def _check_departments(document: Document, settings: Settings) -> None:
    ids = [department.id for department in settings.departments]
    for place, department in enumerate(ids):
        if department in ids[:place]:
            document.report(
                ("departments", place, "id"),
                "twice",
                text("department «{department}» is there twice", department=department),
                text("give each department an id of its own"),
            )


def _check_classes(document: Document, settings: Settings) -> None:
    limits = [band.from_ for band in settings.policies.classes]
    if limits != sorted(set(limits), reverse=True):
        document.report(
            ("policies", "classes"),
            "bands_out_of_order",
            text("the classes do not go from the best down, each with a limit of its own"),
            text("order them by falling `from:`"),
        )
    if 0 not in limits:
        document.report(
            ("policies", "classes"),
            "bands_with_hole",
            text("an index below {lowest} has no class", lowest=min(limits)),
            text("add a class with `from: 0`"),
        )
    names = [band.name for band in settings.policies.classes]
    if len(set(names)) != len(names):
        document.report(
            ("policies", "classes"),
            "twice",
            text("two classes have the same name"),
            text("give each its own name"),
        )
