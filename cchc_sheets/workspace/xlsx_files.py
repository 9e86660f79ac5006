"""The file of a workbook: bytes in and out, whole or not at all, with the exact reason where it cannot be."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lxml import etree

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.files import put_in_place
from cchc_sheets.messages import text
from cchc_sheets.workspace.xlsx_package import FORMS, Limits, check_size, refusal

_WRITE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def read_bytes(path: Path, limits: Limits = FORMS) -> bytes:
    """Return the content of a workbook's file.

    Raises WorkbookUnreadable: `missing`, `locked`, `too_large` (without reading it), `empty_file`.
    """
    refuse_if_open(path)
    try:
        check_size(path.stat().st_size, str(path), limits)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _missing(path) from error
    except PermissionError as error:
        raise _locked(path, path) from error
    except OSError as error:
        raise refusal(
            "unreadable",
            text("the file cannot be read: {reason}", reason=error.strerror or str(error)),
            text("check the drive or the network folder, then try again"),
            str(path),
        ) from error


def refuse_if_open(path: Path) -> None:
    """Raise WorkbookUnreadable (`locked`) if somebody has the workbook open in Excel or LibreOffice."""
    for owner in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if owner.exists():
            raise _locked(path, owner)


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path`, whole or not at all; a frozen file stays frozen.

    Raises WorkbookUnreadable: `locked`, `unwritable`.
    """
    refuse_if_open(path)
    with failure_reported(path):
        put_in_place(path, content)


def back_up(path: Path, backup: Path, content: bytes) -> Path:
    """Keep `content`, just read from `path`, as `backup`, never over another backup; return where it is.

    Raises WorkbookUnreadable (`unwritable`).
    """
    with failure_reported(backup):
        number = 1
        target = backup
        while target.exists():
            if target.read_bytes() == content:
                return target
            number += 1
            target = backup.with_stem(f"{backup.stem}-{number}")
        put_in_place(target, content, modified=path.stat().st_mtime_ns)
    return target


def is_frozen(path: Path) -> bool:
    """Tell whether the file is closed to its people."""
    return not path.stat().st_mode & stat.S_IWUSR


def set_frozen(path: Path, *, frozen: bool) -> None:
    """Close the file to its people or open it again. Raises WorkbookUnreadable: `missing`, `unwritable`."""
    with failure_reported(path):
        try:
            if is_frozen(path) is not frozen:
                _make_read_only(path) if frozen else _make_writable(path)
        except FileNotFoundError as error:
            raise _missing(path) from error


def _make_read_only(path: Path) -> None:
    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_WRITE)


def _make_writable(path: Path) -> None:
    """Let those write who may read the file and may write into its folder."""
    mode = stat.S_IMODE(path.stat().st_mode)
    readers_as_writers = (mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)) >> 1
    path.chmod(mode | stat.S_IWUSR | (readers_as_writers & path.parent.stat().st_mode))


@contextmanager
def failure_reported(path: Path) -> Iterator[None]:
    """Turn what a full disk or a forbidden folder raises into WorkbookUnreadable (`unwritable`)."""
    try:
        yield
    except (OSError, etree.SerialisationError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(
            "unwritable",
            text("the file cannot be written: {reason}", reason=reason),
            text("close it in Excel, check that the disk has room and that you may write into the folder"),
            str(path),
        ) from error


def _missing(path: Path) -> WorkbookUnreadable:
    return refusal(
        "missing",
        text("there is no such workbook"),
        text("put it back into its folder under this name, or run `cchc-sheets provision` to make it anew"),
        str(path),
    )


def _locked(path: Path, owner: Path) -> WorkbookUnreadable:
    if owner == path:
        what = text("another program keeps the workbook to itself")
        fix = text("close it there (Excel, a sync program, a virus scanner), then try again")
    else:
        what = text("somebody has the workbook open")
        fix = text("close it there; if nobody has it open, delete the file {owner}", owner=owner.name)
    return refusal("locked", what, fix, str(path))
