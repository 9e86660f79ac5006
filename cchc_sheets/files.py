"""Writing files so that a crash, a full disk or a pulled plug leaves the old one or the new one, never half of it."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text


def write_whole(file: Path, content: bytes) -> None:
    """Put `content` into `file`, replacing what was there in one step.

    Raises:
        CchcError: if the file is locked, the folder read-only or the disk full; nothing has changed then.
    """
    try:
        put_in_place(file, content)
    except OSError as error:
        raise CchcError(
            text("the file cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(file),
            fix=text("close it in Word or Excel, check that the disk has room and that you may write into the folder"),
            code="unwritable",
        ) from error


def put_in_place(file: Path, content: bytes, *, modified: int | None = None) -> None:
    """Do what `write_whole` does; a read-only file is replaced by a read-only one.

    Args:
        modified: when its content was last changed, in nanoseconds, for a copy of something older.

    Raises:
        OSError: as the system says it; no temporary file is left behind.
    """
    if file.exists() and file.read_bytes() == content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        write_through(temporary, content)
        if file.exists():
            shutil.copymode(file, temporary)
        if modified is not None:
            os.utime(temporary, ns=(modified, modified))
        _replace(temporary, file)
    except BaseException:
        _remove_temporary(temporary)
        raise


def remove_left_overs(folder: Path) -> None:
    """Remove what a run left below `folder` that was killed while it wrote; nobody else may be writing there.

    A folder that it had just moved aside (`.name.….old`) goes back to its place, and a file that it had just opened to
    replace it is closed again. What cannot be removed stays: it is in nobody's way.
    """
    for old in list(folder.rglob(".*.????????.old")):
        place = old.with_name(old.name[1:].rsplit(".", 2)[0])
        with suppress(OSError):
            shutil.rmtree(old) if place.exists() else old.rename(place)
    for part in list(folder.rglob(".*.????????.part")):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            _close_again(part)
            _remove_temporary(part)


def _remove_temporary(file: Path) -> None:
    with suppress(OSError):
        file.chmod(stat.S_IRUSR | stat.S_IWUSR)
        file.unlink()


def write_through(file: Path, content: bytes) -> None:
    """Write a new file down to the disk itself; never over another one."""
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _replace(source: Path, target: Path) -> None:
    """Put `source` in the place of `target`; where the system replaces no read-only file, it is opened meanwhile."""
    try:
        source.replace(target)
    except PermissionError:
        if not _is_read_only(target):
            raise
        _replace_opened(source, target)


def _replace_opened(source: Path, target: Path) -> None:
    """Replace a read-only file on Windows; if the run dies meanwhile, the next one closes it (`_close_again`)."""
    mode = target.stat().st_mode
    target.chmod(mode | stat.S_IWUSR)
    try:
        source.replace(target)
    finally:
        target.chmod(mode)


def _close_again(temporary: Path) -> None:
    """Make a file read-only that was opened only to be replaced: what was to replace it is as it was before."""
    target = temporary.with_name(temporary.name[1:].rsplit(".", 2)[0])
    with suppress(OSError):
        if _is_read_only(temporary) and not _is_read_only(target):
            shutil.copymode(temporary, target)


def _is_read_only(file: Path) -> bool:
    return file.exists() and not file.stat().st_mode & stat.S_IWUSR
