"""Write docs/cli.md from the program's own help: `python tools/cli_reference.py`."""

from __future__ import annotations

from pathlib import Path

import click

from cchc_sheets.cli.commands import commands
from cchc_sheets.cli.options import Globals

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEADING = """\
# Các lệnh – Commands

Trang này do `tools/cli_reference.py` viết từ chính phần trợ giúp của chương trình (`cchc-sheets LỆNH --help`).
Các tùy chọn chung (`--cycle`, `--now`, `--lang`, `--json`, `-v`, `-q`) đặt trước hay sau tên lệnh đều được.

Mã kết thúc: 0 xong; 1 không chạy được (cấu hình, quyền truy cập, tệp); 2 gõ sai lệnh; 3 xong nhưng có đơn vị cần xử lý.
"""


def reference() -> str:
    """Return the whole page."""
    root = click.Context(commands, info_name="cchc-sheets", obj=Globals(), terminal_width=100)
    parts = [HEADING, _section("cchc-sheets", commands.get_help(root))]
    for name, command in commands.commands.items():
        context = click.Context(command, info_name=name, parent=root, terminal_width=100)
        parts.append(_section(f"cchc-sheets {name}", command.get_help(context)))
    return "\n".join(parts)


def _section(title: str, said: str) -> str:
    return f"## {title}\n\n```text\n{said}\n```\n"


if __name__ == "__main__":
    from cchc_sheets.cli.entry import translate_click

    translate_click()
    REFERENCE.parent.mkdir(exist_ok=True)
    REFERENCE.write_text(reference(), encoding="utf-8")
