"""`python -m cchc_sheets`."""

from cchc_sheets.cli import main

main()
