"""Writing files so that a crash, a full disk or a pulled plug leaves the old one or the new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text


def write_whole(file: Path, content: bytes) -> None:
    """Put `content` into `file`, replacing what was there in one step.

    Raises:
        CchcError: if the file is locked, the folder read-only or the disk full; nothing has changed then.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise _unwritable(file, error) from error
    half = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        half.chmod(0o644)
        half.replace(file)
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        half.unlink(missing_ok=True)


def _unwritable(file: Path, error: OSError) -> CchcError:
    return CchcError(
        text("the file cannot be written: {error}", error=error.strerror or str(error)),
        where=str(file),
        fix=text("close it in Word or Excel, and check that the folder may be written to and the disk has room"),
        code="unwritable",
    )
